package budget

import (
	"iter"
	"slices"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/call"
)

// waiter is one waiting call.
type waiter struct {
	ask    Ask
	leaves time.Time
	// answer receives one result; moved receives the latest time before which the
	// call will not leave.
	answer chan answer
	moved  chan time.Time
}

type answer struct {
	grant *Grant
	err   error
}

// lane is a queue of one urgency: callers take turns.
type lane struct {
	turns   []string
	queues  map[string][]*waiter
	waiting int
}

// ahead is how many certainly leave before a new waiter of this caller.
func (l *lane) ahead(caller string) int {
	own := len(l.queues[caller])
	n := own
	for other, queue := range l.queues {
		if other != caller {
			n += min(own, len(queue))
		}
	}
	return n
}

func (l *lane) push(w *waiter) {
	if l.queues == nil {
		l.queues = make(map[string][]*waiter)
	}
	if len(l.queues[w.ask.Caller]) == 0 {
		l.turns = append(l.turns, w.ask.Caller)
	}
	l.queues[w.ask.Caller] = append(l.queues[w.ask.Caller], w)
	l.waiting++
}

// pop takes the first waiter of the first caller, in turn, that may leave; nil
// if none may.
func (l *lane) pop(may func(caller string) bool) *waiter {
	at := slices.IndexFunc(l.turns, may)
	if at < 0 {
		return nil
	}
	caller := l.turns[at]
	w := l.queues[caller][0]
	l.turns = slices.Delete(l.turns, at, at+1)
	l.remove(w)
	if len(l.queues[caller]) > 0 {
		l.turns = append(l.turns, caller)
	}
	return w
}

// remove removes a waiter, and its caller's turn if it was the last.
func (l *lane) remove(w *waiter) bool {
	queue := l.queues[w.ask.Caller]
	i := slices.Index(queue, w)
	if i < 0 {
		return false
	}
	if len(queue) == 1 {
		delete(l.queues, w.ask.Caller)
		if t := slices.Index(l.turns, w.ask.Caller); t >= 0 {
			l.turns = slices.Delete(l.turns, t, t+1)
		}
	} else {
		l.queues[w.ask.Caller] = slices.Delete(queue, i, i+1)
	}
	l.waiting--
	return true
}

func (k *bucket) join(w *waiter) {
	k.lanes[w.ask.Lane].push(w)
	k.waiting++
}

// drop takes a waiter out; false means that it has its response already.
func (k *bucket) drop(w *waiter) bool {
	if !k.lanes[w.ask.Lane].remove(w) {
		return false
	}
	k.waiting--
	k.arm(time.Now())
	return true
}

func (k *bucket) settle(w *waiter, a answer) {
	k.waiting--
	w.answer <- a
}

// pump releases the waiters that may leave now, refuses those that cannot wait
// so long, and sets the timer for the rest.
func (k *bucket) pump(now time.Time) {
	k.roll(now)
	k.refuse(now, now, probePause)
	for {
		w := k.next(now)
		if w == nil {
			break
		}
		k.settle(w, answer{grant: k.grant(w.ask, now)})
	}
	if next, ok := k.opens(now); ok && !k.full(now) {
		k.refuse(now, next, next.Sub(now))
		k.notify(next)
	}
	k.arm(now)
}

// next removes and returns the next waiter, nil if none may leave.
func (k *bucket) next(now time.Time) *waiter {
	order := []call.Lane{call.Write, call.Read, call.Poll}
	if k.turn%turnOfLowest == turnOfLowest-1 {
		order = []call.Lane{call.Poll, call.Read, call.Write}
	}
	for _, l := range order {
		if k.lanes[l].waiting == 0 || !k.allows(l, now) {
			continue
		}
		if w := k.lanes[l].pop(func(caller string) bool { return k.fair(l, caller, now) }); w != nil {
			return w
		}
	}
	return nil
}

