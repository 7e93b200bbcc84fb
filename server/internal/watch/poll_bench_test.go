package watch_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/cloud"
	"github.com/ecsd-io/ecsd/server/internal/cloud/answer"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/watch"
	"github.com/ecsd-io/ecsd/simulator"
)

// pages is a cloud with prepared responses: a page only needs to be decoded.
type pages [][]byte

// newPages repeats a simulator's page of 100 instances, with distinct IDs.
func newPages(b *testing.B, n int) pages {
	b.Helper()
	sim, err := simulator.New(simulator.Config{Regions: []string{region}})
	if err != nil {
		b.Fatal(err)
	}
	defer sim.Close()
	if _, err := sim.Seed(simulator.Seed{Count: 100, Tags: map[string]string{"env": "prod", "team": "web"}}); err != nil {
		b.Fatal(err)
	}
	var page []byte
	served := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		recorder := httptest.NewRecorder()
		sim.ServeHTTP(recorder, r)
		page = recorder.Body.Bytes()
		_, _ = w.Write(page)
	}))
	defer served.Close()
	edge, err := cloud.New(cloud.Config{
		Regions: []string{region}, Endpoint: strings.TrimPrefix(served.URL, "http://"), EndpointScheme: "http",
		Credentials: cloud.StaticKeys(simulator.DefaultAccessKeyID, simulator.DefaultAccessKeySecret, ""),
	})
	if err != nil {
		b.Fatal(err)
	}
	defer edge.Close()
	first, err := edge.InstancePage(b.Context(), region, ecs.Query{}, "", 100)
	if err != nil || len(first.Instances) != 100 {
		b.Fatal(len(first.Instances), err)
	}
	all := make(pages, n)
	for i := range all {
		all[i] = bytes.ReplaceAll(page, []byte(`"i-`), fmt.Appendf(nil, `"i-%04d`, i))
	}
	return all
}

// ReadInstancePage decodes a page.
func (p pages) ReadInstancePage(_ context.Context, into []ecs.Instance, _ string, _ ecs.Query, cursor string, _ int) (ecs.Page, error) {
	n, _ := strconv.Atoi(cursor)
	decoded, err := answer.ReadInstances(p[n], time.Now(), into)
	page := ecs.Page{Instances: decoded.Instances}
	if n+1 < len(p) {
		page.Next = strconv.Itoa(n + 1)
	}
	return page, err
}

// ProveRead is not called: no instance goes missing.
func (p pages) ProveRead(context.Context, string, []string) error {
	panic("a permission is checked")
}

// Instances is not called: no instance goes missing.
func (p pages) Instances(context.Context, string, []string) []ecs.Result[ecs.Instance] {
	panic("an instance is read by its id")
}

// BenchmarkFullPollOfNothing lists 100,000 instances that are all as they were.
// "of-decoding" is its processor time against that of decoding the same pages,
// by turns. Requests and sockets are in neither.
func BenchmarkFullPollOfNothing(b *testing.B) {
	cloud, log := newPages(b, 1000), newFakeLog()
	service, err := watch.New(b.Context(), cloud, log, []string{region}, watch.Config{Logger: quiet})
	if err != nil {
		b.Fatal(err)
	}
	defer service.Close()
	poll := watch.Sweep(service, region)
	decode := func() error {
		var page ecs.Page
		var err error
		for cursor := ""; ; {
			page, err = cloud.ReadInstancePage(b.Context(), page.Instances, region, ecs.Query{}, cursor, 100)
			if cursor = page.Next; err != nil || cursor == "" {
				return err
			}
		}
	}
	if err := poll(); err != nil {
		b.Fatal(err)
	}
	written := log.written()
	var polled, decoded, ratios []float64
	for b.Loop() {
		p, d := processorTime(b, poll), processorTime(b, decode)
		polled, decoded, ratios = append(polled, p), append(decoded, d), append(ratios, p/d)
	}
	if written != 100_000 || log.written() != written {
		b.Fatalf("%d changes, then %d", written, log.written()-written)
	}
	b.ReportMetric(0, "ns/op")
	for unit, values := range map[string][]float64{"cpu-ms/poll": polled, "cpu-ms/decoding": decoded, "of-decoding": ratios} {
		slices.Sort(values)
		b.ReportMetric(values[len(values)/2], unit)
	}
}

// processorTime returns the CPU time of the process while f runs, in
// milliseconds.
func processorTime(b *testing.B, f func() error) float64 {
	b.Helper()
	spent := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	before := spent()
	if err := f(); err != nil {
		b.Fatal(err)
	}
	return float64(spent()-before) / 1e6
}

// TestChange_EncodedOnce delivers one change to ten thousand watchers that all request
// it encoded.
func TestChange_EncodedOnce(t *testing.T) {
	cloud, log := newFakeCloud(region), newFakeLog()
	cloud.set(region, "i-1", start)
	service, err := watch.New(t.Context(), cloud, log, []string{region}, watch.Config{Logger: quiet, FastInterval: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	service.Start()
	defer service.Close()
	all := make([]*watch.Subscription, 10_000)
	for n := range all {
		if all[n], err = service.Watch(t.Context(), &watch.Filter{Regions: []string{region}, IDs: []string{"i-1"}}, watch.Latest, "", watch.Heartbeat{}); err != nil {
			t.Fatal(err)
		}
		defer all[n].Close()
		if _, err := all[n].Next(t.Context(), time.Hour); err != nil {
			t.Fatal(err)
		}
		if err := all[n].Await(t.Context(), 0); err != nil { // the snapshot was sent
			t.Fatal(err)
		}
	}
	cloud.set(region, "i-1", func(i *ecs.Instance) { i.CPU++ })
	service.Touch(region, []string{"i-1"})
	var mu sync.Mutex
	encoded := 0
	var readers sync.WaitGroup
	for _, s := range all {
		readers.Go(func() {
			batch, err := s.Next(t.Context(), time.Hour)
			if err != nil || len(batch.Events) != 1 || !batch.Events[0].Shared() {
				t.Error(batch, err)
				return
			}
			batch.Events[0].Change.Encoded(func(*watch.Change) any {
				mu.Lock()
				defer mu.Unlock()
				encoded++
				return nil
			})
		})
	}
	readers.Wait()
	if encoded != 1 {
		t.Errorf("encoded %d times", encoded)
	}
}
