package api

import (
	"context"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// pageWalk is a checked list request: its position and its limits.
type pageWalk struct {
	tokens binding
	cursor ecs.Cursor
	limit  int
}

// walk checks the page fields of a list over checked regions.
func (c *check) walk(tokens binding, regionIDs []string, req pageRequest) pageWalk {
	w := pageWalk{tokens: tokens, limit: c.pageSize(req.GetPageSize())}
	for _, id := range regionIDs {
		w.cursor.Regions = append(w.cursor.Regions, ecs.RegionCursor{RegionID: id})
	}
	if req.GetPageToken() != "" {
		w.cursor = tokens.decode(c, req.GetPageToken(), regionIDs)
	}
	return w
}

// page is the result of a walk.
type page[T proto.Message] struct {
	items       []T
	next        string
	unreachable []ecs.RegionError
}

// readPage reads a page, region by region, up to the limit of the walk or
// maxPageBytes. A region that cannot be read is named and skipped; if all fail,
// the first error is the error of the call. A page of the cloud may hold more
// than requested: the surplus is left to the next page, which skips the entries
// that this one took.
func readPage[T proto.Message](ctx context.Context, w pageWalk, read func(ctx context.Context, regionID, token string, limit int) ([]T, string, error)) (page[T], error) {
	var p page[T]
	waiting, bytes, full := w.cursor.Regions, maxPageBytes, false
	for !full && len(waiting) > 0 && len(p.items) < w.limit {
		at := waiting[0]
		items, next, err := readPart(ctx, at, w.limit-len(p.items)+at.Skip, read)
		if ctxErr := ctx.Err(); ctxErr != nil {
			return page[T]{}, ctxErr
		}
		if err != nil {
			p.unreachable = append(p.unreachable, ecs.RegionError{RegionID: at.RegionID, Err: err})
			waiting = waiting[1:]
			continue
		}
		items = items[min(at.Skip, len(items)):]
		space, used := fitting(items[:min(w.limit-len(p.items), len(items))], bytes, len(p.items) == 0)
		p.items, bytes = append(p.items, items[:space]...), bytes-used
		switch {
		case len(items) > space:
			waiting, full = replaced(waiting, ecs.RegionCursor{RegionID: at.RegionID, Token: at.Token, Skip: at.Skip + space}), true
		case next != "":
			waiting = replaced(waiting, ecs.RegionCursor{RegionID: at.RegionID, Token: next})
		default:
			waiting = waiting[1:]
		}
	}
	if len(p.unreachable) > 0 && len(p.unreachable) == len(w.cursor.Regions) {
		return page[T]{}, p.unreachable[0].Err
	}
	p.next = w.tokens.encode(ecs.Cursor{Regions: waiting})
	return p, nil
}

// readPart reads one page of one region. A slow region may take only a part of
// the time left, so that the others can be read.
func readPart[T proto.Message](ctx context.Context, at ecs.RegionCursor, limit int, read func(ctx context.Context, regionID, token string, limit int) ([]T, string, error)) ([]T, string, error) {
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(deadline)*3/4)
		defer cancel()
	}
	return read(ctx, at.RegionID, at.Token, limit)
}

// replaced returns the regions with another first one, without changing its
// argument.
func replaced(waiting []ecs.RegionCursor, first ecs.RegionCursor) []ecs.RegionCursor {
	return append([]ecs.RegionCursor{first}, waiting[1:]...)
}
