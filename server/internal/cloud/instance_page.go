package cloud

import (
	"context"
	"time"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"

	"github.com/ecsd-io/ecsd/server/internal/cloud/answer"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// InstancePage reads one page of 10 to 100 instances of a region that match
// the query; cursor is "" at the beginning and the Next of the page before
// after it. A page may hold fewer than limit, or none, while there is a Next.
//
// The cloud answers a RAM user without permission with an empty list, so that
// a query that begins empty is checked with a dry run first: it is empty, or it
// is PERMISSION_DENIED.
func (e *Edge) InstancePage(ctx context.Context, regionID string, q ecs.Query, cursor string, limit int) (ecs.Page, error) {
	page, err := e.describeInstances(ctx, regionID, q, cursor, limit, shared{})
	if err != nil {
		return ecs.Page{}, err
	}
	if cursor == "" && len(page.Instances) == 0 {
		if err := e.mayRead(ctx, regionID); err != nil {
			return ecs.Page{}, err
		}
	}
	return ecs.Page{Instances: withinWindow(page.Instances, q.Expiry), Next: page.Next}, nil
}

// describeInstances makes one DescribeInstances call.
func (e *Edge) describeInstances(ctx context.Context, regionID string, q ecs.Query, cursor string, limit int, with shared) (answer.Instances, error) {
	var page answer.Instances
	err := e.do(ctx, operation{
		action: "DescribeInstances",
		region: regionID,
		shared: with,
		write:  func() requests.AcsRequest { return writeQuery(regionID, q, cursor, limit) },
		read: func(body []byte) (requestID string, err error) {
			page, err = answer.ReadInstances(body, time.Now())
			return page.RequestID, err
		},
	})
	return page, err
}
