package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
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
	"github.com/ecsd-io/ecsd/test/promise"
	"github.com/ecsd-io/ecsd/test/promise/clientreport"
)

// wire is a TCP proxy whose connections are cut after some random bytes.
type wire struct {
	listener net.Listener

	mu     sync.Mutex
	target string
	cuts   int // made
	rough  bool
	open   map[net.Conn]bool
	all    sync.WaitGroup
}

func newWire(t *testing.T, target string) *wire {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{listener: listener, target: target, open: map[net.Conn]bool{}}
	w.all.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			w.all.Go(func() { w.join(conn) })
		}
	})
	t.Cleanup(func() {
		listener.Close()
		w.cutAll()
		w.all.Wait()
	})
	return w
}

// set moves the wire to a server and makes it rough or calm.
func (w *wire) set(target string, rough bool) {
	w.mu.Lock()
	w.target, w.rough = target, rough
	w.mu.Unlock()
	w.cutAll()
}

func (w *wire) cutAll() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for conn := range w.open {
		conn.Close()
	}
}

// join carries bytes until either end, or the wire, has enough.
func (w *wire) join(from net.Conn) {
	defer from.Close()
	w.mu.Lock()
	target, rough := w.target, w.rough
	w.open[from] = true
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		delete(w.open, from)
		w.mu.Unlock()
	}()
	to, err := net.DialTimeout("tcp", target, time.Second)
	if err != nil {
		return
	}
	defer to.Close()
	answers := io.Reader(to)
	if rough {
		answers = io.LimitReader(to, 300+rand.Int64N(20_000))
	}
	var both sync.WaitGroup
	both.Go(func() {
		_, _ = io.Copy(to, from)
		to.Close()
	})
	if _, err := io.Copy(from, answers); err == nil && rough {
		w.mu.Lock()
		w.cuts++
		w.mu.Unlock()
	}
	from.Close()
	both.Wait()
}

// witness watches without package client, at the server itself, and is the
// history that clients are held against.
type witness struct {
	token    string
	history  promise.History
	held     map[string]string
	mu       sync.Mutex
	observed time.Time
	revision int64
}

// follow reads one server until ctx ends. begun is closed with the first mark.
func (v *witness) follow(ctx context.Context, w *world, begun chan<- struct{}) error {
	stream, err := w.instances.WatchInstances(ctx, &ecsdv1.WatchInstancesRequest{
		Delivery: ecsdv1.Delivery_DELIVERY_EVERY_CHANGE, ResumeToken: v.token, HeartbeatInterval: durationpb.New(time.Second),
	})
	for err == nil {
		var m *ecsdv1.WatchInstancesResponse
		if m, err = stream.Recv(); err != nil {
			break
		}
		v.mu.Lock()
		switch e := m.GetEvent().(type) {
		case *ecsdv1.WatchInstancesResponse_Snapshot:
			for _, i := range e.Snapshot.GetInstances() {
				v.note(m.GetRevision(), i.GetInstanceId(), clientreport.State(i))
			}
		case *ecsdv1.WatchInstancesResponse_Changed:
			v.note(m.GetRevision(), e.Changed.GetInstance().GetInstanceId(), clientreport.State(e.Changed.GetInstance()))
		case *ecsdv1.WatchInstancesResponse_Removed:
			v.note(m.GetRevision(), e.Removed.GetInstanceId(), "")
		case *ecsdv1.WatchInstancesResponse_SnapshotComplete:
			v.marked(m.GetRevision(), e.SnapshotComplete.GetResumeToken(), e.SnapshotComplete.GetObservedTime().AsTime())
		case *ecsdv1.WatchInstancesResponse_Checkpoint:
			v.marked(m.GetRevision(), e.Checkpoint.GetResumeToken(), e.Checkpoint.GetObservedTime().AsTime())
		}
		if v.token != "" && begun != nil {
			close(begun)
			begun = nil
		}
		v.mu.Unlock()
	}
	if begun != nil {
		close(begun)
	}
	if e := client.ErrorOf(err); ctx.Err() == nil && e.ReasonName != "SERVER_DRAINING" {
		return fmt.Errorf("the witness: %w", err)
	}
	return nil
}

func (v *witness) note(revision int64, id, state string) {
	if n := len(v.history); n == 0 || v.history[n-1].Number != revision {
		v.history = append(v.history, promise.Revision{Number: revision})
	}
	last := &v.history[len(v.history)-1]
	last.Changes = append(last.Changes, promise.Change{ID: id, Before: v.held[id], After: state})
	if v.held[id] = state; state == "" {
		delete(v.held, id)
	}
}

