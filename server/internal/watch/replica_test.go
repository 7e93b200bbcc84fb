package watch_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/changelog"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/watch"
)

// Of several replicas one polls; all serve the same revisions, and a token of
// one works at the other.
func TestReplicas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, log := newFakeCloud(region), newFakeLog()
		log.shared = true
		cloud.set(region, "i-1", start)
		first := open(t, cloud, log, region)
		time.Sleep(time.Second)
		second := open(t, cloud, log, region)
		calls := cloud.called()
		time.Sleep(5 * time.Minute)
		if got := cloud.called() - calls; got != 10 {
			t.Errorf("two replicas made %d calls in 10 intervals, want 10", got)
		}
		all := watch.Filter{Regions: []string{region}}
		a, b := subscribe(t, first, all, watch.EveryChange, ""), subscribe(t, second, all, watch.EveryChange, "")
		if one, two := next(t, a), next(t, b); one.Revision != two.Revision || two.Observed.Before(time.Now().Add(-time.Minute)) {
			t.Errorf("the snapshots are at %d and %d, observed %s", one.Revision, two.Revision, two.Observed)
		}
		cloud.set(region, "i-1", stop)
		if one, two := events(t, a), events(t, b); one[0].Change.Revision != two[0].Change.Revision {
			t.Errorf("the change is %d and %d", one[0].Change.Revision, two[0].Change.Revision)
		}
		token := next(t, a).Token
		cloud.set(region, "i-1", start)
		first.Close()
		began := time.Now()
		moved := subscribe(t, second, all, watch.EveryChange, token)
		if e := events(t, moved); len(e) != 1 || e[0].Change.After.Status != ecs.StatusRunning || time.Since(began) > 10*time.Second {
			t.Errorf("after %s the other replica reports %+v", time.Since(began), e)
		}
	})
}

// A token can be newer than the last revision read by the other replica.
func TestResume_AheadOfReplica(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, log := newFakeCloud(region), newFakeLog()
		log.shared = true
		cloud.set(region, "i-1", start)
		first := open(t, cloud, log, region)
		time.Sleep(time.Second)
		second := open(t, cloud, log, region)
		all := watch.Filter{Regions: []string{region}}
		a := subscribe(t, first, all, watch.EveryChange, "")
		next(t, a)
		time.Sleep(5*time.Second + 17*time.Millisecond)
		cloud.set(region, "i-1", stop)
		first.Touch(region, []string{"i-1"})
		var b watch.Batch
		for len(b.Events) == 0 {
			b = next(t, a)
		}
		moved := subscribe(t, second, all, watch.EveryChange, b.Token)
		for range 5 {
			c := next(t, moved)
			if len(c.Events) > 0 {
				t.Errorf("told again of %+v", c.Events[0])
			}
			if c.Revision < b.Revision {
				t.Errorf("a checkpoint at %d for who was told up to %d", c.Revision, b.Revision)
			}
		}
	})
}

// another is another replica, which holds the lease. polled sets its
// observations.
func another(t *testing.T, log *fakeLog) (polled func(ids ...string)) {
	t.Helper()
	lease, err := log.AcquireLease(t.Context(), "poll/"+region, "another", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return func(ids ...string) {
		lease.Note = fmt.Appendf(nil, `{"observed":%q}`, time.Now().Format(time.RFC3339Nano))
		changes := make([]changelog.Change, len(ids))
		for i, id := range ids {
			changes[i] = changelog.Change{InstanceID: id, After: fmt.Appendf(nil, `{"ID":%q,"RegionID":%q}`, id, region)}
		}
		if _, err := log.Append(t.Context(), lease, changelog.Position{}, region, changes); err != nil {
			t.Error(err)
		}
	}
}

// A replica that is cut off for longer than the history starts again, and so
// must its readers; their pending changes are dropped.
func TestReplica_CutOffLongerThanHistory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := newFakeLog()
		log.shared = true
		polled, ids := another(t, log), manyIDs(80)
		polled(ids[:60]...)
		service := open(t, newFakeCloud(region), log, region)
		s := subscribe(t, service, watch.Filter{Regions: []string{region}}, watch.Latest, "")
		next(t, s)
		time.Sleep(10 * time.Millisecond) // not in step with the reads of the log
		for range 2 {
			polled(ids[:60]...)
			time.Sleep(time.Second)
		}
		for range 3 {
			polled(ids[:60]...)
		}
		log.trim(1)
		time.Sleep(time.Second)
		if _, err := s.Next(t.Context(), heartbeat); !ecs.HasReason(err, ecs.ReasonResumeTokenExpired) {
			t.Errorf("a reader that was not slow got %v", err)
		}
		polled(ids[60:]...)
		time.Sleep(time.Second)
		polled(ids[59])
		time.Sleep(time.Second)
		if b := next(t, subscribe(t, service, watch.Filter{Regions: []string{region}}, watch.Latest, "")); len(b.Snapshot) != len(ids) {
			t.Errorf("a new watch is shown %d instances, want %d", len(b.Snapshot), len(ids))
		}
	})
}

