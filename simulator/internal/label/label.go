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

// Of returns the tags of a resource, sorted by key: those of its creation until they are changed.
func (l *Labels) Of(kind, id string, created []fleet.Tag) []fleet.Tag {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.of(key{kind, id}, created)
}

func (l *Labels) of(k key, created []fleet.Tag) []fleet.Tag {
	if tags, ok := l.tags[k]; ok {
		return tags
	}
	return created
}

// Change replaces the tags of a resource by those that change returns.
func (l *Labels) Change(kind, id string, created []fleet.Tag, change func([]fleet.Tag) []fleet.Tag) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.tags == nil {
		l.tags = map[key][]fleet.Tag{}
	}
	l.tags[key{kind, id}] = change(l.of(key{kind, id}, created))
}
