package promise

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// Check holds a report against every promise, and returns those broken.
func Check(h History, r Report) []string {
	var broken []string
	held := map[string]string{} // what the client believes
	for n, s := range r.Streams {
		c := checker{history: h, report: r, stream: s, held: held}
		c.run()
		for _, b := range c.broken {
			broken = append(broken, fmt.Sprintf("stream %d: %s", n, b))
		}
		held = c.held
	}
	return broken
}

// checker walks through one stream.
type checker struct {
	history History
	report  Report
	stream  Stream
	held    map[string]string
	broken  []string

	revision int64            // of the last message
	mark     int64            // of the last mark, -1 before the first
	last     map[string]int64 // revision of the last message of an instance
	observed time.Time
	told     map[string][]Message // since the last mark
}

func (c *checker) breaks(promise, format string, args ...any) {
	c.broken = append(c.broken, promise+": "+fmt.Sprintf(format, args...))
}

func (c *checker) run() {
	c.last, c.told, c.mark = map[string]int64{}, map[string][]Message{}, -1
	complete := c.stream.Resumed >= 0
	if complete {
		c.mark, c.revision = c.stream.Resumed, c.stream.Resumed
	} else {
		c.held = map[string]string{}
	}
	var previous time.Time // when the last mark came
	for i, m := range c.stream.Messages {
		c.ordered(i, m)
		switch m.Kind {
		case Snapshot:
			if complete {
				c.breaks("W6", "message %d: a snapshot where none is due", i)
			}
			c.held[m.ID] = m.State
		case SnapshotComplete:
			if complete {
				c.breaks("W6", "message %d: a second snapshot_complete", i)
			}
			complete = true
			c.convergent(i, m)
			c.mark, c.told = m.Revision, map[string][]Message{}
		case Checkpoint:
			if !complete {
				c.breaks("W6", "message %d: a checkpoint before the snapshot was complete", i)
			}
			c.convergent(i, m)
			c.complete(i, m)
			c.mark, c.told = m.Revision, map[string][]Message{}
		default:
			if !complete {
				c.breaks("W6", "message %d: a change before the snapshot was complete", i)
			}
			c.apply(i, m)
		}
		if m.Mark() {
			c.bookmarked(i, m, previous)
			previous = m.Received
			c.fresh(i, m)
		}
	}
	c.loud()
}

// ordered is W1 and W2, and W5 from the side of what comes after a mark.
func (c *checker) ordered(i int, m Message) {
	if m.Revision < c.revision {
		c.breaks("W1", "message %d: revision %d after %d", i, m.Revision, c.revision)
	}
	c.revision = m.Revision
	if m.Mark() || m.Kind == Snapshot {
		return
	}
	if before, ok := c.last[m.ID]; ok && m.Revision == before {
		c.breaks("W2", "message %d: %s at revision %d again", i, m.ID, m.Revision)
	} else if ok && m.Revision < before {
		c.breaks("W1", "message %d: %s at revision %d after %d", i, m.ID, m.Revision, before)
	}
	c.last[m.ID] = m.Revision
	if m.Revision <= c.mark {
		c.breaks("W5", "message %d: %s at revision %d after the mark at %d", i, m.ID, m.Revision, c.mark)
	}
}

// apply takes a change into what the client believes.
func (c *checker) apply(i int, m Message) {
	had := c.held[m.ID]
	told := had
	if c.report.Told != nil {
		told = c.report.Told(had)
	}
	if m.Kind == Changed && m.Previous != told {
		c.breaks("W3", "message %d: %s says that it was %q, the client was told %q", i, m.ID, m.Previous, had)
	}
	c.told[m.ID] = append(c.told[m.ID], m)
	if m.Kind == Changed {
		c.held[m.ID] = m.State
		return
	}
	if had == "" {
		c.breaks("W3", "message %d: %s is removed and was never shown", i, m.ID)
	}
	delete(c.held, m.ID)
}

// convergent is W3: at a mark the client believes what is so.
func (c *checker) convergent(i int, m Message) {
	want := map[string]string{}
	for id, state := range c.history.At(m.Revision) {
		if c.report.Matches(id, state) {
			want[id] = state
		}
	}
	if !maps.Equal(want, c.held) {
		c.breaks("W3", "message %d: at revision %d the client believes %v, and it is %v", i, m.Revision, c.held, want)
		c.held = want
	}
}

