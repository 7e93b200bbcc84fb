package cloud_test

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/cloud"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/simulator"
)

// perMinute is a simulator that takes so many calls of an action a minute, in
// the minutes of the virtual clock.
func perMinute(calls int, action string) simulator.Config {
	return simulator.Config{Rates: []simulator.Rate{{Action: action, Calls: calls, Window: time.Minute}}}
}

// throttles refuses the first calls because of their rate, with a retry delay.
func throttles(first int, retryAfter time.Duration) *stub {
	s := &stub{}
	s.answer = func(w http.ResponseWriter, r *http.Request) {
		if len(s.asked()) > first {
			fine(w, r)
			return
		}
		if retryAfter > 0 {
			w.Header().Set("x-acs-retry-after", strconv.FormatInt(retryAfter.Milliseconds(), 10))
		}
		refuses(http.StatusBadRequest, "Throttling.User", "Request was denied due to user flow control.")(w, r)
	}
	return s
}

func TestRate_LearnedFromThrottling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim, edge := bubbled(t, perMinute(60, "DescribeRegions"), cloud.Config{})
		began := time.Now()
		for time.Since(began) < 10*time.Minute {
			if err := edge.Ping(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		count := sim.Stats().Actions["DescribeRegions"]
		passed := count.Calls - count.Throttled
		if count.Throttled > 10 || passed < 10*40 {
			t.Errorf("in ten minutes of constant demand %d calls passed and %d were throttled; want most of 600, and about one in two minutes", passed, count.Throttled)
		}
	})
}

func TestRate_ThrottledCallWaitsForNextMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(20 * time.Second)
		server := throttles(1, 0)
		edge, _ := overPipes(t, server, cloud.Config{})
		began := time.Now()
		if err := edge.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
		// The servers of one account begin the minute up to two seconds apart.
		if took := time.Since(began); took < 40*time.Second || took > 42*time.Second || len(server.asked()) != 2 {
			t.Errorf("passed after %s and %d calls, want at the next minute, 40 s away, with the second", took, len(server.asked()))
		}
	})
}

func TestRate_NamedWaitHonoured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := throttles(1, 1500*time.Millisecond)
		edge, _ := overPipes(t, server, cloud.Config{})
		began := time.Now()
		if err := edge.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took < 1500*time.Millisecond || took > 1600*time.Millisecond || len(server.asked()) != 2 {
			t.Errorf("passed after %s and %d calls, want after the 1.5 s that x-acs-retry-after names, with the second", took, len(server.asked()))
		}
	})
}

func TestRate_ThrottleOfOneKeyDelaysNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &stub{answer: func(w http.ResponseWriter, r *http.Request) {
			if q := r.URL.Query(); q.Get("Action") == "DescribeInstances" && q.Get("RegionId") == hangzhou {
				refuses(http.StatusBadRequest, "Throttling", "Request was denied due to request throttling.")(w, r)
				return
			}
			fine(w, r)
		}}
		edge, _ := overPipes(t, server, cloud.Config{})
		began := time.Now()
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, throttled := edge.InstancePage(short, hangzhou, ecs.Query{}, "c", 10)
		_, other := edge.InstancePage(t.Context(), shanghai, ecs.Query{}, "c", 10)
		if reasonOf(t, throttled) != ecs.ReasonThrottled || other != nil || edge.Ping(t.Context()) != nil || time.Since(began) != 0 {
			t.Errorf("the throttled region: %v; the other: %v; after %s", throttled, other, time.Since(began))
		}
	})
}

// TestRate_DeadlineBeforeTheNextMinute checks the error that package
// api turns into RESOURCE_EXHAUSTED with RetryInfo.
func TestRate_DeadlineBeforeTheNextMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(20 * time.Second)
		server := throttles(1000, 0)
		edge, _ := overPipes(t, server, cloud.Config{})
		began := time.Now()
		short, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		told := func(what string, err error, want ecs.Reason) {
			t.Helper()
			failure := ecs.AsError(err)
			if failure == nil || failure.Reason != want || failure.Retry != ecs.RetryWait ||
				failure.RetryAfter < 40*time.Second || failure.RetryAfter > 42*time.Second || failure.Effect != ecs.EffectNone {
				t.Errorf("%s got %+v, want %s and to wait for the 40 s to the next minute", what, failure, want)
			}
			if took := time.Since(began); took != 0 {
				t.Errorf("%s was told after %s", what, took)
			}
		}
		// The first meets the throttle, the others the budget.
		told("the throttled call", edge.Ping(short), ecs.ReasonThrottled)
		told("the call after it", edge.Ping(short), ecs.ReasonRateBudgetExhausted)
		if n := len(server.asked()); n != 1 {
			t.Errorf("%d calls reached the cloud, want the one that was throttled", n)
		}
		told("a batched call", edge.Instances(short, hangzhou, []string{"i-1"})[0].Err, ecs.ReasonThrottled)
		told("a batched call after it", edge.Instances(short, hangzhou, []string{"i-2"})[0].Err, ecs.ReasonRateBudgetExhausted)
		if n := len(server.asked()); n != 2 {
			t.Errorf("%d calls reached the cloud, want one throttle for each action", n)
		}
	})
}

