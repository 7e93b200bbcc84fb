package usage

import (
	"sync"
	"time"

	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
	"github.com/ecsd-io/ecsd/simulator/internal/storage"
)

// Disks are the disks of the instances.
type Disks interface {
	// UsagePrices returns what an instance pays for an hour at list prices, in thousandths of a yuan.
	UsagePrices(*fleet.Instance) (instance, bandwidth, disks int64)
	// Specified reports whether the disks of an instance can change without a change of the instance, and
	// SpecifiedCount returns the count of such instances.
	Specified(instanceID string) bool
	SpecifiedCount() int
	// LooseDisks returns the disks of all regions that belong to no instance.
	LooseDisks() []storage.Disk
}

// Prices are the prices of the spot market.
type Prices interface {
	// Price returns the price of an hour in thousandths of a yuan.
	Price(zone string, t *catalog.InstanceType, at time.Time) int64
}

// secondsPerCent is the count of seconds in which a price of one thousandth of a yuan per hour makes a cent.
const secondsPerCent = 3600 * 10

// Meter measures usage. It is safe for concurrent use.
type Meter struct {
	disks  Disks
	prices Prices

	mu   sync.Mutex
	from time.Time // the start of the hour that is not billed yet
	// owed is the usage that is not billed yet, in thousandths of a yuan per hour times seconds.
	owed int64
	rate rate
}

// rate is the usage per hour of a fleet that did not change since the last bill, so that idle hours cost nothing.
type rate struct {
	changes   uint64
	specified int
	// price is that of the instances with a constant price; the others are in varying.
	price   int64
	varying []*fleet.Instance
}

// NewMeter returns a meter that measures from a time on.
func NewMeter(d Disks, p Prices, from time.Time) *Meter {
	return &Meter{disks: d, prices: p, from: from}
}

// Close measures the usage of an instance up to a time, at which it ends or gets another price. The caller sets the
// instance's UsedFrom to that time if it is used afterwards.
func (m *Meter) Close(i *fleet.Instance, at time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.owed += m.used(i, at)
}

// CloseDisk does the same for a disk without an instance.
func (m *Meter) CloseDisk(d storage.Disk, at time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.owed += m.usedDisk(d, at)
}

// usedDisk returns the usage of a disk without an instance up to a time. The caller holds mu.
func (m *Meter) usedDisk(d storage.Disk, at time.Time) int64 {
	return DiskHour(d) * seconds(later(m.from, d.UsedFrom), at)
}

// DiskHour returns the price of an hour of a disk in thousandths of a yuan.
func DiskHour(d storage.Disk) int64 { return catalog.HourOfDisk(d.Priced()) }

// bill measures the usage of all instances and loose disks up to a time. It returns its price in whole cents and the
// start of the bill, and carries over the rest.
func (m *Meter) bill(f *fleet.Fleet, at time.Time) (cents int64, from time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if changes, specified := f.Changes(), m.disks.SpecifiedCount(); m.rate.changes == changes && m.rate.specified == specified {
		m.owed += m.rate.price * seconds(m.from, at)
		for _, i := range m.rate.varying {
			m.owed += m.used(i, at)
		}
	} else {
		m.rate = rate{changes: changes, specified: specified}
		f.Each(func(i *fleet.Instance) {
			m.owed += m.used(i, at)
			if i.Spot.Strategy != "NoSpot" || m.disks.Specified(i.ID) {
				m.rate.varying = append(m.rate.varying, i)
			} else {
				m.rate.price += m.price(i, at)
			}
		})
	}
	for _, d := range m.disks.LooseDisks() {
		m.owed += m.usedDisk(d, at)
	}
	cents, m.owed = m.owed/secondsPerCent, m.owed%secondsPerCent
	from, m.from = m.from, at
	return cents, from
}

// used returns the usage of an instance up to a time. The caller holds mu.
func (m *Meter) used(i *fleet.Instance, at time.Time) int64 {
	price := m.price(i, at)
	if price == 0 {
		return 0
	}
	return price * seconds(later(m.from, later(i.Creation, i.UsedFrom)), at)
}

// price returns the price of the hour that ends at a time.
func (m *Meter) price(i *fleet.Instance, at time.Time) int64 {
	if i.ChargeType == fleet.PostPaid && i.Locked(fleet.LockFinancial) {
		return 0 // stopped for arrears
	}
	instance, bandwidth, disks := m.disks.UsagePrices(i)
	switch {
	case instance+bandwidth+disks == 0:
		return 0
	case i.Status == fleet.Stopped && i.StoppedMode == "StopCharging":
		instance, bandwidth = 0, 0
	case i.ChargeType == fleet.PostPaid && i.Spot.Strategy != "NoSpot":
		instance = m.prices.Price(i.ZoneID, i.Type, at.Add(-1))
	}
	return instance + bandwidth + disks
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func seconds(from, at time.Time) int64 { return max(int64(at.Sub(from)/time.Second), 0) }
