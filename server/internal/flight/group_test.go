package flight_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/flight"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// takes is work that commits itself after a time, and ends as long after that.
func takes(d time.Duration, began *int) flight.Work[int] {
	return func(ctx context.Context, commit func() bool) (int, error) {
		*began++
		n := *began
		select {
		case <-time.After(d):
		case <-ctx.Done():
			return 0, ctx.Err()
		}
		if !commit() {
			return 0, context.Canceled
		}
		select {
		case <-time.After(d):
			return n, nil
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

// inBubble runs a test in virtual time with a group that is closed at its end.
func inBubble(t *testing.T, test func(t *testing.T, g *flight.Group[int], end context.CancelFunc)) {
	synctest.Test(t, func(t *testing.T) {
		ctx, end := context.WithCancel(t.Context())
		g := flight.New[int](ctx)
		test(t, g, end)
		end()
		g.Wait()
	})
}

func TestFlight_CallersShare(t *testing.T) {
	inBubble(t, func(t *testing.T, g *flight.Group[int], _ context.CancelFunc) {
		var began int
		var callers sync.WaitGroup
		for range 5 {
			callers.Go(func() {
				if n, _, err := g.Do(t.Context(), "r", "hash", takes(time.Second, &began)); n != 1 || err != nil {
					t.Errorf("flight %d, %v, want the first", n, err)
				}
			})
		}
		synctest.Wait()
		if _, _, err := g.Do(t.Context(), "r", "another hash", takes(time.Second, &began)); !errors.Is(err, flight.ErrOther) {
			t.Errorf("another request under the id: %v, want ErrOther", err)
		}
		if n, _, err := g.Do(t.Context(), "r2", "hash", takes(time.Second, &began)); n != 2 || err != nil {
			t.Errorf("another id: flight %d, %v, want the second", n, err)
		}
		callers.Wait()
	})
}

// Until it commits, a flight ends with its last caller, and a later caller gets
// a new one; after that it continues without callers.
func TestFlight_CallersLeave(t *testing.T) {
	inBubble(t, func(t *testing.T, g *flight.Group[int], _ context.CancelFunc) {
		var began int
		leave := func(after time.Duration) (goesOn bool) {
			ctx, cancel := context.WithTimeout(t.Context(), after)
			defer cancel()
			_, goesOn, err := g.Do(ctx, "r", "hash", takes(time.Second, &began))
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("who left was told %v", err)
			}
			return goesOn
		}
		if leave(time.Second / 2) {
			t.Error("a flight goes on that nobody waits for")
		}
		if !leave(3*time.Second/2) || began != 2 {
			t.Errorf("a flight of its own that is committed: %d began, want it to go on as the second", began)
		}
		if n, _, err := g.Do(t.Context(), "r", "hash", takes(time.Second, &began)); n != 2 || err != nil {
			t.Errorf("who came back has flight %d, %v, want the second", n, err)
		}
	})
}

func TestAlone_IsNotJoined(t *testing.T) {
	inBubble(t, func(t *testing.T, g *flight.Group[int], _ context.CancelFunc) {
		var began int
		g.Alone(t.Context(), "r", "hash", takes(time.Second, &began))
		g.Alone(t.Context(), "r", "hash", takes(time.Second, &began))
		start := time.Now()
		if n, _, err := g.Do(t.Context(), "r", "hash", takes(time.Second, &began)); n != 2 || err != nil || time.Since(start) != 4*time.Second {
			t.Errorf("flight %d, %v after %v, want the second after the first", n, err, time.Since(start))
		}
	})
}

func TestFlight_NothingStartsAfterClose(t *testing.T) {
	inBubble(t, func(t *testing.T, g *flight.Group[int], end context.CancelFunc) {
		var began int
		g.Alone(t.Context(), "r", "hash", takes(time.Hour, &began))
		synctest.Wait()
		start := time.Now()
		end()
		g.Wait()
		_, _, err := g.Do(t.Context(), "r2", "hash", takes(time.Second, &began))
		if !errors.Is(err, flight.ErrClosed) || began != 1 || time.Since(start) != 0 {
			t.Errorf("%v after %v, %d began, want ErrClosed at once", err, time.Since(start), began)
		}
	})
}

// Work that no caller joins cannot be contradicted by another request: the next
// flight compares with the record that it left.
func TestDo_WaitsForAloneOfAnyHash(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := flight.New[int](t.Context())
		var began int
		g.Alone(t.Context(), "r-1", "hash of an earlier build", takes(time.Second, &began))
		time.Sleep(time.Millisecond)
		value, _, err := g.Do(t.Context(), "r-1", "v1:hash", takes(time.Second, &began))
		if err != nil || value != 2 {
			t.Errorf("got %d, %v, want the outcome of the second work", value, err)
		}
		g.Wait()
	})
}

// A panic is an INTERNAL error of all waiting callers, and the next flight of
// the request starts from the beginning.
func TestDo_Panic(t *testing.T) {
	inBubble(t, func(t *testing.T, g *flight.Group[int], _ context.CancelFunc) {
		var callers sync.WaitGroup
		for range 3 {
			callers.Go(func() {
				_, _, err := g.Do(t.Context(), "r", "hash", func(context.Context, func() bool) (int, error) {
					time.Sleep(time.Second)
					panic("the defect")
				})
				if !ecs.HasReason(err, ecs.ReasonInternal) {
					t.Errorf("a flight that panicked: %v, want INTERNAL", err)
				}
			})
		}
		callers.Wait()
		n := 0
		if got, _, err := g.Do(t.Context(), "r", "hash", takes(time.Second, &n)); got != 1 || err != nil {
			t.Errorf("the flight after it: %d, %v", got, err)
		}
	})
}
