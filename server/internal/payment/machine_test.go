package payment_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/payment"
)

var (
	china  = time.FixedZone("UTC+8", 8*60*60)
	now    = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	expire = time.Date(2026, 12, 5, 0, 0, 0, 0, china).UTC()
	month  = ecs.Period{Count: 1, Unit: ecs.Month}
	proof  = month.Forecast(subscription(expire), now)
)

func yuan(units int64) ecs.Money { return ecs.Money{CurrencyCode: "CNY", Units: units} }

// subscription is a running instance that expires at a time.
func subscription(expire time.Time) ecs.Instance {
	return ecs.Instance{
		ID: "i-1", RegionID: "cn-hangzhou", Status: ecs.StatusRunning, ChargeType: ecs.ChargeSubscription, ExpireTime: expire,
	}
}

// renewal is a renewal in a state, with one attempt per outcome, the last one a
// settle window ago.
func renewal(state ledger.State, outcomes ...ledger.Outcome) ledger.Renewal {
	r := ledger.Renewal{
		ID: "r-1", JobID: "j-1", RequestID: "q-1", RegionID: "cn-hangzhou", InstanceID: "i-1", Period: month, State: state,
		Price: yuan(100), ExpireBefore: expire, ExpireExpected: proof, PlanTime: now.Add(-time.Hour), CreateTime: now.Add(-time.Hour),
	}
	for i, outcome := range outcomes {
		r.TokenNumber, r.ClientToken = 1, "token-1"
		a := ledger.Attempt{
			Number: int32(i + 1), ClientToken: r.ClientToken, Outcome: outcome,
			SendTime: now.Add(-2 * time.Minute), FinishTime: now.Add(-2 * time.Minute),
		}
		if outcome == ledger.OutcomeOpen {
			a.FinishTime = time.Time{}
		}
		r.Attempts = append(r.Attempts, a)
	}
	return r
}

// renewals are the shapes that a renewal can have, by name.
func renewals() map[string]ledger.Renewal {
	unknown, deferred, refused, open := ledger.OutcomeUnknown, ledger.OutcomeDeferred, ledger.OutcomeRefused, ledger.OutcomeOpen
	all := map[string]ledger.Renewal{
		"planned":                   renewal(ledger.Planned),
		"planned again":             renewal(ledger.Planned, refused),
		"submitting, open":          renewal(ledger.Submitting, open),
		"submitting, open again":    renewal(ledger.Submitting, unknown, open),
		"submitting, deferred":      renewal(ledger.Submitting, deferred),
		"submitting, deferred once": renewal(ledger.Submitting, deferred, deferred),
		"unknown":                   renewal(ledger.Unknown, unknown),
		"unknown, three times":      renewal(ledger.Unknown, unknown, unknown, unknown),
		"unknown, deferred":         renewal(ledger.Unknown, unknown, deferred),
		"unknown, refused":          renewal(ledger.Unknown, unknown, refused),
		"verifying":                 renewal(ledger.Verifying, ledger.OutcomeAccepted),
		"renewed":                   renewal(ledger.Renewed, ledger.OutcomeAccepted),
		"unverified":                renewal(ledger.Unverified, ledger.OutcomeAccepted),
		"failed":                    renewal(ledger.Failed, refused),
		"failed, marked not paid":   renewal(ledger.Failed, unknown),
		"needs attention":           renewal(ledger.NeedsAttention, unknown),
		"skipped":                   renewal(ledger.Skipped),
		"skipped, cancelled":        renewal(ledger.Skipped),
	}
	edit := func(name string, change func(*ledger.Renewal)) {
		r := all[name]
		r.Attempts = slices.Clone(r.Attempts)
		change(&r)
		all[name] = r
	}
	edit("failed, marked not paid", func(r *ledger.Renewal) { r.Failure.Reason = ecs.ReasonMarkedNotPaid })
	edit("skipped, cancelled", func(r *ledger.Renewal) { r.Failure.Reason = ecs.ReasonJobCancelled })
	rejected := renewal(ledger.Unknown, unknown)
	rejected.Failure.Reason = ecs.ReasonClientTokenRejected
	all["unknown, token rejected"] = rejected
	worn := renewal(ledger.Unknown, unknown, unknown, unknown, unknown)
	worn.Failure.Reason = ecs.ReasonClientTokenRejected
	for i := range worn.Attempts {
		worn.Attempts[i].ClientToken = fmt.Sprintf("token-%d", i+1)
	}
	worn.ClientToken, worn.TokenNumber = "token-4", 4
	all["unknown, four tokens rejected"] = worn
	old := renewal(ledger.Unknown, unknown)
	old.Attempts[0].SendTime, old.Attempts[0].FinishTime = now.Add(-25*time.Hour), now.Add(-25*time.Hour)
	all["unknown, past the trust age"] = old
	young := renewal(ledger.Unknown, unknown)
	young.Attempts[0].FinishTime = now.Add(-10 * time.Second)
	all["unknown, just now"] = young
	return all
}

