package lifecycle

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/rescue"
	"github.com/ecsd-io/ecsd/server/internal/sleep"
)

// Intents are the stored intents of changes in progress.
type Intents interface {
	// SaveIntents writes intents, or overwrites the earlier ones of the same
	// change.
	SaveIntents(ctx context.Context, intents []ecs.SettingIntent) error
	// ExtendIntents sets until when a holder holds its intents.
	ExtendIntents(ctx context.Context, holder string, until time.Time) error
	// DropIntents deletes the intents of a holder for some instances.
	DropIntents(ctx context.Context, holder string, ids []string) error
	// Intents reads the intents for a setting of some instances, held or not.
	Intents(ctx context.Context, regionID, setting string, ids []string) ([]ecs.SettingIntent, error)
	// ClaimIntents gives a new holder, until a time, at most limit intents with a
	// hold that ended before now, and returns them.
	ClaimIntents(ctx context.Context, holder string, now, until time.Time, limit int) ([]ecs.SettingIntent, error)
}

// A change of several steps leaves an instance half changed if the process dies
// between them. Before the first step it stores an intent per instance: the
// value that the setting must get if the rest does not happen. It holds the
// intents until the change is over and then deletes them. An intent with an
// expired hold belongs to a dead process; any replica claims it and carries it
// out.
const (
	// holdTime is how long an intent stays held after its process died.
	holdTime = 30 * time.Second
	// holdInterval is the time between two extensions of a hold.
	holdInterval = 10 * time.Second
	// claimInterval is how often intents without a holder are looked for.
	claimInterval = 15 * time.Second
	// claimTime bounds the work on claimed intents, which are held for twice as
	// long.
	claimTime = 45 * time.Second
	// claimAtOnce bounds the intents of one claim.
	claimAtOnce = 50
)

// hold is the hold on the intents of one change in progress. A nil hold holds
// nothing.
type hold struct {
	lifecycle *Lifecycle
	holder    string
	stop      context.CancelFunc
	ended     chan struct{}
}

// intend stores the intents of a change, and holds them until the end of the
// hold. They are on disk when it returns.
func (l *Lifecycle) intend(ctx context.Context, intents []ecs.SettingIntent) (*hold, error) {
	h := &hold{lifecycle: l, holder: uuid.NewString(), ended: make(chan struct{})}
	now := time.Now().UTC()
	for i := range intents {
		intents[i].Holder, intents[i].CreateTime, intents[i].HeldUntil = h.holder, now, now.Add(holdTime)
	}
	if err := write(ctx, func(ctx context.Context) error { return l.intents.SaveIntents(ctx, intents) }); err != nil {
		return nil, err
	}
	ctx, h.stop = context.WithCancel(context.WithoutCancel(ctx))
	go func() {
		defer close(h.ended)
		rescue.Once(h.lifecycle.config.Logger, "hold of setting intents", func() { h.extend(ctx) }) // without it the hold ends in time
	}()
	return h, nil
}

func (h *hold) extend(ctx context.Context) {
	for sleep.For(ctx, holdInterval) == nil {
		now := time.Now()
		limited, cancel := context.WithTimeout(ctx, holdInterval)
		err := h.lifecycle.intents.ExtendIntents(limited, h.holder, now.Add(holdTime))
		cancel()
		if err != nil && ctx.Err() == nil {
			h.lifecycle.config.Logger.Warn("hold of setting intents not extended", "error", err)
		}
	}
}

// drop deletes the intents of instances for which the change is over.
func (h *hold) drop(ctx context.Context, ids []string) {
	if h == nil || len(ids) == 0 {
		return
	}
	if err := write(ctx, func(ctx context.Context) error { return h.lifecycle.intents.DropIntents(ctx, h.holder, ids) }); err != nil {
		// It is carried out again, which changes nothing.
		h.lifecycle.config.Logger.Warn("setting intents not deleted", "instances", len(ids), "error", err)
	}
}

// end ends the hold. The remaining intents are carried out by the next claimer.
func (h *hold) end() {
	if h != nil {
		h.stop()
		<-h.ended
	}
}

// carryOut claims and carries out the intents of processes that died, until the
// lifecycle closes.
func (l *Lifecycle) carryOut() {
	for {
		l.carryOutClaimed()
		if sleep.For(l.ctx, claimInterval) != nil {
			return
		}
	}
}

func (l *Lifecycle) carryOutClaimed() {
	ctx, cancel := context.WithTimeout(call.InLane(l.ctx, call.Write), claimTime)
	defer cancel()
	holder, now := uuid.NewString(), time.Now()
	claimed, err := l.intents.ClaimIntents(ctx, holder, now, now.Add(2*claimTime), claimAtOnce)
	if err != nil {
		if l.ctx.Err() == nil {
			l.config.Logger.Warn("setting intents not claimed", "error", err)
		}
		return
	}
	intents := map[string]ecs.SettingIntent{} // by position, because an instance may have several
	var positions []string
	for n, i := range claimed {
		at := fmt.Sprint(n)
		intents[at], positions = i, append(positions, at)
	}
	failed := singly(positions, func(at string) error { return l.carryOutOne(ctx, intents[at]) })
	for at, i := range intents {
		logged := l.config.Logger.With("request_id", i.RequestID, "region_id", i.RegionID, "instance_id", i.InstanceID, "setting", i.Setting)
		switch err := failed[at]; {
		case err == nil:
			logged.Info("setting of an interrupted change restored")
		case l.ctx.Err() != nil:
			continue
		case over(err):
			logged.Warn("setting of an interrupted change cannot be restored", "error", err)
		default:
			logged.Warn("setting of an interrupted change not restored, retrying", "error", err)
			continue
		}
		h := &hold{lifecycle: l, holder: holder}
		h.drop(ctx, []string{i.InstanceID})
		l.touch(i.RegionID, []string{i.InstanceID})
	}
}

// carryOutOne sets the value of an intent. If the instance is gone, nothing is
// needed.
func (l *Lifecycle) carryOutOne(ctx context.Context, i ecs.SettingIntent) error {
	var err error
	switch i.Setting {
	case ecs.SettingDeletionProtection:
		err = l.cloud.SetDeletionProtection(ctx, i.RegionID, i.InstanceID, true)
	case ecs.SettingTags:
		var tags []ecs.Tag
		if err := json.Unmarshal([]byte(i.Detail), &tags); err != nil {
			return fmt.Errorf("read the tags of the intent for instance %s: %w", i.InstanceID, err)
		}
		err = l.cloud.TagInstances(ctx, i.RegionID, []string{i.InstanceID}, tags)[0].Err
	default:
		return fmt.Errorf("the intent for instance %s names the setting %s, which this build does not know", i.InstanceID, i.Setting)
	}
	if ecs.HasReason(err, ecs.ReasonInstanceNotFound) {
		return l.visible.Hidden(ctx, i.RegionID, []string{i.InstanceID})[i.InstanceID]
	}
	return err
}

// over reports whether the instance itself forbids the setting for good.
func over(err error) bool {
	e := ecs.AsError(err)
	return e != nil && e.Effect == ecs.EffectNone &&
		slices.Contains([]ecs.Reason{ecs.ReasonNotPayAsYouGo, ecs.ReasonUnsupportedOperation, ecs.ReasonQuotaExceeded}, e.Reason)
}
