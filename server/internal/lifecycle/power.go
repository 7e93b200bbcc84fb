package lifecycle

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/sleep"
	"github.com/ecsd-io/ecsd/server/internal/visibility"
)

// Move is a result of the calls that start, stop and reboot.
type Move = ecs.Result[ecs.Transition]

// Start starts stopped instances. An instance that is already starting is a
// success. If validateOnly is set the cloud only checks.
func (l *Lifecycle) Start(ctx context.Context, regionID string, ids []string, once Once, validateOnly bool) ([]Move, error) {
	return l.powerOnce(call.InLane(ctx, call.Write), once, actionStart, regionID, ids, power{
		verb: "start", from: ecs.StatusStopped, underway: ecs.StatusStarting, validateOnly: validateOnly,
		call: func(ctx context.Context, ids []string) []Move {
			return l.cloud.StartInstances(ctx, regionID, ids, validateOnly)
		},
		done: func(_, now ecs.Instance) bool {
			return now.Status == ecs.StatusStarting || now.Status == ecs.StatusRunning
		},
	})
}

// Stop stops running instances. An instance that is already stopping is a
// success.
func (l *Lifecycle) Stop(ctx context.Context, regionID string, ids []string, options ecs.StopOptions, once Once, validateOnly bool) ([]Move, error) {
	return l.powerOnce(call.InLane(ctx, call.Write), once, actionStop, regionID, ids, power{
		verb: "stop", from: ecs.StatusRunning, underway: ecs.StatusStopping, validateOnly: validateOnly,
		call: func(ctx context.Context, ids []string) []Move {
			return l.cloud.StopInstances(ctx, regionID, ids, options, validateOnly)
		},
		done: func(_, now ecs.Instance) bool {
			return now.Status == ecs.StatusStopping || now.Status == ecs.StatusStopped
		},
	})
}

// Reboot reboots running instances. It reads them before, because only a
// changed start time or a transient status shows a reboot with a lost reply.
// If neither shows, the outcome stays unknown: a second reboot cannot be
// repeated safely.
func (l *Lifecycle) Reboot(ctx context.Context, regionID string, ids []string, force bool, once Once, validateOnly bool) ([]Move, error) {
	return l.powerOnce(call.InLane(ctx, call.Write), once, actionReboot, regionID, ids, power{
		verb: "reboot", from: ecs.StatusRunning, validateOnly: validateOnly, once: true, named: once.RequestID != "",
		call: func(ctx context.Context, ids []string) []Move {
			return l.cloud.RebootInstances(ctx, regionID, ids, force, validateOnly)
		},
		done: func(before, now ecs.Instance) bool {
			return now.Status == ecs.StatusStarting || now.Status == ecs.StatusStopping ||
				(before.ID != "" && now.StartTime.After(before.StartTime))
		},
	})
}

// power is one start, stop or reboot of many instances.
type power struct {
	verb string
	// from is the status that the cloud requires; underway, if any, is the status
	// of an instance already in transition.
	from, underway ecs.Status
	validateOnly   bool
	// once: a second call has a second effect.
	once bool
	// named: the request has an ID, under which it is not sent twice.
	named bool
	// until is the end of the wait for transient states; zero is that of the
	// caller's deadline.
	until time.Time
	call  func(ctx context.Context, ids []string) []Move
	// before are the instances as they were read before the call.
	before map[string]ecs.Instance
	// done reports whether an instance shows that the call had its effect.
	done func(before, now ecs.Instance) bool
}

// The actions of the cloud that change the status of instances.
const (
	actionStart  = "StartInstances"
	actionStop   = "StopInstances"
	actionReboot = "RebootInstances"
)

const (
	// statePatience is how long a transient status is waited for.
	statePatience = 2 * time.Minute
	// stateInterval is the time between two reads of it.
	stateInterval = 2 * time.Second
	// replyMargin is left of the caller's deadline for the response.
	replyMargin = time.Second
	// maxCalls bounds the calls for an instance that changes its status meanwhile.
	maxCalls = 3
)

