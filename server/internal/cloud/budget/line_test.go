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

// occupy takes all connections of a line for so long.
func occupy(t *testing.T, l *budget.Line, connections int, took time.Duration) {
	t.Helper()
	for range connections {
		if err := l.Enter(t.Context(), budget.Ask{Lane: call.Read, Caller: "greedy"}); err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(took, func() { l.Leave(took) })
	}
}

func TestLine_RefusesLateCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := budget.NewLine(1)
		var exhausted *budget.ExhaustedError
		short := budget.Ask{Lane: call.Read, Until: time.Now().Add(2 * time.Second), Need: 3 * time.Second}
		if err := l.Enter(t.Context(), short); !errors.As(err, &exhausted) || exhausted.RetryAfter != 3*time.Second {
			t.Errorf("a call of 3s with 2s left: got %v, want Exhausted", err)
		}
		occupy(t, l, 1, 3*time.Second)
		began := time.Now()
		late := budget.Ask{Lane: call.Read, Until: began.Add(5 * time.Second), Need: 3 * time.Second}
		if err := l.Enter(t.Context(), late); !errors.As(err, &exhausted) {
			t.Errorf("a call of 3s that gets its connection with 2s left: got %v, want Exhausted", err)
		}
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("it was refused after %s, want when the connection was free", took)
		}
		if err := l.Enter(t.Context(), budget.Ask{Lane: call.Read, Until: time.Now().Add(5 * time.Second), Need: 3 * time.Second}); err != nil {
			t.Errorf("a call in time: %v", err)
		}
		l.Leave(3 * time.Second)
	})
}

func TestLine_TurnsAndLanes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := budget.NewLine(2)
		occupy(t, l, 2, time.Second)
		var mu sync.Mutex
		var order []string
		var all sync.WaitGroup
		enter := func(lane call.Lane, caller string) {
			all.Go(func() {
				if err := l.Enter(t.Context(), budget.Ask{Lane: lane, Caller: caller}); err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				order = append(order, caller)
				mu.Unlock()
				time.Sleep(time.Second)
				l.Leave(time.Second)
			})
			synctest.Wait()
		}
		for range 8 {
			enter(call.Read, "greedy")
		}
		enter(call.Read, "modest")
		enter(call.Write, "payment")
		all.Wait()
		place := map[string]int{}
		for i, caller := range order {
			place[caller] = i
		}
		if place["payment"] > 1 {
			t.Errorf("the payment entered in place %d of %v, want the first two", place["payment"], order)
		}
		if place["modest"] > 3 {
			t.Errorf("the modest caller entered in place %d of %v, want the first four", place["modest"], order)
		}
	})
}

func TestLine_ACallerThatLeavesTakesNoConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := budget.NewLine(1)
		occupy(t, l, 1, time.Second)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- l.Enter(ctx, budget.Ask{Lane: call.Read}) }()
		synctest.Wait()
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want context.Canceled", err)
		}
		began := time.Now()
		if err := l.Enter(t.Context(), budget.Ask{Lane: call.Read}); err != nil || time.Since(began) != time.Second {
			t.Errorf("the next: %v after %s, want in 1s", err, time.Since(began))
		}
		l.Leave(0)
	})
}
