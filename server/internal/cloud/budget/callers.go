package budget

import (
	"time"

	"github.com/ecsd-io/ecsd/server/internal/call"
)

const (
	// sharedFor is the part of a window that is shared out: until then each caller
	// of the last window keeps its part of the remaining calls, after it any
	// waiting caller may take them.
	sharedFor = window * 3 / 4
	// maxCallers bounds the callers that are counted separately. Callers past it
	// count as one.
	maxCallers = 64
)

// callers counts the calls of each caller in one lane. The zero value is ready.
type callers struct {
	// now holds the calls of this window, last the callers of the one before.
	now, last map[string]int
}

// seen records that a caller requests a call.
func (c *callers) seen(caller string) { c.took(caller, 0) }

// took counts calls of a caller.
func (c *callers) took(caller string, n int) {
	if c.now == nil {
		c.now = make(map[string]int)
	}
	if _, ok := c.now[caller]; !ok && len(c.now) >= maxCallers {
		caller = ""
	}
	c.now[caller] += n
}

// roll begins a new window.
func (c *callers) roll() {
	c.now, c.last = c.last, c.now
	clear(c.now)
}

// fair reports whether a call leaves enough for the others: each of the n
// callers of the last window keeps 1/n of the lane's calls.
func (k *bucket) fair(l call.Lane, caller string, now time.Time) bool {
	if k.limit == 0 || !now.Before(k.window.Add(sharedFor)) {
		return true
	}
	c := &k.callers[l]
	n := len(c.last)
	if _, ok := c.last[caller]; !ok {
		n++
	}
	if n == 1 {
		return true
	}
	left := k.share(l) - k.taken(l)
	part := max(1, (left+k.granted[l])/n)
	if c.now[caller] < part {
		return true
	}
	for other := range c.last {
		if other != caller {
			left -= max(0, part-c.now[other])
		}
	}
	return left > 0
}
