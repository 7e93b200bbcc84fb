package answer_test

import (
	"fmt"
	"testing"

	"github.com/ecsd-io/ecsd/server/internal/cloud/answer"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// readers are all readers of a body; each returns all fields that it read.
var readers = map[string]func(body []byte) (any, error){
	"RequestID":     func(body []byte) (any, error) { return answer.RequestID(body) },
	"ReadInstances": func(body []byte) (any, error) { return answer.ReadInstances(body, observed, nil) },
	"ReadQuote":     func(body []byte) (any, error) { v, id, err := answer.ReadQuote(body); return []any{v, id}, err },
	"ReadOrders":    func(body []byte) (any, error) { v, id, err := answer.ReadOrders(body); return []any{v, id}, err },
	"ReadBalance":   func(body []byte) (any, error) { v, id, err := answer.ReadBalance(body); return []any{v, id}, err },
	"ReadSubscriptionEnds": func(body []byte) (any, error) {
		ends := map[string]ecs.SubscriptionEnd{}
		id, err := answer.ReadSubscriptionEnds(body, ends)
		return []any{ends, id}, err
	},
	"ReadBillingRefused": func(body []byte) (any, error) {
		refused, ok := answer.ReadBillingRefused(body)
		if !ok {
			return nil, answer.ErrForeign
		}
		return refused, nil
	},
	"ReadRateQuotas": func(body []byte) (any, error) {
		v, next, id, err := answer.ReadRateQuotas(body)
		return []any{v, next, id}, err
	},
	"ReadOrder":     func(body []byte) (any, error) { v, id, err := answer.ReadOrder(body); return []any{v, id}, err },
	"ReadAutoRenew": func(body []byte) (any, error) { v, id, err := answer.ReadAutoRenew(body); return []any{v, id}, err },
	"ReadRegions":   func(body []byte) (any, error) { v, id, err := answer.ReadRegions(body); return []any{v, id}, err },
	"ReadItems":     func(body []byte) (any, error) { v, id, err := answer.ReadItems(body); return []any{v, id}, err },
	"ReadLaunched":  func(body []byte) (any, error) { v, id, err := answer.ReadLaunched(body); return []any{v, id}, err },
	"ReadDisks":     func(body []byte) (any, error) { v, id, err := answer.ReadDisks(body); return []any{v, id}, err },
	"ReadSnapshots": func(body []byte) (any, error) { v, id, err := answer.ReadSnapshots(body); return []any{v, id}, err },
	"ReadMade": func(body []byte) (any, error) {
		v, id, err := answer.ReadMade(body, "SnapshotId")
		return []any{v, id}, err
	},
	"ReadField": func(body []byte) (any, error) {
		v, id, err := answer.ReadField(body, "IpAddress")
		return []any{v, id}, err
	},
	"ReadSpotPrices": func(body []byte) (any, error) { v, id, err := answer.ReadSpotPrices(body); return []any{v, id}, err },
	"ReadSpotAdvice": func(body []byte) (any, error) { v, id, err := answer.ReadSpotAdvice(body); return []any{v, id}, err },
	"ReadTypes":      func(body []byte) (any, error) { v, id, err := answer.ReadTypes(body); return []any{v, id}, err },
	"ReadZones": func(body []byte) (any, error) {
		v, id, err := answer.ReadZones(body, "cn-hangzhou")
		return []any{v, id}, err
	},
	"ReadStock": func(body []byte) (any, error) { v, id, err := answer.ReadStock(body); return []any{v, id}, err },
	"ReadRefused": func(body []byte) (any, error) {
		refused, ok := answer.ReadRefused(body)
		if !ok {
			return nil, answer.ErrForeign
		}
		return refused, nil
	},
}

// FuzzReaders checks every reader: it never panics, and retains nothing of the
// body, because the buffer is reused for the next response.
func FuzzReaders(f *testing.F) {
	f.Add(page(subscription))
	for _, body := range []string{
		`{"Code":500,"Message":"upstream failure"}`, `{"RequestId":"R1","Success":false,"Code":"NotAuthorized"}`, `{"RequestId":"R1","Success":true,"Data":{"TotalCount":"1","AvailableAmount":"1,2.5","Currency":"CNY","OrderList":{"Order":[{"OrderId":"o","PaymentStatus":"Paid","InstanceIDs":"[\"i\"]","PretaxAmount":"1.5","Currency":"CNY"}]},"InstanceList":[{"InstanceID":"i","StopTime":"2026-11-20T04:00:00Z"}]}}`,
		`{"RequestId":"R1","HostId":"h","Code":"Throttling","Message":"x"}`,
		`{"RequestId":"R1","NextToken":"2","Quotas":[{"QuotaActionCode":"q_DescribeInstances","TotalQuota":1E2,"Period":{"PeriodValue":60,"PeriodUnit":"second"},"Dimensions":{"regionId":"cn-hangzhou"},"GlobalQuota":false}]}`,
		`{"RequestId":"R1","OrderId":2,"PriceInfo":{"Price":{"Currency":"CNY","TradePrice":8.75E+1,"OriginalPrice":"1","DiscountPrice":0.1}}}`,
		`{"RequestId":"R1","InstanceRenewAttributes":{"InstanceRenewAttribute":[{"InstanceId":"i","Duration":"1","PeriodUnit":"Week"}]}}`,
		`{"RequestId":"R1","Regions":{"Region":[{"RegionId":"a"}]},"InstanceIdSets":{"InstanceIdSet":["i"]},"SnapshotId":"s"}`,
		`{"RequestId":"R1","InstanceResponses":{"InstanceResponse":[{"InstanceId":"i","Code":"200","CurrentStatus":"Starting"}]}}`,
		`{"RequestId":"R1","SpotPrices":{"SpotPriceType":[{"ZoneId":"z","SpotPrice":0.1,"Timestamp":"2026-11-20T04:00:00Z"}]},"NextOffset":1}`,
		`{"RequestId":"R1","AvailableZones":{"AvailableZone":[{"ZoneId":"z","AvailableResources":{"AvailableResource":[{"SupportedResources":{"SupportedResource":[{"Value":"v"}]}}]}}]}}`,
		`{"RequestId":"R1","Disks":{"Disk":[{"DiskId":"d","Size":40}]},"Snapshots":{"Snapshot":[{"SnapshotId":"s","SourceDiskSize":"40"}]}}`,
		`{"RequestId":"R1","Zones":{"Zone":[{"ZoneId":"z"}]},"InstanceTypes":{"InstanceType":[{"InstanceTypeId":"t","MemorySize":0.5}]}}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for name, read := range readers {
			own := append([]byte(nil), body...)
			got, err := read(own)
			if err != nil {
				continue
			}
			before := fmt.Sprintf("%+v", got)
			for i := range own {
				own[i] = '!'
			}
			if after := fmt.Sprintf("%+v", got); after != before {
				t.Errorf("%s keeps the body: %s became %s", name, before, after)
			}
		}
	})
}
