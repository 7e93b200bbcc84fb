package storage

import (
	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
)

// Setup returns what the subscription of an instance pays for: its type, its subscription disks, and its bandwidth if
// that is not billed by traffic.
func (s *Store) Setup(i *fleet.Instance) catalog.Setup {
	return setup(i, s.Of(i), func(d Disk) bool { return d.System && !d.Included || !d.System && d.ChargeType == fleet.PrePaid })
}

// SubscriptionSetup returns what a subscription of a pay-as-you-go instance would pay for: its type, its system disk,
// its data disks if they are converted too, and its bandwidth.
func (s *Store) SubscriptionSetup(i *fleet.Instance, dataDisks bool) catalog.Setup {
	return setup(i, s.Of(i), func(d Disk) bool { return d.System || dataDisks })
}

// UsagePrices returns what an instance pays for an hour at list prices, in thousandths of a yuan: a pay-as-you-go instance
// for all that it has, and a subscription for its pay-as-you-go disks. It is called for every instance and hour.
func (s *Store) UsagePrices(i *fleet.Instance) (instance, bandwidth, disks int64) {
	if i.ChargeType == fleet.PostPaid {
		instance = catalog.HourOf(i.Type)
		if i.InternetChargeType == "PayByBandwidth" {
			bandwidth = catalog.HourOfBandwidth(i.BandwidthOut)
		}
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	for n := range s.attached[i.ID] { // a default disk is included
		if d := &s.attached[i.ID][n]; !d.Included && (d.PayAsYouGo || i.ChargeType == fleet.PostPaid) {
			disks += catalog.HourOfDisk(d.Priced())
		}
	}
	return instance, bandwidth, disks
}

// Specified reports whether the disks of an instance differ from the default.
func (s *Store) Specified(instanceID string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.attached[instanceID] != nil
}

// SpecifiedCount returns the count of such instances.
func (s *Store) SpecifiedCount() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.attached)
}

// Priced returns the disk as it is priced.
func (d *Disk) Priced() catalog.Disk {
	return catalog.Disk{Category: catalog.FindDiskCategory(d.Category), Level: d.Level, GiB: d.GiB}
}

func setup(i *fleet.Instance, disks []Disk, paid func(Disk) bool) catalog.Setup {
	made := catalog.Setup{Type: i.Type}
	if i.InternetChargeType == "PayByBandwidth" {
		made.Bandwidth = i.BandwidthOut
	}
	for _, d := range disks {
		priced := d.Priced()
		switch {
		case !paid(d):
		case d.System:
			made.SystemDisk = &priced
		default:
			made.DataDisks = append(made.DataDisks, priced)
		}
	}
	return made
}

// Subscribe sets what the subscription of an instance pays for from now on: its system disk, and its data disks if they
// are converted too.
func (s *Store) Subscribe(i *fleet.Instance, dataDisks bool) {
	disks := s.Of(i)
	s.mu.Lock()
	defer s.mu.Unlock()
	for n := range disks {
		disks[n].Included = false
		disks[n].PayAsYouGo = !disks[n].System && !dataDisks
		s.owner[disks[n].ID] = i.ID
	}
	s.attached[i.ID] = disks
}
