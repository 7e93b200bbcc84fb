package inventory

import (
	"context"
	"math"
	"strings"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/rescue"
)

const (
	// The cloud's own bounds on a page of DescribeInstances.
	minCloudPage, maxCloudPage = 10, 100
	// maxRegionsAtOnce bounds how many regions one list reads concurrently.
	maxRegionsAtOnce = 10
	// minShare is the minimum number of instances for which another region is
	// read concurrently: below it the calls cost more than the time they save.
	minShare = 25
)

// List is one page over several regions.
type List struct {
	Instances []ecs.Instance
	// Next is the position after this page; it has no regions at the end.
	Next ecs.Cursor
	// Unreachable are the regions that failed while this page was read. The list
	// continues without them.
	Unreachable []ecs.RegionError
}

// Limit ends a page.
type Limit struct {
	// Count is the most instances of a page.
	Count int
	// Bytes is the most bytes of a page, 0 for any. A page has at least one
	// instance.
	Bytes int
	// Size returns the bytes of an instance.
	Size func(*ecs.Instance) int
}

// take returns how many more instances fit, and subtracts their bytes. It
// reports whether the bytes ended the page.
func (l *Limit) take(instances []ecs.Instance, held int) (n int, over bool) {
	most := min(l.Count-held, len(instances))
	if l.Size == nil {
		return most, false
	}
	for i := range most {
		size := l.Size(&instances[i])
		if size > l.Bytes && held+i > 0 {
			return i, true
		}
		l.Bytes -= size
	}
	return most, false
}

// List reads instances up to the limit from the position of the cursor. Regions
// are read concurrently, in rounds; a page may hold fewer than limit, and holds
// none only at the end of the list. If no region could be read, the first
// region's error is returned.
//
// With a maxStaleness, a region that was seen whole no longer ago is listed
// from memory, also on the pages that follow.
func (v *Inventory) List(ctx context.Context, q ecs.Query, cursor ecs.Cursor, limit Limit, maxStaleness time.Duration) (List, error) {
	asked := len(cursor.Regions)
	var list List
	waiting := cursor.Regions
	full := false
	for !full && len(waiting) > 0 && fits(limit.Count-len(list.Instances), len(list.Instances) == 0) {
		round := plan(len(waiting), limit.Count-len(list.Instances))
		reads := v.read(ctx, q, waiting[:round.regions], round.pageSize, maxStaleness)
		if err := ctx.Err(); err != nil {
			return List{}, err
		}
		rest := waiting[round.regions:]
		var unfinished []ecs.RegionCursor
		for _, read := range reads {
			if read.err != nil {
				list.Unreachable = append(list.Unreachable, ecs.RegionError{RegionID: read.cursor.RegionID, Err: read.err})
				continue
			}
			n, over := limit.take(read.left(), len(list.Instances))
			full = full || over
			taken, next := read.take(n)
			list.Instances = append(list.Instances, taken...)
			if next != nil {
				unfinished = append(unfinished, *next)
			}
		}
		waiting = append(unfinished, rest...)
	}
	list.Next.Regions = waiting
	if len(list.Unreachable) > 0 && len(list.Unreachable) == asked {
		return List{}, list.Unreachable[0].Err
	}
	return list, nil
}

// fits reports whether another round may be read: there must be space for the
// cloud's smallest page, but an empty page may always be continued.
func fits(space int, empty bool) bool { return space >= minCloudPage || (empty && space > 0) }

// round is how many regions are read concurrently, and how much of each.
type round struct {
	regions  int
	pageSize int
}

// plan shares the remaining space between the waiting regions, so that no
// instance is read that does not fit (except for pages under the cloud's
// smallest).
func plan(waiting, space int) round {
	regions := min(waiting, maxRegionsAtOnce, max(1, space/minShare))
	return round{regions: regions, pageSize: clampPage(space / regions)}
}

func clampPage(n int) int { return max(minCloudPage, min(maxCloudPage, n)) }

// pageRead is one region's result in a round.
type pageRead struct {
	cursor ecs.RegionCursor
	page   ecs.Page
	err    error
}

// read reads the regions concurrently. A slow region may take only a part of
// the time left, so that the others can be read.
func (v *Inventory) read(ctx context.Context, q ecs.Query, regions []ecs.RegionCursor, size int, maxStaleness time.Duration) []pageRead {
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(deadline)*3/4)
		defer cancel()
	}
	reads := make([]pageRead, len(regions))
	var group rescue.Group
	for i, region := range regions {
		reads[i].cursor = region
		group.Go(func() error {
			reads[i].page, reads[i].err = v.page(ctx, region, q, size, maxStaleness)
			return nil
		})
	}
	_ = group.Wait() // every error is kept beside its region
	return reads
}

// seenToken is the prefix of the token of a page from memory. The last ID of the
// page follows. The cloud's own tokens have no colon.
const seenToken = "seen:"

// page reads one page of a region, from memory if allowed and possible.
func (v *Inventory) page(ctx context.Context, region ecs.RegionCursor, q ecs.Query, size int, maxStaleness time.Duration) (ecs.Page, error) {
	after, goesOn := strings.CutPrefix(region.Token, seenToken)
	settingStaleness := maxStaleness
	if goesOn {
		maxStaleness = math.MaxInt64 // as fresh as its first page was
	}
	if goesOn || (maxStaleness > 0 && region.Token == "") {
		if seen, ok := v.memory.SeenAll(region.RegionID, q, maxStaleness, after, size); ok {
			page := ecs.Page{Instances: seen}
			if len(seen) == size {
				page.Next = seenToken + seen[size-1].ID
			}
			var err error
			if len(q.AutoRenew) > 0 {
				page.Instances, err = v.settings.WithAutoRenew(ctx, region.RegionID, seen, q.AutoRenew, settingStaleness)
			}
			return page, err
		}
		if goesOn {
			return ecs.Page{}, ecs.Errorf(ecs.ReasonInvalidPageToken, "the list of page_token is no longer in memory: list again without page_token").On(region.RegionID, "")
		}
	}
	return v.cloud.InstancePage(ctx, region.RegionID, q, region.Token, size)
}

// left are the instances that were not handed out before.
func (r pageRead) left() []ecs.Instance {
	return r.page.Instances[min(r.cursor.Skip, len(r.page.Instances)):]
}

// take returns at most n instances of the page and the next position in the
// region, nil at its end.
func (r pageRead) take(n int) ([]ecs.Instance, *ecs.RegionCursor) {
	left := r.left()
	if len(left) > n {
		return left[:n], &ecs.RegionCursor{RegionID: r.cursor.RegionID, Token: r.cursor.Token, Skip: r.cursor.Skip + n}
	}
	if r.page.Next == "" {
		return left, nil
	}
	return left, &ecs.RegionCursor{RegionID: r.cursor.RegionID, Token: r.page.Next}
}
