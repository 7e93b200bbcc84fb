package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/ecsd-io/ecsd/client"
	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server"
	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/test/lib/clientreport"
	"github.com/ecsd-io/ecsd/test/lib/promise"
)

// watcher is a client behind a wire that records its events.
type watcher struct {
	name     string
	request  *ecsdv1.WatchInstancesRequest
	recorder *clientreport.Recorder

	mu       sync.Mutex
	revision int64
	restarts int
	observed time.Time
}

func newWatchers() []*watcher {
	every := func(string, string) bool { return true }
	isRunning := func(_, state string) bool { return strings.HasPrefix(state, "INSTANCE_STATUS_RUNNING ") }
	var all []*watcher
	for _, w := range []struct {
		name     string
		delivery ecsdv1.WatchDelivery
		filter   *ecsdv1.InstanceFilter
		matches  func(id, state string) bool
	}{
		{"latest", ecsdv1.WatchDelivery_WATCH_DELIVERY_LATEST, nil, every},
		{"every change", ecsdv1.WatchDelivery_WATCH_DELIVERY_EVERY_CHANGE, nil, every},
		{"latest of the running", ecsdv1.WatchDelivery_WATCH_DELIVERY_LATEST, &ecsdv1.InstanceFilter{Statuses: []ecsdv1.InstanceStatus{ecsdv1.InstanceStatus_INSTANCE_STATUS_RUNNING}}, isRunning},
		{"every change of the running", ecsdv1.WatchDelivery_WATCH_DELIVERY_EVERY_CHANGE, &ecsdv1.InstanceFilter{Statuses: []ecsdv1.InstanceStatus{ecsdv1.InstanceStatus_INSTANCE_STATUS_RUNNING}}, isRunning},
	} {
		everyChange := w.delivery == ecsdv1.WatchDelivery_WATCH_DELIVERY_EVERY_CHANGE
		all = append(all, &watcher{
			name: w.name, recorder: clientreport.New(promise.Report{EveryChange: everyChange, Matches: w.matches}),
			request: &ecsdv1.WatchInstancesRequest{Delivery: w.delivery, Filter: w.filter, HeartbeatInterval: durationpb.New(time.Second)},
		})
	}
	return all
}

// watch reads until the context ends.
func (w *watcher) watch(ctx context.Context, c *client.Client) error {
	for event, err := range c.Watch(ctx, w.request) {
		if err != nil {
			if errors.Is(err, context.Canceled) {
				return nil
			}
			return fmt.Errorf("%s: %w", w.name, err)
		}
		w.recorder.Take(event)
		w.mu.Lock()
		switch e := event.(type) {
		case *client.Checkpoint:
			w.revision, w.observed = e.Revision, e.ObservedTime
		case *client.Restarted:
			w.restarts++
		}
		w.mu.Unlock()
	}
	return nil
}

func (w *watcher) at() (revision int64, restarts int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.revision, w.restarts
}

// begin starts the watchers behind a wire, each with its own client. The returned function ends them.
func begin(t *testing.T, wire *wire, watchers []*watcher) (end func()) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, len(watchers))
	for _, w := range watchers {
		c, err := client.Dial(wire.listener.Addr().String(), client.WithInsecure(), client.WithCaller("test"),
			client.WithBackoff(10*time.Millisecond, 100*time.Millisecond))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		go func() { ended <- w.watch(ctx, c) }()
	}
	return sync.OnceFunc(func() {
		stop()
		for range watchers {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
	})
}

