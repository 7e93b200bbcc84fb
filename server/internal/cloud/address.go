package cloud

import (
	"context"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	sdkecs "github.com/aliyun/alibaba-cloud-sdk-go/services/ecs"

	"github.com/ecsd-io/ecsd/server/internal/cloud/answer"
)

// AllocatePublicIPAddress allocates a public address for an instance, effective
// from its next start. The instance must have outbound bandwidth and no public
// address yet. The cloud takes no client token here, but allocates no second
// address: a call without a response is repeated, and if the repetition is
// refused the outcome is OUTCOME_UNKNOWN, which a read of the instance settles.
func (e *Edge) AllocatePublicIPAddress(ctx context.Context, regionID, instanceID string) (address string, err error) {
	if err := checkInstanceID(regionID, instanceID); err != nil {
		return "", err
	}
	err = e.do(ctx, operation{
		action: "AllocatePublicIpAddress", region: regionID, instance: instanceID,
		changes: true,
		write: func() requests.AcsRequest {
			r := sdkecs.CreateAllocatePublicIpAddressRequest()
			r.RegionId, r.InstanceId = regionID, instanceID
			return r
		},
		read: func(body []byte) (requestID string, err error) {
			address, requestID, err = answer.ReadField(body, "IpAddress")
			return requestID, err
		},
	})
	if err != nil {
		return "", err
	}
	return address, nil
}
