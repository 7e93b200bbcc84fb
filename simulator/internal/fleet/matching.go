package fleet

import "reflect"

// listing holds the matches of a filter in a region until its next change. A client that pages by number requests the
// same listing page after page.
type listing struct {
	filter    Filter
	changes   uint64
	instances []*Instance
}

// matching returns the matching candidates, in order. The last listing is cached until the region changes. The caller
// holds the lock, possibly shared.
func (r *roll) matching(q *Filter, candidates func(func(*slot) bool)) []*Instance {
	if last := r.last.Load(); q.IDs == nil && last != nil && last.changes == r.changes && reflect.DeepEqual(last.filter, *q) {
		return last.instances
	}
	// Listing a whole region must not scan each of its instances.
	all := r.hidden == 0 && reflect.ValueOf(*q).IsZero()
	made := &listing{filter: *q, changes: r.changes}
	for s := range candidates {
		if s.current != nil && (all || q.Match(s.current)) {
			made.instances = append(made.instances, s.current)
		}
	}
	if q.IDs == nil {
		r.last.Store(made)
	}
	return made.instances
}
