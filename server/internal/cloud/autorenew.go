package cloud

import (
	"context"
	"strconv"
	"strings"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	sdkecs "github.com/aliyun/alibaba-cloud-sdk-go/services/ecs"

	"github.com/ecsd-io/ecsd/server/internal/cloud/answer"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// AutoRenewSettings reads the auto-renew settings of subscriptions: one result
// per ID, in request order, 100 IDs per call. A pay-as-you-go ID makes the
// cloud refuse a whole call; bisection finds it, and only that ID returns
// NOT_SUBSCRIPTION. An ID that the cloud does not list returns
// INSTANCE_NOT_FOUND.
func (e *Edge) AutoRenewSettings(ctx context.Context, regionID string, ids []string) []ecs.Result[ecs.AutoRenewSetting] {
	return inChunks(e, ids, regionID, func(ids []string, give func(string, ecs.AutoRenewSetting, error)) error {
		settings, err := e.describeAutoRenew(ctx, regionID, ids)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if setting, ok := settings[id]; ok {
				give(id, setting, nil)
			} else {
				give(id, setting, notFound(regionID))
			}
		}
		return nil
	})
}

func (e *Edge) describeAutoRenew(ctx context.Context, regionID string, ids []string) (map[string]ecs.AutoRenewSetting, error) {
	var settings map[string]ecs.AutoRenewSetting
	err := e.do(ctx, operation{
		action: "DescribeInstanceAutoRenewAttribute",
		region: regionID,
		many:   len(ids) > 1,
		write: func() requests.AcsRequest {
			r := sdkecs.CreateDescribeInstanceAutoRenewAttributeRequest()
			r.RegionId, r.InstanceId = regionID, strings.Join(ids, ",")
			// The cloud's default page size is 10, even with IDs.
			r.PageNumber, r.PageSize = "1", strconv.Itoa(maxIDs)
			return r
		},
		read: func(body []byte) (requestID string, err error) {
			settings, requestID, err = answer.ReadAutoRenew(body)
			return requestID, err
		},
	})
	return settings, err
}

// SetAutoRenew sets the auto-renew settings of subscriptions: one result per
// ID, in request order. A zero period is not sent, so that the cloud keeps the
// current one. Repeating a setting changes nothing, so a try without a response
// is repeated; if no try is certain, the result is OUTCOME_UNKNOWN.
func (e *Edge) SetAutoRenew(ctx context.Context, regionID string, ids []string, status ecs.AutoRenewStatus, period ecs.Period) []ecs.Result[struct{}] {
	return inChunks(e, ids, regionID, func(ids []string, give func(string, struct{}, error)) error {
		if err := checkSetting(status, period); err != nil {
			return err
		}
		if err := e.modifyAutoRenew(ctx, regionID, ids, status, period); err != nil {
			return err
		}
		for _, id := range ids {
			give(id, struct{}{}, nil)
		}
		return nil
	})
}

func (e *Edge) modifyAutoRenew(ctx context.Context, regionID string, ids []string, status ecs.AutoRenewStatus, period ecs.Period) error {
	return e.do(ctx, operation{
		action:  "ModifyInstanceAutoRenewAttribute",
		region:  regionID,
		changes: true,
		many:    len(ids) > 1,
		write: func() requests.AcsRequest {
			r := sdkecs.CreateModifyInstanceAutoRenewAttributeRequest()
			r.RegionId, r.InstanceId = regionID, strings.Join(ids, ",")
			r.RenewalStatus = answer.AutoRenewWord(status)
			if !period.IsZero() {
				r.Duration = requests.NewInteger(int(period.Count))
				r.PeriodUnit = map[ecs.PeriodUnit]string{ecs.Week: "Week", ecs.Month: "Month", ecs.Year: "Year"}[period.Unit]
			}
			return r
		},
		read: answer.RequestID,
	})
}

func checkSetting(status ecs.AutoRenewStatus, period ecs.Period) error {
	if answer.AutoRenewWord(status) == "" {
		return ecs.Errorf(ecs.ReasonInvalidField, "the auto-renew status is none of the cloud's")
	}
	if !period.IsZero() && !ecs.SoldForAutoRenewal.Includes(period) {
		return ecs.Errorf(ecs.ReasonPeriodNotSold, "auto-renewal of %s is not sold; these are: %s", period, ecs.SoldForAutoRenewal)
	}
	return nil
}
