package action

import (
	"strconv"

	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
	"github.com/ecsd-io/ecsd/simulator/internal/storage"
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

// found is a disk in a list, its instance (nil if the disk outlived it), and the position after it.
type found struct {
	disk  storage.Disk
	owner *fleet.Instance
	place fleet.Cursor
}

func describeDisks(w *World, c *Call) *wire.Error {
	if c.Denied && !c.EmptyLists {
		return errForbidden
	}
	filter, refusal := readDiskFilter(c)
	if refusal != nil {
		return refusal
	}
	if refusal := listDryRun(c); refusal != nil {
		return refusal
	}
	window, refusal := readWindow(c, 10, 500)
	if refusal != nil {
		return refusal
	}
	var page []found
	var next fleet.Cursor
	total := 0
	if !c.Denied {
		eachDisk(w, c, filter, window.from, func(f found) bool {
			if !filter.match(f) {
				return true
			}
			total++
			switch {
			case window.byToken && len(page) == window.size:
				next = page[len(page)-1].place
				return false
			case total > window.skip && len(page) < window.size:
				page = append(page, f)
			}
			return true
		})
	}
	out := c.open("DescribeDisks")
	window.write(out, next, total)
	out.List("Disks", "Disk")
	for _, f := range page {
		out.Item()
		writeDisk(out, f)
		out.End()
	}
	out.End()
	out.Close()
	return nil
}

// looseFrom is the first position of disks without an instance, after those of all instances.
const looseFrom = 1 << 62

// eachDisk visits the disks that a filter may select, in order, after a position.
func eachDisk(w *World, c *Call, filter *diskFilter, from fleet.Cursor, visit func(found) bool) {
	going := true
	ofInstance := func(seq uint64, i *fleet.Instance) bool {
		for n, d := range w.Storage.Of(i) {
			place := fleet.Cursor{After: seq, Listed: uint32(n + 1)}
			if going && (seq > from.After || place.Listed > from.Listed) {
				going = visit(found{d, i, place})
			}
		}
		return going
	}
	if ids := filter.instances(w); ids != nil {
		page := w.Fleet.PageByNumber(c.Region.ID, &fleet.Filter{IDs: ids}, 1, len(ids), 0)
		for n, i := range page.Instances {
			if seq := uint64(n + 1); seq >= from.After {
				ofInstance(seq, i)
			}
		}
	} else if from.After < looseFrom {
		w.Fleet.Walk(c.Region.ID, from.After, ofInstance)
	}
	for _, d := range w.Storage.Loose(c.Region.ID) {
		place := fleet.Cursor{After: looseFrom + d.Number, Listed: 1}
		if going && place.After > from.After {
			going = visit(found{d, nil, place})
		}
	}
}

// window is the requested part of a list.
type window struct {
	byToken      bool
	from         fleet.Cursor
	number, size int
	skip         int
}

// readWindow parses both ways of paging; least and most limit MaxResults.
func readWindow(c *Call, least, most int) (window, *wire.Error) {
	_, byResults := c.Params.Lookup("MaxResults")
	_, byToken := c.Params.Lookup("NextToken")
	if !byResults && !byToken {
		number, refusal := c.number("PageNumber", 1, 1, 1<<24)
		if refusal != nil {
			return window{}, refusal
		}
		size, refusal := c.number("PageSize", 10, 1, 100)
		return window{number: number, size: size, skip: (number - 1) * size}, refusal
	}
	size := least
	if text := c.Params.Get("MaxResults"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			return window{}, wire.Invalid("MaxResults")
		}
		size = min(max(n, least), most)
	}
	from, err := fleet.ParseToken(c.Params.Get("NextToken"))
	if err != nil {
		return window{}, wire.Invalid("NextToken")
	}
	return window{byToken: true, from: from, size: size}, nil
}

// write writes the head of a page. With NextToken paging the cloud's TotalCount is meaningless.
func (p window) write(out *wire.Writer, next fleet.Cursor, total int) {
	if p.byToken {
		total = 0
	}
	out.Str("NextToken", next.Token())
	p.writeNumbers(out, total)
}

// writeNumbers writes the head of a page of a list that has no token.

// writeNumbers writes the head of a page of a list without tokens.
func (p window) writeNumbers(out *wire.Writer, total int) {
	out.Int("TotalCount", int64(total))
	out.Int("PageNumber", int64(p.number))
	out.Int("PageSize", int64(p.size))
}

// listDryRun handles the dry run of a list, the only way to distinguish an empty list from a missing permission.
func listDryRun(c *Call) *wire.Error {
	dryRun, _, refusal := c.boolean("DryRun")
	switch {
	case refusal != nil || !dryRun:
		return refusal
	case c.Denied:
		return errForbidden
	}
	return errDryRun
}
