package market_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/market"
)

var (
	now   = time.Date(2026, 11, 20, 4, 28, 55, 0, time.UTC)
	large = catalog.FindInstanceType("ecs.g7.large")
)

const zone = "cn-hangzhou-h"

// A history starts and ends with the span, and in between has the changes, each on the hour and equal to the price at
// that time.
func TestHistory(t *testing.T) {
	m := market.New(1)
	list := catalog.HourOf(large)
	points := m.History(zone, large, now.Add(-market.Span), now)
	if first, last := points[0].Time, points[len(points)-1].Time; !first.Equal(now.Add(-market.Span)) || !last.Equal(now) {
		t.Errorf("from %s to %s", first, last)
	}
	if n := len(points); n < 150 || n > 500 {
		t.Errorf("%d points in 30 days", n)
	}
	peaks := 0
	for n, p := range points {
		if p.Price < list/10 || p.Price > list {
			t.Errorf("price %d at %s, list price %d", p.Price, p.Time, list)
		}
		if p.Price == list {
			peaks++
		}
		if n > 0 && !p.Time.After(points[n-1].Time) {
			t.Errorf("%s follows %s", p.Time, points[n-1].Time)
		}
		if n > 0 && n < len(points)-1 && !p.Time.Equal(p.Time.Truncate(time.Hour)) {
			t.Errorf("a change at %s", p.Time)
		}
		if got := m.Price(zone, large, p.Time); got != p.Price {
			t.Errorf("at %s: the history has %d, the price is %d", p.Time, p.Price, got)
		}
		if n > 0 {
			// The price does not change in between.
			if before := m.Price(zone, large, p.Time.Add(-time.Second)); before != points[n-1].Price && n < len(points)-1 {
				t.Errorf("before %s: %d, want still %d", p.Time, before, points[n-1].Price)
			}
		}
	}
	if peaks == 0 {
		t.Error("no peak in 30 days")
	}
}

// A price equals the list price for at most four hours, and then falls.
func TestPeaks_Length(t *testing.T) {
	m := market.New(1)
	peaks := 0
	for _, z := range catalog.FindRegion("cn-hangzhou").Zones {
		points := m.History(z, large, now.Add(-market.Span), now)
		for n, p := range points[:len(points)-1] {
			if p.Price != catalog.HourOf(large) {
				continue
			}
			peaks++
			if after := points[n+1]; after.Time.Sub(p.Time) > 4*time.Hour || after.Price == p.Price && n+2 < len(points) {
				t.Errorf("%s: a peak at %s, and at %s still %d", z, p.Time, after.Time, after.Price)
			}
		}
	}
	if peaks < 8 {
		t.Errorf("%d peaks in eight zones", peaks)
	}
}

// A page of history does not depend on earlier reads.
func TestHistory_IndependentOfReads(t *testing.T) {
	whole := market.New(7).History(zone, large, now.Add(-72*time.Hour), now)
	part := market.New(7).History(zone, large, now.Add(-24*time.Hour), now)
	if diff := cmp.Diff(whole[len(whole)-len(part)+1:], part[1:]); diff != "" {
		t.Errorf("(-whole +part):\n%s", diff)
	}
	if cmp.Equal(whole, market.New(8).History(zone, large, now.Add(-72*time.Hour), now)) {
		t.Error("another seed has the same prices")
	}
	if cmp.Equal(whole, market.New(7).History("cn-hangzhou-i", large, now.Add(-72*time.Hour), now)) {
		t.Error("another zone has the same prices")
	}
}

func TestAbove(t *testing.T) {
	m := market.New(1)
	limit := catalog.HourOf(large) - 1
	at, ok := m.Above(zone, large, limit, now, now.Add(market.Span))
	if !ok || m.Price(zone, large, at) <= limit {
		t.Fatalf("%s, %v", at, ok)
	}
	for _, p := range m.History(zone, large, now, at.Add(-time.Second)) {
		if p.Price > limit {
			t.Errorf("%d at %s already", p.Price, p.Time)
		}
	}
	if at, ok := m.Above(zone, large, limit, now, at); ok {
		t.Errorf("%s is not before the end", at)
	}
	if at, ok := m.Above(zone, large, limit+1, now, now.Add(market.Span)); ok {
		t.Errorf("%s is above the list price", at)
	}
	if at, ok := m.Above(zone, large, 0, now, now.Add(time.Hour)); !ok || !at.Equal(now) {
		t.Errorf("a limit of nothing is passed at %s, %v, want at once", at, ok)
	}
}

// Advice agrees with the history of its span.
func TestAdvise(t *testing.T) {
	m := market.New(1)
	list := catalog.HourOf(large)
	// Hour by hour, from the first hour that lies fully in the span.
	var sum, peaks int64
	for h := range 720 {
		price := m.Price(zone, large, now.Add(-time.Duration(h)*time.Hour))
		sum += price
		if price == list {
			peaks++
		}
	}
	got := m.Advise(zone, large, now)
	want := market.Advice{Discount: int(sum * 100 / (720 * list)), Interruption: peaks * 10000 / 720}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	for _, c := range []struct {
		rate int64
		want string
	}{{0, "0-3%"}, {299, "0-3%"}, {300, "3-5%"}, {999, "5-10%"}, {1000, "10-100%"}} {
		if got := (market.Advice{Interruption: c.rate}).Band(); got != c.want {
			t.Errorf("%d: %s, want %s", c.rate, got, c.want)
		}
	}
}
