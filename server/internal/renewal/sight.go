package renewal

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// What expires in this time, or did, is near enough for a deduction to be due
// on either site.
const (
	deductAhead  = 10 * 24 * time.Hour
	deductBehind = 15 * 24 * time.Hour
)

// deductible is where the expiry is of what a deduction may be due for.
func deductible(now time.Time) ecs.Window {
	return ecs.Window{After: now.Add(-deductBehind), Before: now.Add(deductAhead)}
}

// notice remembers of the subscriptions near their expiry what is seen of them now
// and was not before, and returns by id what is known of each.
func (e *Engine) notice(ctx context.Context, regionID string, instances []ecs.Instance, settings []Setting, now time.Time) (map[string]ecs.AutoRenewSight, error) {
	near := map[string]ecs.AutoRenewSight{}
	for i, held := range settings {
		if held.Err == nil && held.Value.Status != ecs.AutoRenewUnknown && deductible(now).Contains(instances[i].ExpireTime) {
			near[held.ID] = ecs.AutoRenewSight{
				RegionID: regionID, InstanceID: held.ID, Status: held.Value.Status,
				ExpireTime: instances[i].ExpireTime.UTC().Truncate(time.Millisecond),
			}
		}
	}
	last, err := e.ledger.AutoRenewSights(ctx, regionID, slices.Collect(maps.Keys(near)))
	if err != nil {
		return nil, err
	}
	var fresh []ecs.AutoRenewSight
	for id, sight := range near {
		sight.ChangeTime = changed(last[id], sight, now)
		if sight != last[id] {
			fresh = append(fresh, sight)
		}
		near[id] = sight
	}
	slices.SortFunc(fresh, func(a, b ecs.AutoRenewSight) int { return strings.Compare(a.InstanceID, b.InstanceID) })
	return near, e.ledger.SaveAutoRenewSights(ctx, fresh, now.Add(-deductAhead-deductBehind))
}

// changed is when a subscription that was last seen so was first seen as it is
// now, zero where nobody knows. The change itself was before: what was due
// between the two is not taken for a failure. What was seen of an expiry that is
// long past says nothing, since nobody looked at it from then on.
func changed(last, sight ecs.AutoRenewSight, now time.Time) time.Time {
	switch {
	case last.ExpireTime.Equal(sight.ExpireTime) && last.Status == sight.Status:
		return last.ChangeTime
	case deductible(now).Contains(last.ExpireTime):
		return now.Truncate(time.Millisecond)
	}
	return time.Time{}
}
