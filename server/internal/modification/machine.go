package modification

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// Limits are the times that Next decides by. The zero value of a field means
// its default.
type Limits struct {
	// SettleWindow is how long after a send of unknown outcome the instance is read
	// before the order is sent again. Default 60 s.
	SettleWindow time.Duration
	// VerifyWindow is how long after an accepted order the change is waited for.
	// The cloud documents 5 to 10 s for a type. Default 5 min.
	VerifyWindow time.Duration
	// TrustAge is how long a token is trusted to make the call idempotent. The
	// cloud publishes no limit. Default 24 h.
	TrustAge time.Duration
}

func (l Limits) withDefaults() Limits {
	for _, field := range []struct {
		value *time.Duration
		def   time.Duration
	}{
		{&l.SettleWindow, 60 * time.Second},
		{&l.VerifyWindow, 5 * time.Minute},
		{&l.TrustAge, 24 * time.Hour},
	} {
		if *field.value <= 0 {
			*field.value = field.def
		}
	}
	return l
}

const (
	// readEvery is the pause between reads of an instance.
	readEvery = 3 * time.Second
)

// Case is what Next decides about: a modification, and since when this process
// has had it in its state.
type Case struct {
	Modification ledger.Modification
	Limits       Limits
	Since        time.Time
	// Ahead is how far the cloud's clock is ahead of this process's: 0 except with a simulator.
	Ahead time.Duration
}

// Input is an event in the life of a modification.
type Input interface{ input() }

// The inputs.
type (
	// Resumed reports that this process claimed the modification of a dead one.
	Resumed struct{}
	// Gated reports what the gate has read: the price for the setup Priced, and
	// then the instance, by a read that began at ReadTime.
	Gated struct {
		Price     ecs.Money
		PriceTime time.Time
		Downgrade bool
		Priced    ledger.Setup
		Instance  ecs.Instance
		ReadTime  time.Time
		// Orders are those of Observed.
		Orders []ecs.BilledOrder
	}
	// Refused reports that the gate could not read the price or the instance, or
	// got no rate grant.
	Refused struct{ Err *ecs.Error }
	// Unsent reports that the intent is on disk, and the call provably did not leave.
	Unsent struct{}
	// Sent reports the outcome of a send. Err is nil if the order was accepted.
	Sent struct {
		Modified ecs.Modified
		Err      *ecs.Error
	}
	// Observed reports a read of the instance.
	Observed struct {
		Instance ecs.Instance
		Err      *ecs.Error
		// Orders are the orders of the instance that the bill shows and no other row of
		// the ledger has. They can show that an order of unknown outcome was accepted. No
		// order shows nothing.
		Orders []ecs.BilledOrder
	}
	// Decided is an operator's decision about a modification that needs attention.
	Decided struct {
		// Paid reports that the order was accepted, under OrderID if it is known;
		// otherwise it was not and will not be.
		Paid    bool
		OrderID string
		By      string
		Note    string
		// OnlyOf is the only caller with modifications that may be decided, "" for all.
		OnlyOf string
	}
)

func (Resumed) input()  {}
func (Gated) input()    {}
func (Refused) input()  {}
func (Unsent) input()   {}
func (Sent) input()     {}
func (Observed) input() {}
func (Decided) input()  {}

// Step is what happens after a decision.
type Step int

// The steps: Rest ends the work, Gate passes the gate, Send sends the order whose
// intent was just written, Observe reads the instance.
const (
	Rest Step = iota
	Gate
	Send
	Observe
)

// Decision is the outcome of Next.
type Decision struct {
	// Next is the modification to write, nil if it stays as it is.
	Next *ledger.Modification
	// Step is taken at At, once Next is on disk.
	Step Step
	At   time.Time
	// Err is the error of the caller if nothing was changed or paid.
	Err *ecs.Error
}

// ErrNotAllowed reports an input that the state of the modification does not
// allow.
var ErrNotAllowed = errors.New("the state of the modification does not allow it")

// Next is the whole life of a modification. It is pure: the same case, input and
// time give the same decision.
func Next(c Case, in Input, now time.Time) (Decision, error) {
	c.Limits = c.Limits.withDefaults()
	m := machine{Case: c, now: now.UTC()}
	d, err := m.next(in)
	if err == nil && d.Next != nil && !c.Modification.State.MayFollow(d.Next.State) {
		err = ledger.ErrNoTransition
	}
	if err != nil {
		return Decision{}, fmt.Errorf("modification %s is %q, input %T: %w", c.Modification.ID, c.Modification.State, in, err)
	}
	return d, nil
}

