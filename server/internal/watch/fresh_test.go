package watch_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/watch"
)

const anyAge = 24 * time.Hour

func starting(i *ecs.Instance) { i.Status = ecs.StatusStarting }

// H4: in an outage of the database a change cannot be stored, and the old state
// keeps its old time.
func TestFreshness_StoreOutage(t *testing.T) {
	for _, shared := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			cloud, log := newFakeCloud(region), &faultyLog{fakeLog: newFakeLog()}
			log.shared = shared
			cloud.set(region, "i-1", start)
			cloud.set(region, "i-2", start)
			service := openWith(t, cloud, log, watch.Config{}, region)
			s := subscribe(t, service, watch.Filter{Regions: []string{region}}, watch.Latest, "")
			next(t, s)
			time.Sleep(time.Minute)
			log.Down(10 * time.Minute)
			cloud.set(region, "i-1", stop)
			stopped := time.Now()
			service.Touch(region, []string{"i-1"})
			for range 9 * 60 {
				time.Sleep(time.Second)
				i, ok := service.Seen(region, []string{"i-1"}, anyAge)["i-1"]
				if ok && i.ObservedTime.After(stopped) {
					t.Fatalf("shared %v: %v is said to be so %s after it stopped", shared, i.Status, i.ObservedTime.Sub(stopped))
				}
				b, err := s.Next(t.Context(), time.Millisecond)
				if err != nil {
					t.Fatal(err)
				}
				if b.Observed.After(stopped) {
					t.Fatalf("shared %v: a checkpoint says observed %s after a change that is not stored", shared, b.Observed.Sub(stopped))
				} else if time.Since(stopped) > 40*time.Second && (len(b.Degraded) != 1 || b.Degraded[0].Cause.Reason != ecs.ReasonStoreUnavailable) {
					t.Fatalf("shared %v: %s into the outage degraded is %+v", shared, time.Since(stopped), b.Degraded)
				}
			}
			time.Sleep(3 * time.Minute)
			if i := service.Seen(region, []string{"i-1"}, time.Minute)["i-1"]; i.Status != ecs.StatusStopped {
				t.Errorf("shared %v: after the outage i-1 is %v, want stopped", shared, i.Status)
			}
			if b := next(t, s); len(b.Degraded) > 0 || time.Since(b.Observed) > time.Minute {
				t.Errorf("shared %v: after the outage the freshness is %+v", shared, b.Freshness)
			}
		})
	}
}

// H4: the observations of a sweep of many pages are published at its end, and
// until then the old state keeps its old time.
func TestFreshness_LongSweep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := newFakeCloud(region)
		cloud.page, cloud.takes = 1, 300*time.Millisecond
		ids := manyIDs(300)
		for _, id := range ids {
			cloud.set(region, id, start)
		}
		service := openWith(t, cloud, newFakeLog(), watch.Config{}, region)
		time.Sleep(4 * time.Minute)
		changed := map[string]time.Time{}
		for range 600 {
			id := ids[rand.IntN(len(ids))]
			if _, ok := changed[id]; !ok {
				cloud.set(region, id, stop)
				changed[id] = time.Now()
			}
			time.Sleep(time.Second)
			for id, i := range service.Seen(region, ids, anyAge) {
				if at, ok := changed[id]; ok && i.Status == ecs.StatusRunning && i.ObservedTime.After(at) {
					t.Fatalf("%s is said to be running %s after it stopped", id, i.ObservedTime.Sub(at))
				}
			}
		}
	})
}