// inputs are the inputs that a renewal can get, by name.
func inputs() map[string]payment.Input {
	gated := func(price ecs.Money, i ecs.Instance) payment.Gated {
		return payment.Gated{Price: price, Instance: i, ReadTime: now.Add(-time.Second)}
	}
	refusal := func(reason ecs.Reason, retry ecs.Retry, effect ecs.Effect) *ecs.Error {
		return &ecs.Error{Reason: reason, Message: "no", Retry: retry, Effect: effect}
	}
	stale := gated(yuan(100), subscription(expire))
	stale.ReadTime = now.Add(-6 * time.Second)
	ahead := gated(yuan(100), subscription(expire))
	ahead.ReadTime = now.Add(time.Second)
	postpaid := subscription(expire)
	postpaid.ChargeType = ecs.ChargePayAsYouGo
	return map[string]payment.Input{
		"started":                       payment.Started{},
		"gated":                         gated(yuan(100), subscription(expire)),
		"gated, too expensive":          gated(yuan(101), subscription(expire)),
		"gated, other currency":         gated(ecs.Money{CurrencyCode: "USD", Units: 1}, subscription(expire)),
		"gated, no price":               gated(ecs.Money{}, subscription(expire)),
		"gated, renewed by another":     gated(yuan(100), subscription(proof)),
		"gated, moved elsewhere":        gated(yuan(100), subscription(proof.AddDate(0, 2, 0))),
		"gated, an older expiry":        gated(yuan(100), subscription(expire.AddDate(0, -1, 0))),
		"gated, pay-as-you-go":          gated(yuan(100), postpaid),
		"gated, an old read":            stale,
		"gated, a read from the future": ahead,
		"gated, no price for now":       payment.Gated{PriceErr: refusal(ecs.ReasonThrottled, ecs.RetryWait, ecs.EffectNone)},
		"gated, never a price":          payment.Gated{PriceErr: refusal(ecs.ReasonCloudRejected, ecs.RetryNever, ecs.EffectNone)},
		"gated, not readable":           payment.Gated{Price: yuan(100), ReadErr: refusal(ecs.ReasonCloudUnavailable, ecs.RetryBackoff, ecs.EffectNone), ReadTime: now},
		"gated, gone":                   payment.Gated{Price: yuan(100), ReadErr: refusal(ecs.ReasonInstanceNotFound, ecs.RetryNever, ecs.EffectNone), ReadTime: now},
		"refused, busy":                 payment.Refused{Err: &ledger.ConflictError{Err: ledger.ErrInstanceBusy}},
		"refused, modified":             payment.Refused{Err: &ledger.ConflictError{Err: ledger.ErrInstanceBusy, Prior: ledger.Prior{Modification: true}}},
		"refused, paid":                 payment.Refused{Err: &ledger.ConflictError{Err: ledger.ErrObligationPaid}},
		"refused, over budget":          payment.Refused{Err: ledger.ErrOverBudget},
		"refused, cancelled":            payment.Refused{Err: ledger.ErrJobCancelled},
		"refused, currency":             payment.Refused{Err: fmt.Errorf("%w: CNY and USD", ecs.ErrCurrencyMismatch)},
		"unsent":                        payment.Unsent{},
		"sent":                          payment.Sent{OrderID: "o-1"},
		"sent, unknown":                 payment.Sent{Err: refusal(ecs.ReasonOutcomeUnknown, ecs.RetryBackoff, ecs.EffectUnknown)},
		"sent, token rejected":          payment.Sent{Err: refusal(ecs.ReasonClientTokenRejected, ecs.RetryNever, ecs.EffectUnknown)},
		"sent, throttled":               payment.Sent{Err: refusal(ecs.ReasonThrottled, ecs.RetryWait, ecs.EffectNone)},
		"sent, contradicted":            payment.Sent{Err: refusal(ecs.ReasonNotSubscription, ecs.RetryNever, ecs.EffectNone)},
		"sent, refused":                 payment.Sent{Err: refusal(ecs.ReasonInsufficientBalance, ecs.RetryNever, ecs.EffectNone)},
		"observed":                      payment.Observed{Instance: subscription(expire)},
		"observed, renewed":             payment.Observed{Instance: subscription(proof)},
		"observed, moved elsewhere":     payment.Observed{Instance: subscription(proof.AddDate(0, 2, 0))},
		"observed, not readable":        payment.Observed{Err: refusal(ecs.ReasonCloudUnavailable, ecs.RetryBackoff, ecs.EffectNone)},
		"observed, gone":                payment.Observed{Err: refusal(ecs.ReasonInstanceNotFound, ecs.RetryNever, ecs.EffectNone)},
		"observed, billed":              payment.Observed{Instance: subscription(expire), Orders: bill()},
		"observed, gone and billed":     payment.Observed{Err: refusal(ecs.ReasonInstanceNotFound, ecs.RetryNever, ecs.EffectNone), Orders: bill()},
		"observed, billed to another":   payment.Observed{Instance: subscription(expire), Orders: bill(func(o *ecs.BilledOrder) { o.InstanceIDs = []string{"i-2"} })},
		"observed, billed and unpaid":   payment.Observed{Instance: subscription(expire), Orders: bill(func(o *ecs.BilledOrder) { o.Paid = false })},
		"observed, billed before":       payment.Observed{Instance: subscription(expire), Orders: bill(func(o *ecs.BilledOrder) { o.CreateTime = now.Add(-3 * time.Minute) })},
		"observed, billed much later":   payment.Observed{Instance: subscription(expire), Orders: bill(func(o *ecs.BilledOrder) { o.CreateTime = now.Add(time.Hour) })},
		"observed, another purchase":    payment.Observed{Instance: subscription(expire), Orders: bill(func(o *ecs.BilledOrder) { o.Type = "Upgrade" })},
		"observed, another period":      payment.Observed{Instance: subscription(expire), Orders: bill(func(o *ecs.BilledOrder) { o.Until = proof.AddDate(0, 2, 0) })},
		"observed, billed twice":        payment.Observed{Instance: subscription(expire), Orders: append(bill(), bill(func(o *ecs.BilledOrder) { o.ID = "o-10" })...)},
		"observed, a price only":        payment.Observed{Instance: subscription(expire), Orders: bill(func(o *ecs.BilledOrder) { o.Until = time.Time{} })},
		"observed, another price only": payment.Observed{Instance: subscription(expire), Orders: bill(func(o *ecs.BilledOrder) {
			o.Until, o.Amount = time.Time{}, yuan(99)
		})},
		"observed, renewed and billed": payment.Observed{Instance: subscription(proof), Orders: bill()},
		"observed, an empty bill":      payment.Observed{Instance: subscription(expire), Orders: []ecs.BilledOrder{}},
		"gated, billed": payment.Gated{
			Price: yuan(100), Instance: subscription(expire), ReadTime: now.Add(-time.Second), Orders: bill(),
		},
		"gated, billed and no price": payment.Gated{
			PriceErr: refusal(ecs.ReasonThrottled, ecs.RetryWait, ecs.EffectNone), Orders: bill(),
		},
		"refused, order taken": payment.Refused{Err: &ledger.ConflictError{Err: ledger.ErrOrderTaken}},
		"decided, paid":        payment.Decided{Resolution: payment.MarkPaid, OrderID: "o-2", By: "ops"},
		"decided, not paid":    payment.Decided{Resolution: payment.MarkNotPaid, By: "ops"},
		"decided, try again":   payment.Decided{Resolution: payment.TryAgain, By: "ops"},
		"requested":            payment.Requested{Plan: renewal(ledger.Planned)},
	}
}