func TestRate_PollsLeaveRoomForWrites(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim, edge := bubbled(t, perMinute(100, "DescribeRegions"), cloud.Config{Rates: map[string]int{"DescribeRegions": 100}})
		polls, stop := context.WithCancel(call.InLane(t.Context(), call.Poll))
		var polling sync.WaitGroup
		for range 4 {
			polling.Go(func() {
				for polls.Err() == nil {
					_ = edge.Ping(polls)
				}
			})
		}
		synctest.Wait()
		began := time.Now()
		for range 20 {
			if err := edge.Ping(call.InLane(t.Context(), call.Read)); err != nil {
				t.Fatal(err)
			}
		}
		for range 20 {
			if err := edge.Ping(call.InLane(t.Context(), call.Write)); err != nil {
				t.Fatal(err)
			}
		}
		if waited := time.Since(began); waited != 0 {
			t.Errorf("20 reads and 20 writes waited %s behind polls that use all they can", waited)
		}
		stop()
		polling.Wait()
		if throttled := sim.Stats().Throttled; throttled != 0 {
			t.Errorf("%d calls were throttled under a configured rate", throttled)
		}
	})
}

func TestRate_CallersServedInTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, edge := bubbled(t, simulator.Config{}, cloud.Config{Rates: map[string]int{"DescribeRegions": 10}})
		as := func(caller string) context.Context {
			return call.InLane(call.With(t.Context(), &call.Call{Caller: caller}), call.Write)
		}
		for range 10 { // this minute is used up
			if err := edge.Ping(as("greedy")); err != nil {
				t.Fatal(err)
			}
		}
		ctx, cancel := context.WithCancel(as("greedy"))
		var greedy sync.WaitGroup
		for range 100 { // ten minutes' worth
			greedy.Go(func() { _ = edge.Ping(ctx) })
		}
		synctest.Wait()
		began := time.Now()
		if err := edge.Ping(as("modest")); err != nil {
			t.Error(err)
		}
		if waited := time.Since(began); waited > time.Minute+2*time.Second {
			t.Errorf("a caller's one call waited %s behind another's hundred, want the next minute", waited)
		}
		cancel()
		greedy.Wait()
	})
}

// TestRate_HeldBatchRefusesShortDeadlines: a batch that waits for the next minute,
// because one of its callers can, delays no other caller.
func TestRate_HeldBatchRefusesShortDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := throttles(1, 0)
		edge, _ := overPipes(t, server, cloud.Config{})
		patient, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		waited := make(chan error, 1)
		go func() { waited <- edge.Instances(patient, hangzhou, []string{"i-1"})[0].Err }()
		synctest.Wait() // it met the throttle and is held
		began := time.Now()
		short, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		err := edge.Instances(short, hangzhou, []string{"i-2"})[0].Err
		if failure := ecs.AsError(err); failure == nil || failure.Reason != ecs.ReasonThrottled || failure.RetryAfter < 30*time.Second || time.Since(began) != 0 {
			t.Errorf("got %+v after %s, want THROTTLED at once", failure, time.Since(began))
		}
		if err := <-waited; reasonOf(t, err) != ecs.ReasonInstanceNotFound {
			t.Errorf("the patient one got %v, want the answer: not found", err)
		}
	})
}

// TestRate_ThrottledBatchIsOneThrottle: a refused call for many must not become
// single calls.
func TestRate_ThrottledBatchIsOneThrottle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim, edge := bubbled(t, simulator.Config{}, cloud.Config{})
		ids := seed(t, sim, simulator.Seed{Count: 100})
		fault(t, sim, simulator.Fault{Kind: "throttle", Action: "DescribeInstances", Count: 1})
		for i, result := range edge.Instances(t.Context(), hangzhou, ids) {
			if result.Err != nil || result.Value.ID != ids[i] {
				t.Fatalf("%s: %v", ids[i], result.Err)
			}
		}
		if n := calls(sim, "DescribeInstances"); n != 2 {
			t.Errorf("%d calls for 100 ids and one throttle, want 2", n)
		}

		sim.ResetStats()
		fault(t, sim, simulator.Fault{Kind: "throttle", Action: "DescribeInstances"})
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var all sync.WaitGroup
		for _, id := range ids {
			all.Go(func() {
				err := edge.Instances(short, hangzhou, []string{id})[0].Err
				if reason := reasonOf(t, err); reason != ecs.ReasonThrottled && reason != ecs.ReasonRateBudgetExhausted {
					t.Errorf("%s: %v", id, err)
				}
			})
		}
		all.Wait()
		if n := calls(sim, "DescribeInstances"); n > 2 {
			t.Errorf("100 reads while the cloud throttles made %d calls, want 2 at most", n)
		}
	})
}

func TestObserver_WaitsAndThrottles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen []string
		edge, _ := overPipes(t, throttles(1, time.Second), cloud.Config{Account: "main", Observer: cloud.Observer{
			Started: func(s cloud.CallStart) { seen = append(seen, fmt.Sprint("start ", s.Account, s.Region, s.Action)) },
			Ended: func(e cloud.CallEnd) {
				seen = append(seen, fmt.Sprint("end ", e.Code, e.Throttled, e.Waited >= time.Second))
			},
		}})
		counted := &call.Call{}
		if err := edge.Ping(call.With(t.Context(), counted)); err != nil {
			t.Fatal(err)
		}
		want := fmt.Sprint([]string{"start maincn-hangzhouDescribeRegions", "end Throttling.Usertrue false", "start maincn-hangzhouDescribeRegions", "end false true"})
		if got := fmt.Sprint(seen); got != want {
			t.Errorf("the observer saw\n%s, want\n%s", got, want)
		}
		if counted.CloudCalls() != 2 || counted.Region() != hangzhou {
			t.Errorf("the caller's count is %d in %q, want 2 in %s", counted.CloudCalls(), counted.Region(), hangzhou)
		}
	})
}
