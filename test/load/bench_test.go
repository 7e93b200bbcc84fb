package load_test

import (
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

const (
	// crowd is the count of watchers and of instances.
	crowd = 10_000
	// quiet keeps heartbeats out of the measurement.
	quiet = 5 * time.Minute
)

// pair is an ecsd and a bare server with the same watchers, which started with the same messages.
type pair struct {
	cloud       *cloud
	full, bare  *process
	ofFull      *watchers
	ofBare      *watchers
	empty, idle struct{ full, bare usage }
}

// newPair starts watches of the IDs at both servers. It measures before and after.
func newPair(b *testing.B, instances int, watched func(all []string) []string, poll, heartbeat time.Duration) *pair {
	b.Helper()
	p := &pair{cloud: newCloud(b, instances)}
	p.full = start(b, settings{Endpoint: p.cloud.endpoint, PollInterval: poll, Database: "sqlite:" + filepath.Join(b.TempDir(), "ecsd.db")})
	p.bare = start(b, settings{Bare: true})
	// A watcher gets only polled state.
	first := watch(b, p.full.address, p.cloud.ids[:1], heartbeat)
	p.bare.send(order{Greet: encoded(b, first.all[0].messages)})
	p.empty.full, p.empty.bare = p.full.usage(), p.bare.usage()
	ids := watched(p.cloud.ids)
	p.ofFull = watch(b, p.full.address, ids, heartbeat)
	p.ofBare = watch(b, p.bare.address, ids, heartbeat)
	p.idle.full, p.idle.bare = p.full.usage(), p.bare.usage()
	return p
}

// round renames instances, and makes both servers report it: ecsd after the poll that observes it, the bare one with
// the messages of ecsd. The times end when each affected watcher has the change; at ecsd they start when the cloud has
// sent its last page.
func (p *pair) round(b *testing.B, name string, ids []string, affected int) (full, bare []time.Duration) {
	b.Helper()
	runtime.GC()
	p.cloud.sweep(b) // so that one list shows all of them
	p.ofFull.expect(int64(affected))
	p.cloud.rename(b, name, ids)
	answered := p.cloud.sweep(b).at
	p.ofFull.wait("changes")
	full = p.ofFull.received(answered)
	p.ofBare.expect(int64(affected))
	began := p.bare.send(order{Publish: p.ofFull.round()}).Began
	p.ofBare.wait("changes")
	return full, p.ofBare.received(began)
}

// Measures the memory of an idle watcher, with the default heartbeats; the bare server sends none.
func BenchmarkIdleWatchers(b *testing.B) {
	for b.Loop() {
		p := newPair(b, crowd, func(all []string) []string { return all }, time.Hour, 0)
		each := func(before, after usage) float64 { return float64(after.Live-before.Live) / crowd }
		full, bare := each(p.empty.full, p.idle.full), each(p.empty.bare, p.idle.bare)
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(full, "B/watcher")
		b.ReportMetric(bare, "bare-B/watcher")
		b.ReportMetric(full/bare, "of-bare")
		b.ReportMetric(float64(p.idle.full.Stacks)/crowd, "stack-B/watcher")
		b.ReportMetric(float64(p.idle.bare.Stacks)/crowd, "bare-stack-B/watcher")
	}
}

// Measures a thousand changes in one poll, each of an instance with one watcher, until the last watcher has its change.
func BenchmarkFanOut(b *testing.B) {
	const changes = 1000
	// The garbage collector of this process, which holds the watchers and the cloud, runs between rounds. During rounds
	// it would slow ecsd only, because its rounds start with responses of the cloud.
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	p := newPair(b, crowd, func(all []string) []string { return all }, 2*time.Second, quiet)
	var full, bare, lastFull, lastBare []time.Duration
	n := 0
	for b.Loop() {
		ids := make([]string, changes)
		for i, at := range rand.Perm(crowd)[:changes] {
			ids[i] = p.cloud.ids[at]
		}
		f, g := p.round(b, "name-"+strconv.Itoa(n), ids, changes)
		n++
		full, bare = append(full, f...), append(bare, g...)
		lastFull, lastBare = append(lastFull, slices.Max(f)), append(lastBare, slices.Max(g))
	}
	b.ReportMetric(0, "ns/op") // mostly the wait for the next poll
	for _, m := range []struct {
		unit       string
		share      float64
		full, bare []time.Duration
	}{
		{"p99", 0.99, full, bare}, {"last-p50", 0.5, lastFull, lastBare}, {"last-p99", 0.99, lastFull, lastBare},
	} {
		of, at := quantile(m.full, m.share), quantile(m.bare, m.share)
		b.ReportMetric(float64(of.Microseconds())/1e3, m.unit+"-ms")
		b.ReportMetric(float64(at.Microseconds())/1e3, "bare-"+m.unit+"-ms")
		b.ReportMetric(of.Seconds()/at.Seconds(), m.unit+"-of-bare")
	}
}

// Measures one change that all watchers see: allocations in the server per message, which are the change and the
// checkpoint after it.
func BenchmarkOneChange(b *testing.B) {
	const messages = 2 * crowd
	p := newPair(b, 1, func(all []string) []string { return slices.Repeat(all, crowd) }, time.Second, quiet)
	var full, bare []float64
	n := 0
	for b.Loop() {
		fullBefore, bareBefore := p.full.usage(), p.bare.usage()
		p.round(b, "name-"+strconv.Itoa(n), p.cloud.ids, crowd)
		n++
		full = append(full, float64(p.full.usage().Mallocs-fullBefore.Mallocs)/messages)
		bare = append(bare, float64(p.bare.usage().Mallocs-bareBefore.Mallocs)/messages)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(quantile(full, 0.5), "allocs/message")
	b.ReportMetric(quantile(bare, 0.5), "bare-allocs/message")
	b.ReportMetric(quantile(full, 0.5)/quantile(bare, 0.5), "of-bare")
}

// Measures the time from the start of a process, after its predecessor was killed and with a database of ten thousand
// instances, until a client has the whole snapshot.
func BenchmarkStart(b *testing.B) {
	c := newCloud(b, crowd)
	s := settings{Endpoint: c.endpoint, PollInterval: time.Hour, Database: "sqlite:" + filepath.Join(b.TempDir(), "ecsd.db")}
	var took []time.Duration
	for warm := -1; warm < 0 || b.Loop(); warm++ {
		began := time.Now()
		p := start(b, s)
		if n := snapshot(b, p.address); n != crowd {
			b.Fatalf("%d instances", n)
		}
		if warm >= 0 {
			took = append(took, time.Since(began))
		}
		p.kill()
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(quantile(took, 0.5).Seconds(), "s")
	b.ReportMetric(slices.Max(took).Seconds(), "slowest-s")
}

// snapshot counts the instances of a watch of the region.
func snapshot(b *testing.B, address string) (n int) {
	b.Helper()
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	stream, err := ecsdv1.NewInstanceServiceClient(conn).WatchInstances(b.Context(), &ecsdv1.WatchInstancesRequest{}, grpc.WaitForReady(true))
	for err == nil {
		var m *message
		if m, err = stream.Recv(); m.GetSnapshotComplete() != nil {
			return n
		}
		n += len(m.GetSnapshot().GetInstances())
	}
	b.Fatal(err)
	return 0
}

// quantile returns the smallest value that the given share of all values does not exceed.
func quantile[T int64 | float64 | time.Duration](all []T, share float64) T {
	all = slices.Sorted(slices.Values(all))
	return all[min(len(all)-1, int(share*float64(len(all))))]
}
