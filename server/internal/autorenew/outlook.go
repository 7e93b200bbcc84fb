package autorenew

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/rescue"
)

// A subscription that expires within deductAhead, or expired within deductBehind,
// is near enough for a deduction to be due on either site.
const (
	deductAhead  = 10 * 24 * time.Hour
	deductBehind = 15 * 24 * time.Hour
)

// near returns the window of expiries for which a deduction may be due.
func near(now time.Time) ecs.Window {
	return ecs.Window{After: now.Add(-deductBehind), Before: now.Add(deductAhead)}
}

// Outlooks returns the outlook of each subscription, in order, by settings that
// were read within maxStaleness or are read now. If a setting cannot be read, its
// outlook is zero, and the error has the first cause of each region.
func (s *Settings) Outlooks(ctx context.Context, instances []ecs.Instance, maxStaleness time.Duration) ([]ecs.AutoRenewOutlook, error) {
	outlooks := make([]ecs.AutoRenewOutlook, len(instances))
	byRegion := map[string][]int{}
	for i, instance := range instances {
		byRegion[instance.RegionID] = append(byRegion[instance.RegionID], i)
	}
	var group rescue.Group
	errs := make(chan error, len(byRegion))
	for region, indexes := range byRegion {
		group.Go(func() error {
			some, ids := make([]ecs.Instance, len(indexes)), make([]string, len(indexes))
			for n, i := range indexes {
				some[n], ids[n] = instances[i], instances[i].ID
			}
			settings := s.readSettings(ctx, region, ids, maxStaleness)
			found, err := s.outlooks(ctx, region, some, settings)
			for n, i := range indexes {
				outlooks[i] = found[n]
			}
			errs <- errors.Join(err, unread(settings))
			return nil
		})
	}
	_ = group.Wait() // its errors are in errs
	close(errs)
	var all error
	for err := range errs {
		all = errors.Join(all, err)
	}
	return outlooks, all
}

// unread returns the first error of settings that were not read, and the number
// of the others: a hundred texts of one cause would fill the log.
func unread(settings []result) error {
	var first error
	others := 0
	for _, setting := range settings {
		switch {
		case setting.Err == nil:
		case first == nil:
			first = setting.Err
		default:
			others++
		}
	}
	if others > 0 {
		return fmt.Errorf("%w; the settings of %d more instances were not read either", first, others)
	}
	return first
}

// outlooks compares settings of a region that were just read with the schedule,
// the desired settings and the earlier observations, and records the new ones. A
// setting that was not read has a zero outlook. If the store fails, only Held is
// set.
func (s *Settings) outlooks(ctx context.Context, regionID string, instances []ecs.Instance, settings []result) ([]ecs.AutoRenewOutlook, error) {
	outlooks := make([]ecs.AutoRenewOutlook, len(instances))
	ids := make([]string, len(settings))
	for i, held := range settings {
		ids[i] = held.ID
		if held.Err == nil {
			outlooks[i].Held = held.Value.Status
		}
	}
	desired, err := s.desired(ctx, regionID, ids)
	if err != nil {
		return outlooks, err
	}
	now := s.config.Clock.Now().UTC()
	observed, err := s.observe(ctx, regionID, instances, settings, now)
	if err != nil {
		return outlooks, err
	}
	for i, held := range settings {
		if held.Err != nil {
			continue
		}
		d, recorded := desired[held.ID]
		since := observed[held.ID].ChangeTime
		if recorded && d.Status == ecs.AutoRenewOn && d.OnTime.After(since) {
			since = d.OnTime
		}
		outlooks[i].State, outlooks[i].Next = s.config.Site.AutoRenew(instances[i], held.Value, since, now)
		if recorded && d.Differs(held.Value) {
			outlooks[i].Drift = &d
		}
	}
	return outlooks, nil
}

// observe records the state of the subscriptions near their expiry if it
// changed, and returns the observation of each by ID.
func (s *Settings) observe(ctx context.Context, regionID string, instances []ecs.Instance, settings []result, now time.Time) (map[string]ecs.AutoRenewObservation, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	all := map[string]ecs.AutoRenewObservation{}
	for i, held := range settings {
		if held.Err == nil && held.Value.Status != ecs.AutoRenewUnknown && near(now).Contains(instances[i].ExpireTime) {
			all[held.ID] = ecs.AutoRenewObservation{
				RegionID: regionID, InstanceID: held.ID, Status: held.Value.Status,
				ExpireTime: instances[i].ExpireTime.UTC().Truncate(time.Millisecond),
			}
		}
	}
	last, err := s.store.AutoRenewObservations(ctx, regionID, slices.Collect(maps.Keys(all)))
	if err != nil {
		return nil, err
	}
	var fresh []ecs.AutoRenewObservation
	for id, o := range all {
		o.ChangeTime = changeTime(last[id], o, now)
		if o != last[id] {
			fresh = append(fresh, o)
		}
		all[id] = o
	}
	slices.SortFunc(fresh, func(a, b ecs.AutoRenewObservation) int { return strings.Compare(a.InstanceID, b.InstanceID) })
	return all, s.store.SaveAutoRenewObservations(ctx, fresh, now.Add(-deductAhead-deductBehind))
}

// changeTime returns when the observed state was first observed after the last
// one, zero if unknown. The change itself was earlier: a deduction that was due
// between the two is not taken for a failure. The last observation is ignored
// if its expiry is long past, because there was none since.
func changeTime(last, o ecs.AutoRenewObservation, now time.Time) time.Time {
	switch {
	case last.ExpireTime.Equal(o.ExpireTime) && last.Status == o.Status:
		return last.ChangeTime
	case near(now).Contains(last.ExpireTime):
		return now.Truncate(time.Millisecond)
	}
	return time.Time{}
}