// allowed lists the inputs that each state takes; the others are errors.
func allowed(r ledger.Renewal, in payment.Input) bool {
	open := r.State == ledger.Submitting && r.LastAttempt().Outcome == ledger.OutcomeOpen
	payable := r.State == ledger.Planned || r.State == ledger.Submitting && !open || r.State == ledger.Unknown
	switch in := in.(type) {
	case payment.Started:
		return true
	case payment.Refused:
		return payable || r.State == ledger.Verifying && errors.Is(in.Err, ledger.ErrOrderTaken)
	case payment.Gated:
		return payable
	case payment.Unsent, payment.Sent:
		return open
	case payment.Observed:
		return r.State == ledger.Unknown || r.State == ledger.Verifying
	case payment.Decided:
		return r.State == ledger.NeedsAttention
	case payment.Requested:
		return payment.Repeatable(r)
	}
	return false
}

// edge is a transition that was reached.
type edge struct{ from, to ledger.State }

// check holds one decision against the rules of payments.
func check(t *testing.T, name string, c payment.Case, in payment.Input, d payment.Decision) {
	t.Helper()
	r := c.Renewal
	next := r
	if d.Next != nil {
		next = *d.Next
	}
	if d.Step == payment.Send {
		gated, isGated := in.(payment.Gated)
		switch {
		case !isGated:
			t.Errorf("%s: sends without the gate", name)
			return
		case d.Next == nil || next.State != ledger.Submitting || len(next.Attempts) != len(r.Attempts)+1 || next.LastAttempt().Outcome != ledger.OutcomeOpen:
			t.Errorf("%s: sends without an intent", name)
		case next.ClientToken == "" || next.LastAttempt().ClientToken != next.ClientToken:
			t.Errorf("%s: sends without its token", name)
		}
		if age := now.Sub(gated.ReadTime); age > 5*time.Second || age < 0 {
			t.Errorf("%s: sends after a read %s old", name, age)
		}
		if _, found := r.OrderIn(gated.Orders); found && r.State == ledger.Unknown {
			t.Errorf("%s: sends although the bill has its order", name)
		}
		if gated.ReadErr != nil || gated.PriceErr != nil {
			t.Errorf("%s: sends although the gate read nothing", name)
		}
		if !gated.Instance.ExpireTime.Equal(r.ExpireBefore) {
			t.Errorf("%s: sends although the expiry moved to %s", name, gated.Instance.ExpireTime)
		}
		if limit := c.Terms.MaxPrice; !limit.IsZero() {
			if over, err := gated.Price.Cmp(limit); err != nil || over > 0 {
				t.Errorf("%s: sends at %s over %s", name, gated.Price, limit)
			}
		}
		if r.InDoubt() && r.ClientToken != next.ClientToken && r.Failure.Reason != ecs.ReasonClientTokenRejected {
			t.Errorf("%s: replaces a token that may have paid", name)
		}
	}
	if d.Step == payment.Rest && d.Next == nil && r.State.Open() {
		t.Errorf("%s: leaves an open renewal alone", name)
	}
	if d.Step != payment.Rest && !next.State.Open() {
		t.Errorf("%s: goes on with step %d in state %s", name, d.Step, next.State)
	}
	if r.State.Paid() && next.State == ledger.Submitting {
		t.Errorf("%s: sends what is paid", name)
	}
	decided, byOperator := in.(payment.Decided)
	ends := (next.State == ledger.Failed || next.State == ledger.Skipped) && next.State != r.State
	if r.InDoubt() && ends && (!byOperator || decided.Resolution != payment.MarkNotPaid) {
		if sent, outcome := in.(payment.Sent); !outcome || sent.Err == nil || len(r.Attempts) > 1 && renewalInDoubtBefore(r) {
			if _, unsent := in.(payment.Unsent); !unsent || renewalInDoubtBefore(r) {
				t.Errorf("%s: ends %s although an attempt may have paid", name, next.State)
			}
		}
	}
	if next.State == ledger.Verifying && r.State != ledger.Verifying && next.PaidTime.IsZero() {
		t.Errorf("%s: is paid without a time", name)
	}
	if len(next.Attempts) < len(r.Attempts) {
		t.Errorf("%s: loses an attempt", name)
	}
}