// complete is W4: every change since the last mark was told, or counted.
func (c *checker) complete(i int, m Message) {
	// A change concerns the watcher from the first on that it was shown, or is
	// shown after.
	concerning := map[string][]int64{}
	every := map[string]int{}
	for _, r := range c.history.between(c.mark, m.Revision) {
		for _, change := range r.Changes {
			concerns := c.matches(change.ID, change.Before) || c.matches(change.ID, change.After)
			if concerns {
				every[change.ID]++
			}
			if concerns || len(concerning[change.ID]) > 0 {
				concerning[change.ID] = append(concerning[change.ID], r.Number)
			}
		}
	}
	for id, revisions := range concerning {
		told := c.told[id]
		if c.report.EveryChange {
			if len(told) != every[id] {
				c.breaks("W4", "message %d: %s changed %d times up to revision %d, told were %d", i, id, every[id], m.Revision, len(told))
			}
			continue
		}
		if len(told) == 0 {
			continue // W3 says whether something was owed
		}
		if len(told) > 1 {
			c.breaks("W4", "message %d: %s was told %d times in one batch", i, id, len(told))
		}
		// A removal does not tell how many it was merged of.
		if got := told[0]; got.Kind == Changed && got.Skipped != len(revisions)-1 || got.Revision != revisions[len(revisions)-1] {
			c.breaks("W4", "message %d: %s at revision %d skips %d, and it changed at %v", i, id, got.Revision, got.Skipped, revisions)
		}
	}
}

func (c *checker) matches(id, state string) bool { return state != "" && c.report.Matches(id, state) }

// slack is for the scheduling of real clients; in virtual time none is needed.
const slack = 2 * time.Second

// bookmarked is W7: marks come at least every heartbeat.
func (c *checker) bookmarked(i int, m Message, previous time.Time) {
	if c.report.Heartbeat > 0 && !previous.IsZero() && m.Received.Sub(previous) > c.report.Heartbeat+slack {
		c.breaks("W7", "message %d: a mark %s after the one before, the heartbeat is %s", i, m.Received.Sub(previous), c.report.Heartbeat)
	}
}

// fresh is W8: the time of observation never goes back on a stream, is not in
// the future, and is that of the oldest of the newest complete polls; who
// cannot be polled is named.
func (c *checker) fresh(i int, m Message) {
	if m.Observed.After(m.Received) {
		c.breaks("W8", "message %d: observed %s after it was received", i, m.Observed.Sub(m.Received))
	}
	if m.Observed.Before(c.observed) {
		c.breaks("W8", "message %d: observed time goes back by %s", i, c.observed.Sub(m.Observed))
	}
	c.observed = m.Observed
	if last := i == len(c.stream.Messages)-1 && c.stream.End != ""; len(c.report.Polls) == 0 || last {
		return // a server that ends does not know what the next one polls
	}
	var oldest time.Time
	older := c.report.EveryChange // who catches up is told of older polls
	for n, region := range c.report.Regions {
		complete, failing, known, forgotten := c.polled(region, m.Received)
		if !known {
			return
		}
		older = older || forgotten
		if n == 0 || complete.Before(oldest) {
			oldest = complete
		}
		named := slices.Contains(m.Degraded, region)
		if named && !failing && c.report.Trouble != nil && c.report.Trouble(region, m.Received) {
			continue
		}
		if !forgotten && named != failing {
			c.breaks("W8", "message %d: %s is named degraded: %v; its last poll failed: %v", i, region, !failing, failing)
		}
	}
	if m.Observed.After(oldest) || (m.Observed.Before(oldest) && !older) {
		c.breaks("W8", "message %d: observed %s, the oldest of the newest complete polls began %s", i, m.Observed, oldest)
	}
}

// polled is when the newest complete poll of a region began that had ended by
// the time, and whether the newest of all failed. known is false where one
// ended just then, so that either may be told; forgotten says that the server
// was killed since the complete one.
func (c *checker) polled(region string, by time.Time) (complete time.Time, failing, known, forgotten bool) {
	var failed time.Time
	for _, p := range c.report.Polls {
		switch {
		case p.Region != region || p.Ended.After(by):
		case p.Ended.Equal(by):
			return complete, failing, false, forgotten
		case p.Forgotten:
			forgotten = true
			if failed.After(complete) {
				complete = failed // it may have been written all the same
			}
		case p.Failed:
			failing, failed = true, p.Began
		default:
			complete, failing, forgotten = p.Began, false, false
		}
	}
	return complete, failing, true, forgotten
}

// loud is W9, and W7 at the end: a stream that the server ends says why, after
// a last mark.
func (c *checker) loud() {
	if c.stream.Cut {
		return
	}
	if c.stream.End == "" {
		c.breaks("W9", "the stream ended without a reason")
	}
	if n := len(c.stream.Messages); c.stream.End == "SERVER_DRAINING" && n > 0 && !c.stream.Messages[n-1].Mark() {
		c.breaks("W7", "the stream ended without a last checkpoint")
	}
}