// waitUntil is the end of a wait for up to patience: before the deadline of ctx,
// so that the caller gets the reason instead.
func waitUntil(ctx context.Context, patience time.Duration) time.Time {
	end := time.Now().Add(patience)
	if deadline, ok := ctx.Deadline(); ok && deadline.Add(-replyMargin).Before(end) {
		return deadline.Add(-replyMargin)
	}
	return end
}

// power makes the call and settles, by reads, the refusals caused by a
// transient status, which it waits for, and the calls without a reply.
func (l *Lifecycle) power(ctx context.Context, regionID string, ids []string, p power) []Move {
	end := p.until
	if end.IsZero() {
		end = waitUntil(ctx, statePatience)
	}
	visible := time.Now().Add(min(visibility.Patience, time.Until(end)))
	moves := visibility.RetryUntil(ctx, l.visible, visible, regionID, ids, p.call)
	sent := time.Now()
	positions := map[string]int{}
	for i, m := range moves {
		positions[m.ID] = i
	}
	open := map[string]error{} // the refusals that a read may explain, by instance
	calls := map[string]int{}
	take := func(moves []Move) {
		for _, m := range moves {
			calls[m.ID]++
			if explicable(m.Err) {
				open[m.ID] = m.Err
			}
		}
	}
	take(moves)
	for len(open) > 0 {
		var again []string
		for _, read := range l.cloud.Instances(ctx, regionID, slices.Sorted(maps.Keys(open))) {
			refusal := open[read.ID]
			delete(open, read.ID)
			m := &moves[positions[read.ID]]
			switch verdict, err := p.evaluate(ecs.AsRefusal(refusal), read, time.Since(sent) < l.config.SettleWindow); verdict {
			case asRequested:
				*m = Move{ID: read.ID, Value: transitionTo(p.before[read.ID], read.Value)}
			case callAgain:
				*m = Move{ID: read.ID, Err: err}
				if calls[read.ID] < maxCalls {
					again = append(again, read.ID)
				}
			case waitFor:
				*m, open[read.ID] = Move{ID: read.ID, Err: err}, refusal
			default:
				*m = Move{ID: read.ID, Err: err}
			}
		}
		if len(again) > 0 {
			repeated := p.call(ctx, again)
			for _, m := range repeated {
				moves[positions[m.ID]] = m
			}
			take(repeated)
			continue
		}
		if len(open) == 0 || p.validateOnly || time.Until(end) < stateInterval || sleep.For(ctx, stateInterval) != nil {
			break
		}
	}
	if !p.validateOnly {
		l.touchMoved(regionID, moves)
	}
	return moves
}

func transitionTo(before, now ecs.Instance) ecs.Transition {
	return ecs.Transition{
		Previous: before.Status, RawPrevious: before.Raw.Status, Current: now.Status, RawCurrent: now.Raw.Status,
	}
}

// explicable reports whether a read of the instance may explain, or settle, an
// error.
func explicable(err error) bool {
	if err == nil {
		return false
	}
	e := ecs.AsRefusal(err)
	return e.Effect == ecs.EffectUnknown || e.Reason == ecs.ReasonIncorrectStatus || e.Reason == ecs.ReasonInstanceExpired
}

// verdict is the next action for an instance with a failed call.
type verdict int

const (
	failed verdict = iota
	asRequested
	callAgain
	waitFor
)