// displace frees a place in a full lane for a caller: the latest call of the
// caller with the most waiting calls is refused, if that has more than this
// one.
func (k *bucket) displace(ask Ask, retryAfter time.Duration) bool {
	l := &k.lanes[ask.Lane]
	var longest []*waiter
	for _, queue := range l.queues {
		if len(queue) > len(longest) {
			longest = queue
		}
	}
	if len(longest) <= len(l.queues[ask.Caller])+1 {
		return false
	}
	last := longest[len(longest)-1]
	l.remove(last)
	k.settle(last, answer{err: &ExhaustedError{RetryAfter: retryAfter, Crowded: true}})
	return true
}

// opens returns when a waiter may leave next; ok is false if that depends on a
// call in progress, or none waits.
func (k *bucket) opens(now time.Time) (time.Time, bool) {
	switch {
	case k.waiting == 0:
		return time.Time{}, false
	case now.Before(k.blocked):
		return k.blocked, true
	}
	next, known := k.window.Add(window), k.keeping < maxKept && (!k.probing || !k.probeOut)
	earlier := func(t time.Time) {
		if !known || t.Before(next) {
			next, known = t, true
		}
	}
	if len(k.kept) > 0 {
		earlier(k.kept[0].expires) // it expires then at the latest
	}
	if known && k.cautious() && len(k.entering) > 0 {
		earlier(k.entering[0].left.Add(entry))
	}
	if shared := k.window.Add(sharedFor); known && now.Before(shared) && k.shares() {
		earlier(shared)
	}
	return next, known
}

// shares reports whether calls wait for the shares of other callers.
func (k *bucket) shares() bool {
	for l := range k.lanes {
		if k.lanes[l].waiting > 0 && k.limit > 0 && k.fits(call.Lane(l)) {
			return true
		}
	}
	return false
}

// all iterates over the waiters. A yielded waiter may be removed meanwhile.
func (k *bucket) all() iter.Seq[*waiter] {
	return func(yield func(*waiter) bool) {
		for l := range k.lanes {
			for _, queue := range k.lanes[l].queues {
				for _, w := range slices.Clone(queue) {
					if !yield(w) {
						return
					}
				}
			}
		}
	}
}

// refuse removes the waiters with a time that ends by then, and those that do
// not wait for the end of a throttle.
func (k *bucket) refuse(now, then time.Time, retryAfter time.Duration) {
	for w := range k.all() {
		until, after := w.ask.Until, retryAfter
		if w.ask.NoThrottle && k.throttles(now) {
			until, after = now, max(probePause, k.blocked.Sub(now))
		}
		if !until.IsZero() && !then.Before(until) {
			k.lanes[w.ask.Lane].remove(w)
			k.settle(w, answer{err: &ExhaustedError{RetryAfter: after}})
		}
	}
}

// notify reports to the waiters the earliest time at which they can leave.
func (k *bucket) notify(next time.Time) {
	for w := range k.all() {
		if !w.leaves.Before(next) {
			continue
		}
		w.leaves = next
		select {
		case <-w.moved:
		default:
		}
		w.moved <- next
	}
}

// arm sets the timer to the next time at which a waiter may leave, or stops it.
// While that depends on a call in progress, it is set to the earliest time limit
// of a waiter.
func (k *bucket) arm(now time.Time) {
	if k.timer != nil {
		k.timer.Stop()
		k.timer = nil
	}
	next, ok := k.opens(now)
	if !ok || k.full(now) {
		for w := range k.all() {
			if until := w.ask.Until; !until.IsZero() && (!ok || until.Before(next)) {
				next, ok = until, true
			}
		}
	}
	if !ok {
		return
	}
	var timer *time.Timer
	timer = time.AfterFunc(next.Sub(now), func() {
		k.budget.mu.Lock()
		defer k.budget.mu.Unlock()
		if k.timer != timer {
			return // stopped too late
		}
		k.timer = nil
		k.pump(time.Now())
	})
	k.timer = timer
}

func (k *bucket) close() {
	if k.timer != nil {
		k.timer.Stop()
		k.timer = nil
	}
	for l := range k.lanes {
		for k.lanes[l].waiting > 0 {
			k.settle(k.lanes[l].pop(func(string) bool { return true }), answer{err: ErrClosed})
		}
	}
}
