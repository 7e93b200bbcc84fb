package payment

import (
	"errors"
	"fmt"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// ErrNotAllowed reports an input that the state of the renewal does not allow.
var ErrNotAllowed = errors.New("the state of the renewal does not allow it")

// Next is the whole life of a renewal. It is pure: the same case, input and
// time give the same decision.
func Next(c Case, in Input, now time.Time) (Decision, error) {
	c.Limits = c.Limits.withDefaults()
	m := machine{Case: c, now: now.UTC()}
	d, err := m.next(in)
	if err != nil {
		return Decision{}, fmt.Errorf("renewal %s is %s, input %T: %w", c.Renewal.ID, c.Renewal.State, in, err)
	}
	if d.Next != nil && !c.Renewal.State.MayFollow(d.Next.State) {
		return Decision{}, fmt.Errorf("renewal %s: %s may not follow %s", c.Renewal.ID, d.Next.State, c.Renewal.State)
	}
	return d, nil
}

type machine struct {
	Case
	now time.Time
}

// cloudNow is the cloud's time, by which an instance has expired or not.
func (m machine) cloudNow() time.Time { return m.now.Add(m.Ahead) }

// next is the table: a row per state, a branch per input.
func (m machine) next(in Input) (Decision, error) {
	r := m.Renewal
	open := r.State == ledger.Submitting && r.LastAttempt().Outcome == ledger.OutcomeOpen
	switch in := in.(type) {
	case Started:
		switch {
		case r.State == ledger.Planned:
			return m.pay(m.now)
		case open: // an earlier process stopped between intent and outcome
			return m.unknown(interrupted())
		case r.State == ledger.Submitting:
			return m.pay(m.now)
		case r.State == ledger.Unknown:
			return m.observe(m.now)
		case r.State == ledger.Verifying:
			return m.observe(m.now)
		}
		return Decision{Step: Rest}, nil
	case Gated:
		if r.State == ledger.Planned || r.State == ledger.Submitting && !open || r.State == ledger.Unknown {
			return m.gated(in)
		}
	case Refused:
		if r.State == ledger.Planned || r.State == ledger.Submitting && !open || r.State == ledger.Unknown {
			return m.refused(in.Err)
		}
		if r.State == ledger.Verifying && errors.Is(in.Err, ledger.ErrOrderTaken) {
			return m.observe(m.now.Add(verifyEvery))
		}
	case Unsent:
		if open {
			return m.deferred(&ecs.Error{Reason: ecs.ReasonRateBudgetExhausted, Message: "the order was not sent in time after the last read"})
		}
	case Sent:
		if open {
			return m.sent(in)
		}
	case Observed:
		switch r.State {
		case ledger.Unknown:
			return m.settle(in)
		case ledger.Verifying:
			return m.verify(in)
		}
	case Decided:
		if r.State == ledger.NeedsAttention {
			return m.decided(in)
		}
	case Requested:
		if Repeatable(r) {
			return m.requested(in.Plan)
		}
	}
	return Decision{}, ErrNotAllowed
}

// gated decides whether the order may be sent: the last gate. It runs before
// every send, the first one and each later one alike.
func (m machine) gated(in Gated) (Decision, error) {
	if d, found, err := m.billed(in.Orders); found {
		return d, err
	}
	if in.PriceErr != nil {
		refusal := *in.PriceErr
		if contradicts(&refusal) && refusal.Retry == ecs.RetryNever {
			refusal.Retry = ecs.RetryBackoff
		}
		return m.unready(&refusal)
	}
	if in.ReadErr != nil {
		return m.unready(in.ReadErr)
	}
	if m.now.Sub(in.ReadTime) > ledger.MaxReadAge || in.ReadTime.After(m.now) {
		return m.pay(m.now)
	}
	r := m.Renewal
	if r.State == ledger.Unknown {
		// The read may be the first to show the effect of an earlier send.
		if in.Instance.ExpireTime.After(r.ExpireBefore) {
			return m.settle(Observed{Instance: in.Instance})
		}
		if !m.settled() {
			return m.observe(m.now.Add(settleEvery))
		}
	}
	if v := evaluate(m.Terms, r, in.Instance, m.cloudNow()); v.reason != "" {
		if v.wait {
			return m.unready(&ecs.Error{Reason: v.reason, Message: v.message, Retry: ecs.RetryBackoff})
		}
		return m.stop(v.state, v.reason, v.message)
	}
	if reason, message := m.overpriced(in.Price); reason != "" {
		return m.stop(ledger.Failed, reason, message)
	}
	next := r
	next.State, next.Price = ledger.Submitting, in.Price
	if r.State == ledger.Planned {
		next.ExpireBefore = in.Instance.ExpireTime
	}
	next.ExpireExpected = r.Period.Forecast(in.Instance, m.cloudNow())
	if r.TokenNumber == 0 || m.rejected() {
		next.TokenNumber++
		next.ClientToken = Token(next, m.Terms)
	}
	// A new slice, so that a value handed out before keeps its own.
	next.Attempts = append(r.Attempts[:len(r.Attempts):len(r.Attempts)], ledger.Attempt{
		Number: int32(len(r.Attempts) + 1), ClientToken: next.ClientToken, SendTime: m.now,
	})
	return m.write(next, Send, m.now)
}

// overpriced holds the price of now against the limit of the request and, for
// a single renewal, against the price that its plan showed.
func (m machine) overpriced(price ecs.Money) (ecs.Reason, string) {
	limits := []struct {
		limit ecs.Money
		name  string
	}{{m.Terms.MaxPrice, "max_price is "}}
	if m.Terms.Single && m.Renewal.State == ledger.Planned {
		limits = append(limits, struct {
			limit ecs.Money
			name  string
		}{m.Renewal.Price, "quoted was "})
	}
	for _, l := range limits {
		if l.limit.IsZero() {
			continue
		}
		if price.IsZero() {
			return ecs.ReasonPriceUnavailable, "the cloud names no price for " + m.Renewal.Period.String() + "; " + l.name + l.limit.String()
		}
		over, err := price.Cmp(l.limit)
		switch {
		case err != nil:
			return ecs.ReasonCurrencyMismatch, "it is charged in " + price.CurrencyCode + "; " + l.name + l.limit.String()
		case over > 0:
			return ecs.ReasonPriceExceedsLimit, "it costs " + price.String() + "; " + l.name + l.limit.String()
		}
	}
	return "", ""
}

// unready defers a payment if its price or instance could not be read, or ends
// it if the refusal is final.
func (m machine) unready(refusal *ecs.Error) (Decision, error) {
	again := m.now.Add(max(refusal.RetryAfter, retryAfter))
	if m.Renewal.State == ledger.Unknown {
		return m.observe(again)
	}
	if refusal.Retry == ecs.RetryNever || !m.patient(refusal) {
		return m.fail(ledger.Failed, refusal)
	}
	return m.pay(again)
}

// refused ends a payment that the ledger does not permit.
func (m machine) refused(err error) (Decision, error) {
	var conflict *ledger.ConflictError
	other := ""
	if errors.As(err, &conflict) {
		other = ": " + conflict.Prior.String()
	}
	switch {
	case conflict != nil && conflict.Prior.Modification: // it ends, and then the price is read again
		return m.unready(&ecs.Error{Reason: ecs.ReasonOperationInProgress, Message: "the instance is being modified" + other, Retry: ecs.RetryBackoff})
	case errors.Is(err, ledger.ErrOrderTaken) && m.Renewal.State == ledger.Unknown: // the next read of the bill leaves it out
		return m.observe(m.now.Add(settleEvery))
	case errors.Is(err, ledger.ErrInstanceBusy):
		return m.stop(ledger.Skipped, ecs.ReasonRenewalInProgress, "another renewal of the instance is in progress"+other)
	case errors.Is(err, ledger.ErrObligationPaid):
		return m.stop(ledger.Skipped, ecs.ReasonAlreadyRenewed, "another renewal has paid for this expiry"+other)
	case errors.Is(err, ledger.ErrOverBudget):
		return m.stop(ledger.Skipped, ecs.ReasonBudgetExceeded, "the budget of the job does not cover its price")
	case errors.Is(err, ledger.ErrJobCancelled):
		return m.stop(ledger.Skipped, ecs.ReasonJobCancelled, "the job was cancelled")
	case errors.Is(err, ledger.ErrFrozen):
		return m.frozen(err)
	case errors.Is(err, ledger.ErrSpendCap):
		return m.stop(ledger.Skipped, ecs.ReasonSpendCapExceeded, err.Error())
	case errors.Is(err, ledger.ErrCallerUnknown):
		return m.stop(ledger.Failed, ecs.ReasonPermissionDenied, "the caller of the job may not pay any more")
	case errors.Is(err, ecs.ErrCurrencyMismatch):
		return m.stop(ledger.Failed, ecs.ReasonCurrencyMismatch, "it is charged in a currency that is not the currency of the job")
	}
	return Decision{}, err
}

// frozen defers a payment while spending is frozen. A caller who waits for a
// single renewal gets the refusal; the renewals of a larger job continue when
// the freeze ends.
func (m machine) frozen(err error) (Decision, error) {
	again := m.now.Add(retryAfter)
	switch {
	case m.Renewal.State == ledger.Unknown:
		return m.observe(m.now.Add(settleEvery))
	case m.Terms.Single:
		return m.end(ledger.Failed, ecs.ReasonSpendingFrozen, err.Error())
	}
	return m.pay(again)
}

// sent takes the outcome of a send.
func (m machine) sent(in Sent) (Decision, error) {
	if in.Err == nil {
		next := m.closed(ledger.OutcomeAccepted, nil, in.OrderID)
		next.State, next.OrderID, next.PaidTime, next.Failure = ledger.Verifying, in.OrderID, m.now, ledger.Failure{}
		return m.write(next, Observe, m.firstVerify())
	}
	switch {
	case in.Err.Effect == ecs.EffectUnknown, in.Err.Reason == ecs.ReasonClientTokenRejected:
		return m.unknown(in.Err)
	case in.Err.Retry != ecs.RetryNever, contradicts(in.Err):
		return m.deferred(in.Err)
	}
	next := m.closed(ledger.OutcomeRefused, in.Err, "")
	next.Failure = in.Err.Failure()
	if next.InDoubt() {
		// The refusal is of this send; an earlier one may have paid.
		next.State = ledger.Unknown
		return m.write(next, Observe, m.now.Add(settleEvery))
	}
	next.State = ledger.Failed
	return m.write(next, Rest, m.now)
}

// contradicts reports a refusal that contradicts the last read of the instance:
// the renewal side of the cloud lags behind it.
func contradicts(refusal *ecs.Error) bool {
	switch refusal.Reason {
	case ecs.ReasonNotSubscription, ecs.ReasonIncorrectStatus, ecs.ReasonInstanceNotFound:
		return true
	}
	return false
}

// deferred closes a send that provably paid nothing and may be repeated.
func (m machine) deferred(refusal *ecs.Error) (Decision, error) {
	next := m.closed(ledger.OutcomeDeferred, refusal, "")
	next.Failure = refusal.Failure()
	again := m.now.Add(max(refusal.RetryAfter, retryAfter))
	switch {
	case next.InDoubt():
		next.State = ledger.Unknown
		return m.write(next, Observe, again)
	case !m.patient(refusal):
		next.State = ledger.Failed
		return m.write(next, Rest, m.now)
	}
	next.State = ledger.Submitting
	return m.write(next, Pay, again)
}

// patient reports whether a deferred step is repeated. Throttling never ends a
// renewal of a larger job: it says nothing about the instance.
func (m machine) patient(refusal *ecs.Error) bool {
	return !m.Terms.Single && throttles(refusal) || m.now.Sub(m.Began) < m.Limits.Patience
}

func throttles(refusal *ecs.Error) bool {
	return refusal.Reason == ecs.ReasonThrottled || refusal.Reason == ecs.ReasonRateBudgetExhausted
}

// unknown closes a send that may have paid.
func (m machine) unknown(refusal *ecs.Error) (Decision, error) {
	next := m.closed(ledger.OutcomeUnknown, refusal, "")
	next.State, next.Failure = ledger.Unknown, refusal.Failure()
	return m.write(next, Observe, m.now.Add(m.Limits.SettleEvery))
}

// settle decides an unknown outcome by evidence. The order in the bill proves it,
// and so does the expiry that the order brings: another expiry was bought by
// another. No order in the bill shows nothing. An expiry that has not
// moved when the settle window is over shows no payment, and the order may be
// sent again with the same token.
func (m machine) settle(in Observed) (Decision, error) {
	if d, found, err := m.billed(in.Orders); found {
		return d, err
	}
	r := m.Renewal
	again := m.now.Add(min(max(m.Limits.SettleEvery, m.now.Sub(m.Since)/3), settleEvery))
	switch {
	case in.Err != nil && in.Err.Reason == ecs.ReasonInstanceNotFound && m.settled():
		return m.attention("the instance is gone, and nothing shows whether it was paid")
	case in.Err != nil && m.aged():
		return m.attention("the instance could not be read while the cloud can be trusted to know the order's token: " + in.Err.Message)
	case in.Err != nil:
		return m.observe(m.now.Add(max(settleEvery, in.Err.RetryAfter)))
	case in.Instance.ExpireTime.After(r.ExpireBefore):
		if !r.Period.Is(in.Instance.ExpireTime, r.ExpireBefore, r.ExpireExpected) {
			if !m.settled() {
				return m.observe(again)
			}
			return m.attention(fmt.Sprintf("the instance now expires at %s, which is not the expiry of this order, %s: another renewal moved it",
				stamp(in.Instance.ExpireTime), stamp(r.ExpireExpected)))
		}
		next := r
		next.State, next.ExpireAfter, next.PaidTime = ledger.Verifying, in.Instance.ExpireTime, m.now
		next.Failure = ledger.Failure{}
		return m.write(next, Observe, m.now)
	case !m.settled():
		return m.observe(again)
	case !r.InDoubt():
		// The operator or the ledger left it without an attempt in doubt.
		return m.pay(m.now)
	case m.aged():
		return m.attention("the outcome could not be settled while the cloud can be trusted to know the order's token")
	case m.rejected() && m.replacements() >= ledger.MaxReplacements:
		return m.attention("the cloud rejected the tokens of the order")
	case r.LastAttempt().Outcome == ledger.OutcomeRefused && r.LastAttempt().SendTime.After(r.ResolveTime):
		return m.attention("an earlier send had an unknown outcome, and the last one was refused: " + r.Failure.Message)
	}
	return m.pay(m.now)
}

// settled reports whether a payment by the last send would show by now. A send
// may have been in flight until its outcome was written. If another process
// wrote that, its clock may have been off: this process's own counts for a
// time that is still to come, and before a token is replaced.
func (m machine) settled() bool {
	since := m.Renewal.LastAttempt().FinishTime
	if since.After(m.Since) || m.rejected() {
		since = m.Since
	}
	if m.Renewal.ResolveTime.After(since) {
		return true // the operator has looked
	}
	return m.now.Sub(since) >= m.Limits.SettleWindow
}

// rejected reports whether the last outcome was that the cloud rejects the token.
func (m machine) rejected() bool {
	return m.Renewal.Failure.Reason == ecs.ReasonClientTokenRejected
}

// replacements counts the tokens that were replaced since an operator last decided.
func (m machine) replacements() int {
	tokens := map[string]bool{}
	for _, a := range m.Renewal.Attempts {
		if !a.SendTime.Before(m.Renewal.ResolveTime) {
			tokens[a.ClientToken] = true
		}
	}
	return max(len(tokens)-1, 0)
}

// aged reports whether the cloud is no longer trusted to know the token.
func (m machine) aged() bool { return m.now.Sub(m.trustedFrom()) >= m.Limits.TrustAge }

// trustedFrom returns when the current token was first sent, or when an operator last
// decided to try again.
func (m machine) trustedFrom() time.Time {
	for _, a := range m.Renewal.Attempts {
		if a.ClientToken == m.Renewal.ClientToken {
			if m.Renewal.ResolveTime.After(a.SendTime) {
				return m.Renewal.ResolveTime
			}
			return a.SendTime
		}
	}
	return m.now
}

// verify waits until the cloud shows the paid expiry. If it does not, the
// renewal ends UNVERIFIED; it is paid nevertheless.
func (m machine) verify(in Observed) (Decision, error) {
	next := m.Renewal
	if order, found := next.OrderIn(in.Orders); found && next.OrderID == "" {
		next = next.Ordered(order)
	}
	if in.Err == nil && next.Period.Proves(in.Instance.ExpireTime, next.ExpireBefore, next.ExpireExpected) {
		next.State, next.ExpireAfter, next.Failure = ledger.Renewed, in.Instance.ExpireTime, ledger.Failure{}
		return m.write(next, Rest, m.now)
	}
	age := m.now.Sub(m.Since)
	if age < m.Limits.VerifyWindow {
		every := verifyEvery
		if m.Terms.Single {
			every = max(singleEvery, age/10)
		}
		return m.observe(m.now.Add(every))
	}
	next.State = ledger.Unverified
	if in.Err == nil && in.Instance.ExpireTime.After(next.ExpireBefore) {
		next.ExpireAfter = in.Instance.ExpireTime
	}
	next.Failure = ledger.Failure{
		Reason:  ecs.ReasonExpiryUnverified,
		Message: fmt.Sprintf("paid, but the cloud did not show the expiry of %s within %s", stamp(next.ExpireExpected), m.Limits.VerifyWindow),
	}
	return m.write(next, Rest, m.now)
}

// firstVerify is when the new expiry of an accepted order is first read.
func (m machine) firstVerify() time.Time {
	if m.Terms.Single {
		return m.now
	}
	return m.now.Add(showsAfter)
}

// stop ends a payment for a reason that concerns the renewal: one that may have
// been paid needs attention, the others end in state to.
func (m machine) stop(to ledger.State, reason ecs.Reason, message string) (Decision, error) {
	if m.Renewal.State == ledger.Unknown {
		return m.attention("its outcome is unknown, and it may not be sent again: " + message)
	}
	return m.end(to, reason, message)
}

func (m machine) end(to ledger.State, reason ecs.Reason, message string) (Decision, error) {
	next := m.Renewal
	next.State, next.Failure = to, ledger.Failure{Reason: reason, Message: message}
	return m.write(next, Rest, m.now)
}

func (m machine) fail(to ledger.State, refusal *ecs.Error) (Decision, error) {
	next := m.Renewal
	next.State, next.Failure = to, refusal.Failure()
	return m.write(next, Rest, m.now)
}

// attention leaves a renewal of unknown outcome to an operator.
func (m machine) attention(message string) (Decision, error) {
	next := m.Renewal
	next.State = ledger.NeedsAttention
	next.Failure.Reason, next.Failure.Message = ecs.ReasonOutcomeUnknown, message
	return m.write(next, Rest, m.now)
}

func (m machine) write(next ledger.Renewal, then Step, at time.Time) (Decision, error) {
	next.UpdateTime = m.now
	return Decision{Next: &next, Step: then, At: at}, nil
}

func (m machine) pay(at time.Time) (Decision, error)     { return Decision{Step: Pay, At: at}, nil }
func (m machine) observe(at time.Time) (Decision, error) { return Decision{Step: Observe, At: at}, nil }

// closed returns the renewal with its last attempt closed.
func (m machine) closed(outcome ledger.Outcome, refusal *ecs.Error, orderID string) ledger.Renewal {
	next := m.Renewal
	next.Attempts = ledger.CloseLast(next.Attempts, outcome, m.now, refusal, orderID)
	return next
}
