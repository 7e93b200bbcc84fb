package watch

import (
	"slices"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// index finds who may watch an instance without asking every watcher. Each
// subscription stands in the narrowest of the three that its filter allows: by
// id, else by its first tag that names a value, else by region.
type index struct {
	byID     map[string]subscriptions
	byTag    map[ecs.Tag]subscriptions
	byRegion map[string]subscriptions
}

type subscriptions map[*Subscription]struct{}

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

// each calls f for whoever may watch what changed, once each.
func (x *index) each(c *Change, f func(*Subscription)) {
	for s := range x.byID[c.InstanceID] {
		f(s)
	}
	for s := range x.byRegion[c.RegionID] {
		f(s)
	}
	if len(x.byTag) == 0 {
		return
	}
	var now []ecs.Tag
	if c.After != nil {
		now = c.After.Tags
	}
	for _, tag := range now {
		for s := range x.byTag[tag] {
			f(s)
		}
	}
	if c.Before == nil {
		return
	}
	for _, tag := range c.Before.Tags {
		if slices.Contains(now, tag) {
			continue
		}
		for s := range x.byTag[tag] {
			f(s)
		}
	}
}

// keys are where a filter stands; one of the three is not empty.
func (f *Filter) keys() (ids []string, tag []ecs.Tag, regions []string) {
	if len(f.IDs) > 0 {
		return f.IDs, nil, nil
	}
	for _, t := range f.Tags {
		if t.Value != "" {
			return nil, []ecs.Tag{t}, nil
		}
	}
	return nil, nil, f.Regions
}

func put[K comparable](x map[K]subscriptions, s *Subscription, keys ...K) {
	for _, k := range keys {
		if x[k] == nil {
			x[k] = subscriptions{}
		}
		x[k][s] = struct{}{}
	}
}

func drop[K comparable](x map[K]subscriptions, s *Subscription, keys ...K) {
	for _, k := range keys {
		delete(x[k], s)
		if len(x[k]) == 0 {
			delete(x, k)
		}
	}
}
