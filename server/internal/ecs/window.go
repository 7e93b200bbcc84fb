package ecs

import "time"

// Window is a span of time, [After, Before). A zero bound is open.
type Window struct {
	After  time.Time
	Before time.Time
}

// IsZero reports whether the window is open on both sides, that is no window.
func (w Window) IsZero() bool { return w.After.IsZero() && w.Before.IsZero() }

// Contains reports whether t lies in the window. The zero time lies in none.
func (w Window) Contains(t time.Time) bool {
	if t.IsZero() {
		return false
	}
	return (w.After.IsZero() || !t.Before(w.After)) && (w.Before.IsZero() || t.Before(w.Before))
}
