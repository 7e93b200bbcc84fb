package fleet

import "reflect"

// listing is what a filter matched in a region before its next change. Who walks
// a fleet by page numbers asks for the same one page after page.
type listing struct {
	filter    Filter
	changes   uint64
	instances []*Instance
}

// matching lists those of the candidates that match, in their order. The last
// listing is kept until the region changes. It is called with the lock held,
// which readers share.
func (r *roll) matching(q *Filter, candidates func(func(*slot) bool)) []*Instance {
	if last := r.last.Load(); q.IDs == nil && last != nil && last.changes == r.changes && reflect.DeepEqual(last.filter, *q) {
		return last.instances
	}
	// To list a whole region must not look at each instance of it.
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
