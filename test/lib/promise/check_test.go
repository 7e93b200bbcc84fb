package promise_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/test/lib/promise"
)

var began = time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)

func at(seconds int) time.Time { return began.Add(time.Duration(seconds) * time.Second) }

// history: a and b are created, a changes twice, b is released, and c, which is not watched, is created.
var history = promise.History{
	{Number: 1, Changes: []promise.Change{{ID: "a", After: "run"}, {ID: "b", After: "run"}}},
	{Number: 2, Changes: []promise.Change{{ID: "a", Before: "run", After: "stop"}, {ID: "c", After: "off"}}},
	{Number: 3, Changes: []promise.Change{{ID: "a", Before: "stop", After: "run"}, {ID: "b", Before: "run"}}},
}

// kept returns a report that keeps every promise: a snapshot at 1, both changes, a cut, and a resume.
func kept() promise.Report {
	mark := func(kind promise.Kind, revision int64, second, observed int) promise.Message {
		return promise.Message{Kind: kind, Revision: revision, Observed: at(observed), Received: at(second)}
	}
	one := func(m promise.Message, second int) promise.Message {
		m.Received = at(second)
		return m
	}
	return promise.Report{
		EveryChange: true, Heartbeat: 10 * time.Second,
		Matches: func(_, state string) bool { return state != "off" },
		Regions: []string{"r"},
		Polls: []promise.Poll{
			{Region: "r", Began: at(0), Ended: at(1)}, {Region: "r", Began: at(5), Ended: at(6)},
			{Region: "r", Began: at(15), Ended: at(16)}, {Region: "r", Began: at(20), Ended: at(21), Failed: true},
		},
		Streams: []promise.Stream{
			{Resumed: -1, Began: at(1), Cut: true, Messages: []promise.Message{
				one(promise.Message{Kind: promise.Snapshot, Revision: 1, ID: "a", State: "run"}, 2),
				one(promise.Message{Kind: promise.Snapshot, Revision: 1, ID: "b", State: "run"}, 2),
				mark(promise.SnapshotComplete, 1, 2, 0),
				one(promise.Message{Kind: promise.Changed, Revision: 2, ID: "a", State: "stop", Previous: "run"}, 7),
				mark(promise.Checkpoint, 2, 7, 5),
			}},
			{Resumed: 2, Began: at(17), End: "SERVER_DRAINING", Messages: []promise.Message{
				one(promise.Message{Kind: promise.Changed, Revision: 3, ID: "a", State: "run", Previous: "stop"}, 18),
				one(promise.Message{Kind: promise.Released, Revision: 3, ID: "b", Previous: "run"}, 18),
				mark(promise.Checkpoint, 3, 18, 15),
				func() promise.Message {
					m := mark(promise.Checkpoint, 3, 28, 15)
					m.Degraded = []string{"r"}
					return m
				}(),
				mark(promise.Checkpoint, 3, 29, 15),
			}},
		},
	}
}

// TestPromises_EachCanBreak breaks one promise after the other in a valid report, and checks that Check finds it.
func TestPromises_EachCanBreak(t *testing.T) {
	if broken := promise.Check(history, kept()); len(broken) > 0 {
		t.Fatalf("the report that keeps all breaks %v", broken)
	}
	drop := func(s *promise.Stream, i int) { s.Messages = slices.Delete(s.Messages, i, i+1) }
	for name, c := range map[string]struct {
		breaks string
		spoil  func(*promise.Report)
	}{
		"a revision falls":                 {"W1", func(r *promise.Report) { r.Streams[1].Messages[4].Revision = 2 }},
		"a change is reported twice":       {"W2", func(r *promise.Report) { m := &r.Streams[1].Messages; *m = slices.Insert(*m, 1, (*m)[0]) }},
		"a state is wrong at a checkpoint": {"W3", func(r *promise.Report) { r.Streams[0].Messages[3].State = "gone" }},
		"a previous state is wrong":        {"W3", func(r *promise.Report) { r.Streams[1].Messages[0].Previous = "run" }},
		"a change is lost":                 {"W4", func(r *promise.Report) { drop(&r.Streams[0], 3) }},
		"a merged change is not counted": {"W4", func(r *promise.Report) {
			r.EveryChange = false
			s := &r.Streams[0]
			s.Messages[3].Revision, s.Messages[3].State = 3, "run"
			s.Messages[3].Skipped = 0
			s.Messages = slices.Insert(s.Messages, 4, promise.Message{Kind: promise.Released, Revision: 3, ID: "b", Previous: "run"})
			s.Messages[5].Revision = 3
			r.Streams = r.Streams[:1]
		}},
		"a checkpoint splits a revision": {"W5", func(r *promise.Report) {
			m := r.Streams[1].Messages
			m[1], m[2] = m[2], m[1]
		}},
		"a resume begins with a snapshot": {"W6", func(r *promise.Report) {
			m := &r.Streams[1].Messages
			*m = slices.Insert(*m, 0, promise.Message{Kind: promise.Snapshot, Revision: 3, ID: "a", State: "run", Received: at(17)})
		}},
		"a watch waits after its first batch": {"W6", func(r *promise.Report) {
			m := &r.Streams[1].Messages
			*m = append(*m, promise.Message{Kind: promise.Waiting, Received: at(29)})
		}},
		"a message has no kind":          {"W6", func(r *promise.Report) { r.Streams[1].Messages[0].Kind = "" }},
		"a resume loses what was missed": {"W3", func(r *promise.Report) { r.Streams[1].Messages = r.Streams[1].Messages[2:] }},
		"a heartbeat is late":            {"W7", func(r *promise.Report) { drop(&r.Streams[1], 3); r.Streams[1].Messages[3].Received = at(40) }},
		"the end has no checkpoint": {"W7", func(r *promise.Report) {
			r.Streams[1].Messages = r.Streams[1].Messages[:2]
		}},
		"an observation is of the future":   {"W8", func(r *promise.Report) { r.Streams[0].Messages[4].Observed = at(8) }},
		"an observation goes back":          {"W8", func(r *promise.Report) { r.Streams[1].Messages[4].Observed = at(5) }},
		"an observation is newer than true": {"W8", func(r *promise.Report) { r.Streams[0].Messages[2].Observed = at(1) }},
		"who cannot be polled is not named": {"W8", func(r *promise.Report) { r.Streams[1].Messages[3].Degraded = nil }},
		"the end has no reason":             {"W9", func(r *promise.Report) { r.Streams[1].End = "" }},
	} {
		t.Run(name, func(t *testing.T) {
			r := kept()
			c.spoil(&r)
			broken := promise.Check(history, r)
			if !slices.ContainsFunc(broken, func(b string) bool { return strings.Contains(b, c.breaks+":") }) {
				t.Errorf("%s is not found broken: %v", c.breaks, broken)
			}
		})
	}
}

// TestPromises_Waiting waits before the first batch of each stream, and on one that ends before it.
func TestPromises_Waiting(t *testing.T) {
	r := kept()
	waiting := promise.Message{Kind: promise.Waiting, Received: at(0)}
	for i := range r.Streams {
		r.Streams[i].Messages = slices.Insert(r.Streams[i].Messages, 0, waiting, waiting)
	}
	r.Streams = append(r.Streams, promise.Stream{Resumed: 3, End: "SERVER_DRAINING", Messages: []promise.Message{waiting}})
	if broken := promise.Check(history, r); len(broken) > 0 {
		t.Errorf("a watch that waits breaks %v", broken)
	}
}
