package api

import (
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/watch"
)

// encodePage encodes a message of a snapshot with as many items as fit.
func (a account) encodePage(revision int64, items []watch.Item) (message any, count int) {
	snapshot, size := &ecsdv1.WatchSnapshot{}, 0
	for _, item := range items {
		instance := a.instanceProto(item.Instance)
		const tagAndLength = 1 + 3
		if size += proto.Size(instance) + tagAndLength; size > snapshotPage && count > 0 {
			break
		}
		snapshot.Instances = append(snapshot.Instances, instance)
		count++
	}
	return prepare(&ecsdv1.WatchInstancesResponse{
		Revision: revision, Event: &ecsdv1.WatchInstancesResponse_Snapshot{Snapshot: snapshot},
	}), count
}

// eventMessage is an event as one watcher receives it.
func (a account) eventMessage(e watch.Event) *ecsdv1.WatchInstancesResponse {
	message := &ecsdv1.WatchInstancesResponse{Revision: e.Change.Revision}
	if e.Kind == watch.Changed {
		changed := &ecsdv1.InstanceChanged{Instance: a.instanceProto(e.Change.After), Skipped: int32(e.Skipped)} //nolint:gosec // bounded by the history
		if e.Previous != nil {
			changed.PreviousStatus = statuses.to(e.Previous.Status)
		}
		message.Event = &ecsdv1.WatchInstancesResponse_Changed{Changed: changed}
		return message
	}
	message.Event = &ecsdv1.WatchInstancesResponse_Removed{Removed: &ecsdv1.InstanceRemoved{
		InstanceId: e.Change.InstanceID, RegionId: e.Change.RegionID, Reason: removalReasons[e.Kind],
	}}
	return message
}

var removalReasons = map[watch.Kind]ecsdv1.InstanceRemovalReason{
	watch.Released:    ecsdv1.InstanceRemovalReason_INSTANCE_REMOVAL_REASON_RELEASED,
	watch.FilteredOut: ecsdv1.InstanceRemovalReason_INSTANCE_REMOVAL_REASON_FILTERED_OUT,
}

// EncodeChange encodes changes as WatchInstances sends them, for watch.Config.
func EncodeChange(accountID func() string) func(*watch.Change) any {
	return account(accountID).encodeChanged
}

// encodeChanged returns the message sent to all watchers of a change.
func (a account) encodeChanged(c *watch.Change) any {
	return prepare(a.eventMessage(watch.Event{Kind: watch.Changed, Change: c, Previous: c.Before}))
}

// markMessage ends a batch.
func markMessage(b watch.Batch) *ecsdv1.WatchInstancesResponse {
	if !b.First {
		return checkpointMessage(b)
	}
	return &ecsdv1.WatchInstancesResponse{Revision: b.Revision, Event: &ecsdv1.WatchInstancesResponse_SnapshotComplete{
		SnapshotComplete: &ecsdv1.WatchSnapshotComplete{
			ResumeToken: b.Token, ObservedTime: timeProto(b.Observed), Degraded: degradedProto(b.Degraded),
		},
	}}
}

// checkpointMessage is allocated at once: each watcher of a change gets the
// shared message and a separate checkpoint.
func checkpointMessage(b watch.Batch) *ecsdv1.WatchInstancesResponse {
	var m struct {
		message    ecsdv1.WatchInstancesResponse
		event      ecsdv1.WatchInstancesResponse_Checkpoint
		checkpoint ecsdv1.WatchCheckpoint
		observed   timestamppb.Timestamp
	}
	m.message.Revision, m.message.Event, m.event.Checkpoint = b.Revision, &m.event, &m.checkpoint
	m.checkpoint.ResumeToken, m.checkpoint.Degraded = b.Token, degradedProto(b.Degraded)
	if at := b.Observed; !at.IsZero() {
		m.observed.Seconds, m.observed.Nanos = at.Unix(), int32(at.Nanosecond()) //nolint:gosec // below 1e9
		m.checkpoint.ObservedTime = &m.observed
	}
	return &m.message
}

func checkpointProto(b watch.Batch) *ecsdv1.WatchCheckpoint {
	return &ecsdv1.WatchCheckpoint{ResumeToken: b.Token, ObservedTime: timeProto(b.Observed), Degraded: degradedProto(b.Degraded)}
}

func degradedProto(degraded []watch.Degraded) []*ecsdv1.DegradedRegion {
	var regions []*ecsdv1.DegradedRegion
	for _, d := range degraded {
		regions = append(regions, &ecsdv1.DegradedRegion{RegionId: d.RegionID, Error: itemError(d.Cause), Since: timestamppb.New(d.Since)})
	}
	return regions
}
