package budget_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/cloud/budget"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var key = budget.Key{Region: "cn-hangzhou", Action: "DescribeInstances"}

func noJitter(time.Duration) time.Duration { return 0 }

func newBudget(rates map[string]int) *budget.Budget {
	return budget.New(budget.Config{Rates: rates, Jitter: noJitter})
}

// quota is a cloud that takes so many calls in each minute of its clock.
type quota struct {
	mu        sync.Mutex
	limit     int
	minute    time.Time
	passed    int
	throttled int
}

// call makes one call under a grant and reports its outcome.
func (q *quota) call(g *budget.Grant) bool {
	q.mu.Lock()
	if m := time.Now().Truncate(time.Minute); !m.Equal(q.minute) {
		q.minute, q.passed = m, 0
	}
	ok := q.passed < q.limit
	if ok {
		q.passed++
	} else {
		q.throttled++
	}
	q.mu.Unlock()
	if ok {
		g.Passed()
	} else {
		g.Throttled(0)
	}
	return ok
}

func take(t *testing.T, b *budget.Budget, lane call.Lane) *budget.Grant {
	t.Helper()
	g, err := b.Take(t.Context(), key, budget.Ask{Lane: lane})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestLearn_UnlimitedBeforeThrottle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, began := newBudget(nil), time.Now()
		for range 10_000 {
			take(t, b, call.Poll).Passed()
		}
		if waited := time.Since(began); waited != 0 {
			t.Errorf("10,000 calls waited %s", waited)
		}
	})
}

func TestThrottle_HoldsUntilNextMinuteThenProbes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(10 * time.Second) // some way into a minute
		b := newBudget(nil)
		take(t, b, call.Read).Throttled(0)
		began := time.Now()
		next := began.Truncate(time.Minute).Add(time.Minute)
		var (
			mu   sync.Mutex
			left []time.Time
			all  sync.WaitGroup
		)
		for range 5 {
			all.Go(func() {
				g := take(t, b, call.Read)
				mu.Lock()
				left = append(left, time.Now())
				mu.Unlock()
				time.Sleep(100 * time.Millisecond) // the cloud's time
				g.Passed()
			})
		}
		all.Wait()
		if !left[0].Equal(next) {
			t.Errorf("the first call left at %s, want at the next minute %s", left[0], next)
		}
		for i := 1; i < len(left); i++ {
			if left[i].Sub(left[0]) < 100*time.Millisecond {
				t.Errorf("call %d left with the probe, before its answer", i)
			}
		}
	})
}

func TestThrottle_NamedWaitHonoured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(nil)
		take(t, b, call.Read).Throttled(1500 * time.Millisecond)
		began := time.Now()
		take(t, b, call.Read).Passed()
		if waited := time.Since(began); waited != 1500*time.Millisecond {
			t.Errorf("waited %s, want the 1.5 s that the cloud named", waited)
		}
	})
}

func TestLearn_LimitGrowsSlowly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, cloud := newBudget(nil), &quota{limit: 100}
		demand := func(d time.Duration) (passed int) {
			for end := time.Now().Add(d); time.Now().Before(end); {
				if cloud.call(take(t, b, call.Write)) {
					passed++
				}
			}
			return passed
		}
		passed := demand(30 * time.Minute)
		if cloud.throttled > 15 {
			t.Errorf("%d throttles in half an hour of constant demand, want one in two minutes at most", cloud.throttled)
		}
		if passed < 30*85 {
			t.Errorf("%d calls passed in half an hour, want most of the %d that the cloud takes", passed, 30*100)
		}
	})
}

func TestLearn_OtherUseHalvesLimitOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, cloud := newBudget(nil), &quota{limit: 100}
		for range 101 { // learns 100
			cloud.call(take(t, b, call.Write))
		}
		cloud.limit = 3 // another program has taken the rest of the minute
		for range 4 {
			cloud.call(take(t, b, call.Write))
		}
		cloud.limit = 100
		n := 0
		take(t, b, call.Write).Passed() // waits for the next minute
		for began := time.Now(); time.Since(began) < time.Second; n++ {
			cloud.call(take(t, b, call.Write))
		}
		if n < 50 {
			t.Errorf("%d calls left in the minute after, want half of the 100 learned before", n)
		}
	})
}

// TestLearn_FirstThrottleSoonRegained begins in a minute of which other programs
// have left nothing.
func TestLearn_FirstThrottleSoonRegained(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, cloud := newBudget(nil), &quota{limit: 200, minute: time.Now().Truncate(time.Minute), passed: 200}
		cloud.call(take(t, b, call.Write))
		began, n := time.Now(), 0
		for ; time.Since(began) < 6*time.Minute; n++ {
			cloud.call(take(t, b, call.Write))
		}
		if want := 10 + 20 + 40 + 80 + 160; n < want {
			t.Errorf("%d calls left in the five minutes after, want %d", n, want)
		}
		if cloud.throttled > 2 {
			t.Errorf("%d throttles, want the first and one at the limit", cloud.throttled)
		}
	})
}

func TestTake_WaitPastDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(20 * time.Second)
		b, began := newBudget(nil), time.Now()
		take(t, b, call.Read).Throttled(0)
		_, err := b.Take(t.Context(), key, budget.Ask{Lane: call.Read, Until: began.Add(30 * time.Second)})
		var exhausted *budget.ExhaustedError
		if !errors.As(err, &exhausted) || time.Since(began) != 0 {
			t.Fatalf("got %v after %s, want Exhausted at once", err, time.Since(began))
		}
		if next := began.Truncate(time.Minute).Add(time.Minute).Sub(began); exhausted.RetryAfter != next {
			t.Errorf("RetryAfter is %s, want %s", exhausted.RetryAfter, next)
		}
	})
}

func TestTake_WaitKnownTooLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(10 * time.Second)
		b := newBudget(nil)
		take(t, b, call.Read).Throttled(time.Second)
		probe := make(chan *budget.Grant, 1)
		go func() { probe <- take(t, b, call.Read) }()
		synctest.Wait()
		result := make(chan error, 1)
		go func() {
			_, err := b.Take(t.Context(), key, budget.Ask{Lane: call.Read, Until: time.Now().Add(20 * time.Second)})
			result <- err
		}()
		g := <-probe
		throttled := time.Now()
		g.Throttled(0) // now it is the next minute, 49 s away
		err := <-result
		var exhausted *budget.ExhaustedError
		if !errors.As(err, &exhausted) || time.Since(throttled) != 0 {
			t.Errorf("got %v after %s, want Exhausted at once", err, time.Since(throttled))
		}
	})
}

func TestTake_BehindProbeAtDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(nil)
		take(t, b, call.Read).Throttled(time.Second)
		probe := take(t, b, call.Read) // and no response for long
		began := time.Now()
		_, err := b.Take(t.Context(), key, budget.Ask{Lane: call.Read, Until: began.Add(3 * time.Second)})
		var exhausted *budget.ExhaustedError
		if !errors.As(err, &exhausted) || time.Since(began) != 3*time.Second {
			t.Errorf("got %v after %s, want Exhausted after 3 s", err, time.Since(began))
		}
		probe.Passed()
		take(t, b, call.Read).Passed()
	})
}

func TestLanes_RoomForWrites(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(map[string]int{key.Action: 10})
		room := func(lane call.Lane) (n int) {
			for {
				g, err := b.Take(t.Context(), key, budget.Ask{Lane: lane, Until: time.Now().Add(time.Second)})
				if err != nil {
					return n
				}
				g.Passed()
				n++
			}
		}
		if poll, read, write := room(call.Poll), room(call.Read), room(call.Write); poll != 5 || read != 3 || write != 2 {
			t.Errorf("of 10 calls poll got %d, read %d more, write %d more; want 5, 3, 2", poll, read, write)
		}
	})
}