func (v *witness) marked(revision int64, token string, observed time.Time) {
	v.revision, v.token, v.observed = revision, token, observed
}

// seen is the newest mark.
func (v *witness) seen() (revision int64, observed time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.revision, v.observed
}

// begin lets a new witness, or one that goes on, follow a server.
func (v *witness) begin(t *testing.T, w *world) {
	t.Helper()
	if v.held == nil {
		v.held = map[string]string{}
	}
	ctx, stop := context.WithCancel(context.Background())
	begun, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- v.follow(ctx, w, begun) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	<-begun
}

// settled waits until a poll that began after now was told, and returns its
// revision.
func (v *witness) settled(w *world) int64 {
	now := time.Now()
	w.wait("a poll shows what happened", func() bool {
		_, observed := v.seen()
		return observed.After(now)
	})
	revision, _ := v.seen()
	return revision
}

// watcher is a client on the wire that records what it is told.
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
		delivery ecsdv1.Delivery
		filter   *ecsdv1.InstanceFilter
		matches  func(id, state string) bool
	}{
		{"latest", ecsdv1.Delivery_DELIVERY_LATEST, nil, every},
		{"every change", ecsdv1.Delivery_DELIVERY_EVERY_CHANGE, nil, every},
		{"latest of the running", ecsdv1.Delivery_DELIVERY_LATEST, &ecsdv1.InstanceFilter{Status: ecsdv1.InstanceStatus_INSTANCE_STATUS_RUNNING}, isRunning},
		{"every change of the running", ecsdv1.Delivery_DELIVERY_EVERY_CHANGE, &ecsdv1.InstanceFilter{Status: ecsdv1.InstanceStatus_INSTANCE_STATUS_RUNNING}, isRunning},
	} {
		everyChange := w.delivery == ecsdv1.Delivery_DELIVERY_EVERY_CHANGE
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

// begin lets watchers watch over a wire, each by a client of its own; what it
// returns ends them.
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

// happen changes instances at random for some time.
func happen(t *testing.T, sim cloud, for_ time.Duration) {
	t.Helper()
	for giveUp := time.After(for_); ; {
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

// hold holds what watchers recorded against histories, one for each report.
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

// arrive waits until each watcher was told up to a revision, after so many
// restarts.
func arrive(w *world, watchers []*watcher, revision int64, restarts int) {
	w.t.Helper()
	for _, one := range watchers {
		w.wait(one.name+" is told all", func() bool {
			at, had := one.at()
			return at >= revision && had == restarts
		})
	}
}

func fastPolls(c *server.Config) { c.PollInterval = time.Second }

// Over a network that is cut at random bytes, a watch misses nothing and tells
// nothing twice.
func TestClientOverACutNetwork(t *testing.T) {
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

// Over a server that drains and is started again, a watch goes on where it was;
// over one with a new database it tells the difference and goes on.
func TestClientOverNewServers(t *testing.T) {
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

// Wait returns when instances are there, and says at once which never will be.
func TestClientWaits(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, fastPolls)
	ids := w.seed(simulator.Seed{Count: 2, Status: "Stopped"})
	c, err := client.Dial(w.at.GRPC, client.WithInsecure())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ctx := within(t, 30*time.Second)
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

	// At the deadline it says who is on the way. The server answers a fifth of a
	// second before it, which a busy machine may miss.
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

// A watch that the server refuses ends at once with its reason.
func TestClientWatchIsRefused(t *testing.T) {
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

// A reclaim is told once, and its end.
func TestClientWatchesReclaims(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, fastPolls)
	id := w.seed(simulator.Seed{ChargeType: "PostPaid", SpotStrategy: "SpotAsPriceGo"})[0]
	c, err := client.Dial(w.at.GRPC, client.WithInsecure())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var told []string
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
			told = append(told, "notice "+e.InstanceID)
			if e.ReleaseTimeEstimate.Sub(e.ObservedTime) != 5*time.Minute {
				t.Errorf("observed %s, released %s", e.ObservedTime, e.ReleaseTimeEstimate)
			}
			if err := w.sim.Change(id, simulator.Change{Vanish: true}); err != nil {
				t.Fatal(err)
			}
		case *client.ReclaimEnded:
			told = append(told, fmt.Sprintf("ended %s %d", e.InstanceID, e.Outcome))
		}
		if len(told) == 2 {
			break
		}
	}
	if diff := cmp.Diff([]string{"notice " + id, fmt.Sprintf("ended %s %d", id, client.ReclaimOutcomeReleased)}, told); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
