package lifecycle_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/lifecycle"
)

// step is one event of a launch: the cloud gets a fault for its next call, the
// caller sends with some patience, time passes, or the process ends and another
// begins.
type step struct {
	fault   fault
	ask     time.Duration
	wait    time.Duration
	restart bool
}

var steps = rapid.SliceOfN(rapid.OneOf(
	rapid.Map(rapid.SampledFrom([]fault{fine, lostReply, serverError, lostRequest, throttled, inProgress, poisoned, refused}), func(f fault) step { return step{fault: f} }),
	rapid.Map(rapid.IntRange(1, 90), func(s int) step { return step{ask: time.Duration(s) * time.Second} }),
	rapid.Map(rapid.IntRange(1, 3600), func(s int) step { return step{wait: time.Duration(s) * time.Second} }),
	rapid.Just(step{restart: true}),
), 1, 20)

// TestLaunch_EffectOnce takes the steps in any order. The ordered
// instances never exist twice, every response is the same, and in the end they
// exist, or the order was refused and they do not.
func TestLaunch_EffectOnce(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		taken := steps.Draw(rt, "steps")
		var broken error
		// Nothing of rapid's may end a test inside the bubble.
		synctest.Test(t, func(t *testing.T) { broken = launchBy(t, taken) })
		if broken != nil {
			rt.Fatal(broken)
		}
	})
}

func launchBy(t *testing.T, taken []step) error {
	const amount = 3
	records := newRecords()
	c := newCloud()
	service := lifecycle.New(c, records, quiet)
	defer func() { service.Close() }()

	var answer []string
	ask := func(patience time.Duration) (broken, err error) {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		made, err := service.Run(ctx, order("r-1", amount))
		if err != nil {
			return nil, err
		}
		if len(made.IDs) != amount || (answer != nil && !slices.Equal(answer, made.IDs)) {
			return fmt.Errorf("answered %v after %v", made.IDs, answer), nil
		}
		answer = made.IDs
		return nil, nil
	}
	for _, s := range taken {
		var broken error
		switch {
		case s.fault != "":
			c.mu.Lock()
			c.faults = append(c.faults, s.fault)
			c.mu.Unlock()
		case s.ask > 0:
			broken, _ = ask(s.ask)
		case s.wait > 0:
			time.Sleep(s.wait)
		case s.restart:
			service.Close()
			service = lifecycle.New(c, records, quiet)
			broken = service.Resume(t.Context())
		}
		if broken != nil {
			return broken
		}
		if n := c.madeBy(); n != 0 && n != amount {
			return fmt.Errorf("%d made, want none or %d", n, amount)
		}
	}
	c.mu.Lock()
	c.faults = nil
	c.mu.Unlock()
	broken, err := ask(time.Hour)
	switch n := c.madeBy(); {
	case broken != nil:
		return broken
	case err == nil && n == amount, ecs.HasReason(err, ecs.ReasonOutOfStock) && n == 0:
		return nil
	default:
		return fmt.Errorf("at last %w, %d made", err, n)
	}
}
