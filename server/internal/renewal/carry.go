package renewal

import (
	"context"
	"errors"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/sleep"
)

// carrier carries one claimed renewal. Its renewal is as the ledger has it.
type carrier struct {
	*shift
	spec spec
	job  string
	r    ledger.Renewal
	// began is when this process took the renewal up, stood when it did or when
	// it last moved it: by its own clock, where that of the process that wrote the
	// stored times may have been off.
	began, stood time.Time
	// inherited says that an earlier process left the renewal after its intent.
	inherited bool
	// counted says that it is not counted as unpaid any more.
	counted bool
	// slot is held while the renewal is about to be paid, by renewals of
	// larger jobs; see pools.
	slot *slot
}

// carry takes the renewal from where it stands to a state that no worker moves.
// It comes back early where the shift ends, or the row is another's, and where
// a renewal of a larger job has only to be verified, which the verifier does.
func (c *carrier) carry() {
	ctx, cancel := c.context()
	defer cancel()
	defer func() { c.slot.release() }()
	err := c.takeUp(ctx)
	steps := map[ledger.State]func(context.Context) error{
		ledger.Planned:    c.plan,
		ledger.Submitting: c.submit,
		ledger.Unknown:    c.settle,
		ledger.Verifying:  c.verify,
	}
	for err == nil && steps[c.r.State] != nil {
		if c.r.State != ledger.Planned && c.r.State != ledger.Submitting {
			c.slot.release()
		}
		if c.r.State == ledger.Verifying {
			c.isPaid()
			if !c.spec.Single {
				c.verifier.hold(c, c.stood.Add(showsAfter))
				return
			}
		}
		err = steps[c.r.State](ctx)
	}
	c.left(err)
}

// left ends the carrying, with what kept the renewal from its end, if anything
// did.
func (c *carrier) left(err error) {
	if err != nil && c.ctx.Err() == nil && !errors.Is(err, ecs.ErrStateMoved) && !errors.Is(err, ecs.ErrLeaseLost) {
		c.config.Logger.Error("a renewal is left for later", "renewal", c.r.ID, "instance", c.r.InstanceID, "error", err.Error())
	}
	c.isPaid()
	c.done(c.job)
}

// context is that of the shift; with the values of who waits for the renewal,
// where somebody does.
func (c *carrier) context() (context.Context, context.CancelFunc) {
	base := call.With(c.ctx, &call.Call{Caller: c.r.Caller})
	if asked, ok := c.asked.Load(c.job); ok {
		base = context.WithoutCancel(asked.(context.Context))
	}
	ctx, cancel := context.WithCancel(call.InLane(base, call.Write))
	stop := context.AfterFunc(c.ctx, cancel)
	return ctx, func() { stop(); cancel() }
}

// takeUp prepares a renewal that another worker may have left. One that was
// being sent may or may not have been paid.
func (c *carrier) takeUp(ctx context.Context) error {
	c.inherited = c.r.State != ledger.Planned
	if c.r.State != ledger.Submitting {
		return nil
	}
	if last := c.r.Attempts[len(c.r.Attempts)-1]; last.Outcome != ledger.OutcomeOpen {
		return c.sendAgain(ctx, 0)
	}
	next := c.r
	closeAttempt(&next, ledger.OutcomeUnknown, nil)
	next.Failure = ledger.Failure{Reason: ecs.ReasonOutcomeUnknown, Message: "the server stopped while the order was being sent"}
	return c.move(ctx, next, ledger.Unknown)
}

// move writes the renewal in its next state, and goes on trying while the
// ledger fails: what it tells has happened.
func (c *carrier) move(ctx context.Context, next ledger.Renewal, to ledger.State) error {
	m, err := moved(next, to)
	if err != nil {
		return err
	}
	for wait, uncertain := 100*time.Millisecond, false; ; wait = min(2*wait, 5*time.Second) {
		came := c.writer.put(c.job, m)
		if uncertain && errors.Is(came.refused, ecs.ErrStateMoved) {
			came = c.writtenBefore(ctx, m)
		}
		if came.failed == nil {
			if came.refused == nil {
				c.r, c.stood = m.Renewal, time.Now()
				c.config.Observer.moved(c.r)
				c.followers.changed(c.job)
			}
			return came.refused
		}
		uncertain = true
		if sleep.For(ctx, wait) != nil {
			return came.failed
		}
	}
}

// writtenBefore says whether a write that failed was written all the same.
// While this worker has the claim, nobody else can have made the same move.
func (c *carrier) writtenBefore(ctx context.Context, m ledger.Transition) written {
	stored, err := c.ledger.Renewal(ctx, m.Renewal.ID)
	switch {
	case err != nil:
		return written{failed: err}
	case stored.State != m.Renewal.State || len(stored.Attempts) != len(m.Renewal.Attempts):
		return written{refused: ecs.ErrStateMoved}
	}
	return written{}
}

// end ends a renewal for which nothing was paid.
func (c *carrier) end(ctx context.Context, to ledger.State, reason ecs.Reason, message string) error {
	next := c.r
	next.Failure = ledger.Failure{Reason: reason, Message: message}
	return c.move(ctx, next, to)
}

// read reads the instance as it is now.
func (c *carrier) read(ctx context.Context) (ecs.Instance, error) {
	result := c.cloud.Instances(ctx, c.r.RegionID, []string{c.r.InstanceID})[0]
	return result.Value, result.Err
}
