package storage

import (
	"errors"
	"slices"
	"time"

	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
)

// Reasons for the rejection of a snapshot.
var (
	ErrBusy  = errors.New("a snapshot of the disk is being made")
	ErrQuota = errors.New("the disk has as many snapshots as it can have")
)

// maxSnapshots is the maximum count of snapshots per disk.
const maxSnapshots = 256

// Snapshot is the content of a disk at a moment.
type Snapshot struct {
	ID, Name, Description, ResourceGroupID string
	// Disk is the disk at that time.
	Disk     Disk
	Creation time.Time
	// RetentionDays is the retention, 0 for unlimited.
	RetentionDays int
	Tags          []fleet.Tag
	// Number is the sequence number of the snapshot, from 1.
	Number uint64
	ready  time.Time
}

// Progress returns the progress of a snapshot in percent.
func (s *Snapshot) Progress(now time.Time) int {
	if !now.Before(s.ready) {
		return 100
	}
	return int(now.Sub(s.Creation) * 100 / s.ready.Sub(s.Creation))
}

// Remaining returns the remaining time of a snapshot.
func (s *Snapshot) Remaining(now time.Time) time.Duration { return max(s.ready.Sub(now), 0) }

// Available reports whether a snapshot is complete.
func (s *Snapshot) Available(now time.Time) bool { return !now.Before(s.ready) }

func (s *Snapshot) expired(now time.Time) bool {
	return s.RetentionDays > 0 && !now.Before(s.Creation.AddDate(0, 0, s.RetentionDays))
}

// Take starts a snapshot. The store takes ownership of it; the caller must not change it afterwards.
func (s *Store) Take(snapshot *Snapshot, now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expire(now)
	if err := s.takeable(snapshot.Disk.ID, now); err != nil {
		return err
	}
	s.number++
	snapshot.Number = s.number
	snapshot.Creation, snapshot.ready = now, now.Add(s.duration)
	s.snapshots[snapshot.ID] = snapshot
	s.taken = append(s.taken, snapshot)
	return nil
}

func (s *Store) takeable(diskID string, now time.Time) error {
	number := 0
	for _, other := range s.taken {
		if other.Disk.ID != diskID {
			continue
		}
		if number++; !other.Available(now) {
			return ErrBusy
		}
	}
	if number >= maxSnapshots {
		return ErrQuota
	}
	return nil
}

// Snapshots returns the snapshots of a region, oldest first.
func (s *Store) Snapshots(regionID string, now time.Time) []*Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expire(now)
	list := make([]*Snapshot, 0, len(s.taken))
	for _, snapshot := range s.taken {
		if snapshot.Disk.Region.ID == regionID {
			list = append(list, snapshot)
		}
	}
	return list
}

// Snapshot returns a snapshot.
func (s *Store) Snapshot(id string, now time.Time) (*Snapshot, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	found, ok := s.snapshots[id]
	return found, ok && !found.expired(now)
}

// TagSnapshot replaces the tags of a snapshot by those that change returns.
func (s *Store) TagSnapshot(id string, change func([]fleet.Tag) []fleet.Tag) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for n, old := range s.taken {
		if old.ID == id {
			next := *old
			next.Tags = change(old.Tags)
			s.taken[n], s.snapshots[id] = &next, &next
		}
	}
}

// expire deletes snapshots at the end of their retention. The caller holds mu.
func (s *Store) expire(now time.Time) {
	kept := s.taken[:0]
	for _, snapshot := range s.taken {
		if snapshot.expired(now) {
			delete(s.snapshots, snapshot.ID)
			continue
		}
		kept = append(kept, snapshot)
	}
	clear(s.taken[len(kept):])
	s.taken = kept
}

// Delete deletes a snapshot, complete or not. It does nothing if there is none.
func (s *Store) Delete(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.snapshots[id]; !ok {
		return
	}
	delete(s.snapshots, id)
	s.taken = slices.DeleteFunc(slices.Clone(s.taken), func(other *Snapshot) bool { return other.ID == id })
}

// Sourced reports whether a disk was created from a snapshot.
func (s *Store) Sourced(snapshotID string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	from := func(d Disk) bool { return d.SnapshotID == snapshotID }
	for _, disks := range s.attached {
		if slices.ContainsFunc(disks, from) {
			return true
		}
	}
	return slices.ContainsFunc(s.loose, from)
}

// Saving reports whether a snapshot of a disk is being made.
func (s *Store) Saving(diskID string, now time.Time) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.ContainsFunc(s.taken, func(other *Snapshot) bool { return other.Disk.ID == diskID && !other.Available(now) })
}
