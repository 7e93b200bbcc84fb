package budget_test

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/cloud/budget"
)

// request is one call of a drawn history.
type request struct {
	after   time.Duration
	lane    call.Lane
	caller  string
	patient bool
	outcome int // 0 passed, 1 failed, 2 throttled, 3 unused
	takes   time.Duration
}

// TestBudget_Invariants draws histories of calls and checks the promises against them:
// never more grants per minute than the rate, lower lanes never above their
// share, nothing while blocked, no grant after the deadline of its call, and
// every call that can wait leaves in the end.
func TestBudget_Invariants(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		rate := rapid.IntRange(1, 12).Draw(rt, "rate")
		requests := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) request {
			return request{
				after:   time.Duration(rapid.IntRange(0, 5000).Draw(rt, "after")) * time.Millisecond,
				lane:    call.Lane(rapid.IntRange(1, 3).Draw(rt, "lane")),
				caller:  rapid.SampledFrom([]string{"a", "b", "c"}).Draw(rt, "caller"),
				patient: rapid.Bool().Draw(rt, "patient"),
				outcome: rapid.SampledFrom([]int{0, 0, 0, 0, 0, 1, 2, 3}).Draw(rt, "outcome"),
				takes:   time.Duration(rapid.IntRange(0, 2000).Draw(rt, "takes")) * time.Millisecond,
			}
		}), 1, 60).Draw(rt, "requests")
		var broken string
		synctest.Test(t, func(t *testing.T) { broken = play(t, rate, requests) })
		if broken != "" {
			rt.Fatal(broken)
		}
	})
}

func play(t *testing.T, rate int, requests []request) (broken string) {
	b := newBudget(map[string]int{key.Action: rate})
	began := time.Now()
	var (
		mu      sync.Mutex
		windows = make(map[time.Time]*[4]int)
		// blocked is until when, since when: in one instant either may be first.
		blocked, since time.Time
		all            sync.WaitGroup
	)
	fail := func(format string, args ...any) {
		if broken == "" {
			broken = fmt.Sprintf(format, args...)
		}
	}
	for i, w := range requests {
		time.Sleep(w.after)
		all.Go(func() {
			ask := budget.Ask{Lane: w.lane, Caller: w.caller}
			if !w.patient {
				ask.Until = time.Now().Add(40 * time.Second)
			}
			g, err := b.Take(t.Context(), key, ask)
			mu.Lock()
			now := time.Now()
			if err != nil {
				if w.patient {
					fail("request %d can wait and got %v", i, err)
				}
				if now.After(ask.Until) {
					fail("request %d was refused %s after it had given up", i, now.Sub(ask.Until))
				}
				mu.Unlock()
				return
			}
			if now.Before(blocked) && now.After(since) {
				fail("request %d left %s before the end of the block", i, blocked.Sub(now))
			}
			if !w.patient && now.After(ask.Until) {
				fail("request %d left after it had given up", i)
			}
			minute := now.Truncate(time.Minute)
			if windows[minute] == nil {
				windows[minute] = new([4]int)
			}
			n := windows[minute]
			n[w.lane]++
			if total := n[1] + n[2] + n[3]; total > rate {
				fail("%d grants in a minute of %d", total, rate)
			}
			if w.lane == call.Poll && n[call.Poll] > max(1, rate/2) {
				fail("poll has %d of %d", n[call.Poll], rate)
			}
			if w.lane == call.Read && n[call.Poll]+n[call.Read] > max(1, rate*8/10) {
				fail("poll and read have %d of %d", n[call.Poll]+n[call.Read], rate)
			}
			mu.Unlock()
			time.Sleep(w.takes)
			switch w.outcome {
			case 0:
				g.Passed()
			case 1:
				g.Failed()
			case 2:
				mu.Lock()
				since = time.Now()
				blocked = since.Truncate(time.Minute).Add(time.Minute)
				mu.Unlock()
				g.Throttled(0)
			case 3:
				mu.Lock()
				if time.Now().Truncate(time.Minute).Equal(minute) {
					n[w.lane]--
				}
				mu.Unlock()
				g.Unused()
			}
		})
	}
	all.Wait()
	// At worst one call per minute passes, and a throttle costs a minute more.
	if worst := time.Duration(2*len(requests)+5) * time.Minute; time.Since(began) > worst+5*time.Second*time.Duration(len(requests)) {
		fail("the last left after %s", time.Since(began))
	}
	return broken
}
