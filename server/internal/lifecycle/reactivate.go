package lifecycle

import (
	"context"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// Reactivate starts pay-as-you-go instances that the cloud stopped for overdue
// payment, once the bill of the account is paid. An instance that is already
// starting is a success. If validateOnly is set nothing is started: the
// transitions have the current status only as the previous one.
func (l *Lifecycle) Reactivate(ctx context.Context, regionID string, ids []string, validateOnly bool) []Move {
	ctx = call.InLane(ctx, call.Write)
	moves := make([]Move, len(ids))
	positions := map[string][]int{}
	before := map[string]ecs.Instance{}
	var stopped []string
	for n, read := range l.instances(ctx, regionID, ids) {
		i := read.Value
		moves[n] = Move{ID: read.ID, Err: read.Err, Value: ecs.Transition{Previous: i.Status, RawPrevious: i.Raw.Status}}
		if read.Err != nil {
			continue
		}
		if refusal := inArrears(i); refusal != nil {
			moves[n].Err = refusal.On(regionID, i.ID)
			continue
		}
		if i.Status == ecs.StatusStarting {
			moves[n].Value.Current, moves[n].Value.RawCurrent = i.Status, i.Raw.Status
			continue
		}
		if positions[i.ID] == nil {
			stopped = append(stopped, i.ID)
		}
		positions[i.ID], before[i.ID] = append(positions[i.ID], n), i
	}
	if validateOnly || len(stopped) == 0 {
		return moves
	}
	refused := errorsOf(l.cloud.ReactivateInstances(ctx, regionID, stopped))
	l.touch(regionID, stopped)
	shown := l.readBack(ctx, regionID, stopped, func(i ecs.Instance) string {
		if i.Status == ecs.StatusStarting || i.Status == ecs.StatusRunning {
			return ""
		}
		return "the instance is " + i.Raw.Status
	}, refused)
	for _, id := range stopped {
		for _, n := range positions[id] {
			moves[n].Err = shown[id].Err
			if moves[n].Err == nil {
				moves[n].Value.Current, moves[n].Value.RawCurrent = shown[id].Value.Status, shown[id].Value.Raw.Status
			}
		}
	}
	return moves
}

// inArrears returns why an instance is not one that was stopped for overdue
// payment, nil if it is or is already starting.
func inArrears(i ecs.Instance) *ecs.Error {
	switch {
	case i.ChargeType != ecs.ChargePayAsYouGo:
		return ecs.Errorf(ecs.ReasonNotPayAsYouGo, "instance %s is a subscription; renew it, which starts it again", i.ID)
	case i.LockedFor(ecs.LockSecurity):
		return ecs.Errorf(ecs.ReasonInstanceLocked, "instance %s is locked for security; have the lock lifted first", i.ID)
	case i.Status == ecs.StatusStarting:
		return nil
	case i.Status == ecs.StatusStopping:
		return inTransition(i, "cannot reactivate")
	case i.Status != ecs.StatusStopped:
		return ecs.Errorf(ecs.ReasonIncorrectStatus, "instance %s is %s; there is nothing to reactivate", i.ID, i.Raw.Status)
	case !i.LockedFor(ecs.LockFinancial):
		return ecs.Errorf(ecs.ReasonIncorrectStatus, "instance %s is not locked for overdue payment; start it by StartInstances", i.ID)
	}
	return nil
}
