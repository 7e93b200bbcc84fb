package e2e_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server"
	"github.com/ecsd-io/ecsd/simulator"
)

// The load of the benchmarks of calls: concurrent callers, spread over connections as the clients of a team are.
const (
	benchConnections = 4
	benchCallers     = 64
)

// Measures a call that needs no cloud, through all interceptors, against a bare gRPC server with the same response. The
// two take turns, so that a change of the machine's load affects both. "of-bare" is the ratio of their rates.
func BenchmarkListRegions(b *testing.B) {
	for _, c := range []struct {
		name   string
		change func(*server.Config)
	}{
		{"default", func(c *server.Config) { c.TraceExporter = nil }},
		{"traced", nil},
	} {
		b.Run(c.name, func(b *testing.B) {
			w := newWorld(b, simulator.Config{}, func(cfg *server.Config) {
				cfg.LogOutput, cfg.LogLevel = io.Discard, "info"
				if c.change != nil {
					c.change(cfg)
				}
			})
			answer, err := w.catalog.ListRegions(b.Context(), &ecsdv1.ListRegionsRequest{})
			if err != nil {
				b.Fatal(err)
			}
			full, bare := newLoad(b, w.at.GRPC), newLoad(b, bareServer(b, answer))
			full.run(b, 2000)
			bare.run(b, 2000)
			w.spans.Reset()
			const turn = 1000
			var fullRates, bareRates, ratios []float64
			for b.Loop() {
				fullTook, bareTook := full.run(b, turn), bare.run(b, turn)
				fullRates = append(fullRates, turn/fullTook.Seconds())
				bareRates = append(bareRates, turn/bareTook.Seconds())
				ratios = append(ratios, bareTook.Seconds()/fullTook.Seconds())
				w.spans.Reset()
			}
			b.ReportMetric(0, "ns/op") // the sum of both would mislead
			b.ReportMetric(median(fullRates), "calls/s")
			b.ReportMetric(median(bareRates), "bare-calls/s")
			b.ReportMetric(median(ratios), "of-bare")
		})
	}
}

// bareCatalog returns one fixed response.
type bareCatalog struct {
	ecsdv1.UnimplementedCatalogServiceServer

	answer *ecsdv1.ListRegionsResponse
}

// ListRegions returns the fixed response.
func (c bareCatalog) ListRegions(context.Context, *ecsdv1.ListRegionsRequest) (*ecsdv1.ListRegionsResponse, error) {
	return c.answer, nil
}

// bareServer starts a gRPC server with no interceptors.
func bareServer(b *testing.B, answer *ecsdv1.ListRegionsResponse) (address string) {
	b.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	bare := grpc.NewServer()
	ecsdv1.RegisterCatalogServiceServer(bare, bareCatalog{answer: answer})
	ended := make(chan error, 1)
	go func() { ended <- bare.Serve(listener) }()
	b.Cleanup(func() {
		bare.Stop()
		if err := <-ended; err != nil {
			b.Error(err)
		}
	})
	return listener.Addr().String()
}

// load calls a server from concurrent callers.
type load []ecsdv1.CatalogServiceClient

func newLoad(b *testing.B, address string) load {
	b.Helper()
	var l load
	for range benchConnections {
		conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { conn.Close() })
		l = append(l, ecsdv1.NewCatalogServiceClient(conn))
	}
	return l
}

// run makes the given number of calls and returns their total time.
func (l load) run(b *testing.B, calls int64) time.Duration {
	b.Helper()
	var left atomic.Int64
	left.Store(calls)
	failed := make(chan error, benchCallers)
	began := time.Now()
	for i := range benchCallers {
		client := l[i%len(l)]
		go func() {
			var err error
			for err == nil && left.Add(-1) >= 0 {
				_, err = client.ListRegions(b.Context(), &ecsdv1.ListRegionsRequest{})
			}
			failed <- err
		}()
	}
	for range benchCallers {
		if err := <-failed; err != nil {
			b.Fatal(err)
		}
	}
	return time.Since(began)
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

// Measures a list of a whole fleet: one call to the cloud per hundred instances, and memory that does not grow with the
// fleet. "peak-MB" is the largest live heap after a page, minus the live heap before the list. The simulator holds the
// fleet in the same process, before and after.
func BenchmarkListInstances(b *testing.B) {
	for _, count := range []int{1_000, 10_000, 100_000} {
		b.Run(fmt.Sprint(count), func(b *testing.B) {
			w := newWorld(b, simulator.Config{}, func(c *server.Config) {
				c.LogOutput, c.LogLevel, c.TraceExporter = io.Discard, "info", nil
			})
			w.seed(simulator.Seed{Count: count})
			w.sim.ResetStats()
			var took time.Duration
			lists, peak := 0, uint64(0)
			for b.Loop() {
				base, began := liveHeap(), time.Now()
				w.listAll(b, hangzhou, func(n int, _ []*ecsdv1.Instance) {
					if n%(count/10) == 0 { // ten times per list
						paused := time.Now()
						peak = max(peak, above(liveHeap(), base))
						began = began.Add(time.Since(paused))
					}
				})
				took += time.Since(began)
				lists++
			}
			calls := w.sim.Stats().Actions["DescribeInstances"].Calls
			b.ReportMetric(0, "ns/op") // includes the heap measurements
			b.ReportMetric(took.Seconds()*1e3/float64(lists), "ms/list")
			b.ReportMetric(float64(calls)/float64(lists), "cloud-calls/list")
			b.ReportMetric(float64(peak)/1e6, "peak-MB")
		})
	}
}

// listAll reads a region's whole list. It passes each page, with the count of instances so far, to each.
func (w *world) listAll(t testing.TB, regionID string, each func(n int, page []*ecsdv1.Instance)) {
	t.Helper()
	request := &ecsdv1.ListInstancesRequest{RegionIds: []string{regionID}, PageSize: 1000}
	n := 0
	for more := true; more; more = request.PageToken != "" {
		answer, err := w.instances.ListInstances(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		n += len(answer.GetInstances())
		each(n, answer.GetInstances())
		request.PageToken = answer.GetNextPageToken()
	}
}

// liveHeap returns the count of live bytes.
func liveHeap() uint64 {
	runtime.GC()
	runtime.GC() // frees memory that finalizers and pools released
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return memory.HeapAlloc
}

// above returns a minus b, at least 0.
func above(a, b uint64) uint64 { return a - min(a, b) }
