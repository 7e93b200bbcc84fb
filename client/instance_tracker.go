package client

import (
	"hash/maphash"
	"slices"
	"strings"
	"time"
	"unique"

	"google.golang.org/protobuf/proto"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// instanceTracker tracks a watch of instances.
type instanceTracker struct {
	// reported is the state that the caller knows.
	reported map[string]reportedInstance
	// partial is set if the caller's token was resumed, so reported is incomplete.
	partial bool
	// mark is the revision up to which everything was reported.
	mark int64
	// cause is why the watch restarts, nil if it does not.
	cause error

	// State of the stream: fresh is true while its snapshot arrives, which is collected in present; pending holds the
	// events not yet reported.
	fresh   bool
	present map[string]reportedInstance
	pending []Event

	seed   maphash.Seed
	buffer []byte
}

// reportedInstance holds the part of an instance that is needed to detect a difference.
type reportedInstance struct {
	hash   uint64
	region unique.Handle[string]
	status ecsdv1.InstanceStatus
}

func newInstanceTracker(token string) *instanceTracker {
	return &instanceTracker{reported: map[string]reportedInstance{}, partial: token != "", mark: -1, seed: maphash.MakeSeed()}
}

func (b *instanceTracker) begin(token string) {
	b.pending, b.present, b.fresh = nil, nil, token == ""
	if b.fresh {
		b.present = map[string]reportedInstance{}
	}
}

func (b *instanceTracker) restart(cause error) bool {
	if b.partial {
		return false
	}
	b.cause = cause
	return true
}

func (b *instanceTracker) interrupted(err error, delay time.Duration) Event {
	return &Interrupted{Err: err, Delay: delay}
}

func (b *instanceTracker) take(m *ecsdv1.WatchInstancesResponse) ([]Event, string, bool) {
	switch e := m.GetEvent().(type) {
	case *ecsdv1.WatchInstancesResponse_Snapshot:
		for _, i := range e.Snapshot.GetInstances() {
			b.shown(m.GetRevision(), i)
		}
	case *ecsdv1.WatchInstancesResponse_SnapshotComplete:
		return b.completed(m.GetRevision(), e.SnapshotComplete), e.SnapshotComplete.GetResumeToken(), true
	case *ecsdv1.WatchInstancesResponse_Changed:
		// A lagging replica repeats changes that another replica has sent.
		if m.GetRevision() > b.mark && e.Changed.GetInstance() != nil {
			b.pending = append(b.pending, &Changed{
				Revision: m.GetRevision(), Instance: e.Changed.GetInstance(),
				PreviousStatus: e.Changed.GetPreviousStatus(), Skipped: e.Changed.GetSkipped(),
			})
		}
	case *ecsdv1.WatchInstancesResponse_Removed:
		if m.GetRevision() > b.mark {
			b.pending = append(b.pending, &Removed{
				Revision: m.GetRevision(), InstanceID: e.Removed.GetInstanceId(), RegionID: e.Removed.GetRegionId(), Reason: e.Removed.GetReason(),
			})
		}
	case *ecsdv1.WatchInstancesResponse_Checkpoint:
		if m.GetRevision() >= b.mark {
			return b.checked(m.GetRevision(), e.Checkpoint), e.Checkpoint.GetResumeToken(), true
		}
	}
	return nil, "", false
}

// shown records an instance of a snapshot: every instance of the first snapshot, and only the differing ones of a later
// snapshot.
func (b *instanceTracker) shown(revision int64, i *ecsdv1.Instance) {
	now := b.reportedOf(i)
	b.present[i.GetInstanceId()] = now
	if b.cause == nil {
		b.pending = append(b.pending, &Snapshot{Revision: revision, Instance: i})
		return
	}
	if before, ok := b.reported[i.GetInstanceId()]; !ok || before.hash != now.hash {
		b.pending = append(b.pending, &Changed{Revision: revision, Instance: i, PreviousStatus: before.status})
	}
}

// completed returns the events of a whole snapshot.
func (b *instanceTracker) completed(revision int64, m *ecsdv1.WatchSnapshotComplete) []Event {
	var events []Event
	if b.cause != nil {
		events = append(events, &Restarted{Cause: b.cause})
	}
	events = append(events, b.pending...)
	var gone []Event
	for id, was := range b.reported {
		if _, ok := b.present[id]; !ok {
			gone = append(gone, &Removed{Revision: revision, InstanceID: id, RegionID: was.region.Value()})
		}
	}
	slices.SortFunc(gone, func(x, y Event) int { return strings.Compare(x.(*Removed).InstanceID, y.(*Removed).InstanceID) })
	events = append(events, gone...)
	b.reported, b.present, b.pending, b.fresh = b.present, nil, nil, false
	b.mark, b.cause = revision, nil
	return append(events, &Checkpoint{
		Revision: revision, ResumeToken: m.GetResumeToken(), ObservedTime: timeOf(m.GetObservedTime()), Degraded: m.GetDegraded(), Snapshot: true,
	})
}

// checked returns the events of a batch. The previous state of an instance is the one that this watch reported last.
func (b *instanceTracker) checked(revision int64, m *ecsdv1.WatchCheckpoint) []Event {
	events := b.pending[:0]
	for _, event := range b.pending {
		switch e := event.(type) {
		case *Changed:
			id := e.Instance.GetInstanceId()
			if before, ok := b.reported[id]; ok || !b.partial {
				e.PreviousStatus = before.status
			}
			b.reported[id] = b.reportedOf(e.Instance)
		case *Removed:
			if _, ok := b.reported[e.InstanceID]; !ok && !b.partial {
				continue
			}
			delete(b.reported, e.InstanceID)
		}
		events = append(events, event)
	}
	b.pending, b.mark = nil, revision
	return append(events, &Checkpoint{
		Revision: revision, ResumeToken: m.GetResumeToken(), ObservedTime: timeOf(m.GetObservedTime()), Degraded: m.GetDegraded(),
	})
}

// reportedOf returns the recorded part of an instance. A different observation time alone is no difference.
func (b *instanceTracker) reportedOf(i *ecsdv1.Instance) reportedInstance {
	observed := i.GetObservedTime()
	i.ObservedTime = nil
	b.buffer, _ = proto.MarshalOptions{Deterministic: true, AllowPartial: true}.MarshalAppend(b.buffer[:0], i) // a decoded message can be encoded
	i.ObservedTime = observed
	return reportedInstance{hash: maphash.Bytes(b.seed, b.buffer), region: unique.Make(i.GetRegionId()), status: i.GetStatus()}
}
