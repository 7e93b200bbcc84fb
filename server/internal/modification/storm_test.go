package modification_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/modification"
)

var (
	histories = flag.Int("histories", 60, "random histories of TestStorm")
	firstSeed = flag.Uint64("seed", 1, "seed of the first history of TestStorm")
)

// Random histories of two replicas over one store: requests that repeat and
// overlap, faults of the cloud, people in the console, and replicas that close
// and start again. A failure prints its seed.
func TestStorm(t *testing.T) {
	most := *histories
	if raceDetector {
		most = min(most, 10)
	}
	for n := range most {
		seed := *firstSeed + uint64(n)
		synctest.Test(t, func(t *testing.T) { storm(t, seed) })
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func storm(t *testing.T, seed uint64) {
	random := rand.New(rand.NewPCG(seed, 0))
	s, c := memoryStore(t), newCloud()
	defer s.Close()
	c.price = yuan(90)
	if random.IntN(2) == 0 {
		c.lag = 90 * time.Second // longer than the settle window
	}
	types := []string{"ecs.c7.large", "ecs.g7.large", "ecs.g7.xlarge"}
	requests := make([]modification.Request, 8)
	for n := range requests {
		to := ledger.Change{InstanceType: types[random.IntN(len(types))]}
		switch random.IntN(3) {
		case 0:
			to = ledger.Change{ChargeType: ecs.ChargeSubscription, Period: ecs.Period{Count: 1, Unit: ecs.Month}}
		case 1:
			to = ledger.Change{ChargeType: ecs.ChargePayAsYouGo}
		}
		requests[n] = request(to, func(q *modification.Request) {
			q.RequestID, q.Fingerprint, q.MaxPrice = fmt.Sprint("q-", n), fmt.Sprint("v1:", n), yuan(300)
		})
	}
	faults := []fault{"", "", "", lostReply, lostRequest, throttled, refused, poisoned}
	for range 40 {
		c.faults = append(c.faults, faults[random.IntN(len(faults))])
	}
	engines := make([]*modification.Engine, 2)
	var mu sync.Mutex
	start := func(n int) {
		mu.Lock()
		defer mu.Unlock()
		engines[n] = modification.New(c, s, quiet)
		engines[n].Start()
	}
	engine := func(n int) *modification.Engine {
		mu.Lock()
		defer mu.Unlock()
		return engines[n]
	}
	start(0)
	start(1)
	var callers sync.WaitGroup
	for range 30 {
		q, on, again := requests[random.IntN(len(requests))], random.IntN(2), random.IntN(2) == 0
		callers.Go(func() {
			_, err := engine(on).Modify(t.Context(), q)
			if err != nil && again {
				time.Sleep(time.Minute)
				_, _ = engine(1-on).Modify(t.Context(), q)
			}
		})
		time.Sleep(time.Duration(random.IntN(40)) * time.Second)
		switch random.IntN(6) {
		case 0:
			n := random.IntN(2)
			engine(n).Close()
			start(n)
		case 1:
			to := types[random.IntN(len(types))]
			c.change(func(i *ecs.Instance) {
				if c.next == nil {
					i.Type = to
				}
			})
		}
	}
	callers.Wait()
	time.Sleep(time.Hour) // what no caller waits for ends too
	for n := range engines {
		engine(n).Close()
	}
	audit(t, c, s, requests)
}

// audit compares the orders of the cloud with the records.
func audit(t *testing.T, c *fakeCloud, records modification.Records, requests []modification.Request) {
	t.Helper()
	tokens := map[string]string{} // by request
	for _, q := range requests {
		m, err := records.ModificationByRequest(t.Context(), q.RequestID)
		if err != nil {
			continue // it was never sent
		}
		if m.State.Live() {
			t.Errorf("%s is %s at the end", q.RequestID, m.State)
		}
		orders := map[string]bool{}
		for _, a := range m.Attempts {
			tokens[a.ClientToken] = q.RequestID
			if order, paid := c.tokens[a.ClientToken]; paid {
				orders[order] = true
			}
		}
		switch {
		case len(orders) > 1:
			t.Errorf("%s has %d orders", q.RequestID, len(orders))
		case m.State == ledger.ModificationFailed && len(orders) != 0:
			t.Errorf("%s FAILED with an order", q.RequestID)
		case m.OrderID != "" && !orders[m.OrderID]:
			t.Errorf("%s names order %s, the cloud has %v", q.RequestID, m.OrderID, orders)
		}
	}
	for token := range c.tokens {
		if tokens[token] == "" {
			t.Errorf("an order has a token of no record: %s", token)
		}
	}
}
