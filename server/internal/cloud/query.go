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
// Only the parts that the cloud selects reliably are written; matching selects
// by the others, so that their pages are as large as possible.
func writeQuery(regionID string, q ecs.Query, cursor string, limit int) *sdkecs.DescribeInstancesRequest {
	if rest := unwritten(q); rest.selects {
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
	r.Status = answer.StatusWord(only(q.Statuses))
	r.InstanceChargeType = answer.ChargeTypeWord(only(q.ChargeTypes))
	r.SecurityGroupId = q.SecurityGroupID
	r.VpcId = q.VPCID
	r.VSwitchId = q.VSwitchID
	r.ZoneId = only(q.ZoneIDs)
	r.InstanceType = only(q.Types)
	r.LockReason = answer.LockReasonWord(only(q.Locks))
	writeExpiry(r, q.Expiry)
	return r
}

// only returns the one value of a part. The cloud takes one; of several it gets
// none.
func only[T any](values []T) (one T) {
	if len(values) == 1 {
		return values[0]
	}
	return one
}

// several returns the values of a part that the cloud does not take.
func several[T any](values []T) []T {
	if len(values) == 1 {
		return nil
	}
	return values
}

// rest is the part of a query by which the cloud does not select.
type rest struct {
	ecs.Query
	// selects reports whether it may drop most instances of a page.
	selects bool
}

// unwritten returns the part of a query that is compared here:
//
//   - several values of one part, of which the cloud takes one;
//   - tags and the resource group: the cloud lists no more than 1,000 instances
//     by them, without a sign that there are others;
//   - addresses: the cloud selects private and elastic ones only if the network
//     type is written too, and never by either of two kinds;
//   - the exact expiry: the cloud compares whole minutes.
func unwritten(q ecs.Query) rest {
	r := rest{Query: ecs.Query{
		Statuses: several(q.Statuses), ChargeTypes: several(q.ChargeTypes), ZoneIDs: several(q.ZoneIDs), Types: several(q.Types),
		Locks: several(q.Locks), Tags: q.Tags, ResourceGroupID: q.ResourceGroupID, PrivateIPs: q.PrivateIPs, PublicIPs: q.PublicIPs,
	}}
	r.selects = len(r.Statuses)+len(r.ChargeTypes)+len(r.ZoneIDs)+len(r.Types)+len(r.Locks)+len(r.Tags)+len(r.PrivateIPs)+len(r.PublicIPs) > 0 ||
		r.ResourceGroupID != "" || len(q.AutoRenew) > 0
	r.Expiry = q.Expiry
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

// matching keeps the instances that match the unwritten part of the query.
func matching(instances []ecs.Instance, q ecs.Query) []ecs.Instance {
	rest := unwritten(q)
	if !rest.selects && rest.Expiry.IsZero() {
		return instances
	}
	return slices.DeleteFunc(instances, func(i ecs.Instance) bool { return !rest.Matches(&i) })
}

func jsonList(ids []string) string {
	list, _ := json.Marshal(ids) // a list of strings always marshals
	return string(list)
}
