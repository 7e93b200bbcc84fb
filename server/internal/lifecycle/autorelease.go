package lifecycle

import (
	"context"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// SetAutoReleaseTime has the cloud release an instance at a time, and returns
// the instance as the cloud then shows it. The zero time cancels. The cloud
// keeps whole minutes and drops the seconds. Deletion protection does not stop
// an automatic release.
func (l *Lifecycle) SetAutoReleaseTime(ctx context.Context, regionID, instanceID string, at time.Time, validateOnly bool) (ecs.Instance, error) {
	at = at.UTC().Truncate(time.Minute)
	result := l.set(call.InLane(ctx, call.Write), regionID, []string{instanceID}, change{
		allowed: func(i ecs.Instance) error {
			if at.IsZero() {
				return nil
			}
			return payAsYouGo(i, "an auto-release time")
		},
		differs: func(i ecs.Instance) string {
			switch {
			case i.AutoReleaseTime.Truncate(time.Minute).Equal(at):
				return ""
			case i.AutoReleaseTime.IsZero():
				return "the cloud holds no auto-release time"
			}
			return "the cloud holds the auto-release time " + i.AutoReleaseTime.UTC().Format(time.RFC3339)
		},
		make: func(ctx context.Context, ids []string) map[string]error {
			return map[string]error{instanceID: l.cloud.SetAutoReleaseTime(ctx, regionID, instanceID, at)}
		},
	}, validateOnly)[0]
	return result.Value, result.Err
}

// payAsYouGo refuses a subscription, which cannot have the thing.
func payAsYouGo(i ecs.Instance, thing string) error {
	if i.ChargeType != ecs.ChargeSubscription {
		return nil
	}
	return ecs.Errorf(ecs.ReasonNotPayAsYouGo, "instance %s is a subscription; only a pay-as-you-go instance can have %s", i.ID, thing).On(i.RegionID, i.ID)
}
