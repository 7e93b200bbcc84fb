package catalog

import (
	"hash/fnv"
	"slices"
)

// Stock is whether a type can be bought in a zone.
type Stock uint8

// The states of a stock.
const (
	// NotSold is a type that the zone does not have at all.
	NotSold Stock = iota
	// WithoutStock is sold out.
	WithoutStock
	// ClosedWithStock is what still runs and is sold for a while longer.
	ClosedWithStock
	// WithStock is what can be bought.
	WithStock
)

// Buyable reports whether an order would be taken.
func (s Stock) Buyable() bool { return s >= ClosedWithStock }

// Status and Category are the cloud's words.
func (s Stock) Status() string {
	if s.Buyable() {
		return "Available"
	}
	return "SoldOut"
}

// Category is the finer word.
func (s Stock) Category() string {
	return [...]string{NotSold: "WithoutStock", WithoutStock: "WithoutStock", ClosedWithStock: "ClosedWithStock", WithStock: "WithStock"}[s]
}

// StockOf is the stock of a type in a zone of a region. The first zone has
// all that it sells in stock; behind it one type in eight is sold out.
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

// Sold are the types of the catalogue that a zone has, sold out or not.
func Sold(r *Region, zone string) []*InstanceType {
	var list []*InstanceType
	for _, t := range InstanceTypes {
		if StockOf(r, zone, t) != NotSold {
			list = append(list, t)
		}
	}
	return list
}
