package watch

import (
	"iter"
	"slices"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// index finds the subscriptions that may watch an instance. Each subscription is
// in the narrowest of the three maps that its filter allows: by ID, else by its
// first tag with a value, else by region.
type index struct {
	byID     map[string]subscriptions
	byTag    map[ecs.Tag]subscriptions
	byRegion map[string]subscriptions
}

// subscriptions are the subscriptions of one key. Most keys are instances with
// one watch, for which a map would cost more than half of the subscription.
type subscriptions struct {
	first *Subscription
	more  map[*Subscription]struct{}
}

// all calls yield for each until that returns false, and reports whether it did
// not.
func (s subscriptions) all(yield func(*Subscription) bool) bool {
	if s.first != nil && !yield(s.first) {
		return false
	}
	for one := range s.more {
		if !yield(one) {
			return false
		}
	}
	return true
}

func newIndex() index {
	return index{byID: map[string]subscriptions{}, byTag: map[ecs.Tag]subscriptions{}, byRegion: map[string]subscriptions{}}
}

func (x *index) add(s *Subscription) {
	ids, tag, regions := s.filter.keys()
	put(x.byID, s, ids...)
	put(x.byTag, s, tag...)
	put(x.byRegion, s, regions...)
}

func (x *index) remove(s *Subscription) {
	ids, tag, regions := s.filter.keys()
	drop(x.byID, s, ids...)
	drop(x.byTag, s, tag...)
	drop(x.byRegion, s, regions...)
}

// of are the subscriptions that may watch the change, once each.
func (x *index) of(c *Change) iter.Seq[*Subscription] {
	return func(yield func(*Subscription) bool) {
		if !x.byID[c.InstanceID].all(yield) || !x.byRegion[c.RegionID].all(yield) || len(x.byTag) == 0 {
			return
		}
		var now []ecs.Tag
		if c.After != nil {
			now = c.After.Tags
		}
		for _, tag := range now {
			if !x.byTag[tag].all(yield) {
				return
			}
		}
		if c.Before == nil {
			return
		}
		for _, tag := range c.Before.Tags {
			if !slices.Contains(now, tag) && !x.byTag[tag].all(yield) {
				return
			}
		}
	}
}

// keys are the entries of a filter in the index; one of the three is not empty.
func (s *selection) keys() (ids []string, tag []ecs.Tag, regions []string) {
	if len(s.ids) > 0 {
		return s.ids, nil, nil
	}
	if s.query != nil {
		for _, t := range s.query.Tags {
			if t.Value != "" {
				return nil, []ecs.Tag{t}, nil
			}
		}
	}
	return nil, nil, s.regions
}

func put[K comparable](x map[K]subscriptions, s *Subscription, keys ...K) {
	for _, k := range keys {
		all := x[k]
		switch {
		case all.first == nil || all.first == s:
			all.first = s
		case all.more == nil:
			all.more = map[*Subscription]struct{}{s: {}}
		default:
			all.more[s] = struct{}{}
		}
		x[k] = all
	}
}

func drop[K comparable](x map[K]subscriptions, s *Subscription, keys ...K) {
	for _, k := range keys {
		all := x[k]
		delete(all.more, s)
		if all.first == s {
			all.first = nil
			for next := range all.more {
				all.first = next
				delete(all.more, next)
				break
			}
		}
		if x[k] = all; all.first == nil {
			delete(x, k)
		}
	}
}
