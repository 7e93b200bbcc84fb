package batch

import (
	"context"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/rescue"
)

// depart sends the calls that may leave now: full calls, and a partial one if
// no partial call is in progress and no burst is still arriving. It sets the
// timer for the rest.
func (g *Group[K, V]) depart() {
	for g.calls < g.config.MaxCalls && len(g.waiting) > 0 {
		if len(g.waiting) < g.config.Max && (len(g.partial) > 0 || g.lingers() > 0) {
			break
		}
		g.launch(min(len(g.waiting), g.config.Max))
	}
	g.arm()
}

// lingers returns how much longer a burst, or the requests right after one, may
// fill its call; not above 0 if there is none.
func (g *Group[K, V]) lingers() time.Duration {
	now := time.Now()
	if len(g.waiting) >= g.config.Burst {
		g.burst = now
	}
	if now.Sub(g.burst) >= g.config.Linger {
		return 0
	}
	return g.config.Linger - now.Sub(g.left)
}

// arm sets the timer for the gathering requests: to the end of a burst's
// linger, or of the patience with a call in progress. It stops the timer if
// there are none, or if only the return of a call, or the end of its hold, can
// help.
func (g *Group[K, V]) arm() {
	var wait time.Duration
	switch {
	case len(g.waiting) == 0 || g.calls >= g.config.MaxCalls:
	case len(g.partial) == 0:
		wait = g.lingers()
	default:
		wait = g.config.Patience
		for callers := range g.partial {
			if !callers.held.IsZero() {
				wait = 0
			}
		}
	}
	if wait <= 0 {
		if g.timer != nil {
			g.timer.Stop()
			g.timer = nil
		}
		return
	}
	if g.timer != nil {
		if !g.timed.After(time.Now().Add(wait)) {
			return
		}
		g.timer.Stop()
	}
	g.timed = time.Now().Add(wait)
	var timer *time.Timer
	timer = time.AfterFunc(wait, func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		if g.timer != timer {
			return // stopped too late
		}
		g.timer = nil
		if len(g.waiting) > 0 && g.calls < g.config.MaxCalls {
			g.launch(min(len(g.waiting), g.config.Max))
		}
		g.depart()
	})
	g.timer = timer
}

// launch takes the first n waiting keys into one call.
func (g *Group[K, V]) launch(n int) {
	taken := g.waiting[:n:n]
	g.waiting = g.waiting[n:]
	if len(g.waiting) == 0 {
		g.waiting = nil
	}
	callers := &Callers{members: make(map[any]member), lock: &g.mu, changed: g.changed}
	var keys []K
	slots := taken[:0:0]
	for _, p := range taken {
		delete(g.byKey, p.key)
		wanted := false
		for _, s := range p.waiters {
			if s.caller.gone || s.caller.answered[s.index] {
				continue
			}
			wanted = true
			s.caller.calls[callers] = struct{}{}
			callers.members[s.caller] = member{s.caller.context, func(err error) {
				refuse(slots, s.caller, err)
			}}
		}
		if wanted {
			keys = append(keys, p.key)
			slots = append(slots, p)
		}
	}
	if len(keys) == 0 {
		return
	}
	started := g.config.Start(func(life context.Context) {
		ctx, cancel := callers.lifetime(life)
		defer cancel()
		outcomes := g.call(ctx, keys, callers)
		g.mu.Lock()
		defer g.mu.Unlock()
		g.deliver(callers, slots, outcomes)
		g.calls--
		delete(g.partial, callers)
		g.depart()
	})
	if !started {
		for _, p := range slots {
			for _, s := range p.waiters {
				s.caller.answer(s.index, Outcome[V]{Err: g.config.Refused})
			}
		}
		return
	}
	g.calls++
	if len(keys) < g.config.Max {
		g.partial[callers] = struct{}{}
		g.left = time.Now()
	}
}

// call makes a call. A panic is the error of all its keys.
func (g *Group[K, V]) call(ctx context.Context, keys []K, callers *Callers) map[K]Outcome[V] {
	var outcomes map[K]Outcome[V]
	err := func() (err error) {
		defer rescue.Into(&err)
		outcomes = g.config.Call(ctx, keys, callers)
		return nil
	}()
	if err == nil {
		return outcomes
	}
	failed := make(map[K]Outcome[V], len(keys))
	for _, key := range keys {
		failed[key] = Outcome[V]{Err: err}
	}
	return failed
}

func (g *Group[K, V]) deliver(callers *Callers, slots []*slot[K, V], outcomes map[K]Outcome[V]) {
	for _, p := range slots {
		for _, s := range p.waiters {
			s.caller.answer(s.index, outcomes[p.key])
		}
	}
	for _, p := range slots {
		for _, s := range p.waiters {
			delete(s.caller.calls, callers)
		}
	}
}

// refuse returns an error for all of a caller's keys of one call.
func refuse[K comparable, V any](slots []*slot[K, V], a *caller[V], err error) {
	for _, p := range slots {
		for _, s := range p.waiters {
			if s.caller == a {
				a.answer(s.index, Outcome[V]{Err: err})
			}
		}
	}
}

// changed is called when a call is held or released. It refuses the waiting
// requests behind it that cannot wait so long.
func (g *Group[K, V]) changed() {
	for _, p := range g.waiting {
		for _, s := range p.waiters {
			if err := g.heldPast(s.caller.context); err != nil {
				s.caller.answer(s.index, Outcome[V]{Err: err})
			}
		}
	}
	g.depart()
}

// heldPast returns why a request of this context would not leave in time, nil
// if it might. Only a wait shared by all calls in progress counts.
func (g *Group[K, V]) heldPast(ctx context.Context) error {
	deadline, ok := ctx.Deadline()
	if !ok || len(g.partial) == 0 {
		return nil
	}
	var why error
	for callers := range g.partial {
		if callers.held.IsZero() || callers.held.Before(deadline) {
			return nil
		}
		why = callers.why
	}
	return why
}
