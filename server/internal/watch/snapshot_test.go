package watch_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/watch"
)

// pagesOfTwo encodes two items per page as their IDs, and counts its calls.
func pagesOfTwo(calls *int) func([]watch.Item) (any, int) {
	return func(items []watch.Item) (any, int) {
		*calls++
		var ids []string
		for _, item := range items[:min(2, len(items))] {
			ids = append(ids, item.Instance.ID)
		}
		return ids, len(ids)
	}
}

// Watches of one filter that begin at one revision share their encoded pages;
// after a change the next watch gets the new state.
func TestSnapshot_EncodedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, log := newFakeCloud(region), newFakeLog()
		ids := manyIDs(5)
		for _, id := range ids {
			cloud.set(region, id, start)
		}
		service := open(t, cloud, log, region)
		all := watch.Filter{Regions: []string{region}}
		calls := 0
		var pages []*watch.Page // held, as by a stream that sends them
		for range 3 {
			b := next(t, subscribe(t, service, all, watch.Latest, ""))
			var got []string
			for at := 0; at < len(b.Snapshot); {
				page := b.Page(at, pagesOfTwo(&calls))
				pages = append(pages, page)
				got = append(got, page.Message.([]string)...)
				at = page.End
			}
			if !slices.Equal(got, ids) {
				t.Errorf("the pages hold %v, want %v", got, ids)
			}
		}
		if calls != 3 {
			t.Errorf("three watches encoded %d pages, want 3", calls)
		}
		if pages[0] != pages[3] || pages[2] != pages[8] {
			t.Error("the watches have pages of their own")
		}
		cloud.set(region, ids[0], stop)
		time.Sleep(time.Minute)
		b := next(t, subscribe(t, service, all, watch.Latest, ""))
		if got := b.Snapshot[0].Instance.Status; got != ecs.StatusStopped {
			t.Errorf("after the change a snapshot shows %v", got)
		}
	})
}

// A watch that begins while too many snapshots are being sent waits for one of
// them, or until the slowest of them lose their slots.
func TestSnapshot_Limit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := newFakeCloud(region)
		cloud.set(region, "i-1", start)
		service := open(t, cloud, newFakeLog(), region)
		all := watch.Filter{Regions: []string{region}}
		time.Sleep(time.Second)
		var first *watch.Subscription
		for range watch.MaxSnapshots {
			first = subscribe(t, service, all, watch.Latest, "")
			next(t, first)
		}
		began := time.Now()
		subscribed := make(chan time.Duration, 2)
		subscribeLater := func() {
			s, err := service.Watch(t.Context(), &all, watch.Latest, "", watch.Heartbeat{})
			if err != nil {
				t.Error(err)
			} else {
				defer s.Close()
			}
			subscribed <- time.Since(began)
		}
		go subscribeLater()
		time.Sleep(time.Second)
		if err := first.Await(t.Context(), time.Millisecond); err != nil { // its snapshot was sent
			t.Fatal(err)
		}
		if waited := <-subscribed; waited.Round(10*time.Millisecond) != time.Second {
			t.Errorf("a watch waited %s for a slot, want 1s", waited)
		}
		fill := subscribe(t, service, all, watch.Latest, "")
		next(t, fill)
		go subscribeLater()
		if waited := <-subscribed; waited.Round(time.Second) != 10*time.Second {
			t.Errorf("a watch waited %s while no snapshot is read, want 10s", waited)
		}
	})
}

// A watch that waits for a slot ends when the server drains, and when its
// caller gives up.
func TestSnapshot_WaitEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := newFakeCloud(region)
		service := open(t, cloud, newFakeLog(), region)
		all := watch.Filter{Regions: []string{region}}
		for range watch.MaxSnapshots {
			subscribe(t, service, all, watch.Latest, "")
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := service.Watch(ctx, &all, watch.Latest, "", watch.Heartbeat{}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a caller that gives up gets %v", err)
		}
		began := time.Now()
		time.AfterFunc(time.Second, service.Drain)
		if _, err := service.Watch(t.Context(), &all, watch.Latest, "", watch.Heartbeat{}); !ecs.HasReason(err, ecs.ReasonServerDraining) {
			t.Errorf("a watch that waits at drain gets %v", err)
		}
		if waited := time.Since(began); waited != time.Second {
			t.Errorf("a watch that waits ends %s after it began, want with the drain after 1s", waited)
		}
	})
}
