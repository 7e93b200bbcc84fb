package promise

import "time"

// Kind is what a message of a stream is.
type Kind string

// The kinds of messages.
const (
	Snapshot         Kind = "snapshot"
	SnapshotComplete Kind = "snapshot_complete"
	Changed          Kind = "changed"
	Released         Kind = "released"
	FilteredOut      Kind = "filtered_out"
	Checkpoint       Kind = "checkpoint"
)

// Message is one thing that a watcher received: one instance, or a mark.
type Message struct {
	Kind     Kind
	Revision int64
	// ID and State are of an instance; State is "" where it is no longer shown.
	ID, State string
	// Previous is what the message says that the state was, "" for none.
	Previous string
	// Skipped is how many changes were merged into this one.
	Skipped int
	// Observed and Degraded are of a checkpoint or a snapshot_complete.
	Observed time.Time
	Degraded []string
	// Received is when it came.
	Received time.Time
}

// Mark reports whether the message can be resumed from.
func (m Message) Mark() bool { return m.Kind == Checkpoint || m.Kind == SnapshotComplete }

// Stream is one call of a watch.
type Stream struct {
	// Resumed is the revision of the token it began with, -1 for none.
	Resumed  int64
	Messages []Message
	Began    time.Time
	Ended    time.Time
	// End is the reason that the stream ended with; "" is a bug unless Cut.
	End string
	// Cut: the client or the network ended it.
	Cut bool
}

// Report is what one client did: its streams, each resumed from the last mark
// of the one before, or begun anew.
type Report struct {
	EveryChange bool
	Heartbeat   time.Duration
	// Regions are those watched, and Polls all that there were of them; none
	// leaves what only they can tell unchecked.
	Regions []string
	Polls   []Poll
	// Trouble reports whether a region may be named degraded at a time although
	// its last poll succeeded: another lane failed, or a poll is overdue. Nil
	// means never.
	Trouble func(region string, at time.Time) bool
	// Matches is the filter over a state.
	Matches func(id, state string) bool
	// Told is the part of a state that Message.Previous tells; nil for all.
	Told    func(state string) string
	Streams []Stream
}

// Poll is one listing of a region that ended.
type Poll struct {
	Region       string
	Began, Ended time.Time
	Failed       bool
	// Forgotten is no poll: the server was killed when it ended, and may not
	// know any more what it polled before.
	Forgotten bool
}

// Change is one difference of a revision; "" stands for an instance that is
// not there.
type Change struct {
	ID            string
	Before, After string
}

// Revision is what one poll found.
type Revision struct {
	Number  int64
	Changes []Change
}

// History is all that was ever found, from nothing on, by rising number.
type History []Revision

// At is the state of every instance at a revision.
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

// between are the revisions after the one and up to the other.
func (h History) between(after, upTo int64) History {
	var some History
	for _, r := range h {
		if r.Number > after && r.Number <= upTo {
			some = append(some, r)
		}
	}
	return some
}

// Of is what an instance was, one state after the other.
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
