package inventory

import (
	"cmp"
	"context"
	"crypto/rand"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/rescue"
)

const (
	// maxListBytes bounds the instances of one list in memory, by their size in a
	// response; those that expire later are read again for a later page.
	maxListBytes = 16 << 20
	// maxHeldBytes bounds the lists that are held between their pages, and heldFor
	// how long each is.
	maxHeldBytes = 32 << 20
	heldFor      = 2 * time.Minute
)

// Expiring is one page of subscriptions in order of expiry.
type Expiring struct {
	Instances []ecs.Instance
	// Next is the position after this page; it has no regions at the end.
	Next ecs.Cursor
	// Unreachable are the regions that failed while this page was read. The list
	// continues without them.
	Unreachable []ecs.RegionError
	// LeftOut counts the instances of the query that expire before the window.
	LeftOut int
}

// ListExpiring reads subscriptions up to the limit, in order of expiry and ID,
// over all regions of the cursor. The window of the cursor replaces that of q. A
// window of q that begins before it counts, on the first page, those between.
//
// The first page reads the whole window, from memory if maxStaleness permits it.
// The instances that do not fit are held for the pages that follow; a page of a
// list that is no longer held reads again what expires at or after the position.
func (v *Inventory) ListExpiring(ctx context.Context, q ecs.Query, cursor ecs.Cursor, limit Limit, maxStaleness time.Duration) (Expiring, error) {
	list := v.held.get(cursor.List)
	held := list != nil
	var unreachable []ecs.RegionError
	if !held {
		q.Expiry = ecs.Window{After: q.Expiry.After, Before: cursor.Window.Before}
		if !cursor.After.IsZero() {
			q.Expiry.After = cursor.After.ExpireTime
		}
		var err error
		if list, unreachable, err = v.readExpiring(ctx, q, cursor, limit.Size, maxStaleness); err != nil {
			return Expiring{}, err
		}
	}
	at, _ := slices.BinarySearchFunc(list.instances, cursor.After, func(i ecs.Instance, after ecs.ExpiryKey) int {
		return cmp.Or(ecs.ExpiryKeyOf(&i).Compare(after), -1) // the entry at the position was returned before
	})
	left := list.instances[at:]
	n, _ := limit.take(left, 0)
	page := Expiring{Instances: left[:n], Unreachable: unreachable, LeftOut: list.leftOut}
	if n == len(left) && list.complete {
		return page, nil
	}
	page.Next = ecs.Cursor{Window: cursor.Window, After: cursor.After}
	if n > 0 {
		page.Next.After = ecs.ExpiryKeyOf(&left[n-1])
	}
	for _, region := range list.regions {
		page.Next.Regions = append(page.Next.Regions, ecs.RegionCursor{RegionID: region})
	}
	switch {
	case n == len(left): // the rest is not in the list
	case held:
		page.Next.List = cursor.List
	default:
		page.Next.List = v.held.put(list)
	}
	return page, nil
}

// expiringList is a list in order of expiry, or the beginning of it.
type expiringList struct {
	instances []ecs.Instance
	bytes     int
	// complete: the list has no instances but these.
	complete bool
	// regions are those that were read.
	regions []string
	leftOut int
	made    time.Time
}

