package budget_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/cloud/budget"
)

// workers is how many calls an engine has in progress at most.
const workers = 256

// send makes calls under the budget, many at a time, each with its outcome
// after latency.
func send(ctx context.Context, t *testing.T, b *budget.Budget, q *quota, calls int, latency time.Duration) {
	t.Helper()
	next := make(chan struct{}, calls)
	for range calls {
		next <- struct{}{}
	}
	close(next)
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for range next {
				for {
					g, err := b.Take(ctx, key, budget.Ask{Lane: call.Write})
					if err != nil {
						return
					}
					passed := q.enter()
					time.Sleep(latency)
					if passed {
						g.Passed()
						break
					}
					g.Throttled(0)
				}
			}
		})
	}
	all.Wait()
}

// enter counts a call as it enters the cloud.
func (q *quota) enter() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if m := time.Now().Truncate(time.Minute); !m.Equal(q.minute) {
		q.minute, q.passed = m, 0
	}
	if q.passed >= q.limit {
		q.throttled++
		return false
	}
	q.passed++
	return true
}

func TestUnknownLimit_AtMostTenCallsAreThrottled(t *testing.T) {
	for _, limit := range []int{5, 60, 300} {
		synctest.Test(t, func(t *testing.T) {
			b, q := newBudget(nil), &quota{limit: limit}
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute-time.Second)
			defer cancel()
			var throttled, passed [3]int
			var watching sync.WaitGroup
			watching.Go(func() {
				for minute := range 3 {
					time.Sleep(59 * time.Second)
					q.mu.Lock()
					throttled[minute], passed[minute] = q.throttled, q.passed
					q.throttled = 0
					q.mu.Unlock()
					time.Sleep(time.Second)
				}
			})
			send(ctx, t, b, q, 4*limit+workers, 50*time.Millisecond)
			watching.Wait()
			if throttled[0] == 0 || throttled[0] > 10 {
				t.Errorf("limit %d: %d calls were throttled in the first minute, want 1 to 10", limit, throttled[0])
			}
			for minute := 1; minute < 3; minute++ {
				if throttled[minute] > 10 {
					t.Errorf("limit %d: %d calls were throttled in minute %d, want 10 at most", limit, throttled[minute], minute+1)
				}
				if limit > 10 && passed[minute] < limit*95/100 {
					t.Errorf("limit %d: %d calls passed in minute %d, want 95 %%", limit, passed[minute], minute+1)
				}
			}
		})
	}
}

func TestNoLimit_SlowStartCostsSecondsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, q := newBudget(nil), &quota{limit: 1 << 30}
		ideal := 10_000 / workers * 50 * time.Millisecond
		began := time.Now()
		send(t.Context(), t, b, q, 10_000, 50*time.Millisecond)
		first := time.Since(began)
		if first > ideal+3*time.Second {
			t.Errorf("the first 10,000 calls took %s, want 3 s more than %s at most", first, ideal)
		}
		time.Sleep(time.Minute)
		began = time.Now()
		send(t.Context(), t, b, q, 10_000, 50*time.Millisecond)
		if again := time.Since(began); again > ideal+100*time.Millisecond {
			t.Errorf("the next 10,000 calls took %s, want %s", again, ideal)
		}
		t.Logf("10,000 calls: %s at first, ideal %s", first, ideal)
	})
}

func TestConfiguredLimit_HasNoSlowStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, q := newBudget(map[string]int{key.Action: 10_000}), &quota{limit: 10_000}
		began := time.Now()
		send(t.Context(), t, b, q, workers, time.Second)
		if took := time.Since(began); took != time.Second {
			t.Errorf("%d calls at once took %s, want 1s", workers, took)
		}
	})
}

// A slow call has entered, too: it holds no other back.
func TestSlowCloud_DoesNotHoldBackTheSlowStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, q := newBudget(nil), &quota{limit: 1 << 30}
		began := time.Now()
		send(t.Context(), t, b, q, workers, 30*time.Second)
		if took := time.Since(began); took > 37*time.Second {
			t.Errorf("%d calls of 30s took %s, want 7s more at most", workers, took)
		}
	})
}

func TestShares_AGreedyCallerLeavesHalf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(map[string]int{key.Action: 120})
		ctx, cancel := context.WithCancel(t.Context())
		var greedy sync.WaitGroup
		served := 0
		var mu sync.Mutex
		for range 100 {
			greedy.Go(func() {
				for {
					g, err := b.Take(ctx, key, budget.Ask{Lane: call.Write, Caller: "greedy"})
					if err != nil {
						return
					}
					mu.Lock()
					served++
					mu.Unlock()
					time.Sleep(10 * time.Millisecond)
					g.Passed()
				}
			})
		}
		modest, refused := 0, 0
		for range 3 * 120 { // three minutes, a call each half second
			until := time.Now().Add(500 * time.Millisecond)
			g, err := b.Take(ctx, key, budget.Ask{Lane: call.Write, Caller: "modest", Until: until})
			var exhausted *budget.ExhaustedError
			switch {
			case err == nil:
				modest++
				g.Passed()
			case errors.As(err, &exhausted):
				refused++
			default:
				t.Fatal(err)
			}
			time.Sleep(time.Until(until))
		}
		cancel()
		greedy.Wait()
		// In the first minute it was not known to come.
		if modest < 2*60-5 {
			t.Errorf("the modest caller got %d calls in three minutes (%d refused), want half of two minutes", modest, refused)
		}
		if total := modest + served; total < 3*120-10 {
			t.Errorf("%d calls left in three minutes of 120, want all", total)
		}
	})
}

// A caller that does not come back costs no calls: its share is taken in the
// last quarter of the minute.
func TestShares_UnusedShareIsTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(map[string]int{key.Action: 100})
		g, err := b.Take(t.Context(), key, budget.Ask{Lane: call.Write, Caller: "gone"})
		if err != nil {
			t.Fatal(err)
		}
		g.Passed()
		time.Sleep(time.Minute)
		began := time.Now()
		for n := range 100 {
			g, err := b.Take(t.Context(), key, budget.Ask{Lane: call.Write, Caller: "here"})
			if err != nil {
				t.Fatal(err)
			}
			g.Passed()
			if n == 49 && time.Since(began) != 0 {
				t.Errorf("the own half came after %s, want at once", time.Since(began))
			}
		}
		if took := time.Since(began); took != 45*time.Second {
			t.Errorf("the whole minute's calls came after %s, want 45s", took)
		}
	})
}

func TestWaiters_EachLaneHasItsOwnBound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := budget.New(budget.Config{Rates: map[string]int{key.Action: 1}, MaxWaiters: 3, Jitter: noJitter})
		take(t, b, call.Write).Passed()
		var all sync.WaitGroup
		wait := func(lane call.Lane, caller string, crowded bool) {
			all.Go(func() {
				_, err := b.Take(t.Context(), key, budget.Ask{Lane: lane, Caller: caller})
				var exhausted *budget.ExhaustedError
				if got := errors.As(err, &exhausted) && exhausted.Crowded; got != crowded {
					t.Errorf("lane %d of %s: got %v, crowded %t", lane, caller, err, crowded)
				}
			})
			synctest.Wait()
		}
		wait(call.Read, "reader", false)
		wait(call.Read, "reader", false)
		wait(call.Read, "reader", true) // the modest caller displaces it
		wait(call.Read, "modest", false)
		wait(call.Read, "reader", true)
		wait(call.Write, "writer", false) // the reads are not in its way
		b.Close()
		all.Wait()
	})
}
