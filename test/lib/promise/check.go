package promise

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// Check checks a report against every promise, and returns the broken ones.
func Check(h History, r Report) []string {
	var broken []string
	held := map[string]string{} // state as the client knows it
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

// checker checks one stream.
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
	reported map[string][]Message // since the last mark
}

func (c *checker) breaks(promise, format string, args ...any) {
	c.broken = append(c.broken, promise+": "+fmt.Sprintf(format, args...))
}

func (c *checker) run() {
	c.last, c.reported, c.mark = map[string]int64{}, map[string][]Message{}, -1
	complete := c.stream.Resumed >= 0
	if complete {
		c.mark, c.revision = c.stream.Resumed, c.stream.Resumed
	} else {
		c.held = map[string]string{}
	}
	// A watch may wait before its first batch.
	for len(c.stream.Messages) > 0 && c.stream.Messages[0].Kind == Waiting {
		c.stream.Messages = c.stream.Messages[1:]
	}
	var previous time.Time // when the last mark came
	for i, m := range c.stream.Messages {
		c.ordered(i, m)
		switch m.Kind {
		case Waiting:
			c.breaks("W6", "message %d: a watch that has begun waits", i)
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
			c.mark, c.reported = m.Revision, map[string][]Message{}
		case Checkpoint:
			if !complete {
				c.breaks("W6", "message %d: a checkpoint before the snapshot was complete", i)
			}
			c.convergent(i, m)
			c.complete(i, m)
			c.mark, c.reported = m.Revision, map[string][]Message{}
		case Changed, Released, FilteredOut:
			if !complete {
				c.breaks("W6", "message %d: a change before the snapshot was complete", i)
			}
			c.apply(i, m)
		default:
			c.breaks("W6", "message %d: it is of the unknown kind %q", i, m.Kind)
		}
		if m.Mark() {
			c.bookmarked(i, m, previous)
			previous = m.Received
			c.fresh(i, m)
		}
	}
	c.loud()
}

// ordered checks W1 and W2, and the part of W5 that concerns messages after a mark.
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

// apply applies a change to the client's state.
func (c *checker) apply(i int, m Message) {
	had := c.held[m.ID]
	reported := had
	if c.report.Reported != nil {
		reported = c.report.Reported(had)
	}
	if m.Kind == Changed && m.Previous != reported {
		c.breaks("W3", "message %d: %s says that it was %q, the client had %q", i, m.ID, m.Previous, had)
	}
	c.reported[m.ID] = append(c.reported[m.ID], m)
	if m.Kind == Changed {
		c.held[m.ID] = m.State
		return
	}
	if had == "" {
		c.breaks("W3", "message %d: %s is removed and was never shown", i, m.ID)
	}
	delete(c.held, m.ID)
}

// convergent checks W3: at a mark the client has the true state.
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

// complete checks W4: every change since the last mark was reported, or counted.
func (c *checker) complete(i int, m Message) {
	// A change concerns the watcher if the instance was shown before it, or is shown after it.
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
		reported := c.reported[id]
		if c.report.EveryChange {
			if len(reported) != every[id] {
				c.breaks("W4", "message %d: %s changed %d times up to revision %d, reported were %d", i, id, every[id], m.Revision, len(reported))
			}
			continue
		}
		if len(reported) == 0 {
			continue // W3 checks whether a message is missing
		}
		if len(reported) > 1 {
			c.breaks("W4", "message %d: %s was reported %d times in one batch", i, id, len(reported))
		}
		// A removal does not report how many changes it merges.
		if got := reported[0]; got.Kind == Changed && got.Skipped != len(revisions)-1 || got.Revision != revisions[len(revisions)-1] {
			c.breaks("W4", "message %d: %s at revision %d skips %d, and it changed at %v", i, id, got.Revision, got.Skipped, revisions)
		}
	}
}

func (c *checker) matches(id, state string) bool { return state != "" && c.report.Matches(id, state) }

// slack allows for the scheduling of real clients; virtual time needs none.
const slack = 2 * time.Second

// bookmarked checks W7: marks arrive at least once per heartbeat.
func (c *checker) bookmarked(i int, m Message, previous time.Time) {
	if c.report.Heartbeat > 0 && !previous.IsZero() && m.Received.Sub(previous) > c.report.Heartbeat+slack {
		c.breaks("W7", "message %d: a mark %s after the one before, the heartbeat is %s", i, m.Received.Sub(previous), c.report.Heartbeat)
	}
}

// fresh checks W8: the observation time never decreases on a stream and is not in the future. It is the earliest of the
// newest complete polls, and regions that cannot be polled are listed.
func (c *checker) fresh(i int, m Message) {
	if m.Observed.After(m.Received) {
		c.breaks("W8", "message %d: observed %s after it was received", i, m.Observed.Sub(m.Received))
	}
	if m.Observed.Before(c.observed) {
		c.breaks("W8", "message %d: observed time goes back by %s", i, c.observed.Sub(m.Observed))
	}
	c.observed = m.Observed
	if last := i == len(c.stream.Messages)-1 && c.stream.End != ""; len(c.report.Polls) == 0 || last {
		return // a server that ends does not know the polls of the next one
	}
	var oldest time.Time
	older := c.report.EveryChange // a watcher that catches up gets older polls
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

// polled returns the start of a region's newest complete poll that had ended by the time, and whether the newest poll
// of all failed. known is false if a poll ended just then, so that either result is valid. forgotten reports that the
// server was killed since the complete poll.
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
				complete = failed // it may have been written nevertheless
			}
		case p.Partial:
			failing = false
		case p.Failed:
			failing, failed = true, p.Began
		default:
			complete, failing, forgotten = p.Began, false, false
		}
	}
	return complete, failing, true, forgotten
}

// loud checks W9, and W7 at the end: a stream that the server ends has a reason, after a last mark.
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
