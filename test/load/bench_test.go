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
	// crowd is how many watchers and instances there are.
	crowd = 10_000
	// quiet keeps heartbeats out of what is timed.
	quiet = 5 * time.Minute
)

// pair is an ecsd and a bare server with the same watchers, who were begun by
// the same messages.
type pair struct {
	cloud       *cloud
	full, bare  *process
	ofFull      *watchers
	ofBare      *watchers
	empty, idle struct{ full, bare usage }
}

// newPair has ids watched at both. It measures before and after.
func newPair(b *testing.B, instances int, watched func(all []string) []string, poll, heartbeat time.Duration) *pair {
	b.Helper()
	p := &pair{cloud: newCloud(b, instances)}
	p.full = start(b, settings{Endpoint: p.cloud.endpoint, PollInterval: poll, Database: "sqlite:" + filepath.Join(b.TempDir(), "ecsd.db")})
	p.bare = start(b, settings{Bare: true})
	// Who watches is told only what was polled.
	first := watch(b, p.full.address, p.cloud.ids[:1], heartbeat)
	p.bare.tell(order{Greet: encoded(b, first.all[0].messages)})
	p.empty.full, p.empty.bare = p.full.usage(), p.bare.usage()
	ids := watched(p.cloud.ids)
	p.ofFull = watch(b, p.full.address, ids, heartbeat)
	p.ofBare = watch(b, p.bare.address, ids, heartbeat)
	p.idle.full, p.idle.bare = p.full.usage(), p.bare.usage()
	return p
}

// round renames instances, and has both servers tell so: ecsd after the poll
// that sees it, the bare one what ecsd sent. The times are until each who was
// told had it, at ecsd from when the cloud's last page was answered.
func (p *pair) round(b *testing.B, name string, ids []string, told int) (full, bare []time.Duration) {
	b.Helper()
	runtime.GC()
	p.cloud.sweep(b) // so that one list shows all of them
	p.ofFull.expect(int64(told))
	p.cloud.rename(b, name, ids)
	answered := p.cloud.sweep(b).at
	p.ofFull.wait("changes")
	full = p.ofFull.received(answered)
	p.ofBare.expect(int64(told))
	began := p.bare.tell(order{Publish: p.ofFull.round()}).Began
	p.ofBare.wait("changes")
	return full, p.ofBare.received(began)
}

// Memory of an idle watcher, with the heartbeats that it gets by default; the
// bare server sends none.
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

// A thousand changes in one poll, each of an instance with one watcher: until
// the last of them has it.
func BenchmarkFanOut(b *testing.B) {
	const changes = 1000
	// The collector of this process, which has the watchers and the cloud, runs
	// between the rounds, not in them: it would run in those of ecsd alone, which
	// begin with answers of the cloud.
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

// One change that everybody watches: allocations in the server for each
// message, the one with the change and the checkpoint behind it.
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

// From the start of a process, the last of which was killed, and whose database
// knows ten thousand instances, to the whole snapshot of them at a client.
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

// quantile is the least value that a share of all does not exceed.
func quantile[T int64 | float64 | time.Duration](all []T, share float64) T {
	all = slices.Sorted(slices.Values(all))
	return all[min(len(all)-1, int(share*float64(len(all))))]
}