// The freshness noted by another replica is never applied to an older revision,
// whenever it is written.
func TestFreshness_OfRevision(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := newFakeLog()
		log.shared = true
		polled := another(t, log)
		polled("i-1")
		s := subscribe(t, open(t, newFakeCloud(region), log, region), watch.Filter{Regions: []string{region}}, watch.Latest, "")
		old := next(t, s)
		time.Sleep(time.Minute)
		log.mu.Lock()
		log.read = func() { polled("i-2") }
		log.mu.Unlock()
		for range 1000 {
			b, err := s.Next(t.Context(), time.Millisecond)
			if err != nil {
				t.Fatal(err)
			}
			if b.Observed.After(old.Observed) && b.Revision == old.Revision {
				t.Fatalf("observed %s at revision %d, which was found %s", b.Observed, b.Revision, old.Observed)
			}
			if b.Observed.After(old.Observed) {
				return
			}
		}
		t.Error("the newest poll is not told")
	})
}

// A replica that was suspended and does not know that it lost the lease cannot
// write; only the refusal of the log stops it.
func TestFencing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, log := newFakeCloud(region), newFakeLog()
		log.shared = true
		cloud.set(region, "i-1", start)
		service := open(t, cloud, log, region)
		s := subscribe(t, service, watch.Filter{Regions: []string{region}}, watch.EveryChange, "")
		next(t, s)
		// Another process takes the lease away, as if this one had slept.
		log.mu.Lock()
		lease := log.leases["poll/"+region]
		lease.Epoch, lease.Holder, lease.Expires = lease.Epoch+1, "another", time.Now().Add(20*time.Second)
		log.leases["poll/"+region] = lease
		log.mu.Unlock()
		written := log.written()
		cloud.set(region, "i-1", stop)
		service.Touch(region, []string{"i-1"})
		time.Sleep(10 * time.Second)
		if log.written() != written {
			t.Error("wrote without the lease")
		}
		if e := events(t, s); e[0].Change.After.Status != ecs.StatusStopped {
			t.Errorf("after it got the lease back it reports %+v", e)
		}
	})
}

// A lost response of the log is not a lost or repeated change.
func TestAppend_Lost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, log := newFakeCloud(region), newFakeLog()
		cloud.set(region, "i-1", start)
		service := open(t, cloud, log, region)
		s := subscribe(t, service, watch.Filter{Regions: []string{region}}, watch.EveryChange, "")
		next(t, s)
		log.mu.Lock()
		log.lose = true
		log.mu.Unlock()
		cloud.set(region, "i-1", stop)
		if e := events(t, s); len(e) != 1 || e[0].Change.After.Status != ecs.StatusStopped {
			t.Errorf("got %+v", e)
		}
		written := log.written()
		for range 10 {
			if b := next(t, s); len(b.Events) > 0 {
				t.Errorf("then got %+v", b.Events)
			}
		}
		if log.written() != written {
			t.Error("the change was written again")
		}
	})
}

func TestTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, log := newFakeCloud(region, "cn-shanghai"), newFakeLog()
		cloud.set(region, "i-1", start)
		service := open(t, cloud, log, region, "cn-shanghai")
		all := watch.Filter{Regions: []string{region, "cn-shanghai"}}
		token := next(t, subscribe(t, service, all, watch.Latest, "")).Token
		refused := func(name string, f watch.Filter, token string, want ecs.Reason) {
			t.Helper()
			if s, err := service.Watch(t.Context(), &f, watch.Latest, token, watch.Heartbeat{}); !ecs.HasReason(err, want) {
				t.Errorf("%s: %v, want %s", name, err, want)
				if s != nil {
					s.Close()
				}
			}
		}
		reversed := all
		reversed.Regions = slices.Clone(all.Regions)
		slices.Reverse(reversed.Regions)
		subscribe(t, service, reversed, watch.Latest, token) // the order is no part of it
		refused("foreign", all, "bm8gdG9rZW4", ecs.ReasonInvalidResumeToken)
		refused("malformed", all, "%%%", ecs.ReasonInvalidResumeToken)
		for i := range token {
			other := []byte(token)
			if other[i]++; other[i] == token[i] {
				continue
			}
			refused("tampered", all, string(other), ecs.ReasonInvalidResumeToken)
		}
		refused("other filter", watch.Filter{Regions: all.Regions[:1]}, token, ecs.ReasonInvalidResumeToken)
		for range 3 {
			cloud.set(region, "i-1", stop)
			time.Sleep(time.Minute)
			cloud.set(region, "i-1", start)
			time.Sleep(time.Minute)
		}
		log.trim(1)
		refused("expired", all, token, ecs.ReasonResumeTokenExpired)
		other := newFakeLog()
		other.id = "other"
		stranger := open(t, cloud, other, region, "cn-shanghai")
		if _, err := stranger.Watch(t.Context(), &all, watch.Latest, token, watch.Heartbeat{}); !ecs.HasReason(err, ecs.ReasonInvalidResumeToken) {
			t.Errorf("a token of another store: %v", err)
		}
	})
}

// A reader of every change that falls out of the history gets an error.
func TestSlowReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, log := newFakeCloud(region), newFakeLog()
		for _, id := range manyIDs(600) {
			cloud.set(region, id, start)
		}
		service := open(t, cloud, log, region)
		all := watch.Filter{Regions: []string{region}}
		slow, lazy := subscribe(t, service, all, watch.EveryChange, ""), subscribe(t, service, all, watch.Latest, "")
		resumed := subscribe(t, service, all, watch.EveryChange, next(t, slow).Token)
		next(t, resumed)
		next(t, lazy)
		for n := range 3 {
			for _, id := range manyIDs(600) {
				cloud.set(region, id, func(i *ecs.Instance) { i.CPU = int32(n) + 1 })
			}
			time.Sleep(time.Minute)
		}
		log.trim(1)
		for name, s := range map[string]*watch.Subscription{"slow": slow, "resumed": resumed} {
			if _, err := s.Next(t.Context(), heartbeat); !ecs.HasReason(err, ecs.ReasonSlowReader) {
				t.Errorf("the %s reader got %v", name, err)
			}
		}
		// One that wants the latest alone is never cut off for its slowness.
		if e := events(t, lazy); len(e) != 600 || e[0].Skipped != 2 || e[0].Change.After.CPU != 3 {
			t.Errorf("the lazy reader got %d events, the first %+v", len(e), e[0])
		}
	})
}

// A region that cannot be read is reported.
func TestDegraded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, log := newFakeCloud(region, "cn-shanghai"), newFakeLog()
		cloud.set(region, "i-1", start)
		denied := ecs.Errorf(ecs.ReasonCloudPermissionDenied, "denied")
		cloud.fail("cn-shanghai", denied)
		service := open(t, cloud, log, region, "cn-shanghai")
		if _, err := service.Watch(t.Context(), &watch.Filter{Regions: []string{"cn-shanghai"}}, watch.Latest, "", watch.Heartbeat{}); !errors.Is(err, denied) && !ecs.HasReason(err, ecs.ReasonCloudPermissionDenied) {
			t.Errorf("a watch of nothing that can be seen: %v", err)
		}
		s := subscribe(t, service, watch.Filter{Regions: []string{region, "cn-shanghai"}}, watch.Latest, "")
		b := next(t, s)
		if len(b.Degraded) != 1 || b.Degraded[0].RegionID != "cn-shanghai" || b.Degraded[0].Cause.Reason != ecs.ReasonCloudPermissionDenied || !b.Observed.IsZero() {
			t.Errorf("the snapshot says %+v", b.Freshness)
		}
		cloud.fail("cn-shanghai", nil)
		time.Sleep(10 * time.Minute)
		next(t, s)
		if b = next(t, s); len(b.Degraded) != 0 || time.Since(b.Observed) > time.Minute {
			t.Errorf("later the checkpoint says %+v", b.Freshness)
		}
	})
}

func manyIDs(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = "i-" + string(rune('a'+i/26/26)) + string(rune('a'+i/26%26)) + string(rune('a'+i%26))
	}
	return ids
}
