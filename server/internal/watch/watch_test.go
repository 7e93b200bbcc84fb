package watch_test

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/watch"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var quiet = slog.New(slog.DiscardHandler)

const (
	region    = "cn-hangzhou"
	heartbeat = 10 * time.Second
)

// open starts a service that ends with the test.
func open(t *testing.T, cloud watch.Cloud, log watch.Log, regions ...string) *watch.Service {
	t.Helper()
	service, err := watch.New(t.Context(), cloud, log, regions, watch.Config{Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	service.Start()
	t.Cleanup(service.Close)
	return service
}

func subscribe(t *testing.T, service *watch.Service, f watch.Filter, d watch.Delivery, token string) *watch.Subscription {
	t.Helper()
	s, err := service.Watch(t.Context(), &f, d, token, watch.Heartbeat{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func next(t *testing.T, s *watch.Subscription) watch.Batch {
	t.Helper()
	b, err := s.Next(t.Context(), heartbeat)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// events reads on until a batch has events.
func events(t *testing.T, s *watch.Subscription) []watch.Event {
	t.Helper()
	for range 20 {
		if b := next(t, s); len(b.Events) > 0 {
			return b.Events
		}
	}
	t.Fatal("nothing happens")
	return nil
}

func stop(i *ecs.Instance)  { i.Status = ecs.StatusStopped }
func start(i *ecs.Instance) { i.Status = ecs.StatusRunning }

func TestWatch_SnapshotThenChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, log := newFakeCloud(region), newFakeLog()
		cloud.set(region, "i-1", start)
		cloud.set(region, "i-2", start)
		service := open(t, cloud, log, region)
		s := subscribe(t, service, watch.Filter{Regions: []string{region}}, watch.Latest, "")
		b := next(t, s)
		if !b.First || len(b.Snapshot) != 2 || b.Snapshot[0].Instance.ID != "i-1" || b.Token == "" || b.Observed.IsZero() {
			t.Fatalf("the snapshot is %+v", b)
		}
		cloud.set(region, "i-1", stop)
		e := events(t, s)
		if len(e) != 1 || e[0].Kind != watch.Changed || e[0].Change.After.Status != ecs.StatusStopped ||
			e[0].Previous.Status != ecs.StatusRunning || e[0].Skipped != 0 || !e[0].Shared() {
			t.Errorf("stopping i-1 gave %+v", e)
		}
		cloud.release(region, "i-2")
		if e := events(t, s); len(e) != 1 || e[0].Kind != watch.Released || e[0].Change.InstanceID != "i-2" {
			t.Errorf("releasing i-2 gave %+v", e)
		}
	})
}

// A region without changes costs one call per 100 instances and interval,
// however many watchers there are, and writes nothing.
func TestPoll_CostWithoutChanges(t *testing.T) {
	for _, watchers := range []int{0, 1, 50} {
		synctest.Test(t, func(t *testing.T) {
			cloud, log := newFakeCloud(region), newFakeLog()
			for n := range 250 {
				cloud.set(region, "i-"+strconv.Itoa(n), start)
			}
			service := open(t, cloud, log, region)
			for range watchers {
				s := subscribe(t, service, watch.Filter{Regions: []string{region}}, watch.Latest, "")
				next(t, s)
			}
			time.Sleep(time.Second)
			calls, rows := cloud.called(), log.written()
			time.Sleep(10 * 30 * time.Second)
			if got := cloud.called() - calls; got != 10*3 {
				t.Errorf("%d watchers: %d calls in 10 intervals, want 30", watchers, got)
			}
			if got := log.written(); got != rows {
				t.Errorf("%d rows were written while nothing happened", got-rows)
			}
		})
	}
}

// A response that leaves an instance out does not release it.
func TestMissing_IsNotReleased(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, log := newFakeCloud(region), newFakeLog()
		cloud.set(region, "i-1", start)
		cloud.set(region, "i-2", start)
		service := open(t, cloud, log, region)
		s := subscribe(t, service, watch.Filter{Regions: []string{region}}, watch.EveryChange, "")
		next(t, s)
		cloud.hide("i-1")
		for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); {
			if b := next(t, s); len(b.Events) > 0 {
				t.Errorf("got %+v", b.Events[0])
			}
		}
	})
}

