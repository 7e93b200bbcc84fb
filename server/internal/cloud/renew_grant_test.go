package cloud_test

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/cloud"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/simulator"
)

func grantOf(t *testing.T, edge *cloud.Edge) *cloud.RenewGrant {
	t.Helper()
	grant, err := edge.RenewGrant(t.Context(), hangzhou)
	if err != nil {
		t.Fatal(err)
	}
	return grant
}

func TestRenewGrant_SendsOnceWithoutAWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &stub{answer: paid}
		edge, _ := overPipes(t, server, cloud.Config{Rates: map[string]int{"RenewInstance": 1}})
		grant := grantOf(t, edge)
		time.Sleep(4 * time.Second) // the read
		began := time.Now()
		orderID, err := grant.Send(t.Context(), order("i-1"))
		if err != nil || orderID != "O1" {
			t.Errorf("Send: got order %q, %v; want O1", orderID, err)
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("Send waited %s, want no wait", took)
		}
		if try := server.asked()[0]; try.Get("ClientToken") != "token-1" || try.Get("InstanceId") != "i-1" || try.Get("Period") != "1" {
			t.Errorf("Send asked %v", try)
		}
	})
}

// No request follows the first, whatever its outcome: each payment passes the
// gate of its caller.
func TestRenewGrant_NeverRetries(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(http.ResponseWriter, *http.Request)
		reason ecs.Reason
		effect ecs.Effect
	}{
		"no response":    {hangUp, ecs.ReasonOutcomeUnknown, ecs.EffectUnknown},
		"internal error": {internalError, ecs.ReasonOutcomeUnknown, ecs.EffectUnknown},
		"throttled":      {refuses(http.StatusBadRequest, "Throttling", "slow"), ecs.ReasonThrottled, ecs.EffectNone},
		"busy":           {refuses(http.StatusBadRequest, "InvalidStatus.Upgrading", "busy"), ecs.ReasonOperationInProgress, ecs.EffectNone},
		"refused":        {refuses(http.StatusForbidden, "InsufficientBalance", "no"), ecs.ReasonInsufficientBalance, ecs.EffectNone},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := &stub{answer: c.answer}
				edge, _ := overPipes(t, server, cloud.Config{})
				_, err := grantOf(t, edge).Send(t.Context(), order("i-1"))
				failure := ecs.AsError(err)
				if failure == nil || failure.Reason != c.reason {
					t.Errorf("got %v, want %s", err, c.reason)
				} else if failure.Effect != c.effect {
					t.Errorf("the effect is %d, want %d", failure.Effect, c.effect)
				}
				if n := len(server.asked()); n != 1 {
					t.Errorf("%d requests were sent, want 1", n)
				}
			})
		})
	}
}

func TestRenewGrant_IsUsedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &stub{answer: paid}
		edge, _ := overPipes(t, server, cloud.Config{})
		sent, released, expired := grantOf(t, edge), grantOf(t, edge), grantOf(t, edge)
		if _, err := sent.Send(t.Context(), order("i-1")); err != nil {
			t.Fatal(err)
		}
		sent.Release()
		released.Release()
		time.Sleep(5 * time.Second)
		for name, grant := range map[string]*cloud.RenewGrant{"sent": sent, "released": released, "expired": expired} {
			_, err := grant.Send(t.Context(), order("i-2"))
			if failure := ecs.AsError(err); failure == nil || failure.Effect != ecs.EffectNone || failure.Retry != ecs.RetryBackoff {
				t.Errorf("Send of a grant that is %s: got %+v, want a retryable error without effect", name, failure)
			}
		}
		if n := len(server.asked()); n != 1 {
			t.Errorf("%d requests were sent, want that of the first grant", n)
		}
	})
}

func TestRenewGrant_WrongOrderSendsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &stub{answer: paid}
		edge, _ := overPipes(t, server, cloud.Config{Rates: map[string]int{"RenewInstance": 1}})
		noToken, elsewhere := order("i-1"), order("i-1")
		noToken.ClientToken, elsewhere.RegionID = "", shanghai
		for _, o := range []ecs.RenewOrder{noToken, elsewhere} {
			// Each returns its grant: the rate has one.
			if _, err := grantOf(t, edge).Send(t.Context(), o); err == nil {
				t.Errorf("order %+v was sent", o)
			}
		}
		left, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := grantOf(t, edge).Send(left, order("i-1")); reasonOf(t, err) != ecs.ReasonCancelled || ecs.AsError(err).Effect != ecs.EffectNone {
			t.Errorf("Send for a caller that left: got %v, want CANCELLED without effect", err)
		}
		if n := len(server.asked()); n != 0 {
			t.Errorf("%d requests were sent, want none", n)
		}
	})
}

func TestRenewGrant_CallersTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, edge := bubbled(t, simulator.Config{}, cloud.Config{Rates: map[string]int{"RenewInstance": 10}})
		as := func(caller string) context.Context { return call.With(t.Context(), &call.Call{Caller: caller}) }
		ctx, cancel := context.WithCancel(as("greedy"))
		var greedy sync.WaitGroup
		for range 100 {
			greedy.Go(func() {
				if grant, err := edge.RenewGrant(ctx, hangzhou); err == nil {
					time.Sleep(5 * time.Second)
					grant.Release()
				}
			})
		}
		synctest.Wait()
		began := time.Now()
		grant, err := edge.RenewGrant(as("modest"), hangzhou)
		if err != nil {
			t.Fatal(err)
		}
		grant.Release()
		if waited := time.Since(began); waited > 5*time.Second {
			t.Errorf("a caller's one grant waited %s behind another's hundred, want until the next is given back", waited)
		}
		cancel()
		greedy.Wait()
	})
}

func TestRenewGrant_RefusedEarlyWithRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(20 * time.Second)
		edge, _ := overPipes(t, &stub{answer: paid}, cloud.Config{Rates: map[string]int{"RenewInstance": 1}})
		if _, err := grantOf(t, edge).Send(t.Context(), order("i-1")); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		short, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		_, err := edge.RenewGrant(short, hangzhou)
		failure := ecs.AsError(err)
		if failure == nil || failure.Reason != ecs.ReasonRateBudgetExhausted || failure.RetryAfter < 40*time.Second || time.Since(began) != 0 {
			t.Errorf("got %+v after %s, want RATE_BUDGET_EXHAUSTED for the 40s to the next minute, at once", failure, time.Since(began))
		}
	})
}
