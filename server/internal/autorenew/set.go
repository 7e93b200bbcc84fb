package autorenew

import (
	"context"
	"fmt"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/sleep"
)

const (
	// readBacks bounds the reads of a new setting, a second apart.
	readBacks = 5
	// lagPause is the pause between calls that the cloud refuses because it lags
	// behind a change of the charge type, lagWindow how long they are repeated.
	lagPause  = 3 * time.Second
	lagWindow = 30 * time.Second
)

// Set applies the settings, reads them back, and returns for each ID the
// setting that the cloud then holds, or its difference from the request. A zero
// period keeps that of the instance, and is a month if it has none. With
// validateOnly nothing is changed, and the resulting settings are returned.
//
// The request is recorded, and later compared with the settings in the cloud.
// If that fails, Set returns an error although the settings are applied;
// sending the request again records it.
func (s *Settings) Set(ctx context.Context, regionID string, ids []string, want ecs.AutoRenewSetting, validateOnly bool) ([]ecs.Result[Setting], error) {
	ctx = call.InLane(ctx, call.Write)
	before, err := s.desired(ctx, regionID, ids)
	if err != nil {
		return nil, err
	}
	reads := s.subscriptions(ctx, regionID, ids)
	held := s.current(ctx, regionID, reads, want)
	c := change{
		settings: s, regionID: regionID, want: want, results: held, instances: map[string]ecs.Instance{},
		targets: map[string]ecs.AutoRenewSetting{}, refused: map[string]error{},
	}
	var requested []ecs.DesiredAutoRenew
	for i, h := range held {
		if h.Err != nil {
			continue
		}
		target := targetOf(want, h.Value)
		if validateOnly {
			held[i].Value = target
			continue
		}
		requested = append(requested, s.desiredOf(ctx, regionID, h, target, before[h.ID]))
		if difference(target, h.Value) != "" {
			c.targets[h.ID], c.instances[h.ID] = target, reads[i].Value
		}
	}
	if validateOnly {
		return withoutOutlooks(held), nil
	}
	c.send(ctx)
	for _, d := range requested {
		s.recent.Remove(settingKey{regionID, d.InstanceID})
	}
	c.readBack(ctx)
	if err := s.record(ctx, requested, before, c.refused); err != nil {
		return nil, err
	}
	return s.withOutlooks(ctx, regionID, reads, held), nil
}

// desired reads the desired settings that were recorded before.
func (s *Settings) desired(ctx context.Context, regionID string, ids []string) (map[string]ecs.DesiredAutoRenew, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	return s.store.DesiredAutoRenew(ctx, regionID, ids)
}

