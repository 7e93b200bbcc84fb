package cloud_test

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/cloud"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
)

var oneMonth = ecs.Period{Count: 1, Unit: ecs.Month}

func order(id string) ecs.RenewOrder {
	return ecs.RenewOrder{RegionID: hangzhou, InstanceID: id, Period: oneMonth, ClientToken: "token-1"}
}

// patient can wait for some of the cloud's minutes.
func patient(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// inTurn sends one response after the other, and repeats the last.
func inTurn(answers ...func(http.ResponseWriter, *http.Request)) *stub {
	s := &stub{}
	s.answer = func(w http.ResponseWriter, r *http.Request) {
		answers[min(len(s.asked()), len(answers))-1](w, r)
	}
	return s
}

// hangUp closes the connection without a reply.
func hangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

func paid(w http.ResponseWriter, _ *http.Request) {
	_, _ = io.WriteString(w, `{"RequestId":"R1","OrderId":"O1"}`)
}

func internalError(w http.ResponseWriter, r *http.Request) {
	refuses(http.StatusInternalServerError, "InternalError", "The request processing has failed due to some unknown error.")(w, r)
}

func TestRetry_PausesGrowWithJitter(t *testing.T) {
	first := make(map[time.Duration]bool)
	for range 5 {
		synctest.Test(t, func(t *testing.T) {
			var at []time.Time
			server := inTurn(internalError, internalError, internalError, fine)
			answer := server.answer
			server.answer = func(w http.ResponseWriter, r *http.Request) {
				at = append(at, time.Now())
				answer(w, r)
			}
			edge, _ := overPipes(t, server, cloud.Config{})
			if err := edge.Ping(t.Context()); err != nil || len(at) != 4 {
				t.Fatalf("%v after %d tries, want success with the fourth", err, len(at))
			}
			for i, most := range []time.Duration{200 * time.Millisecond, 400 * time.Millisecond, 800 * time.Millisecond} {
				if pause := at[i+1].Sub(at[i]); pause > most {
					t.Errorf("pause %d is %s, want %s at most", i+1, pause, most)
				}
			}
			first[at[1].Sub(at[0])] = true
		})
	}
	if len(first) == 1 {
		t.Errorf("five calls paused for the same %v", first)
	}
}

func TestRetry_FourAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &stub{answer: internalError}
		edge, _ := overPipes(t, server, cloud.Config{})
		if err := edge.Ping(t.Context()); reasonOf(t, err) != ecs.ReasonCloudInternalError || len(server.asked()) != 4 {
			t.Errorf("%v after %d tries, want CLOUD_INTERNAL_ERROR after 4", err, len(server.asked()))
		}
	})
}

// TestRepeat_DependsOnTheCode: by the cloud's code, for any HTTP status.
func TestRepeat_DependsOnTheCode(t *testing.T) {
	for _, c := range []struct {
		code   string
		status int
		tries  int
	}{
		{"InternalError", 400, 4}, {"InternalError", 500, 4}, {"UnknownError", 400, 4},
		{"ServiceUnavailable", 503, 4}, {"ServiceUnavailable.RegionMaintaining", 503, 4},
		{"OperationConflict", 409, 4}, {"IdempotentProcessing", 403, 4}, {"Idempotence.Processing", 400, 4},
		{"LastTokenProcessing", 403, 4}, {"LastOrderProcessing", 400, 4}, {"LastRequestProcessing", 403, 4},
		{"InvalidStatus.Upgrading", 400, 4}, {"IncorrectInstanceStatus.Initializing", 403, 4}, {"InstanceNotReady", 500, 4}, {"InstanceNotReady", 403, 4},
		{"SignatureNonceUsed", 400, 4}, {"InvalidTimeStamp.Expired", 400, 2}, {"IllegalTimestamp", 400, 2}, {"InvalidSecurityToken.Expired", 400, 2},
		{"InvalidParameter", 400, 1}, {"InvalidParameter", 500, 1}, {"MissingParameter", 400, 1}, {"Forbidden.RAM", 403, 1},
		{"ChargeTypeViolation", 403, 1}, {"InstanceLockedForSecurity", 403, 1}, {"IncorrectInstanceStatus", 403, 1},
		{"QuotaExceed.Tags", 403, 1}, {"InsufficientBalance", 400, 1}, {"Account.Arrearage", 403, 1}, {"OperationDenied.NoStock", 403, 1},
		{"IdempotentParameterMismatch", 400, 1}, {"IdempotentFailed", 400, 1}, {"SignatureDoesNotMatch", 400, 1}, {"InvalidAccessKeyId.NotFound", 404, 1},
		{"Strange.New", 400, 1}, {"Strange.New", 500, 4}, {"Strange.New", 503, 4},
	} {
		synctest.Test(t, func(t *testing.T) {
			server := &stub{answer: refuses(c.status, c.code, "no")}
			edge, _ := overPipes(t, server, cloud.Config{})
			if _, err := edge.Renew(t.Context(), order("i-1")); err == nil || len(server.asked()) != c.tries {
				t.Errorf("%s with status %d: %v after %d tries, want %d", c.code, c.status, err, len(server.asked()), c.tries)
			}
		})
	}
}