// renewalInDoubtBefore reports whether an attempt before the last one may have paid.
func renewalInDoubtBefore(r ledger.Renewal) bool {
	r.Attempts = r.Attempts[:len(r.Attempts)-1]
	return r.InDoubt()
}

func TestNext_EveryStateAndInput(t *testing.T) {
	reached := map[edge]int{}
	pairs := 0
	for _, terms := range []ledger.Terms{
		{Single: true, Period: month}, {Single: true, Period: month, MaxPrice: yuan(100)}, {Period: month},
	} {
		for rName, r := range renewals() {
			for inName, in := range inputs() {
				for _, began := range []time.Time{now.Add(-time.Second), now.Add(-time.Hour)} {
					name := fmt.Sprintf("%s, %s, single %t, limit %s, %s", rName, inName, terms.Single, terms.MaxPrice, now.Sub(began))
					c := payment.Case{Renewal: r, Terms: terms, Began: began, Since: now.Add(-3 * time.Minute)}
					d, err := payment.Next(c, in, now)
					pairs++
					if got := !errors.Is(err, payment.ErrNotAllowed); got != allowed(r, in) {
						t.Errorf("%s: allowed is %t: %v", name, got, err)
						continue
					}
					if err != nil {
						continue
					}
					if again, _ := payment.Next(c, in, now); again.Step != d.Step || !again.At.Equal(d.At) {
						t.Errorf("%s: decides differently a second time", name)
					}
					check(t, name, c, in, d)
					if d.Next != nil {
						reached[edge{r.State, d.Next.State}]++
					}
				}
			}
		}
	}
	for _, from := range ledger.States {
		for _, to := range ledger.States {
			if from.MayFollow(to) && reached[edge{from, to}] == 0 {
				t.Errorf("no pair reaches %s -> %s", from, to)
			}
			if !from.MayFollow(to) && reached[edge{from, to}] > 0 {
				t.Errorf("%s -> %s was reached and is not in the table", from, to)
			}
		}
	}
	t.Logf("%d pairs, %d edges", pairs, len(reached))
}

