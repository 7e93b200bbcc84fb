// Package clientreport records the events of a watch of package client, as reports for package promise.
//
// The events of one iteration come in, in order; one report per period up to each restart goes out, and the broken
// promises of the client itself, which a report cannot hold, as text.
package clientreport

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ecsd-io/ecsd/client"
	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/test/lib/promise"
)

// Recorder records the events of one watch. Create it with New.
type Recorder struct {
	template promise.Report
	reports  []promise.Report
	// held is the state according to the events.
	held map[string]string
	mark int64
	// restarting is set while differences are reported, up to the next checkpoint.
	restarting bool
	// open is set while events are reported that no checkpoint has ended.
	open   bool
	broken []string
}

// New returns a recorder of a watch with the template's delivery and filter.
func New(template promise.Report) *Recorder {
	return &Recorder{template: template, reports: []promise.Report{template}, held: map[string]string{}, mark: -1}
}

// State returns the state of an instance in a history's notation: its status first.
func State(i *ecsdv1.Instance) string {
	tags := make([]string, len(i.GetTags()))
	for n, tag := range i.GetTags() {
		tags[n] = tag.GetKey() + "=" + tag.GetValue()
	}
	return i.GetStatus().String() + " " + i.GetInstanceName() + " " + strings.Join(tags, ",")
}

// statusOf returns the status of a state, UNSPECIFIED for "".
func statusOf(state string) string {
	status, _, _ := strings.Cut(state, " ")
	if status == "" {
		return ecsdv1.InstanceStatus_INSTANCE_STATUS_UNSPECIFIED.String()
	}
	return status
}

// Reports returns the reports, one per period up to each restart.
func (r *Recorder) Reports() []promise.Report { return r.reports }

// Broken returns the broken promises of the client.
func (r *Recorder) Broken() []string { return r.broken }

func (r *Recorder) breaks(format string, args ...any) {
	r.broken = append(r.broken, fmt.Sprintf(format, args...))
}

// Take records an event.
func (r *Recorder) Take(event client.Event) {
	now := time.Now()
	switch e := event.(type) {
	case *client.Snapshot:
		r.open = true
		id, state := e.Instance.GetInstanceId(), State(e.Instance)
		if _, ok := r.held[id]; ok || r.mark >= 0 {
			r.breaks("%s is shown in a snapshot, and was reported before", id)
		}
		r.held[id] = state
		r.add(promise.Message{Kind: promise.Snapshot, Revision: e.Revision, ID: id, State: state, Received: now})
	case *client.Changed:
		r.changed(e, now)
	case *client.Removed:
		r.removed(e, now)
	case *client.Checkpoint:
		r.checkpoint(e, now)
	case *client.Interrupted:
		if r.open {
			r.breaks("an interruption in the midst of a batch")
		}
		r.cut(client.ErrorOf(e.Err).ReasonName, now)
	case *client.Restarted:
		if r.open {
			r.breaks("a restart in the midst of a batch")
		}
		r.restarting, r.open = true, true
		r.reports = append(r.reports, r.template) // it may be another database
		r.begin(-1, now)
	}
}

func (r *Recorder) changed(e *client.Changed, now time.Time) {
	r.open = true
	id, state := e.Instance.GetInstanceId(), State(e.Instance)
	before, ok := r.held[id]
	if r.restarting && ok && before == state {
		r.breaks("%s is reported again after a restart, unchanged", id)
	}
	m := promise.Message{Kind: promise.Changed, Revision: e.Revision, ID: id, State: state, Previous: before, Skipped: int(e.Skipped), Received: now}
	if e.PreviousStatus.String() != statusOf(before) {
		r.breaks("%s at revision %d has previous status %s, want %q", id, e.Revision, e.PreviousStatus, before)
	}
	r.held[id] = state
	if !r.restarting {
		r.add(m)
	}
}

func (r *Recorder) removed(e *client.Removed, now time.Time) {
	r.open = true
	before, ok := r.held[e.InstanceID]
	if !ok {
		r.breaks("%s is removed at revision %d and was never reported", e.InstanceID, e.Revision)
	}
	m := promise.Message{Kind: promise.Released, Revision: e.Revision, ID: e.InstanceID, Previous: before, Received: now}
	if e.Reason == ecsdv1.InstanceRemovalReason_INSTANCE_REMOVAL_REASON_FILTERED_OUT {
		m.Kind = promise.FilteredOut
	}
	delete(r.held, e.InstanceID)
	if r.restarting {
		return
	}
	if e.Reason == ecsdv1.InstanceRemovalReason_INSTANCE_REMOVAL_REASON_UNSPECIFIED {
		r.breaks("%s is removed at revision %d without a reason", e.InstanceID, e.Revision)
	}
	r.add(m)
}

func (r *Recorder) checkpoint(e *client.Checkpoint, now time.Time) {
	mark := promise.Message{Kind: promise.Checkpoint, Revision: e.Revision, Observed: e.ObservedTime, Received: now}
	if e.Snapshot {
		mark.Kind = promise.SnapshotComplete
	}
	if r.restarting {
		// For the promises, the state after the differences is the snapshot.
		for _, id := range slices.Sorted(maps.Keys(r.held)) {
			r.add(promise.Message{Kind: promise.Snapshot, Revision: e.Revision, ID: id, State: r.held[id], Received: now})
		}
	}
	if e.ResumeToken == "" {
		r.breaks("the checkpoint at revision %d has no resume token", e.Revision)
	}
	for _, d := range e.Degraded {
		mark.Degraded = append(mark.Degraded, d.GetRegionId())
	}
	r.add(mark)
	r.mark, r.restarting, r.open = e.Revision, false, false
}

// stream returns the current stream.
func (r *Recorder) stream() *promise.Stream {
	report := &r.reports[len(r.reports)-1]
	if len(report.Streams) == 0 {
		report.Streams = append(report.Streams, promise.Stream{Resumed: r.mark, Cut: true, Began: time.Now()})
	}
	return &report.Streams[len(report.Streams)-1]
}

func (r *Recorder) add(m promise.Message) {
	s := r.stream()
	s.Messages, s.Ended = append(s.Messages, m), m.Received
}

// cut ends a stream; the next one resumes at the last mark.
func (r *Recorder) cut(reason string, now time.Time) {
	s := r.stream()
	s.End, s.Cut, s.Ended = reason, reason == "", now
	r.begin(r.mark, now)
}

// begin opens a stream that replaces one without messages.
func (r *Recorder) begin(resumed int64, now time.Time) {
	report := &r.reports[len(r.reports)-1]
	next := promise.Stream{Resumed: resumed, Cut: true, Began: now}
	if n := len(report.Streams); n > 0 && len(report.Streams[n-1].Messages) == 0 {
		report.Streams[n-1] = next
		return
	}
	report.Streams = append(report.Streams, next)
}
