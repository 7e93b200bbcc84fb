package load_test

import (
	"context"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// Measures ten thousand watches that resume together after a restart, each of which missed five polls of a hundred
// changes, one of them of its own instance.
func BenchmarkResume(b *testing.B) {
	const changed, polls = 100, 5
	for b.Loop() {
		c := newCloud(b, changed)
		s := settings{Endpoint: c.endpoint, PollInterval: 2 * time.Second, Database: "sqlite:" + filepath.Join(b.TempDir(), "ecsd.db")}
		p := start(b, s)
		tokens := make(map[string]string, changed)
		for _, id := range c.ids {
			tokens[id] = last(b, p.address, []string{id}, []string{""}).tokens[0]
		}
		for n := range polls {
			c.sweep(b)
			c.rename(b, "name-"+strconv.Itoa(n), c.ids)
			c.sweep(b)
		}
		p.kill()

		ids, resumed := make([]string, crowd), make([]string, crowd)
		for i := range ids {
			ids[i] = c.ids[i%changed]
			resumed[i] = tokens[ids[i]]
		}
		p = start(b, s)
		before, began := p.usage().Mallocs, time.Now()
		got := last(b, p.address, ids, resumed)
		took := time.Since(began)
		if got.changes != crowd {
			b.Errorf("the watches got %d changes, want %d", got.changes, crowd)
		}
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(took.Seconds(), "s")
		b.ReportMetric(float64(p.usage().Mallocs-before)/crowd, "allocs/watch")
		p.end()
	}
}

// resumption is the result of watches that were read up to their first checkpoint.
type resumption struct {
	tokens []string

	mu      sync.Mutex
	changes int
	failed  int
	failure error
}

// last opens a watch per ID, after the tokens, and reads each until its first checkpoint.
func last(b *testing.B, address string, ids, tokens []string) *resumption {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), 2*time.Minute)
	defer cancel()
	r := &resumption{tokens: make([]string, len(ids))}
	var reading sync.WaitGroup
	for c := range min(connections, len(ids)) {
		conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			b.Fatal(err)
		}
		defer conn.Close()
		reading.Go(func() {
			for i := c; i < len(ids); i += connections {
				stream, err := ecsdv1.NewInstanceServiceClient(conn).WatchInstances(ctx, &ecsdv1.WatchInstancesRequest{InstanceIds: ids[i : i+1], ResumeToken: tokens[i]}, grpc.WaitForReady(true))
				reading.Go(func() { r.read(i, stream, err) })
			}
		})
	}
	reading.Wait()
	if r.failed > 0 {
		b.Errorf("%d watches failed, one with %v", r.failed, r.failure)
	}
	return r
}

func (r *resumption) read(i int, stream grpc.ServerStreamingClient[message], err error) {
	changes := 0
	for err == nil && r.tokens[i] == "" {
		var m *message
		m, err = stream.Recv()
		r.tokens[i] = m.GetSnapshotComplete().GetResumeToken() + m.GetCheckpoint().GetResumeToken()
		if m.GetChanged() != nil {
			changes++
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.changes += changes
	if err != nil {
		r.failed++
		r.failure = err
	}
}