func TestRenew_RetriesSameToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		throttled := refuses(http.StatusBadRequest, "Throttling", "Request was denied due to request throttling.")
		server := inTurn(throttled, hangUp, internalError, refuses(http.StatusForbidden, "IdempotentProcessing", "still"), paid)
		edge, _ := overPipes(t, server, cloud.Config{})
		if orderID, err := edge.Renew(patient(t), order("i-1")); err != nil || orderID != "O1" {
			t.Fatalf("got %q, %v", orderID, err)
		}
		var nonces []string
		for _, try := range server.asked() {
			if try.Get("ClientToken") != "token-1" || try.Get("InstanceId") != "i-1" || try.Get("Period") != "1" || try.Get("PeriodUnit") != "Month" {
				t.Errorf("a try asks %v", try)
			}
			nonces = append(nonces, try.Get("SignatureNonce"))
		}
		slices.Sort(nonces)
		if len(nonces) != 5 || len(slices.Compact(nonces)) != 5 {
			t.Errorf("the nonces of five tries are %v, want each once", nonces)
		}
	})
}

func TestRenew_NoTokenNoPayment(t *testing.T) {
	sim, edge := simulated(t, simulator.Config{}, cloud.Config{})
	id := seed(t, sim, simulator.Seed{})[0]
	for _, token := range []string{"", strings.Repeat("x", 65), "tökén", "a b", "a\n"} {
		o := order(id)
		o.ClientToken = token
		if _, err := edge.Renew(soon(t), o); reasonOf(t, err) != ecs.ReasonClientTokenRejected {
			t.Errorf("token %q: got %v, want CLIENT_TOKEN_REJECTED", token, err)
		}
	}
	if n := sim.Stats().Calls; n != 0 {
		t.Errorf("%d calls left", n)
	}
}

// TestRenew_PaidOnceInEveryFault checks the simulator's ledger.
func TestRenew_PaidOnceInEveryFault(t *testing.T) {
	for _, kind := range []control.Kind{
		control.LostReply, control.Reset, control.Cut, control.HTML, control.NumericCode, control.Failed, control.Throttled,
	} {
		for _, when := range []control.When{control.Before, control.After} {
			synctest.Test(t, func(t *testing.T) {
				sim, edge := bubbled(t, simulator.Config{}, cloud.Config{})
				id := seed(t, sim, simulator.Seed{})[0]
				fault(t, sim, simulator.Fault{Kind: kind, When: when, Action: "RenewInstance", Count: 2})
				orderID, err := edge.Renew(patient(t), order(id))
				if ledger := sim.Ledger(simulator.LedgerFilter{}); err != nil || len(ledger) != 1 || ledger[0].OrderID != orderID {
					t.Errorf("%s %s acting: order %q, %v; the ledger has %v", kind, when, orderID, err, ledger)
				}
			})
		}
	}
}

