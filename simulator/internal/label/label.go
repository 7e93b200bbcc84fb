package label

import (
	"sync"

	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
)

// Labels is safe for concurrent use. The zero Labels is empty.
type Labels struct {
	mu   sync.Mutex
	tags map[key][]fleet.Tag
}

type key struct{ kind, id string }

// Of returns the tags of a resource, sorted by key.
func (l *Labels) Of(kind, id string) []fleet.Tag {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.tags[key{kind, id}]
}

// Change replaces the tags of a resource by those that change returns.
func (l *Labels) Change(kind, id string, change func([]fleet.Tag) []fleet.Tag) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.tags == nil {
		l.tags = map[key][]fleet.Tag{}
	}
	l.tags[key{kind, id}] = change(l.tags[key{kind, id}])
}