// C3, W8: however long a response takes, and however reads overlap, no state is
// labelled with a time at which it was no longer true, and the log never goes
// back to an earlier state.
func TestFreshness_LateResponses(t *testing.T) {
	for seed := range uint64(20) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 7)) //nolint:gosec // a test
			cloud := &faultyCloud{fakeCloud: newFakeCloud(region)}
			cloud.page = 3
			latency := rand.New(rand.NewPCG(seed, 8)) //nolint:gosec // a test
			cloud.takes = func(bool) (there, back time.Duration) {
				return time.Duration(latency.Int64N(int64(1500 * time.Millisecond))), time.Duration(latency.Int64N(int64(1500 * time.Millisecond)))
			}
			ids := manyIDs(10)
			type state struct {
				cpu int32
				at  time.Time
			}
			past := map[string][]state{}
			change := func(id string) {
				cpu := int32(len(past[id]))
				cloud.fakeCloud.set(region, id, func(i *ecs.Instance) { i.CPU = cpu })
				past[id] = append(past[id], state{cpu, time.Now()})
			}
			for _, id := range ids {
				change(id)
			}
			log := newFakeLog()
			service := openWith(t, cloud, log, watch.Config{PollInterval: 2 * time.Second, FastInterval: 700 * time.Millisecond}, region)
			check := func(what string, i *ecs.Instance, observed time.Time) {
				states := past[i.ID]
				if n := int(i.CPU) + 1; n < len(states) && observed.After(states[n].at) {
					t.Fatalf("seed %d: %s: %s has state %d with time %s, %s after it had state %d", seed, what, i.ID, i.CPU,
						observed.Format(time.StampMilli), observed.Sub(states[n].at), n)
				}
			}
			s := subscribe(t, service, watch.Filter{Regions: []string{region}}, watch.Latest, "")
			told := map[string]*ecs.Instance{}
			for range 400 {
				time.Sleep(time.Duration(random.Int64N(int64(500 * time.Millisecond))))
				id := ids[random.IntN(len(ids))]
				change(id)
				service.Touch(region, []string{id})
				for _, i := range service.Seen(region, ids, anyAge) {
					check("Seen", &i, i.ObservedTime)
				}
				b, err := s.Next(t.Context(), time.Millisecond)
				if err != nil {
					t.Fatal(err)
				}
				for _, item := range b.Snapshot {
					told[item.Instance.ID] = item.Instance
				}
				for _, e := range b.Events {
					if was := told[e.Change.InstanceID]; was != nil && was.CPU > e.Change.After.CPU {
						t.Fatalf("seed %d: %s goes back from state %d to %d", seed, was.ID, was.CPU, e.Change.After.CPU)
					}
					told[e.Change.InstanceID] = e.Change.After
				}
				for _, i := range told {
					check("checkpoint", i, b.Observed)
				}
			}
			time.Sleep(time.Minute)
			if b := next(t, s); time.Since(b.Observed) > 30*time.Second {
				t.Errorf("seed %d: after a quiet minute observed is %s old", seed, time.Since(b.Observed))
			}
		})
	}
}

// C3: a poll does not claim an instance as seen since it began if an earlier read
// that arrived during the poll put its difference in doubt.
func TestFreshness_DifferenceInDoubt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := &faultyCloud{fakeCloud: newFakeCloud(region)}
		cloud.page = 1
		cloud.fakeCloud.set(region, "i-1", start)
		cloud.fakeCloud.set(region, "i-2", start)
		began := time.Now()
		service := openWith(t, cloud, newFakeLog(), watch.Config{}, region)
		s := subscribe(t, service, watch.Filter{Regions: []string{region}}, watch.Latest, "")
		next(t, s)
		time.Sleep(time.Until(began) + 29900*time.Millisecond)
		pages := 0
		cloud.set(func() {
			cloud.takes = func(byID bool) (there, back time.Duration) {
				if pages++; !byID && pages == 2 {
					return 0, time.Second // the first page, between the read by ID and the second page
				}
				return 0, 3 * time.Second
			}
		})
		service.Touch(region, []string{"i-1"})
		time.Sleep(50 * time.Millisecond)
		cloud.fakeCloud.set(region, "i-1", stop)
		stopped := time.Now()
		for time.Since(stopped) < 20*time.Second {
			time.Sleep(100 * time.Millisecond)
			b, err := s.Next(t.Context(), time.Millisecond)
			if err != nil {
				t.Fatal(err)
			}
			if len(b.Events) > 0 {
				return
			}
			if b.Observed.After(stopped) {
				t.Fatalf("observed %s after i-1 stopped, which is not reported", b.Observed.Sub(stopped))
			}
		}
		t.Error("the stop is not reported")
	})
}

