package batch

import (
	"context"
	"sync"
	"time"
)

// unbounded is the deadline of a call whose caller set none.
const unbounded = time.Hour

// Party holds the callers of one call.
type Party struct {
	lock *sync.Mutex
	// changed is called under lock when the party is held or released.
	changed func()

	members map[any]member
	cancel  context.CancelFunc
	ended   bool
	// held is the end of the call's hold, zero if it is not held.
	held time.Time
	why  error
}

// member is one asker of a party.
type member struct {
	context context.Context
	// refuse returns an error for the asker's keys of this call.
	refuse func(error)
}

// left removes an asker; the call ends with the last. Under lock.
func (p *Party) left(key any) {
	delete(p.members, key)
	if len(p.members) > 0 {
		return
	}
	p.ended = true
	if p.cancel != nil {
		p.cancel()
	}
}

// lifetime is the context of the call: it ends at the latest deadline of the
// callers, or when the last of them has left.
func (p *Party) lifetime(life context.Context) (context.Context, context.CancelFunc) {
	p.lock.Lock()
	defer p.lock.Unlock()
	var latest time.Time
	bounded := true
	for _, m := range p.members {
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
	if p.ended {
		cancel()
	}
	p.cancel = cancel
	return ctx, cancel
}

// Contexts returns the contexts of the current callers, to attribute counts,
// traces and urgency.
func (p *Party) Contexts() []context.Context {
	p.lock.Lock()
	defer p.lock.Unlock()
	all := make([]context.Context, 0, len(p.members))
	for _, m := range p.members {
		all = append(all, m.context)
	}
	return all
}

// Hold reports that the call will not leave before a time. Callers with an
// earlier deadline get the error at once.
func (p *Party) Hold(until time.Time, why error) {
	p.lock.Lock()
	defer p.lock.Unlock()
	p.held, p.why = until, why
	for key, m := range p.members {
		if deadline, ok := m.context.Deadline(); ok && deadline.Before(until) {
			m.refuse(why)
			p.left(key)
		}
	}
	p.changed()
}

// Go says that the call leaves now.
func (p *Party) Go() {
	p.lock.Lock()
	defer p.lock.Unlock()
	p.held, p.why = time.Time{}, nil
	p.changed()
}
