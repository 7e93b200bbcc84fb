package simulator_test

import (
	"net/http"
	"net/http/httptest"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
)

// large is the size of fleet that the simulator is made for, in one region.
const large = 100_000

// newLarge makes a simulator with the large fleet.
func newLarge(t testing.TB) *simulator.Simulator {
	t.Helper()
	s, err := simulator.New(simulator.Config{Regions: []string{"cn-hangzhou"}, Instances: large, Start: start, ByHand: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// discard is a client that drops responses.
type discard struct {
	header http.Header
	status int
	bytes  int
}

func (d *discard) Header() http.Header { return d.header }
func (d *discard) WriteHeader(s int)   { d.status = s }
func (d *discard) Write(b []byte) (int, error) {
	d.bytes += len(b)
	return len(b), nil
}

// serve makes the simulator respond to one request, without a network in between.
func serve(t testing.TB, s *simulator.Simulator, query string) *discard {
	t.Helper()
	w := &discard{header: http.Header{}}
	s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/?"+query, nil))
	if w.status != http.StatusOK {
		t.Fatalf("status %d", w.status)
	}
	return w
}

// behind returns the page token after the first n instances.
func behind(n int) string { return fleet.Cursor{After: uint64(n), Listed: uint32(n)}.Token() }

// cpu returns the CPU time of the process. On a shared machine it is more reliable than the wall clock.
func cpu(t testing.TB) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// heap is the live heap in bytes.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// The large fleet fits, and each of its pages is full. The benchmarks below measure the speed.
func TestLargeFleet(t *testing.T) {
	if testing.Short() {
		t.Skip("makes a hundred thousand instances")
	}
	before := heap()
	s := newLarge(t)
	if used := heap() - before; used > 1<<30 {
		t.Errorf("%d MiB of heap, want less than 1024", used>>20)
	}
	for n := range 20 {
		query := signed("GET", "DescribeInstances", values{"MaxResults": "100", "NextToken": behind(n * large / 20)})
		w := serve(t, s, query)
		if w.bytes < 100_000 {
			t.Errorf("a page of %d bytes", w.bytes)
		}
	}
}

// BenchmarkLargeFleet measures the memory and the creation time of the large fleet.
func BenchmarkLargeFleet(b *testing.B) {
	for b.Loop() {
		before := heap()
		s := newLarge(b)
		used := heap() - before
		b.ReportMetric(float64(used)/(1<<20), "heap-MiB")
		b.ReportMetric(float64(used)/large, "B/instance")
		runtime.KeepAlive(s)
	}
}

// BenchmarkPage measures the simulator's own time for a page of a hundred instances of the large fleet, including the
// signature check.
func BenchmarkPage(b *testing.B) {
	s := newLarge(b)
	one := s.Instances(simulator.InstanceFilter{})[0].InstanceID
	filter := values{"PageSize": "100", "InstanceChargeType": "PrePaid", "Filter.3.Key": "ExpiredStartTime", "Filter.3.Value": "2026-11-25T00:00Z"}
	for _, c := range []struct {
		name   string
		params func(n int) values
	}{
		{"token", func(n int) values { return values{"MaxResults": "100", "NextToken": behind(n * 7919 % large)} }},
		{"token xml", func(n int) values {
			return values{"MaxResults": "100", "NextToken": behind(n * 7919 % large), "Format": "XML"}
		}},
		{"number", func(int) values { return values{"PageSize": "100", "PageNumber": "500"} }},
		{"filter", func(int) values { return filter }},
		{"filter after a change", func(int) values {
			if err := s.Change(one, simulator.Change{}); err != nil {
				b.Fatal(err)
			}
			return filter
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			n, bytes, began := 0, 0, cpu(b)
			for b.Loop() {
				bytes += serve(b, s, signed("GET", "DescribeInstances", c.params(n))).bytes
				n++
			}
			b.ReportMetric(float64(bytes)/float64(n), "B/page")
			b.ReportMetric(float64((cpu(b)-began).Nanoseconds())/float64(n), "cpu-ns/op")
		})
	}
}
