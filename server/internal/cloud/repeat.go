package cloud

import (
	"context"
	"errors"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/cloud/budget"
	"github.com/ecsd-io/ecsd/server/internal/cloud/refusal"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/sleep"
)

const (
	// maxTries is how often one operation is sent at most, throttled tries not
	// counted.
	maxTries = 4
	// maxPolls is maxTries for polls, which recur anyway: a failure of a region
	// must be reported soon. A poll that timed out or was throttled is not sent
	// again.
	maxPolls = 2
	// The waits between tries grow from firstPause by the factor 2 to
	// lastPause, each drawn evenly from nothing to twice that ("full jitter").
	firstPause = 100 * time.Millisecond
	lastPause  = 5 * time.Second
	// maxHeld is the time limit of a call in the rate budget if its caller set no
	// deadline.
	maxHeld = 2 * time.Minute
)

// tries is the story of one operation.
type tries struct {
	op operation
	// polls: the operation ranks as call.Poll.
	polls bool
	// sent counts HTTP calls, failed the calls that count as tries.
	sent, failed int
	resigned     bool
	// throttled is the last refusal for the rate of calls, nil for none.
	throttled *ecs.Error
	// uncertain: a try of a changing call went without a response. From then
	// on only a success is certain: a later refusal may be of the later try alone.
	uncertain bool
	last      outcome
}

// repeat sends an operation until it succeeds, is refused for good, or may not
// be sent again.
func (e *Edge) repeat(ctx context.Context, t *tries) *ecs.Error {
	pauses := newPauses()
	t.polls = call.LaneOf(ctx) == call.Poll
	until, bounded := ctx.Deadline()
	if !bounded {
		until = time.Now().Add(maxHeld)
	}
	for {
		grant, err := e.take(ctx, t, until)
		if err != nil {
			t.last = e.untaken(ctx, t, err)
			return t.verdict()
		}
		leave, err := e.enter(ctx, t.op)
		if err != nil {
			grant.Unused()
			t.last = e.tooLate(ctx, t, err)
			return t.verdict()
		}
		began := time.Now()
		t.last = e.try(ctx, t.op, grant.Waited)
		leave(time.Since(began))
		report(grant, t.last)
		if t.last.sent {
			t.sent++
		}
		if t.last.failure == nil {
			return nil
		}
		t.note()
		if !t.mayRepeat() {
			return t.verdict()
		}
		if t.last.class.Again != refusal.Budgeted && !pause(ctx, pauses.NextBackOff()) {
			return t.verdict()
		}
	}
}

// take waits for the rate budget, and reports the wait to the callers of a
// batched call.
func (e *Edge) take(ctx context.Context, t *tries, until time.Time) (*budget.Grant, error) {
	callers, held := t.op.shared.callers, false
	grant, err := e.budget.Take(ctx, budget.Key{Region: t.op.region, Action: t.op.action}, budget.Ask{
		Lane: call.LaneOf(ctx), Caller: call.Caller(ctx), Until: until, NoThrottle: t.polls,
		Held: func(leaves time.Time) {
			if callers != nil {
				held = true
				callers.Hold(leaves, e.exhausted(t, time.Until(leaves)))
			}
		},
	})
	if held {
		callers.Go()
	}
	return grant, err
}

// maxConnections is how many calls to one host are in flight, renewals under a
// grant aside, which wait for nothing.
const maxConnections = 256

// enter waits for a connection to the operation's host. A call that is likely
// not to have its response before the deadline is refused instead.
func (e *Edge) enter(ctx context.Context, op operation) (leave func(time.Duration), err error) {
	host := e.hostOf(op)
	e.mu.Lock()
	line := e.lines[host]
	if line == nil {
		line = budget.NewLine(maxConnections)
		e.lines[host] = line
	}
	e.mu.Unlock()
	ask := budget.Ask{Lane: call.LaneOf(ctx), Caller: call.Caller(ctx)}
	if until, ok := ctx.Deadline(); ok {
		ask.Until, ask.Need = until, e.latencies.median(budget.Key{Region: op.region, Action: op.action})
	}
	if err := line.Enter(ctx, ask); err != nil {
		return nil, err
	}
	return line.Leave, nil
}

