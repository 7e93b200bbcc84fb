package cloud

import (
	"context"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	sdkecs "github.com/aliyun/alibaba-cloud-sdk-go/services/ecs"

	"github.com/ecsd-io/ecsd/server/internal/cloud/answer"
)

// AllocatePublicIPAddress gives an instance a public address, which works from
// its next start on. The instance must have outbound bandwidth and no public
// address yet. The cloud takes no client token here, but gives no second
// address: a call without an answer is repeated, and where that is refused the
// outcome is OUTCOME_UNKNOWN, which a read of the instance settles.
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