// C3: if the list of the region overlaps the one that shows the lock of a
// reclaim, neither is surely newer, and the instance is read again at once.
func TestReclaims_OverlappingRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := &faultyCloud{fakeCloud: newFakeCloud(region)}
		cloud.takes = func(byID bool) (there, back time.Duration) {
			if byID {
				return 0, 500 * time.Millisecond
			}
			return 0, 2 * time.Second
		}
		spot := func(i *ecs.Instance) { i.Status, i.Spot = ecs.StatusRunning, &ecs.Spot{} }
		cloud.fakeCloud.set(region, "i-1", spot)
		// The region is listed 11.8 s after the start, reclaims 12 s after it.
		began := time.Now()
		service := openWith(t, cloud, newFakeLog(), watch.Config{PollInterval: 11800 * time.Millisecond}, region)
		s := subscribe(t, service, watch.Filter{Regions: []string{region}, Query: ecs.Query{Locks: []ecs.LockReason{ecs.LockRecycling}}}, watch.Latest, "")
		next(t, s)
		time.Sleep(time.Until(began) + 11700*time.Millisecond)
		cloud.fakeCloud.set(region, "i-1", func(i *ecs.Instance) { i.CPU++ })
		time.Sleep(200 * time.Millisecond)
		cloud.fakeCloud.set(region, "i-1", func(i *ecs.Instance) { i.Locks = []ecs.Lock{{Reason: ecs.LockRecycling}} })
		locked := time.Now()
		if e := events(t, s); len(e) != 1 || time.Since(locked) > 6*time.Second {
			t.Errorf("%s after the lock came %+v, want the notice within 6 s", time.Since(locked), e)
		}
	})
}

// C1: an account that may not read any more gets empty lists, not errors. That
// is a degraded region, not the end of its instances.
func TestRelease_DeniedIsNotReleased(t *testing.T) {
	for _, id := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			cloud := &faultyCloud{fakeCloud: newFakeCloud(region)}
			for n := range 92 {
				cloud.fakeCloud.set(region, fmt.Sprint("i-", n), func(i *ecs.Instance) { i.Status, i.Spot = ecs.StatusRunning, &ecs.Spot{} })
			}
			service := openWith(t, cloud, newFakeLog(), watch.Config{}, region)
			s := subscribe(t, service, watch.Filter{Regions: []string{region}}, watch.EveryChange, "")
			next(t, s)
			time.Sleep(10 * time.Second)
			cloud.set(func() { cloud.denied = true })
			denied := time.Now()
			if id { // the fast lane reads it by ID
				service.Touch(region, []string{"i-1"})
			}
			for time.Since(denied) < 10*time.Minute {
				b, err := s.Next(t.Context(), time.Second)
				if err != nil {
					t.Fatal(err)
				}
				if len(b.Events) > 0 {
					t.Fatalf("denied is reported as %v of %s", b.Events[0].Kind, b.Events[0].Change.InstanceID)
				}
				if time.Since(denied) > 32*time.Second && (len(b.Degraded) != 1 || b.Degraded[0].Cause.Reason != ecs.ReasonCloudPermissionDenied) {
					t.Fatalf("%s after the denial degraded is %+v", time.Since(denied), b.Degraded)
				}
			}
			cloud.set(func() { cloud.denied = false })
			cloud.release(region, "i-2")
			if e := events(t, s); len(e) != 1 || e[0].Kind != watch.Released || e[0].Change.InstanceID != "i-2" {
				t.Errorf("after it may read again it reports %+v", e)
			}
		})
	}
}