func TestTake_CallersTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(map[string]int{key.Action: 2})
		take(t, b, call.Write).Passed()
		take(t, b, call.Write).Passed()
		var (
			mu    sync.Mutex
			order []string
			all   sync.WaitGroup
		)
		ask := func(caller string) {
			all.Go(func() {
				g, err := b.Take(t.Context(), key, budget.Ask{Lane: call.Write, Caller: caller})
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				order = append(order, caller)
				mu.Unlock()
				g.Passed()
			})
			synctest.Wait()
		}
		for range 20 {
			ask("greedy")
		}
		ask("modest")
		all.Wait()
		for i, caller := range order {
			if caller == "modest" && i > 1 {
				t.Errorf("the modest caller left as number %d behind a greedy one, want 2 at the latest", i+1)
			}
		}
	})
}

func TestTake_Cancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(map[string]int{key.Action: 1})
		take(t, b, call.Write).Passed()
		ctx, cancel := context.WithCancel(t.Context())
		result := make(chan error, 1)
		go func() {
			_, err := b.Take(ctx, key, budget.Ask{Lane: call.Write, Caller: "a"})
			result <- err
		}()
		synctest.Wait()
		cancel()
		if err := <-result; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want Canceled", err)
		}
		began := time.Now()
		take(t, b, call.Write).Passed()
		if waited := time.Since(began); waited > time.Minute+time.Second {
			t.Errorf("the next waited %s: the cancelled one took its call", waited)
		}
	})
}

func TestTake_QueueAheadCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(map[string]int{key.Action: 10})
		for range 10 {
			take(t, b, call.Write).Passed()
		}
		ctx, cancel := context.WithCancel(t.Context())
		var all sync.WaitGroup
		for range 20 { // two minutes' worth
			all.Go(func() { _, _ = b.Take(ctx, key, budget.Ask{Lane: call.Write, Caller: "greedy"}) })
		}
		synctest.Wait()
		began := time.Now()
		until := began.Add(90 * time.Second)
		var exhausted *budget.ExhaustedError
		if _, err := b.Take(t.Context(), key, budget.Ask{Lane: call.Write, Caller: "greedy", Until: until}); !errors.As(err, &exhausted) || time.Since(began) != 0 {
			t.Errorf("the 21st of a caller got %v after %s, want Exhausted at once", err, time.Since(began))
		} else if exhausted.RetryAfter != 3*time.Minute {
			t.Errorf("RetryAfter is %s, want the three minutes of those before", exhausted.RetryAfter)
		}
		if _, err := b.Take(t.Context(), key, budget.Ask{Lane: call.Write, Caller: "modest", Until: until}); err != nil || time.Since(began) > time.Minute+time.Second {
			t.Errorf("the first of another got %v after %s, want the next minute", err, time.Since(began))
		}
		cancel()
		all.Wait()
	})
}

func TestTake_QueueBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := budget.New(budget.Config{Rates: map[string]int{key.Action: 1}, MaxWaiters: 3, Jitter: noJitter})
		take(t, b, call.Write).Passed()
		var all sync.WaitGroup
		for i := range 3 {
			all.Go(func() {
				if _, err := b.Take(t.Context(), key, budget.Ask{Lane: call.Write, Caller: fmt.Sprint(i)}); !errors.Is(err, budget.ErrClosed) {
					t.Errorf("got %v, want ErrClosed at Close", err)
				}
			})
		}
		synctest.Wait()
		var exhausted *budget.ExhaustedError
		if _, err := b.Take(t.Context(), key, budget.Ask{Lane: call.Write}); !errors.As(err, &exhausted) || !exhausted.Crowded {
			t.Errorf("got %v, want Exhausted because it is crowded", err)
		}
		b.Close()
		all.Wait()
	})
}
