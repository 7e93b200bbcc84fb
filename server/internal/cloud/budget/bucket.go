package budget

import (
	"slices"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/call"
)

// shares is how much of a limit, in percent, a lane may take together with the
// lanes below it.
var shares = [call.Write + 1]int{call.Poll: 50, call.Read: 80, call.Write: 100}

const (
	// turnOfLowest: one grant in so many goes to the lowest lane that waits, so
	// that no lane starves while a higher one has its share left.
	turnOfLowest = 8
	// leastLimit is the lowest limit that is assumed. Assuming too much costs one
	// throttled call per minute, assuming too little costs throughput.
	leastLimit = 10
	// The account's other servers learn of the new minute at the same time as
	// this one; they begin up to so much apart. A named wait is spread less.
	spreadMinute = 2 * time.Second
	// After a minute that was used up, the next begins late by the grace, since
	// the cloud's clock may be behind and would count its calls to the last.
	grace       = 500 * time.Millisecond
	spreadNamed = 100 * time.Millisecond
	// A call is throttled when it enters the cloud: one that has no outcome after
	// this long has entered.
	entry = 250 * time.Millisecond
	// At most firstWidth calls past the proven number enter at a time, and one
	// more for each slowGrowth calls of the window past slowUntil. So at most ten
	// of the first calls that meet an unknown limit of up to 300 per minute are
	// throttled.
	firstWidth, slowUntil, slowGrowth = 10, 320, 8
	// A call that waits for a probe beyond its time is refused with this retry
	// delay: the vendor's advice for retries while throttled.
	probePause = time.Second
)

// bucket is the state of one key. All of it is guarded by the budget's lock.
type bucket struct {
	budget *Budget
	// ceiling is the configured or published limit, 0 for none; limit is the assumed number of
	// calls per minute, 0 for unknown. It is regained by doubling if it fell below
	// any plausible limit of the account.
	ceiling, limit int
	doubling       bool
	// proven is the most calls that the cloud let pass in one window. Calls past
	// it are entering: they left less than entry ago and have no outcome.
	proven   int
	entering []*Grant

	// window is the minute that is counted.
	window    time.Time
	granted   [call.Write + 1]int
	throttled int
	// felt: a call had to wait because the limit, or the share of its lane, was
	// used up in this window.
	felt bool

	// blocked is before when nothing leaves. After it, probing lets one call
	// out at a time until one passes.
	blocked  time.Time
	probing  bool
	probeOut bool

	callers [call.Write + 1]callers
	lanes   [call.Write + 1]lane
	waiting int
	turn    int
	timer   *time.Timer

	out  int
	used time.Time

	// kept are the grants with calls that have not left, the first to expire
	// first; keeping counts them and those of them with calls in flight.
	kept    []*Grant
	keeping int
}

// roll begins a new minute and draws the lesson of the last.
func (k *bucket) roll(now time.Time) {
	k.expire(now)
	minute := now.Truncate(window)
	if minute.Equal(k.window) {
		return
	}
	if late := minute.Add(grace); k.felt && now.Before(late) && k.blocked.Before(late) {
		k.blocked = late
	}
	if sent := k.total() - len(k.kept); k.throttled > 0 {
		k.proven = sent - k.throttled
	} else {
		k.proven = max(k.proven, sent)
	}
	switch {
	case k.throttled > 0:
		passed, least := k.total()-k.throttled, max(leastLimit, k.limit/2)
		k.limit, k.doubling = max(passed, least), passed < least
	case k.felt && k.doubling:
		k.limit *= 2
	case k.felt:
		k.limit += max(1, k.limit/10)
	}
	if k.ceiling > 0 {
		k.limit = min(k.limit, k.ceiling)
	}
	k.window, k.granted, k.throttled, k.felt = minute, [call.Write + 1]int{}, 0, false
	for l := range k.callers {
		k.callers[l].roll()
	}
	for _, g := range k.kept { // their calls leave in this minute
		g.window = minute
		k.granted[g.lane]++
		k.callers[g.lane].took(g.caller, 1)
	}
}

// expire returns the grants that were kept for longer than their time, and
// removes those with calls that have entered from the list.
func (k *bucket) expire(now time.Time) {
	for len(k.entering) > 0 && !now.Before(k.entering[0].left.Add(entry)) {
		k.entering = k.entering[1:]
	}
	for len(k.kept) > 0 && !now.Before(k.kept[0].expires) {
		k.settleUnused(k.kept[0])
	}
}

