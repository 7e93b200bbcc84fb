package storage

import (
	"errors"
	"time"

	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
)

// Why a snapshot is refused.
var (
	ErrBusy  = errors.New("a snapshot of the disk is being made")
	ErrQuota = errors.New("the disk has as many snapshots as it can have")
)

// maxSnapshots is how many snapshots a disk has at the most.
const maxSnapshots = 256

// Snapshot is what a disk held at a moment.
type Snapshot struct {
	ID, Name, Description string
	// Disk is the disk as it was then.
	Disk     Disk
	Creation time.Time
	// RetentionDays is how long it is kept, 0 for ever.
	RetentionDays int
	Tags          []fleet.Tag
	// Number counts the snapshots that were taken, from 1.
	Number uint64
	ready  time.Time
}

// Progress is how much of a snapshot is made, in percent.
func (s *Snapshot) Progress(now time.Time) int {
	if !now.Before(s.ready) {
		return 100
	}
	return int(now.Sub(s.Creation) * 100 / s.ready.Sub(s.Creation))
}

// Remaining is how long a snapshot still takes.
func (s *Snapshot) Remaining(now time.Time) time.Duration { return max(s.ready.Sub(now), 0) }

// Available reports whether a snapshot is made.
func (s *Snapshot) Available(now time.Time) bool { return !now.Before(s.ready) }

func (s *Snapshot) expired(now time.Time) bool {
	return s.RetentionDays > 0 && !now.Before(s.Creation.AddDate(0, 0, s.RetentionDays))
}

// Take begins a snapshot. The store keeps it; nobody may change it then.
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

// expire drops the snapshots whose time is over. It is called with mu held.
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
