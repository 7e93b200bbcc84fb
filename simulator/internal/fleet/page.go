package fleet

import "slices"

// Page is one page of a listing.
type Page struct {
	Instances []*Instance
	// Total is the count of all matches; only [Fleet.PageByNumber] sets it.
	Total int
	// Next is the start of the next page; the zero Cursor if there is none.
	Next Cursor
}

// Cursor is a position in a listing: after an instance, with a count of listed ones.
type Cursor struct {
	After  uint64
	Listed uint32
}

// Zero reports whether the listing has ended.
func (c Cursor) Zero() bool { return c == Cursor{} }

// PageByNumber lists page number (from 1) of size instances. limit, if not 0, is the maximum count of instances in a
// listing.
func (f *Fleet) PageByNumber(regionID string, q *Filter, number, size, limit int) Page {
	f.mu.RLock()
	defer f.mu.RUnlock()
	r := f.regions[regionID]
	if r == nil {
		return Page{}
	}
	listed := r.matching(q, f.candidates(regionID, q, 0))
	if limit > 0 {
		listed = listed[:min(limit, len(listed))]
	}
	first := min((number-1)*size, len(listed))
	last := min(first+size, len(listed))
	page := Page{Instances: listed[first:last:last], Total: len(listed)}
	if first < last && last < len(listed) {
		page.Next = Cursor{After: listed[last-1].seq, Listed: uint32(last)}
	}
	return page
}

// PageAfter lists the size instances after a cursor. The cost of a page does not depend on the pages before it.
func (f *Fleet) PageAfter(regionID string, q *Filter, from Cursor, size, limit int) Page {
	f.mu.RLock()
	defer f.mu.RUnlock()
	p := Page{Instances: make([]*Instance, 0, size)}
	for s := range f.candidates(regionID, q, from.After) {
		if s.current == nil || !q.Match(s.current) {
			continue
		}
		if limit > 0 && int(from.Listed)+len(p.Instances) >= limit {
			return p
		}
		if len(p.Instances) == size {
			p.Next = Cursor{After: p.Instances[size-1].seq, Listed: from.Listed + uint32(size)}
			return p
		}
		p.Instances = append(p.Instances, s.current)
	}
	return p
}

// Walk calls f with the instances of a region in the order of creation, and their sequence numbers, from a sequence
// number on, until f returns false. It skips hidden instances.
func (f *Fleet) Walk(regionID string, from uint64, visit func(seq uint64, i *Instance) bool) {
	after := max(from, 1) - 1
	for {
		page := f.PageAfter(regionID, &Filter{}, Cursor{After: after}, walkPage, 0)
		for _, i := range page.Instances {
			if !visit(i.seq, i) {
				return
			}
			after = i.seq
		}
		if page.Next.Zero() {
			return
		}
	}
}

// walkPage is the count of instances that a walk collects per lock.
const walkPage = 256

// candidates yields the slots of a region after a sequence number that may match: those in the filter, or all.
func (f *Fleet) candidates(regionID string, q *Filter, after uint64) func(func(*slot) bool) {
	return func(yield func(*slot) bool) {
		if q.IDs != nil {
			named := make([]*slot, 0, len(q.IDs))
			for _, id := range q.IDs {
				if s, ok := f.byID[id]; ok && s.seq > after && s.current.Region.ID == regionID {
					named = append(named, s)
				}
			}
			slices.SortFunc(named, bySeq)
			for _, s := range slices.Compact(named) {
				if !yield(s) {
					return
				}
			}
			return
		}
		r := f.regions[regionID]
		if r == nil {
			return
		}
		first, _ := slices.BinarySearchFunc(r.slots, after+1, func(s *slot, seq uint64) int {
			return compare(s.seq, seq)
		})
		for _, s := range r.slots[first:] {
			if !yield(s) {
				return
			}
		}
	}
}

func bySeq(a, b *slot) int { return compare(a.seq, b.seq) }

func compare(a, b uint64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
