package inventory

import (
	"context"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// Windows are the windows of the outlook by name. A subscription in a short one is
// in the longer ones too.
var Windows = []struct {
	Name   string
	Length time.Duration
}{{"1d", day}, {"3d", 3 * day}, {"7d", 7 * day}, {"14d", 14 * day}, {"30d", 30 * day}}

const (
	day = 24 * time.Hour
	// Expired is the window of what expired in the last fifteen days.
	Expired       = "expired"
	expiredBehind = 15 * day
	// maxPriced bounds the known prices, at about 200 bytes each.
	maxPriced = 50_000
)

// The values of RenewedBy.
const (
	ByJob       = "job"        // ecsd has an open renewal
	ByAutoRenew = "auto_renew" // the cloud renews it
	ByNone      = "none"
	ByUnknown   = "unknown" // its setting was not read: that of what expires later than in ten days
)

// InstanceKey names an instance.
type InstanceKey struct{ RegionID, InstanceID string }

// OutlookStore is the part of the store that an Outlook uses.
type OutlookStore interface {
	// AutoRenewStatuses returns the last settings of the subscriptions near their
	// expiry.
	AutoRenewStatuses(ctx context.Context) (map[InstanceKey]ecs.AutoRenewStatus, error)
	// OpenRenewals returns the instances with an open renewal.
	OpenRenewals(ctx context.Context) (map[InstanceKey]bool, error)
}

// Outlook counts the subscriptions that expire, from memory and the store. It
// makes no call to the cloud. It is safe for concurrent use.
type Outlook struct {
	// Each calls a function for each subscription that expires in a window, in the
	// regions that were read.
	Each  func(window ecs.Window, visit func(key InstanceKey, expires time.Time))
	Store OutlookStore
	Clock ecs.Clock
	// Regions are counted also without a subscription that expires.
	Regions []string

	mu     sync.Mutex
	prices *lru.Cache[InstanceKey, ecs.Money]
}

// ExpiringKey is what subscriptions are counted by.
type ExpiringKey struct{ RegionID, Within, RenewedBy string }

// CostKey is what costs are added up by.
type CostKey struct{ CurrencyCode, Within string }

// ExpiringCounts are the subscriptions that expire.
type ExpiringCounts struct {
	Instances map[ExpiringKey]int
	// Cost is the price of a month of each, as far as it is known.
	Cost map[CostKey]float64
	// Unpriced counts those without a known price, by window.
	Unpriced map[string]int
}

// Priced records the price of a renewal. Prices of weeks and of days of the month
// say little about a month, and are dropped.
func (o *Outlook) Priced(key InstanceKey, period ecs.Period, price ecs.Money) {
	months := int64(period.Months())
	if months < 1 {
		return
	}
	nanos := (price.Units%months*1e9 + int64(price.Nanos)) / months
	price.Units, price.Nanos = price.Units/months+nanos/1e9, int32(nanos%1e9)
	o.known().Add(key, price)
}

func (o *Outlook) known() *lru.Cache[InstanceKey, ecs.Money] {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.prices == nil {
		var err error
		if o.prices, err = lru.New[InstanceKey, ecs.Money](maxPriced); err != nil {
			panic(err) // the size is not positive
		}
	}
	return o.prices
}

// Count counts now.
func (o *Outlook) Count(ctx context.Context) (ExpiringCounts, error) {
	settings, err := o.Store.AutoRenewStatuses(ctx)
	if err != nil {
		return ExpiringCounts{}, err
	}
	open, err := o.Store.OpenRenewals(ctx)
	if err != nil {
		return ExpiringCounts{}, err
	}
	counts := ExpiringCounts{Instances: map[ExpiringKey]int{}, Cost: map[CostKey]float64{}, Unpriced: map[string]int{Expired: 0}}
	for _, region := range o.Regions {
		for _, w := range Windows {
			counts.Instances[ExpiringKey{region, w.Name, ByNone}] = 0
		}
		counts.Instances[ExpiringKey{region, Expired, ByNone}] = 0
	}
	prices, now := o.known(), o.Clock.Now()
	longest := Windows[len(Windows)-1].Length
	o.Each(ecs.Window{After: now.Add(-expiredBehind), Before: now.Add(longest)}, func(key InstanceKey, expires time.Time) {
		by := ByUnknown
		switch status, read := settings[key]; {
		case open[key]:
			by = ByJob
		case read && status == ecs.AutoRenewOn:
			by = ByAutoRenew
		case read:
			by = ByNone
		}
		price, priced := prices.Peek(key)
		count := func(within string) {
			counts.Instances[ExpiringKey{key.RegionID, within, by}]++
			if priced {
				counts.Cost[CostKey{price.CurrencyCode, within}] += float64(price.Units) + float64(price.Nanos)/1e9
			} else {
				counts.Unpriced[within]++
			}
		}
		if expires.Before(now) {
			count(Expired)
			return
		}
		for _, w := range Windows {
			if expires.Before(now.Add(w.Length)) {
				count(w.Name)
			}
		}
	})
	for _, w := range Windows {
		counts.Unpriced[w.Name] += 0
	}
	return counts, nil
}
