package api

import (
	"context"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/inventory"
)

// listRequest holds the common fields of the lists of instances.
type listRequest interface {
	pageRequest
	GetRegionIds() []string
}

// lister reads a page of a checked list request.
type lister struct {
	inventory Inventory
	regions   regions
}

// list returns a page. tokens is bound to the request as the caller sent it. The
// window of q is that of a first page; later pages keep the window of their
// token.
func (l lister) list(ctx context.Context, tokens binding, req listRequest, c *check, q ecs.Query, maxStaleness time.Duration) (inventory.List, string, error) {
	limit := c.pageSize(req.GetPageSize())
	cursor := ecs.Cursor{Window: q.Expiry}
	regionIDs := l.regions.many(c, req.GetRegionIds())
	for _, id := range regionIDs {
		cursor.Regions = append(cursor.Regions, ecs.RegionCursor{RegionID: id})
	}
	if req.GetPageToken() != "" {
		cursor = tokens.decode(c, req.GetPageToken(), regionIDs)
	}
	q.Expiry = cursor.Window
	if err := c.err(); err != nil {
		return inventory.List{}, "", err
	}
	page, err := l.inventory.List(ctx, q, cursor, inventory.Limit{Count: limit, Bytes: maxPageBytes, Size: instanceBytes}, maxStaleness)
	if err != nil {
		return inventory.List{}, "", err
	}
	return page, tokens.encode(page.Next), nil
}

// instanceBytes returns the size of an instance in a response.
func instanceBytes(i *ecs.Instance) int { return proto.Size(instanceProto(i)) + fieldBytes }
