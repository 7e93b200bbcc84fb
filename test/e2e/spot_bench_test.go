package e2e_test

import (
	"fmt"
	"io"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server"
	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
)

const (
	historyAction = "DescribeSpotPriceHistory"
	// historyPage is the time that the benchmarks' cloud takes for a page of prices.
	historyPage = 20 * time.Millisecond
)

// Measures a summary of the spot prices of a type in the eight zones of a region. "at-a-time" is the average count of
// concurrent pages: the summed time of the pages divided by the time of the call. "peak-MB" is the largest live heap
// during a call, minus the live heap before it. The simulator writes the pages in the same process.
func BenchmarkListSpotPrices(b *testing.B) {
	for _, days := range []int{10, 30} {
		b.Run(fmt.Sprintf("%d-days", days), func(b *testing.B) {
			w := newWorld(b, simulator.Config{}, func(c *server.Config) {
				c.LogOutput, c.LogLevel, c.TraceExporter = io.Discard, "info", nil
			})
			list := w.spotPrices(b, days)
			calls, took := 0, time.Duration(0)
			for b.Loop() {
				began := time.Now()
				list()
				took += time.Since(began)
				calls++
			}
			pages := w.sim.Stats().Actions[historyAction].Calls
			b.ReportMetric(float64(pages)/float64(calls), "pages/op")
			b.ReportMetric(float64(pages)*historyPage.Seconds()/took.Seconds(), "at-a-time")
			b.ReportMetric(float64(peakOf(list))/1e6, "peak-MB")
		})
	}
}

// Measures the same with a cloud that accepts 60 calls per minute and an ecsd that is configured for it: three
// summaries of 24 pages each, once. "throttled" is the count of calls that the cloud rejected.
func BenchmarkListSpotPricesUnderARate(b *testing.B) {
	const rate = 60
	w := newWorld(b, simulator.Config{Rates: []simulator.Rate{{Action: historyAction, Calls: rate, Window: time.Minute}}}, func(c *server.Config) {
		c.LogOutput, c.LogLevel, c.TraceExporter = io.Discard, "info", nil
		c.Rates = []server.Rate{{Action: historyAction, PerMinute: rate}}
		c.Limits.CallTimeout = 5 * time.Minute
	})
	list := w.spotPrices(b, 30)
	began := time.Now()
	for range 3 {
		list()
	}
	stats := w.sim.Stats().Actions[historyAction]
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(time.Since(began).Seconds(), "s")
	b.ReportMetric(float64(stats.Calls), "pages")
	b.ReportMetric(float64(stats.Throttled), "throttled")
}

// spotPrices returns a function that requests the summary of the given days up to now, from a cloud that takes time for
// each page.
func (w *world) spotPrices(b *testing.B, days int) (list func()) {
	b.Helper()
	zones, err := w.catalog.ListZones(b.Context(), &ecsdv1.ListZonesRequest{})
	if err != nil {
		b.Fatal(err)
	}
	now := time.Now()
	request := &ecsdv1.ListSpotPricesRequest{
		InstanceType: g7, SummaryOnly: true,
		StartTime: timestamppb.New(now.AddDate(0, 0, -days)), EndTime: timestamppb.New(now.Add(-time.Second)),
	}
	for _, zone := range zones.GetZones() {
		request.ZoneIds = append(request.ZoneIds, zone.GetZoneId())
	}
	w.fault(simulator.Fault{Action: historyAction, Kind: control.Slow, Delay: control.Duration(historyPage)})
	w.sim.ResetStats()
	return func() {
		if answer, err := w.spot.ListSpotPrices(b.Context(), request); err != nil || len(answer.GetZones()) != 8 {
			b.Errorf("%d zones, %v", len(answer.GetZones()), err)
		}
	}
}

// peakOf returns the largest live heap while do runs, minus the live heap before.
func peakOf(do func()) (peak uint64) {
	base, done := liveHeap(), make(chan struct{})
	go func() {
		defer close(done)
		do()
	}()
	for {
		select {
		case <-done:
			return peak
		default:
			peak = max(peak, above(liveHeap(), base))
		}
	}
}