// TestNext_Decisions fixes the decisions that the rules of payments name.
func TestNext_Decisions(t *testing.T) {
	all, in := renewals(), inputs()
	limited := ledger.Terms{Single: true, Period: month, MaxPrice: yuan(100)}
	job := ledger.Terms{Period: month}
	for name, c := range map[string]struct {
		renewal, input string
		terms          ledger.Terms
		state          ledger.State
		reason         ecs.Reason
		step           payment.Step
	}{
		"a claimed renewal passes the gate first":         {"planned", "started", job, "", "", payment.Pay},
		"the gate permits":                                {"planned", "gated", limited, ledger.Submitting, "", payment.Send},
		"renewed by another before the first send":        {"planned", "gated, renewed by another", job, ledger.Skipped, ecs.ReasonAlreadyRenewed, payment.Rest},
		"renewed by another before a later send":          {"submitting, deferred", "gated, renewed by another", job, ledger.Skipped, ecs.ReasonAlreadyRenewed, payment.Rest},
		"an old read is read again":                       {"planned", "gated, an old read", job, "", "", payment.Pay},
		"an older expiry is a stale read":                 {"planned", "gated, an older expiry", job, "", "", payment.Pay},
		"the price rose before the first send":            {"planned", "gated, too expensive", limited, ledger.Failed, ecs.ReasonPriceExceedsLimit, payment.Rest},
		"the price rose before a later send":              {"submitting, deferred", "gated, too expensive", limited, ledger.Failed, ecs.ReasonPriceExceedsLimit, payment.Rest},
		"the price rose after an unknown outcome":         {"unknown", "gated, too expensive", limited, ledger.NeedsAttention, ecs.ReasonOutcomeUnknown, payment.Rest},
		"no price under a limit":                          {"planned", "gated, no price", limited, ledger.Failed, ecs.ReasonPriceUnavailable, payment.Rest},
		"no price without a limit":                        {"planned", "gated, no price", job, ledger.Submitting, "", payment.Send},
		"the obligation is paid":                          {"planned", "refused, paid", job, ledger.Skipped, ecs.ReasonAlreadyRenewed, payment.Rest},
		"the instance is busy":                            {"planned", "refused, busy", job, ledger.Skipped, ecs.ReasonRenewalInProgress, payment.Rest},
		"the instance is being modified":                  {"planned", "refused, modified", job, "", "", payment.Pay},
		"the job was cancelled before the first send":     {"planned", "refused, cancelled", job, ledger.Skipped, ecs.ReasonJobCancelled, payment.Rest},
		"the job was cancelled before a later send":       {"submitting, deferred", "refused, cancelled", job, ledger.Skipped, ecs.ReasonJobCancelled, payment.Rest},
		"the job was cancelled after an unknown outcome":  {"unknown", "refused, cancelled", job, ledger.NeedsAttention, ecs.ReasonOutcomeUnknown, payment.Rest},
		"a crash between intent and outcome":              {"submitting, open", "started", job, ledger.Unknown, ecs.ReasonOutcomeUnknown, payment.Observe},
		"throttled":                                       {"submitting, open", "sent, throttled", job, ledger.Submitting, ecs.ReasonThrottled, payment.Pay},
		"throttled after an unknown outcome":              {"submitting, open again", "sent, throttled", job, ledger.Unknown, ecs.ReasonThrottled, payment.Observe},
		"refused after an unknown outcome":                {"submitting, open again", "sent, refused", job, ledger.Unknown, ecs.ReasonInsufficientBalance, payment.Observe},
		"refused":                                         {"submitting, open", "sent, refused", job, ledger.Failed, ecs.ReasonInsufficientBalance, payment.Rest},
		"a refusal that contradicts the read is retried":  {"submitting, open", "sent, contradicted", job, ledger.Submitting, ecs.ReasonNotSubscription, payment.Pay},
		"the token is rejected":                           {"submitting, open", "sent, token rejected", job, ledger.Unknown, ecs.ReasonClientTokenRejected, payment.Observe},
		"an unknown outcome is not sent again at once":    {"unknown, just now", "observed", job, "", "", payment.Observe},
		"an unknown outcome passes the gate again":        {"unknown", "observed", job, "", "", payment.Pay},
		"the gate holds the settle window":                {"unknown, just now", "gated", job, "", "", payment.Observe},
		"the expected expiry settles":                     {"unknown", "observed, renewed", job, ledger.Verifying, "", payment.Observe},
		"the order in the bill settles":                   {"unknown, just now", "observed, billed", job, ledger.Verifying, "", payment.Observe},
		"the gate sees the order in the bill":             {"unknown", "gated, billed", job, ledger.Verifying, "", payment.Observe},
		"the gate sees the order without a price":         {"unknown", "gated, billed and no price", job, ledger.Verifying, "", payment.Observe},
		"the order settles although the instance is gone": {"unknown", "observed, gone and billed", job, ledger.Verifying, "", payment.Observe},
		"the order settles after a refusal":               {"unknown, refused", "observed, billed", job, ledger.Verifying, "", payment.Observe},
		"the price settles if the bill has no period":     {"unknown, just now", "observed, a price only", job, ledger.Verifying, "", payment.Observe},
		"no order proves nothing":                         {"unknown, just now", "observed, an empty bill", job, "", "", payment.Observe},
		"no order is no reason not to send again":         {"unknown", "observed, an empty bill", job, "", "", payment.Pay},
		"the order of another instance":                   {"unknown, just now", "observed, billed to another", job, "", "", payment.Observe},
		"an order that is not paid":                       {"unknown, just now", "observed, billed and unpaid", job, "", "", payment.Observe},
		"an order before the send":                        {"unknown, just now", "observed, billed before", job, "", "", payment.Observe},
		"an order long after the send":                    {"unknown, just now", "observed, billed much later", job, "", "", payment.Observe},
		"an order that is no renewal":                     {"unknown, just now", "observed, another purchase", job, "", "", payment.Observe},
		"an order of another period":                      {"unknown, just now", "observed, another period", job, "", "", payment.Observe},
		"an order of another price":                       {"unknown, just now", "observed, another price only", job, "", "", payment.Observe},
		"two orders":                                      {"unknown, just now", "observed, billed twice", job, "", "", payment.Observe},
		"an order that another renewal has":               {"unknown", "refused, order taken", job, "", "", payment.Observe},
		"the bill decides nothing before a send":          {"planned", "gated, billed", job, ledger.Submitting, "", payment.Send},
		"a deferred send is known not to have paid":       {"submitting, deferred", "gated, billed", job, ledger.Submitting, "", payment.Send},
		"another expiry does not settle":                  {"unknown", "observed, moved elsewhere", job, ledger.NeedsAttention, ecs.ReasonOutcomeUnknown, payment.Rest},
		"the gate sees the effect of an earlier send":     {"unknown", "gated, renewed by another", job, ledger.Verifying, "", payment.Observe},
		"past the trust age":                              {"unknown, past the trust age", "observed", job, ledger.NeedsAttention, ecs.ReasonOutcomeUnknown, payment.Rest},
		"a rejected token is replaced":                    {"unknown, token rejected", "gated", job, ledger.Submitting, ecs.ReasonClientTokenRejected, payment.Send},
		"not more than three times":                       {"unknown, four tokens rejected", "observed", job, ledger.NeedsAttention, ecs.ReasonOutcomeUnknown, payment.Rest},
		"refused at last":                                 {"unknown, refused", "observed", job, ledger.NeedsAttention, ecs.ReasonOutcomeUnknown, payment.Rest},
		"the instance is gone":                            {"unknown", "observed, gone", job, ledger.NeedsAttention, ecs.ReasonOutcomeUnknown, payment.Rest},
		"proved":                                          {"verifying", "observed, renewed", job, ledger.Renewed, "", payment.Rest},
		"not proved in time":                              {"verifying", "observed", job, ledger.Unverified, ecs.ReasonExpiryUnverified, payment.Rest},
		"an operator tries again":                         {"needs attention", "decided, try again", job, ledger.Unknown, "", payment.Observe},
		"an operator marks it not paid":                   {"needs attention", "decided, not paid", job, ledger.Failed, ecs.ReasonMarkedNotPaid, payment.Rest},
		"an operator marks it paid":                       {"needs attention", "decided, paid", job, ledger.Verifying, "", payment.Observe},
		"the same request after a refusal":                {"failed", "requested", limited, ledger.Planned, "", payment.Pay},
	} {
		r := all[c.renewal]
		since := now.Add(-3 * time.Minute)
		if finished := r.LastAttempt().FinishTime; finished.After(since) {
			since = finished
		}
		d, err := payment.Next(payment.Case{Renewal: r, Terms: c.terms, Began: now.Add(-time.Second), Since: since}, in[c.input], now)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if d.Step != c.step {
			t.Errorf("%s: step %d, want %d", name, d.Step, c.step)
		}
		switch {
		case d.Next == nil && c.state != "":
			t.Errorf("%s: writes nothing, want %s", name, c.state)
		case d.Next != nil && d.Next.State != c.state:
			t.Errorf("%s: writes %s, want %q", name, d.Next.State, c.state)
		case d.Next != nil && d.Next.State != ledger.Submitting && d.Next.Failure.Reason != c.reason && c.reason != "":
			t.Errorf("%s: reason %s, want %s", name, d.Next.Failure.Reason, c.reason)
		}
	}
}

