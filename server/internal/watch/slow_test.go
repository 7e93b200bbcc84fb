package watch_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/watch"
)

// overflow is more changes than wait in memory for a reader of every change.
const overflow = 1100

// renumber changes so many instances, all in one poll.
func renumber(cloud *fakeCloud, ids []string, number int) {
	for _, id := range ids {
		cloud.set(region, id, func(i *ecs.Instance) { i.CPU = int32(number) })
	}
	time.Sleep(31 * time.Second)
}

// overflowing is a service and a notified reader of every change, with more
// pending changes than fit in memory.
func overflowing(t *testing.T) (*watch.Service, *fakeCloud, *fakeLog, *watch.Subscription) {
	t.Helper()
	cloud, log := newFakeCloud(region), newFakeLog()
	ids := manyIDs(overflow)
	for _, id := range ids {
		cloud.set(region, id, start)
	}
	service := open(t, cloud, log, region)
	s := subscribe(t, service, watch.Filter{Regions: []string{region}}, watch.EveryChange, "")
	next(t, s)
	renumber(cloud, ids[:10], 1)
	if err := s.Await(t.Context(), time.Hour); err != nil {
		t.Fatal(err)
	}
	renumber(cloud, ids, 2)
	return service, cloud, log, s
}

// all reads so many changes, in order of arrival.
func all(t *testing.T, s *watch.Subscription, want int) {
	t.Helper()
	got, last := 0, int32(0)
	for range 20 {
		b := next(t, s)
		for _, e := range b.Events {
			if e.Change.After.CPU < last || e.Skipped != 0 {
				t.Fatalf("%d after %d, %d skipped", e.Change.After.CPU, last, e.Skipped)
			}
			last = e.Change.After.CPU
		}
		got += len(b.Events)
	}
	if got != want {
		t.Errorf("got %d changes, want %d", got, want)
	}
}

// Changes that arrive between the wait and the read, and exceed the memory, are
// read from the log.
func TestOverflow_BeforeRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, _, _, s := overflowing(t)
		all(t, s, 10+overflow)
	})
}

// A change that arrives while a reader reads the log piece by piece is in the log and
// pending, and is delivered once.
func TestOverflow_ChangeWhileTheLogIsRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, cloud, _, s := overflowing(t)
		ids := manyIDs(5)
		renumber(cloud, ids, 3)
		if piece := next(t, s); piece.Revision != 3 {
			t.Fatalf("the first piece ends at revision %d, want 3 of 4", piece.Revision)
		}
		renumber(cloud, ids, 4)
		all(t, s, 5+5)
	})
}

// A server that ends while a reader has not read the log yet sends it a last
// checkpoint at its position, from which another server resumes.
func TestDrain_BeforeLogIsRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service, cloud, log, s := overflowing(t)
		service.Drain()
		last := next(t, s)
		if len(last.Events) > 0 || last.Revision != 1 {
			t.Errorf("the last checkpoint is at %d behind %d changes, want it at the snapshot's 1", last.Revision, len(last.Events))
		}
		if _, err := s.Next(t.Context(), heartbeat); !ecs.HasReason(err, ecs.ReasonServerDraining) {
			t.Errorf("then it ends with %v", err)
		}
		service.Close()
		other := open(t, cloud, log, region)
		all(t, subscribe(t, other, watch.Filter{Regions: []string{region}}, watch.EveryChange, last.Token), 10+overflow)
	})
}

// A reader that never reads does not slow the others, and costs no more memory
// than its instances or, if it wants every change, its pending changes.
func TestReader_NeverReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, log := newFakeCloud(region), newFakeLog()
		const watched, rounds = 20, 100
		ids := manyIDs(200)
		for _, id := range ids {
			cloud.set(region, id, start)
		}
		service := open(t, cloud, log, region)
		some := watch.Filter{Regions: []string{region}, IDs: ids[:watched]}
		stuck, every := subscribe(t, service, some, watch.Latest, ""), subscribe(t, service, some, watch.EveryChange, "")
		reader := subscribe(t, service, watch.Filter{Regions: []string{region}}, watch.EveryChange, "")
		for _, s := range []*watch.Subscription{stuck, every, reader} {
			next(t, s)
		}
		most := 0
		for n := range rounds {
			renumber(cloud, ids, n+1)
			if b := next(t, reader); len(b.Events) != len(ids) || b.Events[0].Change.After.CPU != int32(n+1) {
				t.Fatalf("in round %d the reader gets %d changes, want %d", n, len(b.Events), len(ids))
			}
			if waits := watch.Waiting(stuck); waits != watched {
				t.Fatalf("in round %d %d changes wait for the one that never reads, who watches %d instances", n, waits, watched)
			}
			most = max(most, watch.Waiting(every))
		}
		if most > watch.MaxQueue || watch.Waiting(every) > 0 {
			t.Errorf("up to %d changes waited, and %d wait, for the one that wants every change", most, watch.Waiting(every))
		}
		if b := next(t, stuck); len(b.Events) != watched || b.Events[0].Skipped != rounds-1 {
			t.Errorf("then it reads %d changes, the first skips %d", len(b.Events), b.Events[0].Skipped)
		}
		got := 0
		for got < watched*rounds {
			got += len(events(t, every))
		}
	})
}

// A heartbeat is due on time even if the reader waits before it reads.
func TestHeartbeat_DueOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, log := newFakeCloud(region), newFakeLog()
		cloud.set(region, "i-1", start)
		s := subscribe(t, open(t, cloud, log, region), watch.Filter{Regions: []string{region}}, watch.Latest, "")
		next(t, s)
		for range 3 {
			began := time.Now()
			if err := s.Await(t.Context(), heartbeat); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Take(t.Context()); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(began); took != heartbeat {
				t.Errorf("a heartbeat of %s took %s", heartbeat, took)
			}
		}
	})
}
