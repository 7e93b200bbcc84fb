package cloud

import (
	"context"
	"strconv"
	"time"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	sdkecs "github.com/aliyun/alibaba-cloud-sdk-go/services/ecs"

	"github.com/ecsd-io/ecsd/server/internal/cloud/answer"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// InstancePrice returns the current price of an order, all its instances
// together: the price of the period for a subscription, of one hour for the
// rest. The cloud prices 1 to 9 months and 1 to 5 years; another period, or an
// order that leaves its type to a launch template, is PRICE_UNAVAILABLE without
// a call.
func (e *Edge) InstancePrice(ctx context.Context, o ecs.LaunchOrder) (ecs.Quote, error) {
	if o.Spec.Type == "" {
		return ecs.Quote{}, ecs.Errorf(ecs.ReasonPriceUnavailable, "the cloud names a price for an instance type only, and the order names none").On(o.RegionID, "")
	}
	count, unit, ok := orderPeriod(o.Spec)
	if !ok {
		return ecs.Quote{}, ecs.Errorf(ecs.ReasonPriceUnavailable,
			"the cloud names no price for %s; it does for 1 to 9 months and 1 to 5 years", o.Spec.Period).On(o.RegionID, "")
	}
	var quote ecs.Quote
	err := e.do(ctx, operation{
		action: "DescribePrice", region: o.RegionID,
		write: func() requests.AcsRequest { return writePrice(o, count, unit) },
		read: func(body []byte) (requestID string, err error) {
			quote, requestID, err = answer.ReadQuote(body)
			return requestID, err
		},
	})
	return quote, err
}

func writePrice(o ecs.LaunchOrder, count int, unit string) requests.AcsRequest {
	s := o.Spec
	r := sdkecs.CreateDescribePriceRequest()
	r.RegionId, r.ResourceType, r.InstanceType, r.ImageId, r.ZoneId = o.RegionID, "instance", s.Type, s.ImageID, s.ZoneID
	r.Amount, r.Period, r.PriceUnit = whole(max(1, o.Count)), requests.NewInteger(count), unit
	r.InternetMaxBandwidthOut, r.InternetChargeType = whole(s.InternetBandwidthOutMbps), s.InternetChargeType
	if s.Spot != nil {
		r.SpotStrategy, r.SpotDuration = s.Spot.Strategy, requests.NewInteger(int(s.Spot.ProtectedFor/time.Hour))
	}
	d := s.SystemDisk
	r.SystemDiskCategory, r.SystemDiskSize, r.SystemDiskPerformanceLevel = d.Category, whole(d.SizeGiB), d.PerformanceLevel
	if len(s.DataDisks) > 0 {
		disks := make([]sdkecs.DescribePriceDataDisk, len(s.DataDisks))
		for i, d := range s.DataDisks {
			disks[i] = sdkecs.DescribePriceDataDisk{Category: d.Category, PerformanceLevel: d.PerformanceLevel}
			if d.SizeGiB > 0 {
				disks[i].Size = strconv.Itoa(int(d.SizeGiB))
			}
		}
		r.DataDisk = &disks
	}
	return r
}

// orderPeriod converts the period of an order for DescribePrice: one hour, 1 to
// 9 months, or whole years, which twelve months must be sent as.
func orderPeriod(s ecs.InstanceSpec) (count int, unit string, ok bool) {
	if s.ChargeType != ecs.ChargeSubscription {
		return 1, "Hour", true
	}
	months := int(s.Period.Months())
	switch {
	case months >= 1 && months <= 9:
		return months, "Month", true
	case months >= 12 && months <= 60 && months%12 == 0:
		return months / 12, "Year", true
	}
	return 0, "", false
}