type machine struct {
	Case
	now time.Time
}

// cloudNow is the cloud's time, by which a subscription has expired or not, and a new one begins.
func (c machine) cloudNow() time.Time { return c.now.Add(c.Ahead) }

// next is the table: a row per input, with the states that allow it.
func (c machine) next(in Input) (Decision, error) {
	m := c.Modification
	open := m.State == ledger.ModificationSubmitting
	gated := m.State == "" || m.State == ledger.ModificationFailed || m.State == ledger.ModificationUnknown
	switch in := in.(type) {
	case Resumed:
		switch {
		case open: // the process stopped between the intent and the outcome
			return c.unknown(interrupted())
		case m.State.Live():
			return c.observe(c.now)
		}
		return Decision{Step: Rest}, nil
	case Gated:
		if gated {
			return c.gated(in)
		}
	case Refused:
		if gated {
			return c.refuse(in.Err)
		}
	case Unsent:
		if open {
			return c.notSent(ledger.OutcomeDeferred, unsent())
		}
	case Sent:
		if open {
			return c.sent(in)
		}
	case Observed:
		switch m.State {
		case ledger.ModificationUnknown:
			return c.settle(in)
		case ledger.ModificationVerifying:
			return c.verify(in)
		}
	case Decided:
		if m.State == ledger.ModificationNeedsAttention {
			return c.decided(in)
		}
	}
	return Decision{}, ErrNotAllowed
}

func interrupted() *ecs.Error {
	return &ecs.Error{Reason: ecs.ReasonOutcomeUnknown, Message: "the server stopped while the order was being sent", Effect: ecs.EffectUnknown}
}

func unsent() *ecs.Error {
	return &ecs.Error{
		Reason: ecs.ReasonRateBudgetExhausted, Retry: ecs.RetryBackoff,
		Message: "the order was not sent in time after the last read; nothing was changed or paid",
	}
}

// refuse ends a modification that was not sent yet. One that may have had its
// effect is read again later.
func (c machine) refuse(refusal *ecs.Error) (Decision, error) {
	if c.Modification.State == ledger.ModificationUnknown {
		return c.observe(c.now.Add(max(readEvery, refusal.RetryAfter)))
	}
	return Decision{Step: Rest, Err: refusal}, nil
}

// gated decides whether the order may be sent: the last gate. It runs before
// every send, the first one and each later one alike.
func (c machine) gated(in Gated) (Decision, error) {
	if d, found, err := c.billed(in.Orders); found {
		return d, err
	}
	m := c.Modification
	if c.now.Sub(in.ReadTime) > ledger.MaxReadAge || in.ReadTime.After(c.now) || c.now.Sub(in.PriceTime) > ledger.MaxPriceAge {
		return Decision{Step: Gate, At: c.now}, nil
	}
	if m.State == ledger.ModificationUnknown {
		// The read may be the first to show the effect of an earlier send.
		if effectOn(m, in.Instance) != effectNone {
			return c.settle(Observed{Instance: in.Instance})
		}
		if !c.settled() {
			return c.observe(c.now.Add(readEvery))
		}
	}
	if !in.Priced.Same(ledger.SetupOf(in.Instance)) {
		return Decision{Step: Gate, At: c.now}, nil // the price is of another setup
	}
	refusal := Check(m.Change, in.Instance, in.Downgrade, c.cloudNow())
	if refusal == nil {
		refusal = Overpriced(m, in.Price)
	}
	switch {
	case refusal == nil:
	case m.State == ledger.ModificationUnknown && refusal.Retry == ecs.RetryNever:
		return c.attention("its outcome is unknown, and it may not be sent again: " + refusal.Message)
	default:
		return c.refuse(refusal)
	}
	next := m
	next.State, next.Price, next.Downgrade, next.Failure = ledger.ModificationSubmitting, in.Price, in.Downgrade, ledger.Failure{}
	next.ReadTime = in.ReadTime
	if m.State != ledger.ModificationUnknown {
		next.Before = ledger.SetupOf(in.Instance)
	}
	if m.Change.ChargeType == ecs.ChargeSubscription {
		next.ExpireExpected = m.Change.Period.Bought(c.cloudNow())
	}
	if m.State != ledger.ModificationUnknown || c.rejected() {
		next.TokenNumber++
		next.ClientToken = Token(next)
	}
	// A new slice, so that a value handed out before keeps its own.
	next.Attempts = append(m.Attempts[:len(m.Attempts):len(m.Attempts)], ledger.Attempt{
		Number: int32(len(m.Attempts) + 1), ClientToken: next.ClientToken, SendTime: c.now,
	})
	return c.write(next, Send, c.now)
}

