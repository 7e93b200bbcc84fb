package renewal

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/sleep"
)

// readBacks is how often a setting that was just made is read until it shows,
// a second apart.
const readBacks = 5

// Setting is a result of the auto-renew calls.
type Setting = ecs.Result[ecs.AutoRenewSetting]

// Held is a setting with what is to be expected of it.
type Held struct {
	ecs.AutoRenewSetting
	ecs.AutoRenewOutlook
}

// AutoRenewSettings reads the settings: one result an id, in the order asked.
// The cloud refuses a whole call for one pay-as-you-go id, so that only
// subscriptions are asked for. Where the ledger cannot be read, a setting has a
// zero outlook.
func (e *Engine) AutoRenewSettings(ctx context.Context, regionID string, ids []string) []ecs.Result[Held] {
	reads := e.subscriptions(ctx, regionID, ids)
	settings := make([]Setting, len(ids))
	var good []string
	for i, read := range reads {
		settings[i].ID, settings[i].Err = read.ID, read.Err
		if read.Err == nil {
			good = append(good, read.ID)
		}
	}
	e.readSettings(ctx, regionID, good, settings)
	return e.held(ctx, regionID, reads, settings)
}

// held adds to settings that were just read what is to be expected of them.
func (e *Engine) held(ctx context.Context, regionID string, reads []ecs.Result[ecs.Instance], settings []Setting) []ecs.Result[Held] {
	instances := make([]ecs.Instance, len(reads))
	for i, read := range reads {
		instances[i] = read.Value
	}
	outlooks, err := e.outlooks(ctx, regionID, instances, settings)
	if err != nil { // the outlooks are zero, the settings are as the cloud has them
		e.config.Logger.Warn("auto-renew states not read", "region", regionID, "error", err.Error())
	}
	results := unheld(settings)
	for i, outlook := range outlooks {
		results[i].Value.AutoRenewOutlook = outlook
	}
	return results
}

// unheld is of settings with which nothing is to be expected.
func unheld(settings []Setting) []ecs.Result[Held] {
	results := make([]ecs.Result[Held], len(settings))
	for i, s := range settings {
		results[i] = ecs.Result[Held]{ID: s.ID, Err: s.Err, Value: Held{AutoRenewSetting: s.Value}}
	}
	return results
}

// SetAutoRenew makes the settings, reads them back, and reports for each id
// what the cloud then holds, or in what it differs from what was asked. A zero
// period keeps what the instance has, and is a month where it has none. Where
// validateOnly is set nothing is changed, and the settings that would be made
// are returned. What was asked is remembered, and held against what the cloud
// holds from then on.
func (e *Engine) SetAutoRenew(ctx context.Context, regionID string, ids []string, want ecs.AutoRenewSetting, validateOnly bool) ([]ecs.Result[Held], error) {
	ctx = call.InLane(ctx, call.Write)
	before, err := e.ledger.AutoRenewWishes(ctx, regionID, ids)
	if err != nil {
		return nil, err
	}
	results := make([]Setting, len(ids))
	var good []string
	reads := e.subscriptions(ctx, regionID, ids)
	for i, read := range reads {
		results[i].ID, results[i].Err = read.ID, read.Err
		if read.Err == nil && want.Status == ecs.AutoRenewOn && !read.Value.ExpireTime.After(time.Now()) {
			results[i].Err = ecs.Errorf(ecs.ReasonInstanceExpired,
				"instance %s has expired; renew it before auto-renew is switched on", read.ID).On(regionID, read.ID)
		}
		if results[i].Err == nil {
			good = append(good, read.ID)
		}
	}
	e.readSettings(ctx, regionID, good, results)

	var wishes []ecs.AutoRenewWish
	targets := map[string]ecs.AutoRenewSetting{}
	changes := map[ecs.Period][]string{}
	for i, held := range results {
		if held.Err != nil {
			continue
		}
		target := targetOf(want, held.Value)
		if validateOnly {
			results[i].Value = target
			continue
		}
		wishes = append(wishes, wished(ctx, regionID, held, target, before))
		if difference(target, held.Value) != "" {
			targets[held.ID] = target
			period := target.Period
			if target.Status != ecs.AutoRenewOn {
				period = ecs.Period{} // not sent, so that turning off keeps the period
			}
			changes[period] = append(changes[period], held.ID)
		}
	}
	if validateOnly {
		return unheld(results), nil
	}
	refused := map[string]error{}
	for period, changed := range changes {
		for _, answer := range e.cloud.SetAutoRenew(ctx, regionID, changed, want.Status, period) {
			if answer.Err != nil {
				refused[answer.ID] = answer.Err
			}
		}
	}
	e.readBack(ctx, regionID, targets, refused, results)
	wishes = slices.DeleteFunc(wishes, func(w ecs.AutoRenewWish) bool {
		refusal := ecs.AsError(refused[w.InstanceID])
		return w == before[w.InstanceID] || refusal != nil && refusal.Effect != ecs.EffectUnknown
	})
	if err := e.ledger.SaveAutoRenewWishes(context.WithoutCancel(ctx), wishes); err != nil {
		return nil, err
	}
	return e.held(ctx, regionID, reads, results), nil
}

