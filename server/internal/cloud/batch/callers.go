package batch

import (
	"context"
	"sync"
	"time"
)

// unbounded is the deadline of a call without one.
const unbounded = time.Hour

// Callers holds the callers of one call.
type Callers struct {
	lock *sync.Mutex
	// changed is called under lock when the call is held or released.
	changed func()

	members map[any]member
	cancel  context.CancelFunc
	ended   bool
	// held is the end of the call's hold, zero if it is not held.
	held time.Time
	why  error
}

// member is one caller of a call.
type member struct {
	context context.Context
	// refuse returns an error for the caller's keys of this call.
	refuse func(error)
}

// left removes a caller; the call ends with the last. Under lock.
func (c *Callers) left(key any) {
	delete(c.members, key)
	if len(c.members) > 0 {
		return
	}
	c.ended = true
	if c.cancel != nil {
		c.cancel()
	}
}

// lifetime is the context of the call: it ends at the latest deadline of the
// callers, or when the last of them has left.
func (c *Callers) lifetime(life context.Context) (context.Context, context.CancelFunc) {
	c.lock.Lock()
	defer c.lock.Unlock()
	var latest time.Time
	bounded := true
	for _, m := range c.members {
		deadline, ok := m.context.Deadline()
		bounded = bounded && ok
		if deadline.After(latest) {
			latest = deadline
		}
	}
	if !bounded {
		latest = time.Now().Add(unbounded)
	}
	ctx, cancel := context.WithDeadline(life, latest)
	if c.ended {
		cancel()
	}
	c.cancel = cancel
	return ctx, cancel
}

// Contexts returns the contexts of the current callers, to attribute counts,
// traces and urgency.
func (c *Callers) Contexts() []context.Context {
	c.lock.Lock()
	defer c.lock.Unlock()
	all := make([]context.Context, 0, len(c.members))
	for _, m := range c.members {
		all = append(all, m.context)
	}
	return all
}

// Hold reports that the call will not leave before a time. Callers with an
// earlier deadline get the error at once.
func (c *Callers) Hold(until time.Time, why error) {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.held, c.why = until, why
	for key, m := range c.members {
		if deadline, ok := m.context.Deadline(); ok && deadline.Before(until) {
			m.refuse(why)
			c.left(key)
		}
	}
	c.changed()
}

// Go reports that the call leaves now.
func (c *Callers) Go() {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.held, c.why = time.Time{}, nil
	c.changed()
}
