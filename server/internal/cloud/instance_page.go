package cloud

import (
	"context"
	"time"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"

	"github.com/ecsd-io/ecsd/server/internal/cloud/answer"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// InstancePage reads one page of 10 to 100 instances of a region that match the
// query; cursor is "" at the beginning and then the Next of the previous page.
// A page may hold fewer than limit, or none, while there is a Next. By a part of
// the query that the cloud does not select by it may hold up to 100, and each
// instance that matches the other parts is read. By auto-renew status it costs a
// second call, which reads the settings.
//
// The cloud may return an empty list to a RAM user without permission. So a
// page that is empty, and is the first or the last, needs a proof of permission
// that is newer than its request: else it is CLOUD_PERMISSION_DENIED.
func (e *Edge) InstancePage(ctx context.Context, regionID string, q ecs.Query, cursor string, limit int) (ecs.Page, error) {
	return e.ReadInstancePage(ctx, nil, regionID, q, cursor, limit)
}

// ReadInstancePage is InstancePage with the memory of a slice, whose instances it
// overwrites, also if it fails.
func (e *Edge) ReadInstancePage(ctx context.Context, into []ecs.Instance, regionID string, q ecs.Query, cursor string, limit int) (ecs.Page, error) {
	began := time.Now()
	page, err := e.describeInstances(ctx, into, regionID, q, cursor, limit, shared{})
	if err != nil {
		return ecs.Page{}, err
	}
	if len(page.Instances) == 0 && (cursor == "" || page.Next == "") {
		if err := e.mayRead(ctx, regionID, began); err != nil {
			return ecs.Page{}, err
		}
	}
	instances := matching(page.Instances, q)
	if len(q.AutoRenew) > 0 {
		instances, err = ecs.WithAutoRenew(instances, q.AutoRenew, func(ids []string) []ecs.Result[ecs.AutoRenewSetting] {
			return e.AutoRenewSettings(ctx, regionID, ids)
		})
		if err != nil {
			return ecs.Page{}, err
		}
	}
	return ecs.Page{Instances: instances, Next: page.Next}, nil
}

// describeInstances makes one DescribeInstances call. The instances have their
// own memory if into is nil.
func (e *Edge) describeInstances(ctx context.Context, into []ecs.Instance, regionID string, q ecs.Query, cursor string, limit int, with shared) (answer.Instances, error) {
	var page answer.Instances
	began, at := time.Now(), parseCursor(cursor)
	err := e.do(ctx, operation{
		action: "DescribeInstances",
		region: regionID,
		shared: with,
		write:  func() requests.AcsRequest { return writeQuery(regionID, q, at.token, limit) },
		read: func(body []byte) (requestID string, err error) {
			page, err = answer.ReadInstances(body, time.Now(), into)
			return page.RequestID, err
		},
	})
	if err != nil {
		return page, err
	}
	if len(page.Instances) > 0 {
		e.permissions.proved(list{"DescribeInstances", regionID}, began)
	}
	return page, e.turn(at, "DescribeInstances", regionID, &page.Next, len(page.Instances))
}
