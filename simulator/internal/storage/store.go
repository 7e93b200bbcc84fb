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
	attached map[string][]Disk // by instance, where there is more to say than the default
	owner    map[string]string // the instance of each of those
	loose    []Disk            // that outlived their instance, oldest first

	snapshots map[string]*Snapshot
	taken     []*Snapshot // oldest first
	number    uint64
}

// New makes an empty store; duration is how long a snapshot takes.
func New(duration time.Duration) *Store {
	return &Store{
		duration: duration, attached: map[string][]Disk{}, owner: map[string]string{}, snapshots: map[string]*Snapshot{},
	}
}

// Attach keeps the disks of a new instance, the system disk first.
func (s *Store) Attach(instanceID string, disks []Disk) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.attached[instanceID] = disks
	for _, d := range disks {
		s.owner[d.ID] = instanceID
	}
}

// Detach forgets the disks of an instance that was not launched after all.
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
	disks := slices.Clone(s.attached[i.ID])
	s.mu.RUnlock()
	if disks == nil && strings.HasPrefix(i.ID, instancePrefix) {
		system := DefaultSystem()
		system.ID = SystemID(i.ID)
		disks = []Disk{system}
	}
	for n := range disks {
		disks[n].belongTo(i)
	}
	return disks
}

// Owner returns the id of the instance that a disk belongs to, or would
// belong to if there were such a disk.
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

// Loose returns the disks of a region that outlived their instance.
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

// Released lets go of the disks of an instance that went at a time, but for
// those that were to outlive it.
func (s *Store) Released(i *fleet.Instance, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.attached[i.ID] {
		delete(s.owner, d.ID)
		if d.DeleteWithInstance {
			continue
		}
		d.belongTo(i)
		d.InstanceID, d.Device, d.Detached = "", "", at
		d.ChargeType = fleet.PostPaid // a disk by itself is paid as it goes
		s.loose = append(s.loose, d)
	}
	delete(s.attached, i.ID)
}
