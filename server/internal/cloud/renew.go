package cloud

import (
	"context"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	sdkecs "github.com/aliyun/alibaba-cloud-sdk-go/services/ecs"

	"github.com/ecsd-io/ecsd/server/internal/cloud/answer"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// Renew pays for an order and returns the cloud's order ID. The account is
// charged when the cloud accepts; the new expiry appears up to about ten
// seconds later.
//
// Every try carries the order's token, so that the cloud executes it once. An
// order without a token is refused before anything is sent. A call with an
// unknown outcome after its tries returns OUTCOME_UNKNOWN with EffectUnknown,
// and so does one that a later try saw refused: the earlier one may have paid.
// Only Renew with the same order, or the instance's expiry, settles it.
func (e *Edge) Renew(ctx context.Context, o ecs.RenewOrder) (orderID string, err error) {
	if err := checkOrder(o); err != nil {
		return "", err
	}
	err = e.do(ctx, renewOperation(o, &orderID))
	if err != nil {
		return "", err
	}
	return orderID, nil
}

// renewOperation is the call that pays for an order; it sets orderID.
func renewOperation(o ecs.RenewOrder, orderID *string) operation {
	return operation{
		action:   "RenewInstance",
		region:   o.RegionID,
		instance: o.InstanceID,
		changes:  true,
		write: func() requests.AcsRequest {
			r := sdkecs.CreateRenewInstanceRequest()
			r.RegionId, r.InstanceId, r.ClientToken = o.RegionID, o.InstanceID, o.ClientToken
			if o.Period.Unit == ecs.RenewDay {
				r.ExpectedRenewDay = requests.NewInteger(int(o.Period.Count))
			} else {
				count, unit := renewPeriod(o.Period)
				r.Period, r.PeriodUnit = requests.NewInteger(count), unit
			}
			return r
		},
		read: func(body []byte) (requestID string, err error) {
			*orderID, requestID, err = answer.ReadOrder(body)
			return requestID, err
		},
	}
}

func checkOrder(o ecs.RenewOrder) error {
	if err := checkInstanceID(o.RegionID, o.InstanceID); err != nil {
		return err
	}
	if err := checkToken(o.ClientToken, o.RegionID, o.InstanceID); err != nil {
		return err
	}
	if !ecs.SoldForRenewal.Includes(o.Period) {
		return ecs.Errorf(ecs.ReasonPeriodNotSold, "a renewal of %s is not sold; these are: %s", o.Period, ecs.SoldForRenewal).On(o.RegionID, o.InstanceID)
	}
	return nil
}

// renewPeriod writes a period as RenewInstance takes it: weeks or months.
func renewPeriod(p ecs.Period) (count int, unit string) {
	if p.Unit == ecs.Week {
		return int(p.Count), "Week"
	}
	return int(p.Months()), "Month"
}
