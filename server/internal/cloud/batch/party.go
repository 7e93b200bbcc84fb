package batch

import (
	"context"
	"sync"
	"time"
)

// unbounded is the deadline of a call for somebody who named none.
const unbounded = time.Hour

// Party is those who wait for one call.
type Party struct {
	lock *sync.Mutex
	// changed is called under lock when the party is held or let go.
	changed func()

	members map[any]member
	cancel  context.CancelFunc
	ended   bool
	// held is until when the call is held back, zero where it is on its way.
	held time.Time
	why  error
}

// member is one asker as its party sees it.
type member struct {
	context context.Context
	// refuse gives the asker's keys of this call an error.
	refuse func(error)
}

// left takes an asker out; the call ends with the last. Under lock.
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

// lifetime is the context of the call: until the latest deadline of those who
// ask, or until the last of them is gone.
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

// Contexts returns the contexts of those who wait now, for what must be told
// or taken from each: counts, traces, urgency.
func (p *Party) Contexts() []context.Context {
	p.lock.Lock()
	defer p.lock.Unlock()
	all := make([]context.Context, 0, len(p.members))
	for _, m := range p.members {
		all = append(all, m.context)
	}
	return all
}

// Hold says that the call will not leave before a time. Whose deadline is
// before it gets the error at once.
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
