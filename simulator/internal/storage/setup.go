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

// UsageSetup returns what an instance pays for by the hour: a pay-as-you-go instance with all that it has, and the
// pay-as-you-go disks of a subscription.
func (s *Store) UsageSetup(i *fleet.Instance) catalog.Setup {
	if !s.specified(i.ID) {
		if i.ChargeType == fleet.PrePaid {
			return catalog.Setup{}
		}
		return setup(i, nil, nil)
	}
	made := setup(i, s.Of(i), func(d Disk) bool { return !d.Included && d.ChargeType == fleet.PostPaid })
	if i.ChargeType == fleet.PrePaid {
		made.Type, made.Bandwidth = nil, 0
	}
	return made
}

// specified reports whether the disks of an instance differ from the default.
func (s *Store) specified(instanceID string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	_, ok := s.attached[instanceID]
	return ok
}

func setup(i *fleet.Instance, disks []Disk, paid func(Disk) bool) catalog.Setup {
	made := catalog.Setup{Type: i.Type}
	if i.InternetChargeType == "PayByBandwidth" {
		made.Bandwidth = i.BandwidthOut
	}
	for _, d := range disks {
		priced := catalog.Disk{Category: catalog.FindDiskCategory(d.Category), Level: d.Level, GiB: d.GiB}
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
