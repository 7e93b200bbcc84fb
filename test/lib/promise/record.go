package promise

import "time"

// Kind is the kind of a message of a stream.
type Kind string

// The kinds of messages.
const (
	Snapshot         Kind = "snapshot"
	SnapshotComplete Kind = "snapshot_complete"
	Changed          Kind = "changed"
	Released         Kind = "released"
	FilteredOut      Kind = "filtered_out"
	Checkpoint       Kind = "checkpoint"
	Waiting          Kind = "waiting"
)

// Message is one received item: one instance, or a mark.
type Message struct {
	Kind     Kind
	Revision int64
	// ID and State describe an instance; State is "" if it is no longer shown.
	ID, State string
	// Previous is the previous state according to the message, "" for none.
	Previous string
	// Skipped is the count of changes merged into this one.
	Skipped int
	// Observed and Degraded belong to a checkpoint or a snapshot_complete.
	Observed time.Time
	Degraded []string
	// Received is the time of receipt.
	Received time.Time
}

// Mark reports whether a watch can resume after the message.
func (m Message) Mark() bool { return m.Kind == Checkpoint || m.Kind == SnapshotComplete }

// Stream is one call of a watch.
type Stream struct {
	// Resumed is the revision of its token, -1 for none.
	Resumed  int64
	Messages []Message
	Began    time.Time
	Ended    time.Time
	// End is the reason for the end of the stream; "" is a bug unless Cut.
	End string
	// Cut is set if the client or the network ended it.
	Cut bool
}

// Report holds the streams of one client, each resumed from the last mark of the one before, or started anew.
type Report struct {
	EveryChange bool
	Heartbeat   time.Duration
	// Regions are the watched regions, and Polls all their polls. Without them, the promises that depend on them are
	// not checked.
	Regions []string
	Polls   []Poll
	// Trouble reports whether a region may be listed as degraded at a time although its last poll succeeded: another
	// lane failed, or a poll is overdue. Nil means never.
	Trouble func(region string, at time.Time) bool
	// Matches applies the filter to a state.
	Matches func(id, state string) bool
	// Reported returns the part of a state that Message.Previous holds; nil for all.
	Reported func(state string) string
	Streams  []Stream
}

// Poll is one finished listing of a region.
type Poll struct {
	Region       string
	Began, Ended time.Time
	Failed       bool
	// Partial marks a complete list with instances whose reads overlapped others: the region can be read, but the poll
	// does not count as complete.
	Partial bool
	// Forgotten marks a kill of the server at that time, which is no poll: the server may have lost its earlier polls.
	Forgotten bool
}

// Change is one difference of a revision; "" is the state of an instance that does not exist.
type Change struct {
	ID            string
	Before, After string
}

// Revision holds the changes that one poll found.
type Revision struct {
	Number  int64
	Changes []Change
}

// History holds all revisions, from an empty state on, in rising order.
type History []Revision

// At returns the state of every instance at a revision.
func (h History) At(revision int64) map[string]string {
	state := map[string]string{}
	for _, r := range h {
		if r.Number > revision {
			break
		}
		for _, c := range r.Changes {
			if c.After == "" {
				delete(state, c.ID)
			} else {
				state[c.ID] = c.After
			}
		}
	}
	return state
}

// between returns the revisions after after, up to and including upTo.
func (h History) between(after, upTo int64) History {
	var some History
	for _, r := range h {
		if r.Number > after && r.Number <= upTo {
			some = append(some, r)
		}
	}
	return some
}

// Of returns the consecutive states of an instance.
func (h History) Of(id string) []string {
	var states []string
	for _, r := range h {
		for _, c := range r.Changes {
			if c.ID == id {
				states = append(states, c.After)
			}
		}
	}
	return states
}
