package client

import (
	"slices"
	"strings"
	"time"
	"unique"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// reclaimBook is the book of a watch of reclaims. Its stream has no
// snapshot_complete: where it did not resume, the notices before its first
// checkpoint are the snapshot.
type reclaimBook struct {
	// told are the announced reclaims that the caller knows, with their regions.
	told    map[string]unique.Handle[string]
	partial bool
	mark    int64
	cause   error

	fresh   bool
	pending []ReclaimEvent
}

func newReclaimBook(token string) *reclaimBook {
	return &reclaimBook{told: map[string]unique.Handle[string]{}, partial: token != "", mark: -1}
}

func (b *reclaimBook) begin(token string) { b.pending, b.fresh = nil, token == "" }

func (b *reclaimBook) restart(cause error) bool {
	if b.partial {
		return false
	}
	b.cause = cause
	return true
}

func (b *reclaimBook) interrupted(err error, delay time.Duration) ReclaimEvent {
	return &Interrupted{Err: err, Delay: delay}
}

func (b *reclaimBook) take(m *ecsdv1.WatchReclaimsResponse) ([]ReclaimEvent, string, bool) {
	revision := m.GetRevision()
	if checkpoint := m.GetCheckpoint(); checkpoint != nil {
		if !b.fresh && revision < b.mark {
			return nil, "", false
		}
		return b.checked(revision, checkpoint), checkpoint.GetResumeToken(), true
	}
	if !b.fresh && revision <= b.mark {
		return nil, "", false // a replica that lags sends again what another one has sent
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

// checked tells a batch: of a notice that was told already nothing, and of one
// that is no longer in a snapshot that it ended.
func (b *reclaimBook) checked(revision int64, m *ecsdv1.Checkpoint) []ReclaimEvent {
	var events []ReclaimEvent
	if b.cause != nil {
		events = append(events, &Restarted{Cause: b.cause})
	}
	present := map[string]bool{}
	for _, event := range b.pending {
		switch e := event.(type) {
		case *ReclaimNotice:
			present[e.InstanceID] = true
			if _, ok := b.told[e.InstanceID]; ok {
				continue
			}
			b.told[e.InstanceID] = unique.Make(e.RegionID)
		case *ReclaimEnded:
			if _, ok := b.told[e.InstanceID]; !ok && !b.partial {
				continue
			}
			delete(b.told, e.InstanceID)
		}
		events = append(events, event)
	}
	if b.fresh {
		var gone []string
		for id := range b.told {
			if !present[id] {
				gone = append(gone, id)
			}
		}
		slices.SortFunc(gone, strings.Compare)
		for _, id := range gone {
			events = append(events, &ReclaimEnded{revision, id, b.told[id].Value(), ReclaimOutcomeUnknown})
			delete(b.told, id)
		}
	}
	checkpoint := &Checkpoint{
		Revision: revision, ResumeToken: m.GetResumeToken(), ObservedTime: timeOf(m.GetObservedTime()), Degraded: m.GetDegraded(), Snapshot: b.fresh,
	}
	b.pending, b.fresh, b.mark, b.cause = nil, false, revision, nil
	return append(events, checkpoint)
}