// Neither does a read by ID that leaves a touched instance out once.
func TestMissingIsNotGone_OfTouched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, log := newFakeCloud(region), newFakeLog()
		cloud.set(region, "i-1", start)
		service := open(t, cloud, log, region)
		s := subscribe(t, service, watch.Filter{Regions: []string{region}}, watch.EveryChange, "")
		next(t, s)
		cloud.hide("i-1")
		service.Touch(region, []string{"i-1"})
		for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); {
			if b := next(t, s); len(b.Events) > 0 {
				t.Errorf("got %+v", b.Events[0])
			}
		}
	})
}

// Nor do two slow responses that leave an instance out, if another one showed it
// that began before the first and was complete before the second.
func TestMissing_ShownInBetween(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		steps := []step{
			{what: "stall"},
			{what: "set", region: region, id: "i-1", status: ecs.StatusStopping},
			{what: "hide", region: region, id: "i-1", after: 41 * time.Second},
			{what: "hide", region: region, id: "i-1", after: 3 * time.Second},
		}
		for _, broken := range live(t, steps, nil, 0) {
			t.Error(broken)
		}
	})
}

// A touched instance is seen within the fast interval, and so are its next
// states.
func TestTouch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, log := newFakeCloud(region), newFakeLog()
		cloud.set(region, "i-1", stop)
		service := open(t, cloud, log, region)
		s := subscribe(t, service, watch.Filter{Regions: []string{region}, IDs: []string{"i-1"}}, watch.Latest, "")
		next(t, s)
		began := time.Now()
		cloud.set(region, "i-1", func(i *ecs.Instance) { i.Status = ecs.StatusStarting })
		service.Touch(region, []string{"i-1"})
		events(t, s)
		cloud.set(region, "i-1", start)
		if e := events(t, s); e[0].Change.After.Status != ecs.StatusRunning || time.Since(began) > 2*time.Second {
			t.Errorf("%v after %s", e[0].Change.After.Status, time.Since(began))
		}
	})
}

// A reclaim is reported at most one poll of the spot lane and a second after
// its lock, once, and so is the end of the instance.
func TestReclaim_SeenSoon(t *testing.T) {
	for _, after := range []time.Duration{0, 1700 * time.Millisecond, 4999 * time.Millisecond, 29 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			cloud, log := newFakeCloud(region), newFakeLog()
			cloud.takes = 300 * time.Millisecond
			spot := func(i *ecs.Instance) { i.Status, i.Spot = ecs.StatusRunning, &ecs.Spot{Strategy: "SpotAsPriceGo"} }
			cloud.set(region, "i-1", spot)
			cloud.set(region, "i-2", spot)
			service := open(t, cloud, log, region)
			s := subscribe(t, service, watch.Filter{Regions: []string{region}, Query: ecs.Query{Locks: []ecs.LockReason{ecs.LockRecycling}}}, watch.Latest, "")
			next(t, s)
			time.Sleep(after)
			cloud.set(region, "i-1", func(i *ecs.Instance) { i.Locks = []ecs.Lock{{Reason: ecs.LockRecycling, RawReason: "Recycling"}} })
			locked := time.Now()
			e := events(t, s)
			if took := time.Since(locked); len(e) != 1 || e[0].Kind != watch.Changed || e[0].Previous != nil || took > 6*time.Second {
				t.Errorf("%s after the lock came %+v", took, e)
			}
			for gone := time.Now().Add(time.Minute); time.Now().Before(gone); {
				if b := next(t, s); len(b.Events) > 0 {
					t.Errorf("then came %+v", b.Events)
				}
			}
			cloud.release(region, "i-1")
			if e := events(t, s); len(e) != 1 || e[0].Kind != watch.Released {
				t.Errorf("at the end came %+v", e)
			}
		})
	}
}

func TestWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, log := newFakeCloud(region), newFakeLog()
		for _, id := range []string{"i-1", "i-2", "i-3", "i-4"} {
			cloud.set(region, id, func(i *ecs.Instance) { i.Status = ecs.StatusStarting })
		}
		cloud.set(region, "i-3", func(i *ecs.Instance) { i.Locks = []ecs.Lock{{Reason: ecs.LockFinancial}} })
		service := open(t, cloud, log, region)
		go func() {
			time.Sleep(20 * time.Second)
			cloud.set(region, "i-1", start)
			cloud.release(region, "i-2")
		}()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		results, err := service.Wait(ctx, region, []string{"i-1", "i-2", "i-3", "i-4", "i-none"}, ecs.StatusRunning)
		if err != nil {
			t.Fatal(err)
		}
		for n, want := range []ecs.Reason{"", ecs.ReasonInstanceNotFound, ecs.ReasonInstanceLocked, "deadline", ecs.ReasonInstanceNotFound} {
			got := results[n].Err
			switch want {
			case "":
				if got != nil || results[n].Value.Status != ecs.StatusRunning {
					t.Errorf("%s: %v", results[n].ID, got)
				}
			case "deadline":
				if !errors.Is(got, context.DeadlineExceeded) {
					t.Errorf("%s: %v, want a deadline", results[n].ID, got)
				}
			default:
				if !ecs.HasReason(got, want) {
					t.Errorf("%s: %v, want %s", results[n].ID, got, want)
				}
			}
		}
	})
}

