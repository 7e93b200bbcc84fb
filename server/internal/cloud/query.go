package cloud

import (
	"encoding/json"
	"time"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	sdkecs "github.com/aliyun/alibaba-cloud-sdk-go/services/ecs"

	"github.com/ecsd-io/ecsd/server/internal/cloud/answer"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// The cloud's bounds on a page of DescribeInstances: it reads less than 10 as
// 10 and more than 100 as 100.
const (
	minPage = 10
	maxPage = 100
)

// filterTime is how the cloud takes times in filters: whole minutes in UTC.
const filterTime = "2006-01-02T15:04Z"

// writeQuery writes a page of a query. MaxResults and NextToken page it: with
// them the cloud's own place in the list holds while instances come and go.
func writeQuery(regionID string, q ecs.Query, cursor string, limit int) *sdkecs.DescribeInstancesRequest {
	r := sdkecs.CreateDescribeInstancesRequest()
	r.RegionId = regionID
	r.MaxResults = requests.NewInteger(max(minPage, min(maxPage, limit)))
	r.NextToken = cursor
	if len(q.IDs) > 0 {
		r.InstanceIds = jsonList(q.IDs)
	}
	r.InstanceName = q.Name
	r.Status = answer.StatusWord(q.Status)
	r.InstanceChargeType = answer.ChargeTypeWord(q.ChargeType)
	r.SecurityGroupId = q.SecurityGroupID
	r.VpcId = q.VPCID
	r.VSwitchId = q.VSwitchID
	r.ZoneId = q.ZoneID
	r.InstanceType = q.Type
	r.LockReason = answer.LockReasonWord(q.Lock)
	if len(q.Tags) > 0 {
		tags := make([]sdkecs.DescribeInstancesTag, len(q.Tags))
		for i, tag := range q.Tags {
			tags[i] = sdkecs.DescribeInstancesTag{Key: tag.Key, Value: tag.Value}
		}
		r.Tag = &tags
	}
	writeExpiry(r, q.Expiry)
	return r
}

// writeExpiry asks for a little more than the window, because the cloud takes
// whole minutes and does not say whether its bounds are inclusive; withinWindow
// takes the rest out again. The numbers 3 and 4 of the filters are the cloud's.
func writeExpiry(r *sdkecs.DescribeInstancesRequest, w ecs.Window) {
	if !w.After.IsZero() {
		r.Filter3Key = "ExpiredStartTime"
		r.Filter3Value = filterMinute(w.After.Add(-time.Minute))
	}
	if !w.Before.IsZero() {
		r.Filter4Key = "ExpiredEndTime"
		r.Filter4Value = filterMinute(w.Before.Add(time.Minute - 1))
	}
}

// filterMinute writes a time as a minute that the cloud accepts: it refuses
// years with five digits.
func filterMinute(t time.Time) string {
	latest := time.Date(9999, 12, 31, 23, 59, 0, 0, time.UTC)
	if t = t.UTC().Truncate(time.Minute); t.After(latest) {
		t = latest
	}
	return t.Format(filterTime)
}

// withinWindow keeps the subscriptions that end in the window, exactly.
func withinWindow(instances []ecs.Instance, w ecs.Window) []ecs.Instance {
	if w.IsZero() {
		return instances
	}
	kept := instances[:0]
	for _, instance := range instances {
		if w.Contains(instance.ExpireTime) {
			kept = append(kept, instance)
		}
	}
	clear(instances[len(kept):])
	return kept
}

func jsonList(ids []string) string {
	list, _ := json.Marshal(ids) // a list of strings always marshals
	return string(list)
}
