package lifecycle

import (
	"context"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/visibility"
)

// Move is a result of the calls that start and stop.
type Move = ecs.Result[ecs.Transition]

// Start starts stopped instances. Where validateOnly is set the cloud only
// checks.
func (l *Lifecycle) Start(ctx context.Context, regionID string, ids []string, validateOnly bool) []Move {
	ctx = call.InLane(ctx, call.Write)
	moves := visibility.Retry(ctx, l.visible, regionID, ids, func(ctx context.Context, ids []string) []Move {
		return l.cloud.StartInstances(ctx, regionID, ids, validateOnly)
	})
	return l.moved(ctx, regionID, moves, validateOnly, ecs.StatusStarting, ecs.StatusRunning)
}

// Stop stops running instances.
func (l *Lifecycle) Stop(ctx context.Context, regionID string, ids []string, options ecs.StopOptions, validateOnly bool) []Move {
	ctx = call.InLane(ctx, call.Write)
	moves := visibility.Retry(ctx, l.visible, regionID, ids, func(ctx context.Context, ids []string) []Move {
		return l.cloud.StopInstances(ctx, regionID, ids, options, validateOnly)
	})
	return l.moved(ctx, regionID, moves, validateOnly, ecs.StatusStopping, ecs.StatusStopped)
}

// Reboot reboots running instances. An instance does not show whether it was
// rebooted, so that an outcome that is not known stays unknown.
func (l *Lifecycle) Reboot(ctx context.Context, regionID string, ids []string, force, validateOnly bool) []Move {
	ctx = call.InLane(ctx, call.Write)
	moves := visibility.Retry(ctx, l.visible, regionID, ids, func(ctx context.Context, ids []string) []Move {
		return l.cloud.RebootInstances(ctx, regionID, ids, force, validateOnly)
	})
	return l.moved(ctx, regionID, moves, validateOnly)
}

// moved settles, by a read, the outcomes that are not known: an instance that
// shows one of the states that were asked for is there. It tells what changed.
func (l *Lifecycle) moved(ctx context.Context, regionID string, moves []Move, validateOnly bool, there ...ecs.Status) []Move {
	if validateOnly {
		return moves
	}
	var touched, unknown []string
	for _, m := range moves {
		if m.Err == nil {
			touched = append(touched, m.ID)
		} else if refusalOf(m.Err).Effect == ecs.EffectUnknown {
			touched, unknown = append(touched, m.ID), append(unknown, m.ID)
		}
	}
	if len(unknown) > 0 && len(there) > 0 {
		shown := map[string]ecs.Transition{}
		for _, read := range l.cloud.Instances(ctx, regionID, unknown) {
			for _, status := range there {
				if read.Err == nil && read.Value.Status == status {
					shown[read.ID] = ecs.Transition{Current: status, RawCurrent: read.Value.Raw.Status}
				}
			}
		}
		for i, m := range moves {
			if transition, ok := shown[m.ID]; ok && m.Err != nil {
				moves[i] = Move{ID: m.ID, Value: transition}
			}
		}
	}
	l.touch(regionID, touched)
	return moves
}

// touch tells which instances were changed.
func (l *Lifecycle) touch(regionID string, ids []string) {
	if len(ids) > 0 {
		l.config.Touched(regionID, ids)
	}
}