func (k *bucket) total() int {
	return k.granted[call.Poll] + k.granted[call.Read] + k.granted[call.Write]
}

// share returns how many calls of a window a lane may take, including those
// below it.
func (k *bucket) share(l call.Lane) int { return max(1, k.limit*shares[l]/100) }

// open reports whether anything may leave now.
func (k *bucket) open(now time.Time) bool {
	return !now.Before(k.blocked) && (!k.probing || !k.probeOut) && k.keeping < maxKept && !k.cautious()
}

// full reports whether the key waits for an outcome of the grants that are kept
// or were: it comes before the time at which they expire.
func (k *bucket) full(now time.Time) bool { return k.keeping >= maxKept && !now.Before(k.blocked) }

// throttles reports whether the cloud throttles the key, as far as is known: the
// time that a throttle named is not over, or the call that probes is in flight.
func (k *bucket) throttles(now time.Time) bool {
	return k.probing && (now.Before(k.blocked) || k.probeOut)
}

// cautious reports whether another call past the proven number would be one too
// many: if the limit is met now, all entering calls are throttled.
func (k *bucket) cautious() bool {
	n := k.total()
	width := firstWidth + max(0, n-slowUntil)/slowGrowth
	return n >= k.proven && len(k.entering)+len(k.kept) >= width
}

// fits reports whether the lane has a call left in this window.
func (k *bucket) fits(l call.Lane) bool {
	if k.limit == 0 {
		return true
	}
	for upper := l; upper <= call.Write; upper++ {
		below := 0
		for lower := call.Poll; lower <= upper; lower++ {
			below += k.granted[lower]
		}
		if below >= k.share(upper) {
			return false
		}
	}
	return true
}

func (k *bucket) allows(l call.Lane, now time.Time) bool {
	if !k.open(now) {
		return false
	}
	if !k.fits(l) {
		k.felt = true
		return false
	}
	return true
}

// grant lets one call out.
func (k *bucket) grant(ask Ask, now time.Time) *Grant {
	k.granted[ask.Lane]++
	k.out++
	k.turn++
	k.used = now
	k.callers[ask.Lane].took(ask.Caller, 1)
	g := &Grant{bucket: k, lane: ask.Lane, caller: ask.Caller, window: k.window}
	if ask.Keep == 0 {
		k.enter(g, now)
	} else {
		g.keeps, g.expires = true, now.Add(ask.Keep)
		at, _ := slices.BinarySearchFunc(k.kept, g.expires, func(other *Grant, t time.Time) int { return other.expires.Compare(t) })
		k.kept = slices.Insert(k.kept, at, g)
		k.keeping++
	}
	if k.probing {
		k.probeOut, g.probe = true, true
	}
	return g
}

// enter notes that the call of a grant leaves.
func (k *bucket) enter(g *Grant, now time.Time) {
	g.left = now
	k.entering = append(k.entering, g)
}

// leaves returns the earliest time at which a new call can leave.
func (k *bucket) leaves(ask Ask, now time.Time) time.Time {
	t := now
	if k.blocked.After(now) {
		t = k.blocked
	}
	if k.limit == 0 {
		return t
	}
	ahead := k.lanes[ask.Lane].ahead(ask.Caller)
	share := k.share(ask.Lane)
	if t.Before(k.window.Add(window)) {
		if k.fits(ask.Lane) {
			if shared := k.window.Add(sharedFor); t.Before(shared) && !k.fair(ask.Lane, ask.Caller, now) {
				t = shared
			}
			if left := share - k.taken(ask.Lane); ahead < left {
				return t
			}
			ahead -= share - k.taken(ask.Lane)
		}
		t = k.window.Add(window)
	}
	return t.Add(time.Duration(ahead/share) * window)
}

// taken returns the calls of the lane and those below it in this window.
func (k *bucket) taken(l call.Lane) int {
	n := 0
	for lower := call.Poll; lower <= l; lower++ {
		n += k.granted[lower]
	}
	return n
}

// idle reports whether the bucket can be forgotten.
func (k *bucket) idle(now time.Time) bool {
	return k.waiting == 0 && k.out == 0 && now.Sub(k.used) > idleFor
}
