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

// instanceBook is the book of a watch of instances.
type instanceBook struct {
	// told is what the caller believes.
	told map[string]toldInstance
	// partial: the caller's token was resumed, so more was told than told holds.
	partial bool
	// mark is the revision up to which everything was told.
	mark int64
	// cause is why the watch begins anew, nil while it does not.
	cause error

	// Of the stream: fresh while its snapshot comes, which is then in present,
	// and pending is what was not told.
	fresh   bool
	present map[string]toldInstance
	pending []Event

	seed   maphash.Seed
	buffer []byte
}

// toldInstance is as much of an instance as is needed to see that it differs.
type toldInstance struct {
	hash   uint64
	region unique.Handle[string]
	status ecsdv1.InstanceStatus
}

func newInstanceBook(token string) *instanceBook {
	return &instanceBook{told: map[string]toldInstance{}, partial: token != "", mark: -1, seed: maphash.MakeSeed()}
}

func (b *instanceBook) begin(token string) {
	b.pending, b.present, b.fresh = nil, nil, token == ""
	if b.fresh {
		b.present = map[string]toldInstance{}
	}
}

func (b *instanceBook) restart(cause error) bool {
	if b.partial {
		return false
	}
	b.cause = cause
	return true
}

func (b *instanceBook) interrupted(err error, delay time.Duration) Event {
	return &Interrupted{Err: err, Delay: delay}
}

func (b *instanceBook) take(m *ecsdv1.WatchInstancesResponse) ([]Event, string, bool) {
	switch e := m.GetEvent().(type) {
	case *ecsdv1.WatchInstancesResponse_Snapshot:
		for _, i := range e.Snapshot.GetInstances() {
			b.shown(m.GetRevision(), i)
		}
	case *ecsdv1.WatchInstancesResponse_SnapshotComplete:
		return b.completed(m.GetRevision(), e.SnapshotComplete), e.SnapshotComplete.GetResumeToken(), true
	case *ecsdv1.WatchInstancesResponse_Changed:
		// A replica that lags sends again what another one has sent.
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

// shown takes an instance of a snapshot: all of the first, of a later one what
// differs.
func (b *instanceBook) shown(revision int64, i *ecsdv1.Instance) {
	now := b.toldOf(i)
	b.present[i.GetInstanceId()] = now
	if b.cause == nil {
		b.pending = append(b.pending, &Snapshot{Revision: revision, Instance: i})
		return
	}
	if before, ok := b.told[i.GetInstanceId()]; !ok || before.hash != now.hash {
		b.pending = append(b.pending, &Changed{Revision: revision, Instance: i, PreviousStatus: before.status})
	}
}

// completed tells a whole snapshot.
func (b *instanceBook) completed(revision int64, m *ecsdv1.SnapshotComplete) []Event {
	var events []Event
	if b.cause != nil {
		events = append(events, &Restarted{Cause: b.cause})
	}
	events = append(events, b.pending...)
	var gone []Event
	for id, was := range b.told {
		if _, ok := b.present[id]; !ok {
			gone = append(gone, &Removed{Revision: revision, InstanceID: id, RegionID: was.region.Value()})
		}
	}
	slices.SortFunc(gone, func(x, y Event) int { return strings.Compare(x.(*Removed).InstanceID, y.(*Removed).InstanceID) })
	events = append(events, gone...)
	b.told, b.present, b.pending, b.fresh = b.present, nil, nil, false
	b.mark, b.cause = revision, nil
	return append(events, &Checkpoint{
		Revision: revision, ResumeToken: m.GetResumeToken(), ObservedTime: timeOf(m.GetObservedTime()), Degraded: m.GetDegraded(), Snapshot: true,
	})
}

// checked tells a batch. What an instance was is what this watch told of it.
func (b *instanceBook) checked(revision int64, m *ecsdv1.Checkpoint) []Event {
	events := b.pending[:0]
	for _, event := range b.pending {
		switch e := event.(type) {
		case *Changed:
			id := e.Instance.GetInstanceId()
			if before, ok := b.told[id]; ok || !b.partial {
				e.PreviousStatus = before.status
			}
			b.told[id] = b.toldOf(e.Instance)
		case *Removed:
			if _, ok := b.told[e.InstanceID]; !ok && !b.partial {
				continue
			}
			delete(b.told, e.InstanceID)
		}
		events = append(events, event)
	}
	b.pending, b.mark = nil, revision
	return append(events, &Checkpoint{
		Revision: revision, ResumeToken: m.GetResumeToken(), ObservedTime: timeOf(m.GetObservedTime()), Degraded: m.GetDegraded(),
	})
}

// toldOf is what is kept of an instance. When it was seen is no difference.
func (b *instanceBook) toldOf(i *ecsdv1.Instance) toldInstance {
	observed := i.GetObservedTime()
	i.ObservedTime = nil
	b.buffer, _ = proto.MarshalOptions{Deterministic: true, AllowPartial: true}.MarshalAppend(b.buffer[:0], i) // what was decoded can be encoded
	i.ObservedTime = observed
	return toldInstance{hash: maphash.Bytes(b.seed, b.buffer), region: unique.Make(i.GetRegionId()), status: i.GetStatus()}
}
