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

// labelled follows the messages of a watch and checks their labels: the state
// of the instance must be at least as new as the observed time.
type labelled struct {
	cpu      int32
	observed time.Time
}

// take applies a batch. changed holds when the instance got each value of CPU.
func (l *labelled) take(t *testing.T, name string, b watch.Batch, changed []time.Time) {
	t.Helper()
	for _, item := range b.Snapshot {
		l.cpu = item.Instance.CPU
	}
	for _, e := range b.Events {
		l.cpu = e.Change.After.CPU
	}
	if b.Observed.Before(l.observed) {
		t.Errorf("%s: the observed time falls from %s to %s", name, l.observed, b.Observed)
	}
	l.observed = b.Observed
	if next := int(l.cpu) + 1; next < len(changed) && b.Observed.After(changed[next]) {
		t.Errorf("%s: CPU %d at revision %d is labelled as observed %s after CPU %d began", name, l.cpu, b.Revision, b.Observed.Sub(changed[next]), next)
	}
}

// A checkpoint of a reader that is behind, or that resumed, is not labelled
// with the freshness of a state that it does not have yet. Readers of any speed
// reconnect at random moments while the instance changes.
func TestObserved_OfReadersThatAreBehind(t *testing.T) {
	for seed := range uint64(8) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { reconnectStorm(t, rand.New(rand.NewPCG(seed, 7))) })
		})
	}
}

func reconnectStorm(t *testing.T, random *rand.Rand) {
	cloud, log := newFakeCloud(region), newFakeLog()
	log.shared = true
	cloud.set(region, "i-0", start) // CPU 0
	changed := []time.Time{time.Now()}
	services := []*watch.Service{open(t, cloud, log, region)}
	time.Sleep(time.Second)
	services = append(services, open(t, cloud, log, region))
	type reader struct {
		labelled
		name     string
		delivery watch.Delivery
		s        *watch.Subscription
		token    string
		wait     int // rounds until it reads again
	}
	var readers []*reader
	for n := range 20 {
		readers = append(readers, &reader{name: fmt.Sprint("reader ", n), delivery: watch.Delivery(n % 2)})
	}
	all := watch.Filter{Regions: []string{region}}
	batches := 0
	for range 120 {
		cloud.set(region, "i-0", func(i *ecs.Instance) { i.CPU = int32(len(changed)) })
		changed = append(changed, time.Now())
		if random.IntN(3) == 0 {
			services[random.IntN(2)].Touch(region, []string{"i-0"})
		}
		time.Sleep(time.Duration(random.IntN(20_000)) * time.Millisecond)
		for _, r := range readers {
			if r.wait--; r.wait > 0 {
				continue
			}
			r.wait = random.IntN(6)
			if r.s == nil || random.IntN(3) == 0 {
				if r.s != nil {
					r.s.Close()
				}
				var err error
				if r.s, err = services[random.IntN(2)].Watch(t.Context(), &all, r.delivery, r.token, watch.Heartbeat{}); err != nil {
					t.Fatal(err)
				}
				if random.IntN(2) == 0 {
					time.Sleep(time.Duration(random.IntN(40_000)) * time.Millisecond) // slow before its first read
				}
			}
			for range 1 + random.IntN(3) {
				b, err := r.s.Next(t.Context(), time.Millisecond)
				if err != nil {
					t.Fatal(err)
				}
				batches++
				r.token = b.Token
				r.take(t, r.name, b, changed)
			}
		}
	}
	for _, r := range readers {
		if r.s == nil {
			continue
		}
		for range 3 {
			b, err := r.s.Next(t.Context(), time.Minute)
			if err != nil {
				t.Fatal(err)
			}
			r.take(t, r.name, b, changed)
		}
		if time.Since(r.observed) > 2*time.Minute {
			t.Errorf("%s caught up and is labelled as observed %s ago", r.name, time.Since(r.observed))
		}
		r.s.Close()
	}
	if batches < 500 {
		t.Errorf("only %d batches were read", batches)
	}
}

// A checkpoint in the middle of the history keeps the freshness of its resume
// token.
func TestObserved_WhileTheHistoryIsRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, log := newFakeCloud(region), newFakeLog()
		ids := manyIDs(600)
		for _, id := range ids {
			cloud.set(region, id, start)
		}
		service := open(t, cloud, log, region)
		all := watch.Filter{Regions: []string{region}}
		s := subscribe(t, service, all, watch.EveryChange, "")
		begun := next(t, s)
		for n := range 4 {
			renumber(cloud, ids, n+1)
			time.Sleep(time.Minute)
		}
		r := subscribe(t, service, all, watch.EveryChange, begun.Token)
		joined := time.Now()
		renumber(cloud, ids, 9) // pending while the history is read
		time.Sleep(2 * time.Minute)
		for n := range 10 {
			b := next(t, r)
			last := b.Events[len(b.Events)-1].Change.After.CPU
			switch {
			case last < 4 && !b.Observed.Equal(begun.Observed):
				t.Errorf("batch %d, in the middle of the history, is observed %s, want %s as its token", n, b.Observed, begun.Observed)
			case last == 4 && (b.Observed.After(joined) || joined.Sub(b.Observed) > time.Minute):
				t.Errorf("batch %d, at the end of the history, is observed %s, want the newest poll before %s", n, b.Observed, joined)
			case last == 9:
				if time.Since(b.Observed) > time.Minute {
					t.Errorf("the newest batch is observed %s ago", time.Since(b.Observed))
				}
				return
			}
		}
		t.Error("the newest change is not delivered")
	})
}