// record saves the requested settings, except those that were recorded already
// or were refused without an effect. The end of the caller's wait does not stop
// it.
func (s *Settings) record(ctx context.Context, requested []ecs.DesiredAutoRenew, before map[string]ecs.DesiredAutoRenew, refused map[string]error) error {
	var fresh []ecs.DesiredAutoRenew
	for _, d := range requested {
		refusal := ecs.AsError(refused[d.InstanceID])
		if d != before[d.InstanceID] && (refusal == nil || refusal.Effect == ecs.EffectUnknown) {
			fresh = append(fresh, d)
		}
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
	defer cancel()
	if err := s.store.SaveDesiredAutoRenew(ctx, fresh); err != nil {
		return fmt.Errorf("the settings are made but not recorded, send the request again: %w", err)
	}
	return nil
}

// current reads the settings in the cloud, with an error for each ID that
// cannot be set.
func (s *Settings) current(ctx context.Context, regionID string, reads []ecs.Result[ecs.Instance], want ecs.AutoRenewSetting) []result {
	results := make([]result, len(reads))
	instances := map[string]ecs.Instance{}
	var good []string
	for i, read := range reads {
		results[i].ID, results[i].Err = read.ID, read.Err
		if read.Err == nil && want.Status == ecs.AutoRenewOn && !read.Value.ExpireTime.After(s.config.Clock.Now()) {
			results[i].Err = ecs.Errorf(ecs.ReasonInstanceExpired,
				"instance %s has expired; renew it before auto-renew is switched on", read.ID).On(regionID, read.ID)
		}
		if results[i].Err == nil {
			good, instances[read.ID] = append(good, read.ID), read.Value
		}
	}
	whileLagging(ctx, func() bool {
		s.read(ctx, regionID, good, results)
		good = good[:0]
		for i, r := range results {
			if instance, asked := instances[r.ID]; asked && r.Err != nil {
				results[i].Err = ecs.Lagging(instance, r.Err)
				if ecs.HasReason(results[i].Err, ecs.ReasonOperationInProgress) {
					good = append(good, r.ID)
				}
			}
		}
		return len(good) > 0
	})
	return results
}

// whileLagging calls do until it returns false, or the cloud has lagged for too
// long, or ctx ends.
func whileLagging(ctx context.Context, do func() bool) {
	for began := time.Now(); do() && time.Since(began)+lagPause <= lagWindow; {
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < 2*lagPause {
			return // leaves time to return the known results
		}
		if sleep.For(ctx, lagPause) != nil {
			return
		}
	}
}

// desiredOf returns the record of a request: the earlier record if it requested
// the same and the cloud still has that setting.
func (s *Settings) desiredOf(ctx context.Context, regionID string, held result, target ecs.AutoRenewSetting, last ecs.DesiredAutoRenew) ecs.DesiredAutoRenew {
	now := time.Now().UTC().Truncate(time.Millisecond)
	d := ecs.DesiredAutoRenew{
		RegionID: regionID, InstanceID: held.ID, Status: target.Status, Caller: call.Caller(ctx), RequestTime: now,
	}
	if target.Status == ecs.AutoRenewOn {
		d.Period, d.OnTime = target.Period, s.config.Clock.Now().UTC().Truncate(time.Millisecond)
	}
	if held.Value.Status == ecs.AutoRenewOn && target.Status == ecs.AutoRenewOn {
		d.OnTime = last.OnTime // it stays on
	}
	if d.Status == last.Status && d.Period == last.Period && !last.Differs(held.Value) {
		return last
	}
	return d
}

// targetOf returns the setting to apply to an instance with the setting held.
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

// difference describes how held differs from target, "" if it does not. The
// period of a setting that is off does not matter.
func difference(target, held ecs.AutoRenewSetting) string {
	switch {
	case held.Status != target.Status:
		return fmt.Sprintf("the cloud holds status %q", held.RawStatus)
	case target.Status == ecs.AutoRenewOn && !held.Period.Same(target.Period):
		return fmt.Sprintf("the cloud holds a period of %s", held.Period)
	}
	return ""
}

// change is one request while it is applied.
type change struct {
	settings *Settings
	regionID string
	want     ecs.AutoRenewSetting
	// targets are the settings to make, by ID, and instances their instances as
	// just read.
	targets   map[string]ecs.AutoRenewSetting
	instances map[string]ecs.Instance
	// refused are the cloud's refusals, by ID.
	refused map[string]error
	results []result
}

// send makes the settings: one call per period and per 100 IDs. It repeats those
// that the cloud refuses because it lags.
func (c *change) send(ctx context.Context) {
	pending := c.pending(func(string) bool { return true })
	whileLagging(ctx, func() bool {
		groups := map[ecs.Period][]string{}
		for _, id := range pending {
			period := c.targets[id].Period
			if c.want.Status != ecs.AutoRenewOn {
				period = ecs.Period{} // not sent, so that turning off keeps the period
			}
			groups[period] = append(groups[period], id)
		}
		lagging := map[string]bool{}
		for period, ids := range groups {
			for _, response := range c.settings.cloud.SetAutoRenew(ctx, c.regionID, ids, c.want.Status, period) {
				delete(c.refused, response.ID)
				if response.Err != nil {
					err := ecs.Lagging(c.instances[response.ID], response.Err)
					c.refused[response.ID], lagging[response.ID] = err, ecs.HasReason(err, ecs.ReasonOperationInProgress)
				}
			}
		}
		pending = c.pending(func(id string) bool { return lagging[id] })
		return len(pending) > 0
	})
}

// pending returns the IDs to set that meet a condition, in request order.
func (c *change) pending(condition func(id string) bool) []string {
	var ids []string
	for _, r := range c.results {
		if _, set := c.targets[r.ID]; set && condition(r.ID) {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

// readBack reads the changed instances until the change is shown, and stores
// the setting, the refusal or the difference in results.
func (c *change) readBack(ctx context.Context) {
	waiting := c.pending(func(string) bool { return true })
	for try := 0; len(waiting) > 0 && try < readBacks; try++ {
		if try > 0 && sleep.For(ctx, time.Second) != nil {
			break
		}
		c.settings.read(ctx, c.regionID, waiting, c.results)
		waiting = waiting[:0]
		for _, r := range c.results {
			if target, set := c.targets[r.ID]; set && c.refused[r.ID] == nil && r.Err == nil && difference(target, r.Value) != "" {
				waiting = append(waiting, r.ID)
			}
		}
	}
	for i, r := range c.results {
		target, set := c.targets[r.ID]
		if !set || r.Err != nil {
			continue
		}
		differs := difference(target, r.Value)
		switch {
		case differs == "":
		case c.refused[r.ID] != nil:
			c.results[i] = result{ID: r.ID, Err: c.refused[r.ID]}
		default:
			e := ecs.Errorf(ecs.ReasonSettingNotApplied, "the setting of instance %s was sent but is not shown: %s", r.ID, differs)
			e.Retry = ecs.RetryBackoff
			c.results[i] = result{ID: r.ID, Err: e.On(c.regionID, r.ID)}
		}
	}
}