// evaluate compares the refusal of a call with the instance as it is now. The
// error is that of the instance if nothing more is done. settling reports
// whether the effect of a call without a reply may still appear.
func (p power) evaluate(refusal *ecs.Error, read ecs.Result[ecs.Instance], settling bool) (verdict, error) {
	i := read.Value
	unknown := refusal.Effect == ecs.EffectUnknown
	switch {
	case read.Err != nil && unknown:
		return failed, p.unsettled(refusal, i, read.ID)
	case read.Err != nil:
		return failed, refusal
	case unknown && p.done(p.before[read.ID], i):
		return asRequested, nil
	case unknown && settling:
		return waitFor, p.unsettled(refusal, i, read.ID)
	case unknown:
		return failed, p.unsettled(refusal, i, read.ID)
	case refusal.Reason == ecs.ReasonInstanceExpired:
		return failed, arrears(i, refusal)
	case !p.validateOnly && p.underway != ecs.StatusUnknown && i.Status == p.underway:
		return asRequested, nil
	case passing(i.Status):
		return waitFor, inTransition(i, "cannot "+p.verb)
	case i.Status == p.from:
		return callAgain, refusal
	}
	return failed, refusal
}

// unsettled is the error of a call with a lost reply and no visible effect. A
// call that may be repeated without harm is retryable.
func (p power) unsettled(refusal *ecs.Error, now ecs.Instance, instanceID string) error {
	e := *refusal
	if !p.once {
		e.Reason = ecs.ReasonOperationInProgress
		e.Message = fmt.Sprintf("the %s of instance %s was sent and no reply came, and it does not show yet; retry: a second %s does no harm", p.verb, instanceID, p.verb)
		e.Retry = ecs.RetryBackoff
		return e.On(now.RegionID, instanceID)
	}
	e.Reason, e.Retry, e.RetryAfter = ecs.ReasonOutcomeUnknown, ecs.RetryNever, 0
	e.Message = fmt.Sprintf("the %s of instance %s was sent and no reply came; a retry may %s it twice. "+
		"Read its status and start_time, and retry only if they show no %s", p.verb, instanceID, p.verb, p.verb)
	if p.named {
		e.Message += ", with a new request_id"
	}
	if before, ok := p.before[instanceID]; ok && !before.StartTime.IsZero() {
		e.Message += "; start_time was " + before.StartTime.UTC().Format(time.RFC3339) + " before"
	}
	return e.On(now.RegionID, instanceID)
}

// passing reports whether a status is transient.
func passing(s ecs.Status) bool {
	return s == ecs.StatusPending || s == ecs.StatusStarting || s == ecs.StatusStopping
}

// inTransition is the retryable error of an instance with a transient status
// that forbids the request.
func inTransition(i ecs.Instance, cannot string) *ecs.Error {
	e := ecs.Errorf(ecs.ReasonOperationInProgress, "%s instance %s while it is %s, which ends by itself; nothing was changed, retry then", cannot, i.ID, i.Raw.Status)
	e.Retry, e.RetryAfter = ecs.RetryBackoff, 2*stateInterval
	return e.On(i.RegionID, i.ID)
}

// arrears explains an expiry of a pay-as-you-go instance, which has none: its
// account has a bill to pay.
func arrears(i ecs.Instance, refusal *ecs.Error) *ecs.Error {
	if i.ChargeType != ecs.ChargePayAsYouGo {
		return refusal
	}
	e := *refusal
	e.Reason = ecs.ReasonAccountRestricted
	e.Message = fmt.Sprintf("instance %s is pay-as-you-go and the account is in arrears; pay the bill of the account, then retry: there is nothing to renew", i.ID)
	return e.On(i.RegionID, i.ID)
}

// touchMoved reports which instances were changed, or may have been.
func (l *Lifecycle) touchMoved(regionID string, moves []Move) {
	var touched []string
	for _, m := range moves {
		if m.Err == nil || ecs.AsRefusal(m.Err).Effect == ecs.EffectUnknown {
			touched = append(touched, m.ID)
		}
	}
	l.touch(regionID, touched)
}

// touch reports which instances were changed.
func (l *Lifecycle) touch(regionID string, ids []string) {
	if len(ids) > 0 {
		l.config.Touched(regionID, ids)
	}
}
