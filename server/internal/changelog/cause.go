package changelog

import (
	"slices"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// Cause is a call of ecsd to the cloud that may have changed an instance.
type Cause struct {
	// ID names the call; it is the same for all instances of one call.
	ID         string
	RegionID   string
	InstanceID string
	// Action is the cloud's, such as StopInstances.
	Action string
	// CallTime is when ecsd was about to send the call.
	CallTime time.Time
	// Method is the RPC that it was part of, Caller its caller, and CallID its
	// ID in the log; all are "" if ecsd made the call on its own. A renewal has only
	// the caller.
	Method, Caller, CallID string
	// RequestID is the request_id of the request, "" if it had none.
	RequestID string
	// JobID and RenewalID are those of a paid renewal, else "".
	JobID, RenewalID string
}

const (
	// CauseWindow is how long after a call its first effect is attributed to it.
	CauseWindow = 5 * time.Minute
	// TransitionWindow is how long after a call the end of a transition is
	// attributed to it, and the effect of a launch or a paid order.
	TransitionWindow = 15 * time.Minute
)

// effect is how a change relates to a call.
type effect int

const (
	// unrelated: the call does not produce such a change.
	unrelated effect = iota
	// first: the change is the first effect of the call, which has one at most.
	first
	// further: the change continues an effect of the call.
	further
)

// effects are the effects of the cloud's actions. An action that is missing
// produces no change of an instance that the log shows.
var effects = map[string]func(before, after *ecs.Instance) effect{
	"RunInstances":   launches,
	"CreateInstance": launches,
	"StartInstances": func(before, after *ecs.Instance) effect {
		return becomes(before, after, ecs.StatusStarting, ecs.StatusStarting, ecs.StatusRunning)
	},
	"StopInstances": func(before, after *ecs.Instance) effect {
		return becomes(before, after, ecs.StatusStopping, ecs.StatusStopping, ecs.StatusStopped)
	},
	"RebootInstances": func(before, after *ecs.Instance) effect {
		switch {
		case before == nil || after == nil:
			return unrelated
		case before.Status != after.Status && passing(before.Status):
			return further
		case before.Status == ecs.StatusRunning && passing(after.Status), !before.StartTime.Equal(after.StartTime):
			return first
		}
		return unrelated
	},
	"DeleteInstances": func(before, after *ecs.Instance) effect {
		if after == nil {
			return further
		}
		return becomes(before, after, ecs.StatusStopping, ecs.StatusStopping, ecs.StatusStopped)
	},
	"ModifyInstanceAutoReleaseTime": changes(func(i *ecs.Instance) any { return i.AutoReleaseTime.UnixNano() }),
	"ModifyInstanceAttribute":       changes(func(i *ecs.Instance) any { return i.DeletionProtection }),
	"AllocatePublicIpAddress":       changes(func(i *ecs.Instance) any { return len(i.Network.PublicIPAddresses) }),
	"TagResources":                  retags,
	"UntagResources":                retags,
	"RenewInstance":                 changes(func(i *ecs.Instance) any { return i.ExpireTime.UnixNano() }),
	"ModifyInstanceChargeType":      changes(func(i *ecs.Instance) any { return [2]any{i.ChargeType, i.ExpireTime.UnixNano()} }),
	"ModifyPrepayInstanceSpec":      changes(func(i *ecs.Instance) any { return i.Type }),
	"ModifyInstanceSpec":            changes(func(i *ecs.Instance) any { return i.Type }),
	"ReActivateInstances": func(before, after *ecs.Instance) effect {
		return becomes(before, after, ecs.StatusStarting, ecs.StatusStarting, ecs.StatusRunning)
	},
}

// Effective reports whether the log can show an effect of an action of the
// cloud on an instance.
func Effective(action string) bool { return effects[action] != nil }

// becomes is the effect of a call that leads to some statuses, by way of the
// transient one.
func becomes(before, after *ecs.Instance, transient ecs.Status, reached ...ecs.Status) effect {
	switch {
	case before == nil || after == nil || before.Status == after.Status || !slices.Contains(reached, after.Status):
		return unrelated
	case before.Status == transient:
		return further
	}
	return first
}

func launches(before, after *ecs.Instance) effect {
	switch {
	case after == nil:
		return unrelated
	case before == nil, before.Status != after.Status && passing(before.Status):
		return further
	case before.Status != after.Status:
		return first // a poll missed the transient statuses
	}
	return unrelated
}

// changes is the effect of a call that changes one value.
func changes(value func(*ecs.Instance) any) func(before, after *ecs.Instance) effect {
	return func(before, after *ecs.Instance) effect {
		if before == nil || after == nil || value(before) == value(after) {
			return unrelated
		}
		return first
	}
}

func retags(before, after *ecs.Instance) effect {
	if before == nil || after == nil || slices.Equal(before.Tags, after.Tags) {
		return unrelated
	}
	return first
}

func passing(s ecs.Status) bool {
	return s == ecs.StatusPending || s == ecs.StatusStarting || s == ecs.StatusStopping
}

// orders are the actions that pay, with an effect that the cloud shows late.
var orders = []string{"RenewInstance", "ModifyInstanceChargeType", "ModifyPrepayInstanceSpec", "ModifyInstanceSpec"}

// slow reports whether an effect of the action may take TransitionWindow.
func slow(action string, e effect) bool {
	return e == further || slices.Contains(orders, action)
}

// Attribution assigns causes to changes, which are added in the order of their
// revisions, for each instance from its earliest cause on. A call has its first
// effect once, and a transition belongs to the call that began it, so that what
// others do to the instance afterwards is not attributed to the call.
type Attribution struct {
	causes map[string][]*attributed // by instance, newest first
	// moved is the last change of the status, by region and instance.
	moved map[[2]string]statusChange
}

type attributed struct {
	Cause
	spent bool
}

type statusChange struct {
	cause *attributed // nil for none
	found time.Time
}

// NewAttribution returns an attribution of changes to these causes.
func NewAttribution(causes []Cause) *Attribution {
	a := &Attribution{causes: map[string][]*attributed{}, moved: map[[2]string]statusChange{}}
	for _, c := range causes {
		a.causes[c.InstanceID] = append(a.causes[c.InstanceID], &attributed{Cause: c})
	}
	for _, all := range a.causes {
		slices.SortStableFunc(all, func(x, y *attributed) int { return y.CallTime.Compare(x.CallTime) })
	}
	return a
}

// Add returns the cause of the next change: the latest call on the instance that
// can have produced it, before it and recently enough; nil if there is none.
func (a *Attribution) Add(regionID, instanceID string, found time.Time, before, after *ecs.Instance) *Cause {
	cause := a.cause(regionID, instanceID, found, before, after)
	if before != nil && after != nil && before.Status != after.Status {
		a.moved[[2]string{regionID, instanceID}] = statusChange{cause: cause, found: found}
	}
	if cause == nil {
		return nil
	}
	return &cause.Cause
}

func (a *Attribution) cause(regionID, instanceID string, found time.Time, before, after *ecs.Instance) *attributed {
	for _, c := range a.causes[instanceID] {
		related := effects[c.Action]
		if c.RegionID != regionID || c.CallTime.After(found) || related == nil {
			continue
		}
		e := related(before, after)
		window := CauseWindow
		if slow(c.Action, e) {
			window = TransitionWindow
		}
		switch {
		case e == unrelated, found.Sub(c.CallTime) > window, e == first && c.spent:
			continue
		case e == further && before != nil && after != nil && a.othersMoved(c):
			continue
		}
		c.spent = c.spent || e == first
		return c
	}
	return nil
}

// othersMoved reports whether the transition of the instance began after a call,
// but not by it.
func (a *Attribution) othersMoved(c *attributed) bool {
	last, ok := a.moved[[2]string{c.RegionID, c.InstanceID}]
	return ok && last.cause != c && !last.found.Before(c.CallTime)
}