// A slow listing does not bring back an instance that was seen, and then seen
// gone, meanwhile.
func TestReleased_StaysReleased(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, log := newFakeCloud(region), newFakeLog()
		cloud.page = 1
		for _, id := range []string{"i-1", "i-2", "i-3", "i-4", "i-5", "i-6"} {
			cloud.set(region, id, start)
		}
		service := open(t, cloud, log, region)
		s := subscribe(t, service, watch.Filter{Regions: []string{region}, IDs: []string{"i-0"}}, watch.EveryChange, "")
		next(t, s)
		cloud.stall()
		cloud.set(region, "i-0", start)
		time.Sleep(50 * time.Second) // the first page of a slow listing has shown it
		service.Touch(region, []string{"i-0"})
		if e := events(t, s); e[0].Kind != watch.Changed {
			t.Fatalf("i-0 began with %+v", e)
		}
		cloud.release(region, "i-0")
		if e := events(t, s); e[0].Kind != watch.Released {
			t.Fatalf("i-0 went with %+v", e)
		}
		for deadline := time.Now().Add(5 * time.Minute); time.Now().Before(deadline); {
			if b := next(t, s); len(b.Events) > 0 {
				t.Errorf("got %+v", b.Events[0])
			}
		}
	})
}

// A slow listing does not reset a new instance that was seen in a later state
// meanwhile.
func TestNew_IsNotPutBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, log := newFakeCloud(region), newFakeLog()
		cloud.set(region, "i-1", start)
		service := open(t, cloud, log, region)
		s := subscribe(t, service, watch.Filter{Regions: []string{region}}, watch.EveryChange, "")
		next(t, s)
		time.Sleep(29 * time.Second)
		cloud.stall()
		cloud.set(region, "i-0", start)
		time.Sleep(9 * time.Second) // the listing was evaluated, and its response is in transit
		cloud.set(region, "i-0", stop)
		service.Touch(region, []string{"i-0"})
		if e := events(t, s); len(e) != 1 || e[0].Change.After.Status != ecs.StatusStopped {
			t.Fatalf("i-0 began with %+v", e)
		}
		for deadline := time.Now().Add(5 * time.Minute); time.Now().Before(deadline); {
			if b := next(t, s); len(b.Events) > 0 {
				t.Errorf("then got %+v", b.Events[0].Change.After)
			}
		}
	})
}

func TestLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, log := newFakeCloud(region), newFakeLog()
		service, err := watch.New(t.Context(), cloud, log, []string{region},
			watch.Config{Logger: quiet, MaxWatches: 5, MaxWatchesPerCaller: 3, MaxIDs: 2})
		if err != nil {
			t.Fatal(err)
		}
		service.Start()
		defer service.Close()
		begin := func(caller string, ids ...string) (*watch.Subscription, error) {
			ctx := call.With(t.Context(), &call.Call{Caller: caller})
			return service.Watch(ctx, &watch.Filter{Regions: []string{region}, IDs: ids}, watch.Latest, "", watch.Heartbeat{})
		}
		if _, err := begin("a", "i-1", "i-2", "i-3"); !ecs.HasReason(err, ecs.ReasonTooManyWatchedIDs) {
			t.Errorf("3 ids: %v", err)
		}
		var all []*watch.Subscription
		for _, caller := range []string{"a", "a", "a", "b", "b"} {
			s, err := begin(caller)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, s)
			if len(all) != 3 {
				continue
			}
			if _, err := begin("a"); !ecs.HasReason(err, ecs.ReasonTooManyWatchesOfCaller) {
				t.Errorf("the fourth of a caller: %v", err)
			}
		}
		if _, err := begin("c"); !ecs.HasReason(err, ecs.ReasonTooManyWatches) {
			t.Errorf("the sixth of all: %v", err)
		}
		for _, s := range all {
			s.Close()
			s.Close()
		}
		if _, err := begin("a"); err != nil {
			t.Errorf("after all were closed: %v", err)
		}
	})
}
