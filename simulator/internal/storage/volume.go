package storage

import (
	"errors"
	"slices"
	"time"

	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
)

// ErrGone reports that a disk is not where a change expects it: it was changed in between.
var ErrGone = errors.New("the disk is not there")

// Create adds a disk without an instance.
func (s *Store) Create(d Disk) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.loosen(d)
}

// loosen adds a disk to those without an instance. The caller holds mu.
func (s *Store) loosen(d Disk) {
	s.looseNumber++
	d.Number = s.looseNumber
	s.loose = append(s.loose[:len(s.loose):len(s.loose)], d)
}

// Remove deletes a disk without an instance, and reports whether there was one.
func (s *Store) Remove(diskID string) (Disk, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.take(diskID)
}

// take removes a disk from those without an instance. The caller holds mu.
func (s *Store) take(diskID string) (Disk, bool) {
	n := slices.IndexFunc(s.loose, func(d Disk) bool { return d.ID == diskID })
	if n < 0 {
		return Disk{}, false
	}
	d := s.loose[n]
	s.loose = slices.Delete(slices.Clone(s.loose), n, n+1)
	return d, true
}

// Mount attaches a disk without an instance to an instance, as change says.
func (s *Store) Mount(i *fleet.Instance, diskID string, change func(*Disk)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, ok := s.take(diskID)
	if !ok {
		return ErrGone
	}
	s.mount(i, d, change)
	return nil
}

// MountNew attaches a new disk to an instance.
func (s *Store) MountNew(i *fleet.Instance, d Disk) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mount(i, d, func(*Disk) {})
}

func (s *Store) mount(i *fleet.Instance, d Disk, change func(*Disk)) {
	disks := s.of(i)
	d.Detached, d.Number = time.Time{}, 0
	change(&d)
	s.tags[d.ID] = d.Tags
	s.owner[d.ID] = i.ID
	s.attached[i.ID] = append(disks, d)
}

// Unmount detaches a disk from an instance at a time. It then is pay-as-you-go.
func (s *Store) Unmount(i *fleet.Instance, diskID string, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, err := s.drop(i, diskID)
	if err != nil {
		return err
	}
	d.Made = d.Creation
	d.InstanceID, d.Device, d.DeleteWithInstance, d.Mounted = "", "", false, time.Time{}
	d.Detached, d.UsedFrom, d.ChargeType = at, at, fleet.PostPaid
	s.loosen(d)
	return nil
}

// Drop deletes a disk of an instance.
func (s *Store) Drop(i *fleet.Instance, diskID string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.drop(i, diskID)
	return err
}

func (s *Store) drop(i *fleet.Instance, diskID string) (Disk, error) {
	disks := s.of(i)
	n := slices.IndexFunc(disks, func(d Disk) bool { return d.ID == diskID })
	if n < 0 {
		return Disk{}, ErrGone
	}
	d := disks[n]
	delete(s.owner, diskID)
	delete(s.tags, diskID)
	s.attached[i.ID] = slices.Delete(disks, n, n+1)
	return d, nil
}

// ChangeDisk changes a disk, of an instance or without one if i is nil.
func (s *Store) ChangeDisk(i *fleet.Instance, diskID string, change func(*Disk)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	disks := slices.Clone(s.loose)
	if i != nil {
		disks = s.of(i)
	}
	n := slices.IndexFunc(disks, func(d Disk) bool { return d.ID == diskID })
	if n < 0 {
		return ErrGone
	}
	change(&disks[n])
	if i == nil {
		s.loose = disks
		return nil
	}
	s.owner[diskID] = i.ID
	s.attached[i.ID] = disks
	return nil
}