// happen changes random instances for the given time.
func happen(t *testing.T, sim cloud, long time.Duration) {
	t.Helper()
	for giveUp := time.After(long); ; {
		select {
		case <-giveUp:
			return
		case <-time.After(rand.N(20 * time.Millisecond)):
		}
		all := sim.Instances(simulator.InstanceFilter{})
		one := all[rand.IntN(len(all))].InstanceID
		var err error
		switch rand.IntN(12) {
		case 0:
			_, err = sim.Seed(simulator.Seed{NamePrefix: "new"})
		case 1:
			if len(all) > 10 {
				err = sim.Change(one, simulator.Change{Vanish: true})
			}
		case 2, 3, 4, 5:
			name := fmt.Sprintf("name-%d", rand.IntN(1000))
			err = sim.Change(one, simulator.Change{InstanceName: &name})
		default:
			status := []string{"Running", "Stopped"}[rand.IntN(2)]
			err = sim.Change(one, simulator.Change{Status: &status})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// hold checks the watchers' records against histories, one per report.
func hold(t *testing.T, watchers []*watcher, histories ...promise.History) {
	t.Helper()
	for _, w := range watchers {
		for _, b := range w.recorder.Broken() {
			t.Errorf("%s: %s", w.name, b)
		}
		reports := w.recorder.Reports()
		if len(reports) != len(histories) {
			t.Errorf("%s: %d reports, want %d", w.name, len(reports), len(histories))
			continue
		}
		for n, report := range reports {
			for _, b := range promise.Check(histories[n], report) {
				t.Errorf("%s, report %d: %s", w.name, n, b)
			}
		}
	}
}

// arrive waits until each watcher has reached a revision, after the given count of restarts.
func arrive(w *world, watchers []*watcher, revision int64, restarts int) {
	w.t.Helper()
	for _, one := range watchers {
		w.wait(one.name+" has all", func() bool {
			at, had := one.at()
			return at >= revision && had == restarts
		})
	}
}

func fastPolls(c *server.Config) { c.PollInterval = time.Second }

// Over a network that is cut at random bytes, a watch misses nothing and reports nothing twice.
func TestClient_NetworkCut(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, fastPolls)
	w.seed(simulator.Seed{Count: 30})
	truth := &witness{}
	truth.begin(t, w)
	truth.settled(w)
	line := newWire(t, w.at.GRPC)
	line.set(w.at.GRPC, true)
	watchers := newWatchers()
	end := begin(t, line, watchers)
	defer end()
	happen(t, w.sim, 5*time.Second)
	line.set(w.at.GRPC, false)
	arrive(w, watchers, truth.settled(w), 0)
	end()
	truth.mu.Lock()
	defer truth.mu.Unlock()
	hold(t, watchers, truth.history)

	there := map[string]bool{}
	for _, i := range w.sim.Instances(simulator.InstanceFilter{}) {
		there[i.InstanceID] = true
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(there)), slices.Sorted(maps.Keys(truth.held))); diff != "" {
		t.Errorf("the witness does not end with what the cloud has:\n%s", diff)
	}
	line.mu.Lock()
	defer line.mu.Unlock()
	if line.cuts < 4 {
		t.Errorf("only %d cuts were made", line.cuts)
	}
}

// If a server drains and is restarted, a watch resumes. On a server with a new database it reports the difference and
// continues.
func TestClient_ServerReplaced(t *testing.T) {
	t.Parallel()
	sim := newCloud(t, simulator.Config{})
	if _, err := sim.Seed(simulator.Seed{Count: 12}); err != nil {
		t.Fatal(err)
	}
	database := "sqlite:" + filepath.Join(t.TempDir(), "ecsd.db")
	first := newService(t, sim, func(c *server.Config) { c.PollInterval, c.Database = time.Second, database })
	truth := &witness{}
	truth.begin(t, first)
	truth.settled(first)
	line := newWire(t, first.at.GRPC)
	watchers := newWatchers()
	end := begin(t, line, watchers)
	defer end()
	happen(t, sim, 1500*time.Millisecond)
	arrive(first, watchers, truth.settled(first), 0)
	if err := first.finish(); err != nil {
		t.Fatal(err)
	}
	happen(t, sim, 500*time.Millisecond)

	second := newService(t, sim, func(c *server.Config) { c.PollInterval, c.Database = time.Second, database })
	truth.begin(t, second)
	line.set(second.at.GRPC, false)
	happen(t, sim, 1500*time.Millisecond)
	arrive(second, watchers, truth.settled(second), 0)
	if err := second.finish(); err != nil {
		t.Fatal(err)
	}
	happen(t, sim, 500*time.Millisecond)

	third := newService(t, sim, fastPolls)
	anew := &witness{}
	anew.begin(t, third)
	line.set(third.at.GRPC, false)
	happen(t, sim, 1500*time.Millisecond)
	last := anew.settled(third)
	arrive(third, watchers, last, 1)
	end()
	truth.mu.Lock()
	defer truth.mu.Unlock()
	anew.mu.Lock()
	defer anew.mu.Unlock()
	hold(t, watchers, truth.history, anew.history)
}

// Wait returns when instances exist, and reports at once those that never will.
func TestClient_Wait(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, fastPolls)
	ids := w.seed(simulator.Seed{Count: 2, Status: "Stopped"})
	c, err := client.Dial(w.at.GRPC, client.WithInsecure())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ctx := within(t, 2*time.Minute)
	if _, err := c.Instances().StartInstances(ctx, &ecsdv1.StartInstancesRequest{InstanceIds: ids}); err != nil {
		t.Fatal(err)
	}
	gone := "i-bp1nosuchinstance000"
	results, err := c.Wait(ctx, &ecsdv1.WaitInstancesRequest{InstanceIds: append(ids, gone), Status: ecsdv1.InstanceStatus_INSTANCE_STATUS_RUNNING})
	if err != nil {
		t.Fatal(err)
	}
	for n, id := range ids {
		if i := results[n].GetInstance(); i.GetInstanceId() != id || i.GetStatus() != ecsdv1.InstanceStatus_INSTANCE_STATUS_RUNNING {
			t.Errorf("%s: got %v", id, results[n])
		}
	}
	if e := client.ItemError(results[2].GetError()); e == nil || e.Reason != ecsdv1.ErrorReason_ERROR_REASON_INSTANCE_NOT_FOUND {
		t.Errorf("%s: got %v", gone, results[2])
	}

	// At the deadline the error lists the pending instances. The server responds a fifth of a second before it, which a
	// busy machine may miss.
	var e *client.Error
	for range 5 {
		late, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		_, err = c.Wait(late, &ecsdv1.WaitInstancesRequest{InstanceIds: ids, Status: ecsdv1.InstanceStatus_INSTANCE_STATUS_STOPPED})
		cancel()
		if e = client.ErrorOf(err); e == nil || e.Code != codes.DeadlineExceeded || e.Metadata != nil {
			break
		}
	}
	if e == nil || e.Code != codes.DeadlineExceeded || e.Metadata["pending_instance_ids"] != strings.Join(ids, ",") {
		t.Errorf("got %+v, want DEADLINE_EXCEEDED that names %q", e, ids)
	}
}

