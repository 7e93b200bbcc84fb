package lifecycle

import (
	"context"
	"errors"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/sleep"
	"github.com/ecsd-io/ecsd/server/internal/visibility"
)

// readBacks is how often a change that was just made is read until it shows, a
// second apart.
const readBacks = 5

const (
	// lagPause is the pause between calls that the cloud refuses because it lags
	// behind a change of the charge type, lagWindow how long they are repeated.
	lagPause  = 3 * time.Second
	lagWindow = 30 * time.Second
)

// Shown is a result of the calls that return the instance as the cloud then
// shows it.
type Shown = ecs.Result[ecs.Instance]

// change is one setting of instances: how a difference is detected and removed.
type change struct {
	// allowed refuses an instance that cannot have the setting.
	allowed func(ecs.Instance) error
	// differs describes how an instance differs from the request, "" if not at all.
	differs func(ecs.Instance) string
	// make makes the setting, and returns the errors by id.
	make func(ctx context.Context, ids []string) map[string]error
}

// set reads the instances, changes those that differ, and reads them until the
// change shows. Each result is the instance as last shown by the cloud, the
// refusal, or SETTING_NOT_APPLIED. A refusal with a visible effect was a call
// with a lost reply. If validateOnly is set nothing is changed.
func (l *Lifecycle) set(ctx context.Context, regionID string, ids []string, c change, validateOnly bool) []Shown {
	results := l.instances(ctx, regionID, ids)
	var differing []string
	asked := map[string]bool{}
	for i, r := range results {
		if r.Err != nil {
			continue
		}
		if err := c.allowed(r.Value); err != nil {
			results[i] = Shown{ID: r.ID, Err: err}
		} else if !asked[r.ID] && c.differs(r.Value) != "" {
			asked[r.ID] = true
			differing = append(differing, r.ID)
		}
	}
	if validateOnly || len(differing) == 0 {
		return results
	}
	refused := l.make(ctx, c, differing, results)
	l.touch(regionID, differing)
	shown := l.readBack(ctx, regionID, differing, c.differs, refused)
	for i, r := range results {
		if last, ok := shown[r.ID]; ok && r.Err == nil {
			results[i] = last
		}
	}
	return results
}

// make makes a change, and repeats it, within the caller's deadline, for the
// instances that the cloud refuses because it lags behind a change of the charge
// type.
func (l *Lifecycle) make(ctx context.Context, c change, ids []string, reads []Shown) map[string]error {
	instances := known(reads)
	refused := map[string]error{}
	for end := waitUntil(ctx, lagWindow); ; {
		var lagging []string
		failed := c.make(ctx, ids)
		for _, id := range ids {
			delete(refused, id)
			if err := failed[id]; err != nil {
				refused[id] = ecs.Lagging(instances[id], err)
				if !errors.Is(err, refused[id]) {
					lagging = append(lagging, id)
				}
			}
		}
		if ids = lagging; len(ids) == 0 || time.Until(end) < lagPause || sleep.For(ctx, lagPause) != nil {
			return refused
		}
	}
}

// readBack reads changed instances until the change shows. A change that was
// refused for good is not waited for.
func (l *Lifecycle) readBack(ctx context.Context, regionID string, ids []string, differs func(ecs.Instance) string, refused map[string]error) map[string]Shown {
	shown := make(map[string]Shown, len(ids))
	var waiting []string
	for _, id := range ids {
		if err := refused[id]; err != nil && ecs.AsRefusal(err).Effect == ecs.EffectNone {
			shown[id] = Shown{ID: id, Err: err}
		} else {
			waiting = append(waiting, id)
		}
	}
	for try := 0; len(waiting) > 0 && try < readBacks; try++ {
		if try > 0 && sleep.For(ctx, time.Second) != nil {
			break
		}
		var again []string
		for _, read := range l.cloud.Instances(ctx, regionID, waiting) {
			shown[read.ID] = read
			if read.Err == nil && differs(read.Value) != "" {
				again = append(again, read.ID)
			}
		}
		waiting = again
	}
	for _, id := range waiting {
		what := "was accepted"
		if refused[id] != nil {
			what = "was sent and no reply came,"
		}
		e := ecs.Errorf(ecs.ReasonSettingNotApplied, "the change of instance %s %s but does not show: %s; retry: the same change twice does no harm", id, what, differs(shown[id].Value))
		if refused[id] != nil {
			e.Effect, e.Cause = ecs.EffectUnknown, refused[id]
		}
		e.Retry = ecs.RetryBackoff
		shown[id] = Shown{ID: id, Err: e.On(regionID, id)}
	}
	return shown
}

// instances reads instances, and waits for those that are not visible yet.
func (l *Lifecycle) instances(ctx context.Context, regionID string, ids []string) []Shown {
	return visibility.Reader{Cloud: l.cloud, Guard: l.visible}.Instances(ctx, regionID, ids)
}

// errorsOf returns the failures of a call on many by ID.
func errorsOf[T any](results []ecs.Result[T]) map[string]error {
	failed := map[string]error{}
	for _, r := range results {
		if r.Err != nil {
			failed[r.ID] = r.Err
		}
	}
	return failed
}
