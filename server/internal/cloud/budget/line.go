package budget

import (
	"context"
	"sync"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/call"
)

// maxInLine bounds the calls that wait in one lane of a Line.
const maxInLine = 4096

// Line shares out the connections to one host. Calls wait for a connection by
// lane and, within a lane, callers take turns. A call that would not have its
// response before its caller gives up is refused instead of sent, so that a slow
// cloud works only for callers that are still there. It is safe for concurrent
// use.
type Line struct {
	connections int

	mu    sync.Mutex
	used  int
	lanes [call.Write + 1]lane
	turn  int
	// service is how long a call keeps a connection, a moving average.
	service time.Duration
}

// NewLine returns a Line for so many connections.
func NewLine(connections int) *Line { return &Line{connections: connections} }

// Enter waits for a connection. The error is the context's, or *ExhaustedError
// if less than ask.Need of the time until ask.Until would be left. A caller
// that enters must Leave.
func (l *Line) Enter(ctx context.Context, ask Ask) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	now := time.Now()
	l.mu.Lock()
	if ask.late(now) {
		l.mu.Unlock()
		return &ExhaustedError{RetryAfter: ask.Need}
	}
	queue := &l.lanes[ask.Lane]
	if l.used < l.connections && queue.waiting == 0 {
		l.used++
		l.mu.Unlock()
		return nil
	}
	ahead := queue.ahead(ask.Caller)
	for upper := ask.Lane + 1; upper <= call.Write; upper++ {
		ahead += l.lanes[upper].waiting
	}
	wait := l.service * time.Duration(ahead+1) / time.Duration(l.connections)
	if crowded := queue.waiting >= maxInLine; crowded || ask.late(now.Add(wait)) {
		l.mu.Unlock()
		return &ExhaustedError{RetryAfter: max(wait, ask.Need), Crowded: crowded}
	}
	w := &waiter{ask: ask, answer: make(chan answer, 1)}
	queue.push(w)
	l.mu.Unlock()
	select {
	case a := <-w.answer:
		return a.err
	case <-ctx.Done():
		l.mu.Lock()
		defer l.mu.Unlock()
		if !queue.remove(w) {
			if a := <-w.answer; a.err == nil { // given in this very moment
				l.used--
				l.pump(time.Now())
			}
		}
		return ctx.Err()
	}
}

// late reports whether a call that leaves then has less time left than it needs.
func (a Ask) late(then time.Time) bool {
	return !a.Until.IsZero() && then.Add(a.Need).After(a.Until)
}

// Leave returns the connection after a call that took so long.
func (l *Line) Leave(took time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.used--
	l.service += (took - l.service) / 8
	l.pump(time.Now())
}

// pump lets in as many as there are connections.
func (l *Line) pump(now time.Time) {
	for l.used < l.connections {
		w := l.next()
		if w == nil {
			return
		}
		if w.ask.late(now) {
			w.answer <- answer{err: &ExhaustedError{RetryAfter: w.ask.Need}}
			continue
		}
		l.used++
		w.answer <- answer{}
	}
}

// next removes and returns the next waiter, nil if none waits.
func (l *Line) next() *waiter {
	order := []call.Lane{call.Write, call.Read, call.Poll}
	l.turn++
	if l.turn%turnOfLowest == 0 {
		order = []call.Lane{call.Poll, call.Read, call.Write}
	}
	for _, lane := range order {
		if w := l.lanes[lane].pop(func(string) bool { return true }); w != nil {
			return w
		}
	}
	return nil
}
