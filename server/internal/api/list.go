package api

import (
	"context"
	"time"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/inventory"
)

// listRequest is what the lists of instances have in common.
type listRequest interface {
	pageRequest
	GetRegionIds() []string
	GetFilter() *ecsdv1.InstanceFilter
}

// lister reads a page of a checked list request.
type lister struct {
	inventory Inventory
	regions   regions
}

// list answers a page. print is of the request as it was asked; window gives the
// window of a first page, later pages keep what their token holds.
func (l lister) list(ctx context.Context, print []byte, req listRequest, c *check, window ecs.Window, maxStaleness time.Duration) (inventory.List, string, error) {
	limit := c.pageSize(req.GetPageSize())
	cursor := ecs.Cursor{Window: window}
	for _, id := range l.regions.many(c, req.GetRegionIds()) {
		cursor.Regions = append(cursor.Regions, ecs.RegionCursor{RegionID: id})
	}
	if req.GetPageToken() != "" {
		cursor = decodeToken(c, print, req.GetPageToken())
	}
	q := c.query(req.GetFilter(), cursor.Window)
	if err := c.err(); err != nil {
		return inventory.List{}, "", err
	}
	page, err := l.inventory.List(ctx, q, cursor, limit, maxStaleness)
	if err != nil {
		return inventory.List{}, "", err
	}
	return page, encodeToken(print, page.Next), nil
}
