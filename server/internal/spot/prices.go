package spot

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/rescue"
)

// PriceRequest selects the history of types in zones.
type PriceRequest struct {
	RegionID string
	// Types are the instance types, at least one.
	Types []string
	// Zones limits the zones; empty means every zone that sells the type as spot
	// now.
	Zones []string
	// Window is at most 30 days long; zero is the cloud's own, the last three
	// hours.
	Window ecs.Window
	// NetworkType is vpc or classic, "" for vpc. OSType is linux or windows, ""
	// for the cloud's default.
	NetworkType string
	OSType      string
	// ProtectedFor is one hour or none; negative leaves it to the cloud.
	ProtectedFor time.Duration
	// SummaryOnly leaves the points out.
	SummaryOnly bool
}

// History is the price history of spot types.
type History struct {
	// Series has one entry a type and zone that has a price, sorted by both.
	Series []Series
	// Cheapest holds, for each type with a price, the zone with the lowest latest
	// price; a tie goes to the first zone by ID.
	Cheapest []Offer
}

// Offer is a type at a price in a zone.
type Offer struct {
	InstanceType string
	ZoneID       string
	Price        ecs.Money
}

// Series is the history of one type in one zone.
type Series struct {
	InstanceType string
	ZoneID       string
	Summary      Summary
	// Points are oldest first; none with SummaryOnly.
	Points []ecs.SpotPrice
}

// Prices reads the whole history: the zones concurrently, the pages of a zone
// one after the other, because each holds the token of the next. One failed
// read ends the others and is the error.
func (m *Market) Prices(ctx context.Context, q PriceRequest) (History, error) {
	if q.NetworkType == "" {
		q.NetworkType = "vpc"
	}
	places, err := m.places(ctx, q)
	if err != nil {
		return History{}, err
	}
	group, ctx := rescue.WithContext(ctx)
	group.SetLimit(maxReads)
	read := make([]map[string]*Series, len(places)) // by zone
	for i, place := range places {
		group.Go(func() (err error) {
			read[i], err = m.read(ctx, q, place)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return History{}, err
	}
	var h History
	for _, byZone := range read {
		for _, series := range byZone {
			series.finish()
			h.Series = append(h.Series, *series)
		}
	}
	slices.SortFunc(h.Series, func(a, b Series) int {
		return cmp.Or(cmp.Compare(a.InstanceType, b.InstanceType), cmp.Compare(a.ZoneID, b.ZoneID))
	})
	h.Cheapest, err = cheapest(h.Series)
	return h, err
}

// place is the scope of one read. The zone "" is all zones in one history.
type place struct{ instanceType, zoneID string }

// places returns the reads of a request. If no zone was named, the zones that
// sell each type are looked up, so that they can be read concurrently; a type
// that is sold nowhere now may still have a history, which is read as one.
func (m *Market) places(ctx context.Context, q PriceRequest) ([]place, error) {
	zones := map[string][]string{}
	if len(q.Zones) == 0 {
		selling, err := m.Zones(ctx, q.RegionID, q.Types...)
		if err != nil {
			return nil, err
		}
		for _, zone := range selling {
			for _, t := range zone.InstanceTypes {
				zones[t] = append(zones[t], zone.ZoneID)
			}
		}
	}
	var places []place
	for _, t := range unique(q.Types) {
		in := unique(q.Zones)
		if len(in) == 0 {
			in = zones[t]
		}
		if len(in) == 0 {
			in = []string{""}
		}
		for _, zone := range in {
			places = append(places, place{t, zone})
		}
	}
	return places, nil
}

// read follows the pages of one place and sums them as they come.
func (m *Market) read(ctx context.Context, q PriceRequest, at place) (map[string]*Series, error) {
	query := ecs.SpotPriceQuery{
		InstanceType: at.instanceType, ZoneID: at.zoneID, Window: q.Window,
		NetworkType: q.NetworkType, OSType: q.OSType, ProtectedFor: q.ProtectedFor,
	}
	byZone := map[string]*Series{}
	for offset := int32(0); ; {
		page, err := m.cloud.SpotPrices(ctx, q.RegionID, query, offset)
		if err != nil {
			return nil, fmt.Errorf("spot prices of %s in %s: %w", at.instanceType, cmp.Or(at.zoneID, q.RegionID), err)
		}
		for _, p := range page.Prices {
			series := byZone[p.ZoneID]
			if series == nil {
				series = &Series{InstanceType: at.instanceType, ZoneID: p.ZoneID}
				byZone[p.ZoneID] = series
			}
			if err := series.add(p, !q.SummaryOnly); err != nil {
				return nil, err
			}
		}
		if page.NextOffset <= offset { // 0 at the end; never back, which would not end
			return byZone, nil
		}
		offset = page.NextOffset
	}
}

// cheapest returns, for each type, the zone with the lowest latest price. The
// series are sorted by type and zone.
func cheapest(all []Series) ([]Offer, error) {
	var offers []Offer
	for _, s := range all {
		offer := Offer{s.InstanceType, s.ZoneID, s.Summary.Latest.Price}
		last := len(offers) - 1
		if last < 0 || offers[last].InstanceType != s.InstanceType {
			offers = append(offers, offer)
			continue
		}
		order, err := offer.Price.Cmp(offers[last].Price)
		if err != nil {
			return nil, err
		}
		if order < 0 {
			offers[last] = offer
		}
	}
	return offers, nil
}

// unique keeps the first of each.
func unique(all []string) []string {
	var kept []string
	for _, s := range all {
		if !slices.Contains(kept, s) {
			kept = append(kept, s)
		}
	}
	return kept
}