// Token derives the client token of an order from its request and the number of
// the token, so that a ledger that was lost, or a second ecsd, sends the cloud
// the same token for the same request.
func Token(m ledger.Modification) string {
	return ecs.ClientToken("modification", m.RequestID, m.RegionID, m.InstanceID, strconv.Itoa(int(m.TokenNumber)))
}

// sent takes the outcome of a send.
func (c machine) sent(in Sent) (Decision, error) {
	switch {
	case in.Err == nil:
		next := c.closed(ledger.OutcomeAccepted, nil, in.Modified.OrderID)
		next.State, next.OrderID, next.PaidTime = ledger.ModificationVerifying, in.Modified.OrderID, c.now
		if next.Change.ChargeType == ecs.ChargePayAsYouGo {
			next.Refund = in.Modified.Fee
		}
		return c.write(next, Observe, c.now)
	case in.Err.Effect == ecs.EffectUnknown, in.Err.Reason == ecs.ReasonClientTokenRejected:
		return c.unknown(in.Err)
	case in.Err.Retry != ecs.RetryNever:
		return c.notSent(ledger.OutcomeDeferred, in.Err)
	}
	return c.notSent(ledger.OutcomeRefused, in.Err)
}

// unknown closes a send that may have had its effect.
func (c machine) unknown(refusal *ecs.Error) (Decision, error) {
	next := c.closed(ledger.OutcomeUnknown, refusal, "")
	next.State, next.Failure = ledger.ModificationUnknown, refusal.Failure()
	return c.write(next, Observe, c.now.Add(readEvery))
}

// notSent closes a send that provably had no effect. An earlier one may have had
// it.
func (c machine) notSent(outcome ledger.Outcome, refusal *ecs.Error) (Decision, error) {
	next := c.closed(outcome, refusal, "")
	next.Failure = refusal.Failure()
	if next.InDoubt() {
		next.State = ledger.ModificationUnknown
		return c.write(next, Observe, c.now.Add(max(readEvery, refusal.RetryAfter)))
	}
	next.State = ledger.ModificationFailed
	d, err := c.write(next, Rest, c.now)
	d.Err = refusal
	return d, err
}

// effect is what a read shows of an order.
type effect int

const (
	effectNone effect = iota // as before the order
	effectFull               // as the order leaves it
	effectElse               // as something else left it
)

// effectOn compares an instance with the setup before the order. A change to a
// subscription is proved only by the expiry that the order brings: another one
// was bought by another. A type or pay-as-you-go is proved whatever made it, as
// the order can have no effect after that.
func effectOn(m ledger.Modification, i ecs.Instance) effect {
	switch to := m.Change; {
	case to.InstanceType != "" && i.Type == to.InstanceType,
		to.ChargeType == ecs.ChargePayAsYouGo && i.ChargeType == ecs.ChargePayAsYouGo:
		return effectFull
	case to.ChargeType == ecs.ChargeSubscription && i.ChargeType == ecs.ChargeSubscription:
		if to.Period.IsBought(i.ExpireTime, m.ExpireExpected) {
			return effectFull
		}
		return effectElse
	case to.InstanceType != "" && i.Type != m.Before.InstanceType:
		return effectElse
	}
	return effectNone
}

// billed settles an unknown outcome by the order in the bill, if there is one: the
// modification is accepted and is not sent again.
func (c machine) billed(orders []ecs.BilledOrder) (d Decision, found bool, err error) {
	if c.Modification.State != ledger.ModificationUnknown {
		return d, false, nil
	}
	order, found := c.Modification.OrderIn(orders)
	if !found {
		return d, false, nil
	}
	next := c.Modification
	next.State, next.OrderID, next.PaidTime, next.Failure = ledger.ModificationVerifying, order.ID, c.now, ledger.Failure{}
	d, err = c.write(next, Observe, c.now)
	return d, true, err
}