func TestNext_TokenAfterRejection(t *testing.T) {
	r := renewals()["unknown, token rejected"]
	d, err := payment.Next(payment.Case{Renewal: r, Terms: ledger.Terms{Period: month}, Since: now.Add(-3 * time.Minute)}, inputs()["gated"], now)
	if err != nil || d.Next == nil {
		t.Fatalf("decided %+v, %v", d, err)
	}
	if d.Next.TokenNumber != 2 || d.Next.ClientToken == r.ClientToken {
		t.Errorf("token %d %q after a rejected one, want another", d.Next.TokenNumber, d.Next.ClientToken)
	}
	same, err := payment.Next(payment.Case{Renewal: renewals()["unknown"], Terms: ledger.Terms{Period: month}, Since: now.Add(-3 * time.Minute)}, inputs()["gated"], now)
	if err != nil || same.Next == nil {
		t.Fatalf("decided %+v, %v", same, err)
	}
	if same.Next.ClientToken != "token-1" {
		t.Errorf("token %q after an unknown outcome, want the same", same.Next.ClientToken)
	}
}

// FuzzNext runs sequences of inputs: the rules hold in every order.
func FuzzNext(f *testing.F) {
	names := make([]string, 0, len(inputs()))
	for name := range inputs() {
		names = append(names, name)
	}
	slices.Sort(names)
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
	f.Add([]byte{3, 30, 3, 31, 3, 32, 25, 3, 30, 200, 90, 100})
	f.Fuzz(func(t *testing.T, steps []byte) {
		in := inputs()
		c := payment.Case{Renewal: renewal(ledger.Planned), Terms: ledger.Terms{Period: month, MaxPrice: yuan(100)}, Began: now, Since: now.Add(-3 * time.Minute)}
		for i, b := range steps {
			name := names[int(b)%len(names)]
			d, err := payment.Next(c, in[name], now)
			if errors.Is(err, payment.ErrNotAllowed) {
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			check(t, fmt.Sprintf("step %d, %s in %s", i, name, c.Renewal.State), c, in[name], d)
			if d.Next != nil {
				c.Renewal = *d.Next
				for i := range c.Renewal.Attempts { // time passes
					if a := &c.Renewal.Attempts[i]; a.Outcome != ledger.OutcomeOpen {
						a.FinishTime = now.Add(-2 * time.Minute)
					}
				}
			}
		}
	})
}
