package cloud

import (
	"encoding/json"
	"slices"
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
// them the cloud's own position in the list holds while instances come and go.
//
// The tags are not written: of the instances with a tag the cloud shows no more
// than 1,000, without a sign that there are others. The pages are as large as
// possible instead, and matching keeps the instances that carry the tags.
func writeQuery(regionID string, q ecs.Query, cursor string, limit int) *sdkecs.DescribeInstancesRequest {
	if len(q.Tags) > 0 {
		limit = maxPage
	}
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
	writeExpiry(r, q.Expiry)
	return r
}

// The bounds of a time in a filter: the cloud writes four digits of a year, and
// sold nothing before.
var (
	firstFilterTime = time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)
	lastFilterTime  = time.Date(9999, 12, 31, 23, 59, 0, 0, time.UTC)
)

// writeExpiry requests a little more than the window, because the cloud takes
// whole minutes and does not document whether its bounds are inclusive;
// matching takes the rest out again. The numbers 3 and 4 are the cloud's.
func writeExpiry(r *sdkecs.DescribeInstancesRequest, w ecs.Window) {
	if !w.After.IsZero() {
		r.Filter3Key = "ExpiredStartTime"
		r.Filter3Value = writeFilterTime(w.After.UTC().Truncate(time.Minute).Add(-time.Minute))
	}
	if !w.Before.IsZero() {
		r.Filter4Key = "ExpiredEndTime"
		r.Filter4Value = writeFilterTime(w.Before.UTC().Add(time.Minute - 1).Truncate(time.Minute))
	}
}

func writeFilterTime(t time.Time) string {
	switch {
	case t.Before(firstFilterTime):
		t = firstFilterTime
	case t.After(lastFilterTime):
		t = lastFilterTime
	}
	return t.Format(filterTime)
}

// matching keeps the instances that the cloud cannot select reliably:
// subscriptions that end exactly in the window, and instances with the tags.
func matching(instances []ecs.Instance, q ecs.Query) []ecs.Instance {
	if q.Expiry.IsZero() && len(q.Tags) == 0 {
		return instances
	}
	return slices.DeleteFunc(instances, func(i ecs.Instance) bool {
		return !q.Expiry.IsZero() && !q.Expiry.Contains(i.ExpireTime) || !ecs.CarriesTags(i.Tags, q.Tags)
	})
}

func jsonList(ids []string) string {
	list, _ := json.Marshal(ids) // a list of strings always marshals
	return string(list)
}
