package catalog

import (
	"hash/fnv"
	"slices"
)

// Stock is the availability of a type in a zone.
type Stock uint8

// The states of a stock.
const (
	// NotSold is a type that the zone does not offer.
	NotSold Stock = iota
	// WithoutStock is a type that is sold out.
	WithoutStock
	// ClosedWithStock is a type at its end of sale that can still be bought.
	ClosedWithStock
	// WithStock is a type that can be bought.
	WithStock
)

// Buyable reports whether an order is accepted.
func (s Stock) Buyable() bool { return s >= ClosedWithStock }

// Status returns the cloud's availability status.
func (s Stock) Status() string {
	if s.Buyable() {
		return "Available"
	}
	return "SoldOut"
}

// Category returns the cloud's finer availability category.
func (s Stock) Category() string {
	return [...]string{NotSold: "WithoutStock", WithoutStock: "WithoutStock", ClosedWithStock: "ClosedWithStock", WithStock: "WithStock"}[s]
}

// StockOf returns the stock of a type in a zone of a region. The first zone has everything that it sells in stock; in
// the others one type in eight is sold out.
func StockOf(r *Region, zone string, t *InstanceType) Stock {
	number := slices.Index(r.Zones, zone)
	if number < 0 {
		return NotSold
	}
	f := FamilyOf(t)
	if f.Zones > 0 && number >= f.Zones {
		return NotSold
	}
	if number > 0 {
		h := fnv.New32a()
		h.Write([]byte(zone))
		h.Write([]byte(t.ID))
		if h.Sum32()%8 == 0 {
			return WithoutStock
		}
	}
	if f.Generation < "ecs-4" {
		return ClosedWithStock
	}
	return WithStock
}

// Sold returns the catalog's types in a zone, sold out or not.
func Sold(r *Region, zone string) []*InstanceType {
	var list []*InstanceType
	for _, t := range InstanceTypes {
		if StockOf(r, zone, t) != NotSold {
			list = append(list, t)
		}
	}
	return list
}
