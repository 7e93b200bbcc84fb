package spot_test

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/spot"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	region = "cn-hangzhou"
	g7     = "ecs.g7.large"
	c7     = "ecs.c7.large"
)

var start = time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)

// fakeMarket has histories by type and zone. A page has a number of points.
type fakeMarket struct {
	mu       sync.Mutex
	page     int
	takes    time.Duration
	history  map[string]map[string]int // points by type and zone
	soldOut  map[string]bool           // zones
	price    func(zone string, n int) ecs.SpotPrice
	fail     map[string]error // zones
	calls    int
	now, top int // reads under way, and the most there were
	asked    []ecs.SpotPriceQuery
}

func (f *fakeMarket) Zones(context.Context, string) ([]ecs.Zone, error) {
	return []ecs.Zone{{ID: "z-b", LocalName: "Zone B"}, {ID: "z-a", LocalName: "Zone A"}, {ID: "z-none"}}, nil
}

func (f *fakeMarket) Stock(_ context.Context, _ string, q ecs.StockQuery) ([]ecs.Stock, error) {
	if q.SpotStrategy != "SpotAsPriceGo" || q.ChargeType != ecs.ChargePayAsYouGo {
		return nil, fmt.Errorf("not a question for spot: %+v", q)
	}
	var stocks []ecs.Stock
	for t, zones := range f.history {
		for z := range zones {
			status := "Available"
			if f.soldOut[z] {
				status = "SoldOut"
			}
			if q.InstanceType == "" || q.InstanceType == t {
				stocks = append(stocks, ecs.Stock{ZoneID: z, InstanceType: t, RawStatus: status})
			}
		}
	}
	return stocks, nil
}

func (f *fakeMarket) SpotPrices(ctx context.Context, _ string, q ecs.SpotPriceQuery, offset int32) (ecs.SpotPricePage, error) {
	f.mu.Lock()
	f.calls++
	f.now++
	f.top = max(f.top, f.now)
	f.asked = append(f.asked, q)
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.now--
	}()
	if f.takes > 0 {
		select {
		case <-time.After(f.takes):
		case <-ctx.Done():
			return ecs.SpotPricePage{}, ctx.Err()
		}
	}
	if err := f.fail[q.ZoneID]; err != nil {
		return ecs.SpotPricePage{}, err
	}
	zones := []string{q.ZoneID}
	if q.ZoneID == "" {
		zones = nil
		for z := range f.history[q.InstanceType] {
			zones = append(zones, z)
		}
		slices.Sort(zones)
	}
	var page ecs.SpotPricePage
	at := int(offset)
	for _, z := range zones {
		n := f.history[q.InstanceType][z]
		for ; at < n && len(page.Prices) < f.page; at++ {
			p := f.price(z, at)
			p.ZoneID, p.InstanceType = z, q.InstanceType
			page.Prices = append(page.Prices, p)
		}
		if at < n {
			page.NextOffset = int32(at)
			return page, nil
		}
		if q.ZoneID == "" {
			at = 0 // one short page per zone is enough for the tests
		}
	}
	return page, nil
}

func (f *fakeMarket) SpotAdvice(_ context.Context, regionID string, q ecs.SpotAdviceQuery) ([]ecs.SpotAdvice, error) {
	return []ecs.SpotAdvice{{ZoneID: regionID, InstanceType: q.InstanceTypes[0]}}, nil
}

// money reads an amount, such as CNY 0.123.
func money(text string) ecs.Money {
	m, err := ecs.ParseMoney("CNY", text)
	if err != nil {
		panic(err)
	}
	return m
}

func hourly(_ string, n int) ecs.SpotPrice {
	return ecs.SpotPrice{Time: start.Add(time.Duration(n) * time.Hour), Price: money("0.1" + strconv.Itoa(n%10)), ListPrice: money("0.5")}
}

func TestPrices_AllPagesOfAllZones(t *testing.T) {
	for _, zones := range [][]string{nil, {"z-a", "z-b", "z-a"}} {
		f := &fakeMarket{page: 7, price: hourly, history: map[string]map[string]int{g7: {"z-a": 100, "z-b": 50}, c7: {"z-b": 3}}}
		h, err := spot.New(f).Prices(t.Context(), spot.PriceRequest{RegionID: region, Types: []string{g7}, Zones: zones})
		if err != nil || len(h.Series) != 2 {
			t.Fatalf("%+v, %v", h, err)
		}
		for i, want := range []struct {
			zone   string
			points int
		}{{"z-a", 100}, {"z-b", 50}} {
			s := h.Series[i]
			if s.ZoneID != want.zone || s.InstanceType != g7 || len(s.Points) != want.points || int(s.Summary.Points) != want.points {
				t.Errorf("series %d is %s of %s with %d points, want %+v", i, s.ZoneID, s.InstanceType, len(s.Points), want)
			}
			if !slices.IsSortedFunc(s.Points, func(a, b ecs.SpotPrice) int { return a.Time.Compare(b.Time) }) {
				t.Errorf("the points of %s are not oldest first", s.ZoneID)
			}
		}
		if want := 15 + 8; f.calls != want {
			t.Errorf("zones %v: %d reads, want %d pages", zones, f.calls, want)
		}
		if f.asked[0].NetworkType != "vpc" {
			t.Errorf("asked for the network %q", f.asked[0].NetworkType)
		}
	}
}

