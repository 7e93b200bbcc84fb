package budget_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/cloud/budget"
)

// keep takes a grant that is kept for up to five seconds.
func keep(t *testing.T, b *budget.Budget) *budget.Grant {
	t.Helper()
	g, err := b.Take(t.Context(), key, budget.Ask{Lane: call.Write, Keep: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestKeptGrant_ExpiresAndIsGivenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(map[string]int{key.Action: 1})
		g := keep(t, b)
		began := time.Now()
		take(t, b, call.Write).Passed()
		if waited := time.Since(began); waited != 5*time.Second {
			t.Errorf("the next call waited %s, want until the grant expired after 5s", waited)
		}
		if err := g.Leave(); !errors.Is(err, budget.ErrExpired) {
			t.Errorf("Leave of an expired grant: got %v, want ErrExpired", err)
		}
		g.Unused() // counts for nothing
		if used := b.Use()[0].Granted; used != 1 {
			t.Errorf("%d calls are counted, want the one that left", used)
		}
	})
}

func TestKeptGrant_CountsInTheMinuteInWhichItLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(58 * time.Second)
		b := newBudget(map[string]int{key.Action: 1})
		g := keep(t, b)
		time.Sleep(3 * time.Second) // the next minute
		until := time.Now().Add(time.Second)
		var exhausted *budget.ExhaustedError
		if _, err := b.Take(t.Context(), key, budget.Ask{Lane: call.Write, Until: until}); !errors.As(err, &exhausted) {
			t.Errorf("a call beside the kept grant in its minute: got %v, want Exhausted", err)
		}
		if err := g.Leave(); err != nil {
			t.Errorf("Leave after 3s: %v", err)
		}
		g.Passed()
		if used := b.Use()[0].Granted; used != 1 {
			t.Errorf("%d calls are counted in the second minute, want 1", used)
		}
	})
}

func TestKeptGrant_DoesNotLeaveAfterAThrottle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(nil)
		kept, late, other := keep(t, b), keep(t, b), take(t, b, call.Write)
		other.Throttled(2 * time.Second)
		var exhausted *budget.ExhaustedError
		if err := kept.Leave(); !errors.As(err, &exhausted) || exhausted.RetryAfter != 2*time.Second {
			t.Errorf("Leave while throttled: got %v, want Exhausted for 2s", err)
		}

		kept = keep(t, b) // the probe, after the throttle
		if err := late.Leave(); !errors.As(err, &exhausted) {
			t.Errorf("Leave beside the probe: got %v, want Exhausted", err)
		}
		if err := kept.Leave(); err != nil {
			t.Errorf("Leave of the probe: %v", err)
		}
		kept.Passed()
	})
}

func TestKeptGrant_AtMost256OfAKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(map[string]int{key.Action: 1000})
		grants := make([]*budget.Grant, 256)
		for i := range grants {
			grants[i] = keep(t, b)
		}
		began := time.Now()
		time.AfterFunc(time.Second, func() {
			if err := grants[0].Leave(); err != nil {
				t.Errorf("Leave: %v", err)
			}
		})
		time.AfterFunc(2*time.Second, grants[0].Passed)
		keep(t, b).Unused()
		if waited := time.Since(began); waited != 2*time.Second {
			t.Errorf("the 257th grant came after %s, want when the first call has its outcome after 2s", waited)
		}
	})
}

// A caller with little time waits for an outcome too: it comes before the grants
// expire.
func TestKeptGrant_FullKeyRefusesNobodyWhoCanWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(map[string]int{key.Action: 1000})
		grants := make([]*budget.Grant, 256)
		for i := range grants {
			grants[i] = keep(t, b)
		}
		time.AfterFunc(time.Second, grants[0].Unused)
		began := time.Now()
		brief := func() (*budget.Grant, error) {
			return b.Take(t.Context(), key, budget.Ask{Lane: call.Write, Keep: 5 * time.Second, Until: began.Add(1500 * time.Millisecond)})
		}
		g, err := brief()
		if err != nil || time.Since(began) != time.Second {
			t.Fatalf("got %v after %s, want a grant when another is given back after 1s", err, time.Since(began))
		}
		var exhausted *budget.ExhaustedError
		if _, err := brief(); !errors.As(err, &exhausted) || time.Since(began) != 1500*time.Millisecond {
			t.Errorf("got %v after %s, want Exhausted at the end of the caller's time", err, time.Since(began))
		}
		g.Unused()
	})
}

func TestNoThrottle_AWaiterIsRefusedWhenTheCloudThrottles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(map[string]int{key.Action: 2})
		other := take(t, b, call.Write)
		take(t, b, call.Write).Passed()
		refused := make(chan error, 1)
		go func() {
			_, err := b.Take(t.Context(), key, budget.Ask{Lane: call.Poll, NoThrottle: true})
			refused <- err
		}()
		synctest.Wait() // it waits for the next window
		began := time.Now()
		other.Throttled(10 * time.Second)
		var exhausted *budget.ExhaustedError
		if err := <-refused; !errors.As(err, &exhausted) || exhausted.RetryAfter != 10*time.Second || time.Since(began) != 0 {
			t.Errorf("got %v after %s, want Exhausted for 10s at once", err, time.Since(began))
		}
	})
}