// wished is what is remembered of a setting that is asked for: the wish of
// before, where it is the same and the cloud holds it.
func wished(ctx context.Context, regionID string, held Setting, target ecs.AutoRenewSetting, before map[string]ecs.AutoRenewWish) ecs.AutoRenewWish {
	now := time.Now().UTC().Truncate(time.Millisecond)
	wish := ecs.AutoRenewWish{
		RegionID: regionID, InstanceID: held.ID, Status: target.Status, Caller: call.Caller(ctx), AskTime: now,
	}
	if target.Status == ecs.AutoRenewOn {
		wish.Period, wish.OnTime = target.Period, now
	}
	last := before[held.ID]
	if held.Value.Status == ecs.AutoRenewOn && target.Status == ecs.AutoRenewOn {
		wish.OnTime = last.OnTime // it goes on
	}
	if wish.Status == last.Status && wish.Period == last.Period && !last.Differs(held.Value) {
		return last
	}
	return wish
}

// targetOf is what an instance that holds held shall hold.
func targetOf(want, held ecs.AutoRenewSetting) ecs.AutoRenewSetting {
	target := ecs.AutoRenewSetting{Status: want.Status, Period: want.Period}
	if target.Period.IsZero() {
		target.Period = held.Period
	}
	if target.Period.IsZero() && want.Status == ecs.AutoRenewOn {
		target.Period = ecs.Period{Count: 1, Unit: ecs.Month}
	}
	return target
}

// difference says in words where held is not target, "" where it is. What a
// setting that is off would buy does not matter.
func difference(target, held ecs.AutoRenewSetting) string {
	switch {
	case held.Status != target.Status:
		return fmt.Sprintf("the cloud holds status %q", held.RawStatus)
	case target.Status == ecs.AutoRenewOn && !held.Period.Same(target.Period):
		return fmt.Sprintf("the cloud holds a period of %s", held.Period)
	}
	return ""
}

// readBack reads what was changed until it shows, and puts into results what
// the cloud holds at last: the setting, the cloud's refusal, or the difference.
func (e *Engine) readBack(ctx context.Context, regionID string, targets map[string]ecs.AutoRenewSetting, refused map[string]error, results []Setting) {
	waiting := make([]string, 0, len(targets))
	for _, r := range results {
		if _, changed := targets[r.ID]; changed {
			waiting = append(waiting, r.ID)
		}
	}
	for try := 0; len(waiting) > 0 && try < readBacks; try++ {
		if try > 0 && sleep.For(ctx, time.Second) != nil {
			break
		}
		e.readSettings(ctx, regionID, waiting, results)
		waiting = waiting[:0]
		for _, r := range results {
			target, changed := targets[r.ID]
			if changed && refused[r.ID] == nil && r.Err == nil && difference(target, r.Value) != "" {
				waiting = append(waiting, r.ID)
			}
		}
	}
	for i, r := range results {
		target, changed := targets[r.ID]
		if !changed || r.Err != nil {
			continue
		}
		differs := difference(target, r.Value)
		switch {
		case differs == "":
		case refused[r.ID] != nil:
			results[i] = Setting{ID: r.ID, Err: refused[r.ID]}
		default:
			e := ecs.Errorf(ecs.ReasonSettingNotApplied, "the setting of instance %s was sent but does not show: %s", r.ID, differs)
			e.Retry = ecs.RetryBackoff
			results[i] = Setting{ID: r.ID, Err: e.On(regionID, r.ID)}
		}
	}
}

// readSettings reads the settings of the ids into their places in results.
func (e *Engine) readSettings(ctx context.Context, regionID string, ids []string, results []Setting) {
	if len(ids) == 0 {
		return
	}
	byID := make(map[string]Setting, len(ids))
	for _, read := range e.cloud.AutoRenewSettings(ctx, regionID, ids) {
		byID[read.ID] = read
	}
	for i, r := range results {
		if read, ok := byID[r.ID]; ok {
			results[i] = read
		}
	}
}