// readExpiring reads all instances of the query in the regions of the cursor.
func (v *Inventory) readExpiring(ctx context.Context, q ecs.Query, cursor ecs.Cursor, size func(*ecs.Instance) int, maxStaleness time.Duration) (*expiringList, []ecs.RegionError, error) {
	reading := ctx
	if deadline, ok := ctx.Deadline(); ok {
		// A slow region may take only a part of the time left.
		var cancel context.CancelFunc
		reading, cancel = context.WithTimeout(ctx, time.Until(deadline)*3/4)
		defer cancel()
	}
	gather := gatherer{list: expiringList{complete: true}, leftOut: map[string]int{}, window: cursor.Window, after: cursor.After, size: size}
	failed := make([]error, len(cursor.Regions))
	var group rescue.Group
	group.SetLimit(maxRegionsAtOnce)
	for i, region := range cursor.Regions {
		group.Go(func() error {
			failed[i] = v.eachPage(reading, region.RegionID, q, maxStaleness, gather.add)
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	list := gather.done()
	var unreachable []ecs.RegionError
	for i, err := range failed {
		region := cursor.Regions[i].RegionID
		if err != nil {
			unreachable = append(unreachable, ecs.RegionError{RegionID: region, Err: err})
			list.instances = slices.DeleteFunc(list.instances, func(i ecs.Instance) bool { return i.RegionID == region })
			continue
		}
		list.regions = append(list.regions, region)
		list.leftOut += gather.leftOut[region]
	}
	if len(list.regions) == 0 && len(unreachable) > 0 {
		return nil, nil, unreachable[0].Err
	}
	return list, unreachable, nil
}

// eachPage reads all pages of a region, from memory if it is fresh enough.
func (v *Inventory) eachPage(ctx context.Context, regionID string, q ecs.Query, maxStaleness time.Duration, add func([]ecs.Instance)) error {
	if maxStaleness > 0 {
		if seen, ok := v.memory.SeenAll(regionID, q, maxStaleness, "", math.MaxInt); ok {
			var err error
			if len(q.AutoRenew) > 0 {
				seen, err = v.settings.WithAutoRenew(ctx, regionID, seen, q.AutoRenew, maxStaleness)
			}
			add(seen)
			return err
		}
	}
	for token := ""; ; {
		page, err := v.cloud.InstancePage(ctx, regionID, q, token, maxCloudPage)
		if err != nil {
			return err
		}
		add(page.Instances)
		if token = page.Next; token == "" {
			return nil
		}
	}
}

// gatherer gathers the instances of concurrent reads, the earliest up to
// maxListBytes.
type gatherer struct {
	window ecs.Window
	after  ecs.ExpiryKey
	size   func(*ecs.Instance) int

	mu   sync.Mutex
	list expiringList
	// leftOut counts, by region, what expires before the window.
	leftOut map[string]int
}

func (g *gatherer) add(instances []ecs.Instance) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.list.instances = slices.Grow(g.list.instances, len(instances))
	for _, i := range instances {
		switch {
		case i.ExpireTime.Before(g.window.After):
			g.leftOut[i.RegionID]++
		case g.after.IsZero() || ecs.ExpiryKeyOf(&i).Compare(g.after) > 0:
			g.list.instances = append(g.list.instances, i)
			g.list.bytes += g.sizeOf(&i)
		}
	}
	if g.list.bytes > 2*maxListBytes {
		g.trim()
	}
}

func (g *gatherer) sizeOf(i *ecs.Instance) int {
	if g.size == nil {
		return 1 << 10
	}
	return g.size(i)
}

// trim sorts the list, and drops what is beyond maxListBytes and what is listed
// twice: pages of a fleet that changes may overlap.
func (g *gatherer) trim() {
	all := g.list.instances
	// Pointers are sorted: an instance has some hundred bytes.
	order := make([]*ecs.Instance, len(all))
	for i := range all {
		order[i] = &all[i]
	}
	compare := func(a, b *ecs.Instance) int { return ecs.ExpiryKeyOf(a).Compare(ecs.ExpiryKeyOf(b)) }
	slices.SortFunc(order, compare)
	order = slices.CompactFunc(order, func(a, b *ecs.Instance) bool { return compare(a, b) == 0 })
	g.list.bytes, g.list.instances = 0, make([]ecs.Instance, 0, len(order))
	for _, i := range order {
		if g.list.bytes += g.sizeOf(i); g.list.bytes > maxListBytes && len(g.list.instances) > maxCloudPage {
			g.list.instances, g.list.complete = slices.Clip(g.list.instances), false
			return
		}
		g.list.instances = append(g.list.instances, *i)
	}
}

func (g *gatherer) done() *expiringList {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.trim()
	g.list.made = time.Now()
	list := g.list
	return &list
}

// lists holds lists between their pages. They do not change.
type lists struct {
	mu    sync.Mutex
	byID  map[string]*expiringList
	order []string // the oldest first
	bytes int
}

// get returns a list, nil if it is no longer held.
func (l *lists) get(id string) *expiringList {
	l.mu.Lock()
	defer l.mu.Unlock()
	if list := l.byID[id]; list != nil && time.Since(list.made) < heldFor {
		return list
	}
	return nil
}

// put holds a list and returns its ID. It drops the oldest lists, if they are
// over the limit or their time.
func (l *lists) put(list *expiringList) string {
	id := strings.ToLower(rand.Text())
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.byID == nil {
		l.byID = map[string]*expiringList{}
	}
	l.byID[id], l.bytes = list, l.bytes+list.bytes
	l.order = append(l.order, id)
	for len(l.order) > 1 {
		oldest := l.byID[l.order[0]]
		if l.bytes <= maxHeldBytes && time.Since(oldest.made) < heldFor {
			break
		}
		l.bytes -= oldest.bytes
		delete(l.byID, l.order[0])
		l.order = l.order[1:]
	}
	return id
}