// C4 to C6: whatever the reason, each replica names the region within the poll
// interval and 2 s, keeps naming it while it lasts, and not after.
func TestDegraded_EveryReasonOnEveryReplica(t *testing.T) {
	throttled := &ecs.Error{Reason: ecs.ReasonThrottled, Retry: ecs.RetryWait, RetryAfter: 2 * time.Second, Message: "throttled"}
	reset := &ecs.Error{Reason: ecs.ReasonCloudUnreachable, Retry: ecs.RetryBackoff, Message: "connection reset"}
	for name, fault := range map[string]struct {
		begin, end func(*faultyCloud)
		want       ecs.Reason
	}{
		"denied": {func(c *faultyCloud) { c.set(func() { c.denied = true }) },
			func(c *faultyCloud) { c.set(func() { c.denied = false }) }, ecs.ReasonCloudPermissionDenied},
		"no response": {func(c *faultyCloud) { c.set(func() { c.hangs = true }) },
			func(c *faultyCloud) { c.set(func() { c.hangs = false }) }, ecs.ReasonCloudUnreachable},
		"throttled": {func(c *faultyCloud) { c.fail(region, throttled) }, func(c *faultyCloud) { c.fail(region, nil) }, ecs.ReasonThrottled},
		"reset":     {func(c *faultyCloud) { c.fail(region, reset) }, func(c *faultyCloud) { c.fail(region, nil) }, ecs.ReasonCloudUnreachable},
	} {
		for _, interval := range []time.Duration{time.Second, 30 * time.Second} {
			t.Run(fmt.Sprint(name, interval), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					cloud, log := &faultyCloud{fakeCloud: newFakeCloud(region)}, newFakeLog()
					log.shared = true
					cloud.fakeCloud.set(region, "i-1", start)
					var replicas []*watch.Subscription
					for range 2 {
						service := openWith(t, cloud, log, watch.Config{PollInterval: interval}, region)
						replicas = append(replicas, subscribe(t, service, watch.Filter{Regions: []string{region}}, watch.Latest, ""))
					}
					time.Sleep(5*interval + interval/3)
					fault.begin(cloud)
					began := time.Now()
					for time.Since(began) < 10*interval+time.Minute {
						time.Sleep(200 * time.Millisecond)
						for n, s := range replicas {
							b, err := s.Next(t.Context(), 10*time.Millisecond)
							if err != nil {
								t.Fatal(err)
							}
							if since := time.Since(began); since > interval+2*time.Second && (len(b.Degraded) != 1 || b.Degraded[0].Cause.Reason != fault.want) {
								t.Fatalf("replica %d: %s into the fault degraded is %+v", n, since, b.Degraded)
							}
							if b.Observed.After(began) {
								t.Fatalf("replica %d: observed %s into the fault", n, b.Observed.Sub(began))
							}
						}
					}
					fault.end(cloud)
					time.Sleep(6 * time.Minute)
					for n, s := range replicas {
						if b := next(t, s); len(b.Degraded) > 0 || time.Since(b.Observed) > 2*interval+2*time.Second {
							t.Errorf("replica %d: after the fault the freshness is %+v", n, b.Freshness)
						}
					}
				})
			})
		}
	}
}

// A replica that cannot read the log reports it, whatever others poll.
func TestDegraded_ReplicaCutOffFromTheStore(t *testing.T) {
	for name, fault := range map[string]func(*faultyLog, time.Duration){
		"down": func(l *faultyLog, d time.Duration) { l.Down(d) },
		"hang": func(l *faultyLog, d time.Duration) { l.Hang(d) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud, log := newFakeCloud(region), newFakeLog()
				log.shared = true
				cloud.set(region, "i-1", start)
				openWith(t, cloud, log, watch.Config{}, region)
				time.Sleep(time.Second)
				cut := &faultyLog{fakeLog: log}
				s := subscribe(t, openWith(t, cloud, cut, watch.Config{}, region), watch.Filter{Regions: []string{region}}, watch.Latest, "")
				time.Sleep(time.Minute)
				fault(cut, time.Minute)
				time.Sleep(2 * time.Second)
				if b := next(t, s); len(b.Degraded) != 1 || b.Degraded[0].Cause.Reason != ecs.ReasonStoreUnavailable {
					t.Errorf("2 s after the cut degraded is %+v", b.Degraded)
				}
				time.Sleep(2 * time.Minute)
				if b := next(t, s); len(b.Degraded) > 0 {
					t.Errorf("after the cut degraded is %+v", b.Degraded)
				}
			})
		})
	}
}

// The cause that kept the previous poller from reading the region counts until
// the new one has read it.
func TestDegraded_AfterARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, log := newFakeCloud(region), newFakeLog()
		cloud.set(region, "i-1", start)
		first := openWith(t, cloud, log, watch.Config{}, region)
		time.Sleep(time.Minute)
		cloud.fail(region, ecs.Errorf(ecs.ReasonCloudUnavailable, "unavailable"))
		time.Sleep(time.Minute)
		first.Close()
		cloud.fail(region, nil)
		cloud.takes = 10 * time.Second
		s := subscribe(t, openWith(t, cloud, log, watch.Config{}, region), watch.Filter{Regions: []string{region}}, watch.Latest, "")
		if b := next(t, s); len(b.Degraded) != 1 || b.Degraded[0].Cause.Reason != ecs.ReasonCloudUnavailable {
			t.Errorf("before the first poll degraded is %+v", b.Degraded)
		}
		time.Sleep(15 * time.Second)
		if b := next(t, s); len(b.Degraded) > 0 {
			t.Errorf("after the first poll degraded is %+v", b.Degraded)
		}
	})
}