// settle decides an unknown outcome by evidence. The order in the bill proves it. An instance that is as before
// when the settle window is over shows no effect, and the order may be sent again
// with the same token.
func (c machine) settle(in Observed) (Decision, error) {
	if d, found, err := c.billed(in.Orders); found {
		return d, err
	}
	m := c.Modification
	if in.Err != nil {
		switch {
		case in.Err.Reason == ecs.ReasonInstanceNotFound && c.settled():
			return c.attention("the instance is gone, and nothing shows whether the order was accepted")
		case c.aged():
			return c.attention("the instance could not be read while the cloud can be trusted to know the order's token: " + in.Err.Message)
		}
		return c.observe(c.now.Add(max(readEvery, in.Err.RetryAfter)))
	}
	switch shown := effectOn(m, in.Instance); {
	case shown == effectFull:
		next := m
		next.State, next.PaidTime, next.Failure = ledger.ModificationSucceeded, c.now, ledger.Failure{}
		next.After = ledger.SetupOf(in.Instance)
		return c.write(next, Rest, c.now)
	case !c.settled():
		return c.observe(c.now.Add(readEvery))
	case shown == effectElse:
		return c.attention(fmt.Sprintf("the instance is now %s of type %s and expires at %s, which is not what the order leaves: something else changed it",
			in.Instance.Raw.ChargeType, in.Instance.Type, stamp(in.Instance.ExpireTime)))
	case c.aged():
		return c.attention("the outcome could not be settled while the cloud can be trusted to know the order's token")
	case c.rejected() && c.replacements() >= ledger.MaxReplacements:
		return c.attention("the cloud rejected the tokens of the order")
	case m.LastAttempt().Outcome == ledger.OutcomeRefused:
		// The cloud would have repeated the success of the token.
		return c.attention("an earlier send had an unknown outcome, and the last one was refused: " + m.Failure.Message)
	}
	return Decision{Step: Gate, At: c.now}, nil
}

// settled reports whether an effect of the last send would show by now. If
// another process wrote its outcome, its clock may have been off: this process's
// own counts for a time that is still to come, and before a token is replaced.
func (c machine) settled() bool {
	last := c.Modification.LastAttempt()
	since := last.FinishTime
	if since.After(c.Since) || c.rejected() {
		since = c.Since
	}
	return c.now.Sub(since) >= c.Limits.SettleWindow
}

// rejected reports whether the last outcome was that the cloud rejects the token.
func (c machine) rejected() bool {
	return c.Modification.Failure.Reason == ecs.ReasonClientTokenRejected
}

// replacements counts the tokens that were replaced.
func (c machine) replacements() int { return int(c.Modification.TokenNumber) - 1 }

// aged reports whether the cloud is no longer trusted to know the token.
func (c machine) aged() bool {
	for _, a := range c.Modification.Attempts {
		if a.ClientToken == c.Modification.ClientToken {
			return c.now.Sub(a.SendTime) >= c.Limits.TrustAge
		}
	}
	return false
}

// verify waits until the cloud shows the accepted change. If it does not, the
// modification ends UNVERIFIED; it is accepted nevertheless.
func (c machine) verify(in Observed) (Decision, error) {
	next := c.Modification
	// A later expiry is proof too: a renewal may have been added.
	bought := next.Change.ChargeType == ecs.ChargeSubscription && in.Instance.ChargeType == ecs.ChargeSubscription &&
		in.Instance.ExpireTime.After(next.ExpireExpected)
	if in.Err == nil && (bought || effectOn(next, in.Instance) == effectFull) {
		next.State, next.After = ledger.ModificationSucceeded, ledger.SetupOf(in.Instance)
		return c.write(next, Rest, c.now)
	}
	if age := c.now.Sub(c.Since); age < c.Limits.VerifyWindow {
		return c.observe(c.now.Add(max(readEvery, age/10)))
	}
	next.State = ledger.ModificationUnverified
	if in.Err == nil {
		next.After = ledger.SetupOf(in.Instance)
	}
	next.Failure = ledger.Failure{
		Reason:  ecs.ReasonSettingNotApplied,
		Message: fmt.Sprintf("the order was accepted, but the cloud did not show the change within %s", c.Limits.VerifyWindow),
	}
	return c.write(next, Rest, c.now)
}

// attention ends a modification with an outcome that cannot be settled.
func (c machine) attention(message string) (Decision, error) {
	next := c.Modification
	next.State = ledger.ModificationNeedsAttention
	next.Failure.Reason, next.Failure.Message = ecs.ReasonOutcomeUnknown, message
	return c.write(next, Rest, c.now)
}

func (c machine) write(next ledger.Modification, then Step, at time.Time) (Decision, error) {
	next.UpdateTime = c.now
	return Decision{Next: &next, Step: then, At: at}, nil
}

func (c machine) observe(at time.Time) (Decision, error) { return Decision{Step: Observe, At: at}, nil }

// closed returns the modification with its last attempt closed.
func (c machine) closed(outcome ledger.Outcome, refusal *ecs.Error, orderID string) ledger.Modification {
	next := c.Modification
	next.Attempts = ledger.CloseLast(next.Attempts, outcome, c.now, refusal, orderID)
	return next
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