// TestSummary lets each point arrive first: a summary is ordered by time, not by
// page.
func TestSummary(t *testing.T) {
	prices := []string{"0.30", "0.10", "0.25", "0.30", "0.10"}
	for first := range prices {
		f := &fakeMarket{page: 2, history: map[string]map[string]int{g7: {"z-a": len(prices)}}, price: func(_ string, n int) ecs.SpotPrice {
			n = (n + first) % len(prices)
			return ecs.SpotPrice{Time: start.Add(time.Duration(n) * time.Hour), Price: money(prices[n]), ListPrice: money("0.30")}
		}}
		for _, only := range []bool{true, false} {
			h, err := spot.New(f).Prices(t.Context(), spot.PriceRequest{RegionID: region, Types: []string{g7}, SummaryOnly: only})
			if err != nil || len(h.Series) != 1 || (h.Series[0].Points == nil) != only {
				t.Fatalf("%+v, %v", h, err)
			}
			for n, p := range h.Series[0].Points {
				if p.Price != money(prices[n]) {
					t.Errorf("first %d: point %d is %s, want %s: oldest first", first, n, p.Price, prices[n])
				}
			}
			s := h.Series[0].Summary
			for name, c := range map[string]struct{ got, want any }{
				"points":       {s.Points, int64(5)},
				"first":        {s.First.Price, money("0.30")},
				"first time":   {s.First.Time, start},
				"latest":       {s.Latest.Price, money("0.10")},
				"latest time":  {s.Latest.Time, start.Add(4 * time.Hour)},
				"min":          {s.Min.Price, money("0.10")},
				"min time":     {s.Min.Time, start.Add(time.Hour)},
				"max":          {s.Max.Price, money("0.30")},
				"max time":     {s.Max.Time, start},
				"mean":         {s.Mean, money("0.21")},
				"latest share": {s.LatestShare, int64(3333)},
				"mean share":   {s.MeanShare, int64(7000)},
			} {
				if c.got != c.want {
					t.Errorf("first %d, %s: got %v, want %v", first, name, c.got, c.want)
				}
			}
		}
	}
}

func TestMean_Exact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		nanos := rapid.SliceOfN(rapid.Int64Range(0, 5_000_000_000_000), 1, 50).Draw(t, "nanos")
		f := &fakeMarket{page: 9, history: map[string]map[string]int{g7: {"z-a": len(nanos)}}, price: func(_ string, n int) ecs.SpotPrice {
			return ecs.SpotPrice{Time: start.Add(time.Duration(n)), Price: ecs.Money{CurrencyCode: "CNY", Units: nanos[n] / 1e9, Nanos: int32(nanos[n] % 1e9)}}
		}}
		h, err := spot.New(f).Prices(context.Background(), spot.PriceRequest{RegionID: region, Types: []string{g7}, Zones: []string{"z-a"}, SummaryOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		sum := new(big.Rat)
		for _, n := range nanos {
			sum.Add(sum, new(big.Rat).SetInt64(n))
		}
		sum.Quo(sum, new(big.Rat).SetInt64(int64(len(nanos))))
		got := h.Series[0].Summary.Mean
		off := new(big.Rat).Sub(new(big.Rat).SetInt64(got.Units*1e9+int64(got.Nanos)), sum)
		if off.Abs(off).Cmp(big.NewRat(1, 2)) > 0 {
			t.Fatalf("the mean is %s, off by %s billionths", got, off.FloatString(3))
		}
		if s := h.Series[0].Summary; s.LatestShare != 0 {
			t.Fatalf("a share of no list price: %d", s.LatestShare)
		}
	})
}

func TestCheapestZone(t *testing.T) {
	latest := map[string]string{"z-a": "0.2", "z-b": "0.1", "z-c": "0.1"}
	f := &fakeMarket{page: 100, history: map[string]map[string]int{g7: {"z-a": 2, "z-b": 2, "z-c": 2}, c7: {"z-a": 2}, "ecs.none": {}}, price: func(z string, n int) ecs.SpotPrice {
		if n == 0 {
			return ecs.SpotPrice{Time: start, Price: money("0.01")} // cheap once is not cheap now
		}
		return ecs.SpotPrice{Time: start.Add(time.Hour), Price: money(latest[z])}
	}}
	h, err := spot.New(f).Prices(t.Context(), spot.PriceRequest{RegionID: region, Types: []string{g7, c7, "ecs.none"}})
	want := []spot.Offer{{InstanceType: c7, ZoneID: "z-a", Price: money("0.2")}, {InstanceType: g7, ZoneID: "z-b", Price: money("0.1")}}
	if err != nil || !slices.Equal(h.Cheapest, want) {
		t.Errorf("got %+v, %v, want %+v", h.Cheapest, err, want)
	}
}

func TestZones_ReadConcurrentlyAndBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeMarket{page: 10, takes: time.Second, price: hourly, history: map[string]map[string]int{g7: {}}}
		for i := range 20 {
			f.history[g7][fmt.Sprintf("z-%02d", i)] = 50
		}
		began := time.Now()
		h, err := spot.New(f).Prices(t.Context(), spot.PriceRequest{RegionID: region, Types: []string{g7}, SummaryOnly: true})
		if err != nil || len(h.Series) != 20 {
			t.Fatalf("%d series, %v", len(h.Series), err)
		}
		if f.top != 8 {
			t.Errorf("%d reads at once, want 8", f.top)
		}
		if took := time.Since(began); took != 15*time.Second {
			t.Errorf("100 pages of a second took %s, want 15s", took)
		}
	})
}

func TestPrices_OneFailureEndsRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		down := ecs.Errorf(ecs.ReasonCloudUnavailable, "down")
		f := &fakeMarket{page: 1, takes: time.Second, price: hourly, history: map[string]map[string]int{g7: {"z-a": 1000, "z-b": 1000}}, fail: map[string]error{"z-b": down}}
		began := time.Now()
		if _, err := spot.New(f).Prices(t.Context(), spot.PriceRequest{RegionID: region, Types: []string{g7}}); !ecs.HasReason(err, ecs.ReasonCloudUnavailable) {
			t.Errorf("got %v", err)
		}
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("the other zone was read on for %s", took)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		f.fail = nil
		if _, err := spot.New(f).Prices(ctx, spot.PriceRequest{RegionID: region, Types: []string{g7}}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("past the deadline: %v", err)
		}
	})
}

func TestSummary_TypeSoldNowhere(t *testing.T) {
	f := &fakeMarket{page: 100, price: hourly, history: map[string]map[string]int{g7: {"z-a": 5, "z-b": 6}}, soldOut: map[string]bool{"z-a": true, "z-b": true}}
	h, err := spot.New(f).Prices(t.Context(), spot.PriceRequest{RegionID: region, Types: []string{g7}})
	if err != nil || len(h.Series) != 2 || h.Series[0].Summary.Points != 5 || h.Series[1].Summary.Points != 6 || f.calls != 1 {
		t.Errorf("%+v, %v, %d reads", h.Series, err, f.calls)
	}
}

func TestZones_SellingSpot(t *testing.T) {
	f := &fakeMarket{history: map[string]map[string]int{g7: {"z-a": 1, "z-b": 1, "z-out": 1}, c7: {"z-b": 1}}, soldOut: map[string]bool{"z-out": true}}
	for _, test := range []struct {
		types []string
		want  []spot.Zone
	}{
		{nil, []spot.Zone{{"z-a", "Zone A", []string{g7}}, {"z-b", "Zone B", []string{c7, g7}}}},
		{[]string{c7}, []spot.Zone{{"z-b", "Zone B", []string{c7}}}},
		{[]string{g7, c7, "ecs.none"}, []spot.Zone{{"z-a", "Zone A", []string{g7}}, {"z-b", "Zone B", []string{c7, g7}}}},
	} {
		got, err := spot.New(f).Zones(t.Context(), region, test.types...)
		if err != nil || fmt.Sprint(got) != fmt.Sprint(test.want) {
			t.Errorf("types %v: got %v, %v, want %v", test.types, got, err, test.want)
		}
	}
}

// TestSummary_MemoryBounded sums a history a hundred times
// as long and holds the live memory at its end against the shorter one's.
func TestSummary_MemoryBounded(t *testing.T) {
	held := func(points int) uint64 {
		var most uint64
		f := &fakeMarket{page: 100, history: map[string]map[string]int{g7: {"z-a": points}}, price: func(z string, n int) ecs.SpotPrice {
			if n == points-1 {
				var m runtime.MemStats
				runtime.GC()
				runtime.ReadMemStats(&m)
				most = m.HeapAlloc
			}
			return hourly(z, n)
		}}
		if _, err := spot.New(f).Prices(t.Context(), spot.PriceRequest{RegionID: region, Types: []string{g7}, Zones: []string{"z-a"}, SummaryOnly: true}); err != nil {
			t.Fatal(err)
		}
		return most
	}
	short, long := held(1_000), held(100_000)
	// The queries that the fake notes are the fake's: 1,000 of them.
	const slack = 1 << 20
	if long > short+slack {
		t.Errorf("%d bytes live after 1,000 points, %d after 100,000", short, long)
	}
}