// A poller ends at once if its write is refused because another process has the
// lease.
func TestFencing_RefusedWriteEndsThePolling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, log := newFakeCloud(region), newFakeLog()
		log.shared = true
		cloud.set(region, "i-1", start)
		service := openWith(t, cloud, log, watch.Config{FastInterval: 20 * time.Millisecond}, region)
		time.Sleep(time.Minute)
		log.mu.Lock()
		lease := log.leases["poll/"+region]
		lease.Epoch, lease.Holder, lease.Expires = lease.Epoch+1, "another", time.Now().Add(time.Minute)
		log.leases["poll/"+region] = lease
		log.mu.Unlock()
		cloud.set(region, "i-1", stop)
		service.Touch(region, []string{"i-1"})
		time.Sleep(50 * time.Millisecond)
		calls := cloud.called()
		time.Sleep(time.Second)
		if more := cloud.called() - calls; more > 0 {
			t.Errorf("%d calls in the second after the refusal, want none", more)
		}
	})
}

// A new poller writes nothing before it has read the writes of its predecessor:
// it would write them again.
func TestTakeover_ReadsTheLogFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, log := newFakeCloud(region), newFakeLog()
		log.shared = true
		polled := another(t, log)
		behind := &blindLog{fakeLog: log}
		service := openWith(t, cloud, behind, watch.Config{PollInterval: time.Second}, region)
		time.Sleep(time.Second)
		behind.blind.Store(true)
		cloud.set(region, "i-1", func(*ecs.Instance) {})
		polled("i-1")
		written := log.written()
		log.mu.Lock()
		held := log.leases["poll/"+region]
		held.Expires = time.Time{}
		log.leases["poll/"+region] = held
		log.mu.Unlock()
		time.Sleep(20 * time.Second)
		if n := log.written() - written; n > 0 {
			t.Errorf("a poller that cannot read the log wrote %d changes", n)
		}
		behind.blind.Store(false)
		time.Sleep(20 * time.Second)
		if i, ok := service.Seen(region, []string{"i-1"}, 10*time.Second)["i-1"]; !ok {
			t.Errorf("after it can, i-1 is %+v", i)
		}
	})
}

// M11, C11: all of a mass reclaim is reported within an interval of the lane
// and a second, at once; a lane that fails degrades the region.
func TestReclaims_AllPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := &faultyCloud{fakeCloud: newFakeCloud(region)}
		cloud.takes = func(bool) (there, back time.Duration) { return 100 * time.Millisecond, 100 * time.Millisecond }
		for n := range 250 {
			cloud.fakeCloud.set(region, fmt.Sprint("i-", n), func(i *ecs.Instance) { i.Status, i.Spot = ecs.StatusRunning, &ecs.Spot{} })
		}
		service := openWith(t, cloud, newFakeLog(), watch.Config{PollInterval: 5 * time.Minute}, region)
		s := subscribe(t, service, watch.Filter{Regions: []string{region}, Query: ecs.Query{Locks: []ecs.LockReason{ecs.LockRecycling}}}, watch.Latest, "")
		next(t, s)
		time.Sleep(17 * time.Second)
		for n := range 250 {
			cloud.fakeCloud.set(region, fmt.Sprint("i-", n), func(i *ecs.Instance) { i.Locks = []ecs.Lock{{Reason: ecs.LockRecycling}} })
		}
		locked := time.Now()
		if e := events(t, s); len(e) != 250 || time.Since(locked) > 6*time.Second {
			t.Errorf("%s after 250 locks came %d notices, want all within 6 s", time.Since(locked), len(e))
		}
		cloud.fail(region, ecs.Errorf(ecs.ReasonCloudUnavailable, "unavailable"))
		time.Sleep(7 * time.Second)
		if b := next(t, s); len(b.Degraded) != 1 || b.Degraded[0].Cause.Reason != ecs.ReasonCloudUnavailable {
			t.Errorf("7 s after the lane failed degraded is %+v", b.Degraded)
		}
		cloud.fail(region, nil)
		time.Sleep(2 * time.Minute)
		if b := next(t, s); len(b.Degraded) > 0 {
			t.Errorf("after the lane recovered degraded is %+v", b.Degraded)
		}
	})
}
