package storage

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
)

// Store is safe for concurrent use.
type Store struct {
	duration time.Duration

	mu       sync.RWMutex
	attached map[string][]Disk      // by instance, if its disks differ from the default
	owner    map[string]string      // the instance of each of those
	tags     map[string][]fleet.Tag // by disk, if they differ from those of its launch
	loose    []Disk                 // disks without an instance, in the order in which they became so; never changed in place

	looseNumber uint64

	snapshots map[string]*Snapshot
	taken     []*Snapshot // oldest first
	number    uint64
}

// New returns an empty store; duration is the duration of a snapshot.
func New(duration time.Duration) *Store {
	return &Store{
		duration: duration, attached: map[string][]Disk{}, owner: map[string]string{}, tags: map[string][]fleet.Tag{}, snapshots: map[string]*Snapshot{},
	}
}

// Attach stores the disks of a new instance, the system disk first.
func (s *Store) Attach(instanceID string, disks []Disk) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.attached[instanceID] = disks
	for _, d := range disks {
		s.owner[d.ID] = instanceID
	}
}

// Detach deletes the disks of an instance after a failed launch.
func (s *Store) Detach(instanceID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.attached[instanceID] {
		delete(s.owner, d.ID)
	}
	delete(s.attached, instanceID)
}

// Of returns the disks of an instance, the system disk first.
func (s *Store) Of(i *fleet.Instance) []Disk {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.of(i)
}

// of does the same. The caller holds mu.
func (s *Store) of(i *fleet.Instance) []Disk {
	disks := slices.Clone(s.attached[i.ID])
	if disks == nil && strings.HasPrefix(i.ID, instancePrefix) {
		system := DefaultSystem()
		system.ID = SystemID(i.ID)
		disks = []Disk{system}
	}
	for n := range disks {
		disks[n].belongTo(i)
		if tags, ok := s.tags[disks[n].ID]; ok {
			disks[n].Tags = tags
		}
	}
	return disks
}

// Owner returns the ID of the instance that a disk belongs to, or would belong to if the disk existed.
func (s *Store) Owner(diskID string) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if owner, ok := s.owner[diskID]; ok {
		return owner
	}
	if rest, ok := strings.CutPrefix(diskID, idPrefix); ok {
		return instancePrefix + rest
	}
	return ""
}

// Loose returns the disks of a region without an instance.
func (s *Store) Loose(regionID string) []Disk {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var list []Disk
	for _, d := range s.loose {
		if d.Region.ID == regionID {
			list = append(list, d)
		}
	}
	return list
}

// LooseDisks returns the disks of all regions without an instance.
func (s *Store) LooseDisks() []Disk {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Clone(s.loose)
}

// SetTags replaces the tags of a disk.
func (s *Store) SetTags(diskID string, tags []fleet.Tag) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := slices.IndexFunc(s.loose, func(d Disk) bool { return d.ID == diskID }); n >= 0 {
		s.loose = slices.Clone(s.loose)
		s.loose[n].Tags = tags
		return
	}
	s.tags[diskID] = tags
}

// Released deletes the disks of an instance that was released at a time, except those that outlive it.
func (s *Store) Released(i *fleet.Instance, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.of(i) {
		delete(s.owner, d.ID)
		delete(s.tags, d.ID)
		if d.DeleteWithInstance {
			continue
		}
		d.Made = d.Creation
		d.InstanceID, d.Device, d.Detached, d.UsedFrom, d.Mounted = "", "", at, at, time.Time{}
		d.ChargeType = fleet.PostPaid // a disk without an instance is pay-as-you-go
		s.loosen(d)
	}
	delete(s.attached, i.ID)
}