// A watch that the server rejects ends at once with its reason.
func TestClient_WatchRejected(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, nil)
	c, err := client.Dial(w.at.GRPC, client.WithInsecure())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for reason, request := range map[ecsdv1.ErrorReason]*ecsdv1.WatchInstancesRequest{
		ecsdv1.ErrorReason_ERROR_REASON_UNKNOWN_REGION:       {RegionIds: []string{"cn-atlantis"}},
		ecsdv1.ErrorReason_ERROR_REASON_INVALID_FIELD:        {HeartbeatInterval: durationpb.New(time.Millisecond)},
		ecsdv1.ErrorReason_ERROR_REASON_INVALID_RESUME_TOKEN: {ResumeToken: "made up"},
	} {
		for event, err := range c.Watch(within(t, 20*time.Second), request) {
			if event != nil || client.Reason(err) != reason {
				t.Errorf("got %v, %v; want %s", event, err, reason)
			}
		}
	}
}

// A reclaim and its end are reported once.
func TestClient_Reclaims(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, fastPolls)
	id := w.seed(simulator.Seed{ChargeType: "PostPaid", SpotStrategy: "SpotAsPriceGo"})[0]
	c, err := client.Dial(w.at.GRPC, client.WithInsecure())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var reported []string
	for event, err := range c.WatchReclaims(within(t, 30*time.Second), &ecsdv1.WatchReclaimsRequest{HeartbeatInterval: durationpb.New(time.Second)}) {
		if err != nil {
			t.Fatal(err)
		}
		switch e := event.(type) {
		case *client.Checkpoint:
			if e.Snapshot {
				locks := []string{"Recycling"}
				if err := w.sim.Change(id, simulator.Change{LockReasons: &locks}); err != nil {
					t.Fatal(err)
				}
			}
		case *client.ReclaimNotice:
			reported = append(reported, "notice "+e.InstanceID)
			if e.ReleaseTimeEstimate.Sub(e.ObservedTime) != 5*time.Minute {
				t.Errorf("observed %s, released %s", e.ObservedTime, e.ReleaseTimeEstimate)
			}
			if err := w.sim.Change(id, simulator.Change{Vanish: true}); err != nil {
				t.Fatal(err)
			}
		case *client.ReclaimEnded:
			reported = append(reported, fmt.Sprintf("ended %s %d", e.InstanceID, e.Outcome))
		}
		if len(reported) == 2 {
			break
		}
	}
	if diff := cmp.Diff([]string{"notice " + id, fmt.Sprintf("ended %s %d", id, client.ReclaimOutcomeReleased)}, reported); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