// tooLate is the outcome of a call that did not get a connection in time.
func (e *Edge) tooLate(ctx context.Context, t *tries, err error) outcome {
	var exhausted *budget.ExhaustedError
	if !errors.As(err, &exhausted) {
		return e.untaken(ctx, t, err)
	}
	out := e.quiet(t.op, refusal.TooLate, 0, nil)
	out.failure.RetryAfter = exhausted.RetryAfter
	return out
}

// report reports the outcome of a call to the budget.
func report(grant *budget.Grant, out outcome) {
	switch {
	case !out.sent:
		grant.Unused()
	case out.class.Again == refusal.Budgeted:
		grant.Throttled(out.retryAfter)
	case out.answered:
		grant.Passed()
	default:
		grant.Failed()
	}
}

// untaken is the outcome of a call that the budget refused.
func (e *Edge) untaken(ctx context.Context, t *tries, err error) outcome {
	var exhausted *budget.ExhaustedError
	switch {
	case errors.As(err, &exhausted):
		return outcome{failure: e.exhausted(t, exhausted.RetryAfter), class: refusal.OfSilence(refusal.NoBudget)}
	case errors.Is(err, budget.ErrClosed):
		return outcome{failure: e.closedError(t.op.action, t.op.region)}
	}
	return e.silent(ctx, t.op, silence{refusal.NotSent, err})
}

// exhausted is the error of a call that would not leave in time: the cloud's
// throttle if it met one, else the error of the budget.
func (e *Edge) exhausted(t *tries, wait time.Duration) *ecs.Error {
	if t.throttled != nil {
		throttled := *t.throttled
		throttled.RetryAfter = wait
		return &throttled
	}
	failure := e.quiet(t.op, refusal.NoBudget, 0, nil).failure
	failure.RetryAfter = wait
	return failure
}

// note records the effect of a failed try on the whole call.
func (t *tries) note() {
	if t.last.class.Again == refusal.Budgeted {
		t.throttled = t.last.failure
		return
	}
	t.failed++
	if t.op.changes && t.last.class.Effect == ecs.EffectUnknown {
		t.uncertain = true
	}
}

// mayRepeat reports whether the class of the last failure allows another try.
func (t *tries) mayRepeat() bool {
	switch t.last.class.Again {
	case refusal.Budgeted:
		return true
	case refusal.Always, refusal.WhenSafe:
		if (t.op.once && t.uncertain) || (t.op.many && refusal.OfOne(t.last.failure)) {
			return false
		}
		if t.polls {
			return t.failed < maxPolls && !t.last.timedOut
		}
		return t.failed < maxTries
	case refusal.Resigned:
		again := !t.resigned && (!t.op.once || !t.uncertain)
		t.resigned = true
		return again
	}
	return false
}

// verdict is the error of the whole operation. Its cause is the last failure's,
// so that the end of the caller's own context is still seen in it.
func (t *tries) verdict() *ecs.Error {
	failure := t.last.failure
	if !t.uncertain {
		return failure
	}
	unsettled := *failure
	unsettled.Effect = ecs.EffectUnknown
	if failure.Reason == ecs.ReasonClientTokenRejected || failure.Reason == ecs.ReasonOperationInProgress {
		return &unsettled // it is more specific, and the effect covers the rest
	}
	class := refusal.OfSilence(refusal.Unsettled)
	unsettled.Reason, unsettled.Retry = class.Reason, class.Retry
	unsettled.Message = t.op.action + " in " + t.op.region + " was sent, and what came of it is not known; last: " + failure.Message
	return &unsettled
}

func newPauses() *backoff.ExponentialBackOff {
	return &backoff.ExponentialBackOff{
		InitialInterval: firstPause, Multiplier: 2, MaxInterval: lastPause, RandomizationFactor: 1,
	}
}

// pause waits; it returns false at once if the context would end first.
func pause(ctx context.Context, d time.Duration) bool {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= d {
		return false
	}
	return sleep.For(ctx, d) == nil
}
