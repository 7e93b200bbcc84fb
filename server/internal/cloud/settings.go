package cloud

import (
	"context"
	"time"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	sdkecs "github.com/aliyun/alibaba-cloud-sdk-go/services/ecs"

	"github.com/ecsd-io/ecsd/server/internal/cloud/answer"
)

// SetAutoReleaseTime sets the automatic release time of a pay-as-you-go
// instance, to the minute; the zero time cancels it. Repeating a setting
// changes nothing, so a try without a response is repeated.
func (e *Edge) SetAutoReleaseTime(ctx context.Context, regionID, instanceID string, at time.Time) error {
	return e.set(ctx, "ModifyInstanceAutoReleaseTime", regionID, instanceID, func() requests.AcsRequest {
		r := sdkecs.CreateModifyInstanceAutoReleaseTimeRequest()
		r.RegionId, r.InstanceId = regionID, instanceID
		// A request without the time cancels the release.
		r.AutoReleaseTime = wholeMinute(at)
		return r
	})
}

// SetDeletionProtection turns the protection from manual release of a
// pay-as-you-go instance on or off. It does not hold back an automatic release.
func (e *Edge) SetDeletionProtection(ctx context.Context, regionID, instanceID string, on bool) error {
	return e.set(ctx, "ModifyInstanceAttribute", regionID, instanceID, func() requests.AcsRequest {
		r := sdkecs.CreateModifyInstanceAttributeRequest()
		r.RegionId, r.InstanceId, r.DeletionProtection = regionID, instanceID, requests.NewBoolean(on)
		return r
	})
}

// set changes one setting of one instance.
func (e *Edge) set(ctx context.Context, action, regionID, instanceID string, write func() requests.AcsRequest) error {
	if err := checkInstanceID(regionID, instanceID); err != nil {
		return err
	}
	return e.do(ctx, operation{
		action: action, region: regionID, instance: instanceID,
		changes: true, write: write, read: answer.RequestID,
	})
}
