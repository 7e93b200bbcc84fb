package watch_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/watch"
)

// beats records the times of heartbeats since it was created.
type beats struct {
	began time.Time
	at    []string
}

func (b *beats) every(interval time.Duration) watch.Heartbeat {
	b.began = time.Now()
	return watch.Heartbeat{Interval: interval, Send: func() error {
		b.at = append(b.at, time.Since(b.began).String())
		return nil
	}}
}

// A watch that waits for the first poll of its region sends heartbeats.
func TestHeartbeat_BeforeFirstPoll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := newFakeCloud(region)
		cloud.takes = 5500 * time.Millisecond
		cloud.set(region, "i-1", start)
		service := open(t, cloud, newFakeLog(), region)
		var b beats
		s, err := service.Watch(t.Context(), &watch.Filter{Regions: []string{region}}, watch.Latest, "", b.every(2*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if want := []string{"2s", "4s"}; !slices.Equal(b.at, want) {
			t.Errorf("heartbeats at %v, want %v", b.at, want)
		}
	})
}

// A watch that gets no turn for a snapshot within 30 s sends heartbeats
// while it waits, counts as a watch, and ends with an error that states its
// place in the queue and when the present queue has ended.
func TestHeartbeat_QueueForSnapshot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := newFakeCloud(region)
		cloud.set(region, "i-1", start)
		service := open(t, cloud, newFakeLog(), region)
		all := watch.Filter{Regions: []string{region}}
		for range watch.MaxSnapshots {
			subscribe(t, service, all, watch.Latest, "")
		}
		time.Sleep(5 * time.Second) // no slot is given back as the queue times out
		const ahead = 4 * watch.MaxSnapshots
		for range ahead {
			go func() {
				if s, err := service.Watch(t.Context(), &all, watch.Latest, "", watch.Heartbeat{}); err == nil {
					defer s.Close()
					<-t.Context().Done()
				}
			}()
		}
		synctest.Wait()
		if got, want := service.Stats().Watches, ahead+watch.MaxSnapshots; got != want {
			t.Errorf("%d watches are counted while most of them wait, want %d", got, want)
		}
		var b beats
		_, err := service.Watch(t.Context(), &all, watch.Latest, "", b.every(10*time.Second))
		if waited := time.Since(b.began); waited != 30*time.Second {
			t.Errorf("the watch waited %s, want 30s", waited)
		}
		if len(b.at) < 2 || b.at[0] != "10s" || b.at[1] != "20s" {
			t.Errorf("heartbeats at %v, want at 10s and 20s", b.at)
		}
		var e *ecs.Error
		if !errors.As(err, &e) || e.Reason != ecs.ReasonServerOverloaded {
			t.Fatalf("the watch gets %v, want SERVER_OVERLOADED", err)
		}
		if want := fmt.Sprintf("number %d in the queue", ahead+1); !strings.Contains(e.Message, want) {
			t.Errorf("the error is %q, want it to contain %q", e.Message, want)
		}
		// Up to 1,001 watches wait: each slot is free after 10 s.
		if e.RetryAfter < 10*time.Second || e.RetryAfter > 30*time.Second {
			t.Errorf("retry after %s, want 10s to 30s", e.RetryAfter)
		}
		time.Sleep(time.Second)
		if got, want := service.Stats().Watches, ahead+watch.MaxSnapshots; got > want {
			t.Errorf("%d watches are counted after the error, want at most %d", got, want)
		}
	})
}

// A watch that waits until the log may be read sends a checkpoint at its
// position as a heartbeat, and continues without a loss.
func TestHeartbeat_QueueForReplay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, log := newFakeCloud(region), newFakeLog()
		ids := manyIDs(10 + overflow)
		for _, id := range ids {
			cloud.set(region, id, start)
		}
		service := open(t, cloud, log, region)
		s, err := service.Watch(t.Context(), &watch.Filter{Regions: []string{region}}, watch.EveryChange, "", watch.Heartbeat{Interval: 5 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		began := next(t, s)
		renumber(cloud, ids, 1)
		time.Sleep(time.Minute)
		free := watch.HoldReaders(service)
		before := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		b, err := s.Next(ctx, heartbeat)
		if err != nil {
			free()
			t.Fatal(err)
		}
		if waited := time.Since(before); waited != 5*time.Second {
			t.Errorf("the first message came after %s, want after the heartbeat of 5s", waited)
		}
		if b.Revision != began.Revision || len(b.Events) != 0 || b.Observed != began.Observed {
			t.Errorf("the heartbeat is at revision %d as of %s with %d events, want %d, %s and none", b.Revision, b.Observed, len(b.Events), began.Revision, began.Observed)
		}
		free()
		got := map[string]bool{}
		for range 20 {
			for _, e := range next(t, s).Events {
				got[e.Change.InstanceID] = true
			}
		}
		if len(got) != len(ids) {
			t.Errorf("%d instances are reported as changed after the wait, want %d", len(got), len(ids))
		}
	})
}