func TestRenew_NoResponseIsUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim, edge := bubbled(t, simulator.Config{}, cloud.Config{})
		id := seed(t, sim, simulator.Seed{})[0]
		fault(t, sim, simulator.Fault{Kind: "lost_reply", Action: "RenewInstance"})
		_, err := edge.Renew(t.Context(), order(id))
		failure := ecs.AsError(err)
		if failure == nil || failure.Reason != ecs.ReasonOutcomeUnknown || failure.Effect != ecs.EffectUnknown || failure.InstanceID != id {
			t.Errorf("got %+v, want OUTCOME_UNKNOWN on %s", failure, id)
		}
		sim.ClearFaults()
		if _, err := edge.Renew(t.Context(), order(id)); err != nil || len(sim.Ledger(simulator.LedgerFilter{})) != 1 {
			t.Errorf("the same order later: %v; %d orders, want the one", err, len(sim.Ledger(simulator.LedgerFilter{})))
		}
	})
}

// TestRenew_RefusalAfterALostResponse: the try without a response
// may have paid, so the refusal of the next one proves nothing.
func TestRenew_RefusalAfterALostResponse(t *testing.T) {
	for _, c := range []struct {
		first  func(http.ResponseWriter, *http.Request)
		second string
		reason ecs.Reason
		effect ecs.Effect
	}{
		{hangUp, "InsufficientBalance", ecs.ReasonOutcomeUnknown, ecs.EffectUnknown},
		{internalError, "ChargeTypeViolation", ecs.ReasonOutcomeUnknown, ecs.EffectUnknown},
		{hangUp, "IdempotentFailed", ecs.ReasonClientTokenRejected, ecs.EffectUnknown},
		{refuses(http.StatusConflict, "OperationConflict", "busy"), "InsufficientBalance", ecs.ReasonOutcomeUnknown, ecs.EffectUnknown},
		{refuses(http.StatusBadRequest, "InvalidStatus.Upgrading", "busy"), "InsufficientBalance", ecs.ReasonInsufficientBalance, ecs.EffectNone},
		{refuses(http.StatusBadRequest, "Throttling", "slow"), "InsufficientBalance", ecs.ReasonInsufficientBalance, ecs.EffectNone},
	} {
		synctest.Test(t, func(t *testing.T) {
			edge, _ := overPipes(t, inTurn(c.first, refuses(http.StatusForbidden, c.second, "no")), cloud.Config{})
			_, err := edge.Renew(t.Context(), order("i-1"))
			failure := ecs.AsError(err)
			if failure == nil || failure.Reason != c.reason || failure.Effect != c.effect {
				t.Errorf("%s last: got %+v, want %s with effect %d", c.second, failure, c.reason, c.effect)
			}
		})
	}
}

func TestRenew_PoisonedToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim, edge := bubbled(t, simulator.Config{}, cloud.Config{})
		id := seed(t, sim, simulator.Seed{})[0]
		fault(t, sim, simulator.Fault{Kind: "poison", Action: "RenewInstance", Count: 1})
		_, err := edge.Renew(t.Context(), order(id))
		if failure := ecs.AsError(err); failure == nil || failure.Reason != ecs.ReasonClientTokenRejected || failure.Effect != ecs.EffectUnknown ||
			failure.Cloud.Code != "IdempotentFailed" {
			t.Errorf("got %+v, want CLIENT_TOKEN_REJECTED, its effect unknown", failure)
		}
	})
}

// TestAutoRenew_SettingRetried: it has no token and needs none.
func TestAutoRenew_SettingRetried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim, edge := bubbled(t, simulator.Config{}, cloud.Config{})
		ids := seed(t, sim, simulator.Seed{Count: 2})
		fault(t, sim, simulator.Fault{Kind: "lost_reply", Action: "ModifyInstanceAutoRenewAttribute", Count: 2})
		for _, result := range edge.SetAutoRenew(t.Context(), hangzhou, ids, ecs.AutoRenewOn, oneMonth) {
			if result.Err != nil {
				t.Errorf("%s: %v", result.ID, result.Err)
			}
		}
		for _, result := range edge.AutoRenewSettings(t.Context(), hangzhou, ids) {
			if result.Err != nil || result.Value.Status != ecs.AutoRenewOn || result.Value.Period != oneMonth {
				t.Errorf("%s: %+v, %v", result.ID, result.Value, result.Err)
			}
		}
	})
}
