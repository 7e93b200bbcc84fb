package client

import (
	"slices"
	"strings"
	"time"
	"unique"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// reclaimTracker tracks a watch of reclaims. The stream has no snapshot_complete: if it did not resume, the notices
// before its first checkpoint are the snapshot.
type reclaimTracker struct {
	// reported holds the announced reclaims that the caller knows, with their regions.
	reported map[string]unique.Handle[string]
	partial  bool
	mark     int64
	cause    error

	fresh   bool
	pending []ReclaimEvent
}

func newReclaimTracker(token string) *reclaimTracker {
	return &reclaimTracker{reported: map[string]unique.Handle[string]{}, partial: token != "", mark: -1}
}

func (b *reclaimTracker) begin(token string) { b.pending, b.fresh = nil, token == "" }

func (b *reclaimTracker) restart(cause error) bool {
	if b.partial {
		return false
	}
	b.cause = cause
	return true
}

func (b *reclaimTracker) interrupted(err error, delay time.Duration) ReclaimEvent {
	return &Interrupted{Err: err, Delay: delay}
}

func (b *reclaimTracker) take(m *ecsdv1.WatchReclaimsResponse) ([]ReclaimEvent, string, bool) {
	revision := m.GetRevision()
	if checkpoint := m.GetCheckpoint(); checkpoint != nil {
		if !b.fresh && revision < b.mark {
			return nil, "", false
		}
		return b.checked(revision, checkpoint), checkpoint.GetResumeToken(), true
	}
	if !b.fresh && revision <= b.mark {
		return nil, "", false // a lagging replica repeats notices that another replica has sent
	}
	switch e := m.GetEvent().(type) {
	case *ecsdv1.WatchReclaimsResponse_Notice:
		b.pending = append(b.pending, &ReclaimNotice{
			Revision: revision, InstanceID: e.Notice.GetInstanceId(), RegionID: e.Notice.GetRegionId(), ZoneID: e.Notice.GetZoneId(),
			ObservedTime: timeOf(e.Notice.GetObservedTime()), ReleaseTimeEstimate: timeOf(e.Notice.GetReleaseTimeEstimate()),
		})
	case *ecsdv1.WatchReclaimsResponse_Released:
		b.pending = append(b.pending, &ReclaimEnded{revision, e.Released.GetInstanceId(), e.Released.GetRegionId(), ReclaimOutcomeReleased})
	case *ecsdv1.WatchReclaimsResponse_Withdrawn:
		b.pending = append(b.pending, &ReclaimEnded{revision, e.Withdrawn.GetInstanceId(), e.Withdrawn.GetRegionId(), ReclaimOutcomeWithdrawn})
	case *ecsdv1.WatchReclaimsResponse_Stopped:
		b.pending = append(b.pending, &ReclaimEnded{revision, e.Stopped.GetInstanceId(), e.Stopped.GetRegionId(), ReclaimOutcomeStopped})
	}
	return nil, "", false
}

// checked returns the events of a batch. It drops notices that were reported already, and ends those that are missing
// from a snapshot.
func (b *reclaimTracker) checked(revision int64, m *ecsdv1.WatchCheckpoint) []ReclaimEvent {
	var events []ReclaimEvent
	if b.cause != nil {
		events = append(events, &Restarted{Cause: b.cause})
	}
	present := map[string]bool{}
	for _, event := range b.pending {
		switch e := event.(type) {
		case *ReclaimNotice:
			present[e.InstanceID] = true
			if _, ok := b.reported[e.InstanceID]; ok {
				continue
			}
			b.reported[e.InstanceID] = unique.Make(e.RegionID)
		case *ReclaimEnded:
			if _, ok := b.reported[e.InstanceID]; !ok && !b.partial {
				continue
			}
			delete(b.reported, e.InstanceID)
		}
		events = append(events, event)
	}
	if b.fresh {
		var gone []string
		for id := range b.reported {
			if !present[id] {
				gone = append(gone, id)
			}
		}
		slices.SortFunc(gone, strings.Compare)
		for _, id := range gone {
			events = append(events, &ReclaimEnded{revision, id, b.reported[id].Value(), ReclaimOutcomeUnknown})
			delete(b.reported, id)
		}
	}
	checkpoint := &Checkpoint{
		Revision: revision, ResumeToken: m.GetResumeToken(), ObservedTime: timeOf(m.GetObservedTime()), Degraded: m.GetDegraded(), Snapshot: b.fresh,
	}
	b.pending, b.fresh, b.mark, b.cause = nil, false, revision, nil
	return append(events, checkpoint)
}
