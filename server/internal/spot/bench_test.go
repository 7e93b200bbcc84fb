package spot_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/spot"
)

// BenchmarkPrices sums 30 days of hourly prices in 8 zones, pages of 100, and
// reports the live memory when the last point comes: with points and without,
// and for a history ten times as dense.
func BenchmarkPrices(b *testing.B) {
	for _, c := range []struct {
		name    string
		points  int
		summary bool
	}{{"points", 720, false}, {"summary", 720, true}, {"summary of ten times as many", 7200, true}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			f := &fakeMarket{page: 100, history: map[string]map[string]int{g7: {}}}
			for zone := range 8 {
				f.history[g7][fmt.Sprint("z-", zone)] = c.points
			}
			measure := false
			var before, live runtime.MemStats
			f.price = func(zone string, n int) ecs.SpotPrice {
				if measure && zone == "z-7" && n == c.points-1 {
					runtime.GC()
					runtime.ReadMemStats(&live)
				}
				return hourly(zone, n)
			}
			prices := func() {
				f.asked = nil
				if _, err := spot.New(f).Prices(b.Context(), spot.PriceRequest{RegionID: region, Types: []string{g7}, SummaryOnly: c.summary}); err != nil {
					b.Fatal(err)
				}
			}
			for b.Loop() {
				prices()
			}
			f.asked, measure = nil, true
			runtime.GC()
			runtime.ReadMemStats(&before)
			prices()
			b.ReportMetric(float64(live.HeapAlloc)-float64(before.HeapAlloc), "live-B")
		})
	}
}
