package cloud

import (
	"context"
	"fmt"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	sdkecs "github.com/aliyun/alibaba-cloud-sdk-go/services/ecs"

	"github.com/ecsd-io/ecsd/server/internal/cloud/answer"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// RenewalPrice returns the current price of a renewal. The cloud prices 1 to 9
// months, 1 to 3 years and up to a day of the month; another period is
// PRICE_UNAVAILABLE without a call.
func (e *Edge) RenewalPrice(ctx context.Context, regionID, instanceID string, p ecs.Period) (ecs.Quote, error) {
	if err := checkInstanceID(regionID, instanceID); err != nil {
		return ecs.Quote{}, err
	}
	if !ecs.Priced.Includes(p) {
		return ecs.Quote{}, ecs.Errorf(ecs.ReasonPriceUnavailable,
			"the cloud names no renewal price for %s; it does for %s", p, ecs.Priced).On(regionID, instanceID)
	}
	var quote ecs.Quote
	err := e.do(ctx, operation{
		action:   "DescribeRenewalPrice",
		region:   regionID,
		instance: instanceID,
		write: func() requests.AcsRequest {
			r := sdkecs.CreateDescribeRenewalPriceRequest()
			r.RegionId, r.ResourceType, r.ResourceId = regionID, "instance", instanceID
			if p.Unit == ecs.RenewDay {
				r.ExpectedRenewDay = requests.NewInteger(int(p.Count))
			} else {
				count, unit := pricePeriod(p)
				r.Period, r.PriceUnit = requests.NewInteger(count), unit
			}
			return r
		},
		read: func(body []byte) (requestID string, err error) {
			quote, requestID, err = answer.ReadQuote(body)
			return requestID, err
		},
	})
	return quote, err
}

// pricePeriod converts a period for DescribeRenewalPrice: 1 to 9 months, or
// whole years, which twelve months must be sent as.
func pricePeriod(p ecs.Period) (count int, unit string) {
	if months := int(p.Months()); months%12 == 0 {
		return months / 12, "Year"
	}
	return int(p.Months()), "Month"
}

// checkInstanceID refuses an id that the cloud could misread, before a call.
func checkInstanceID(regionID, instanceID string) error {
	if ecs.ValidInstanceID(instanceID) {
		return nil
	}
	failure := ecs.Errorf(ecs.ReasonInvalidField, "instance id %s", ecs.InstanceIDRule)
	failure.Violations = []ecs.Violation{{Field: "instance_id", Rule: ecs.InstanceIDRule}}
	return failure.On(regionID, shortID(instanceID))
}

// shortID keeps a malformed ID from filling a log.
func shortID(id string) string {
	if len(id) > 64 {
		return fmt.Sprintf("%.64s…", id)
	}
	return id
}
