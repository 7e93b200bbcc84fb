package simulator

import (
	"errors"
	"fmt"
	"time"

	"github.com/ecsd-io/ecsd/simulator/control"
	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
)

// Aliases of the control interface's types.
type (
	// Order is one charge in the billing ledger; see [control.Order].
	Order = control.Order
	// Fault disturbs calls; see [control.Fault].
	Fault = control.Fault
	// Seed describes instances to create; see [control.Seed].
	Seed = control.Seed
	// Change is a direct change of an instance; see [control.Change].
	Change = control.Change
	// StockLimit limits the stock of a zone; see [control.StockLimit].
	StockLimit = control.StockLimit
	// LedgerFilter selects orders; see [control.LedgerFilter].
	LedgerFilter = control.LedgerFilter
	// InstanceFilter selects instances; see [control.InstanceFilter].
	InstanceFilter = control.InstanceFilter
)

// Now returns the simulated time, in UTC.
func (s *Simulator) Now() time.Time { return s.clock.Settle() }

// Advance advances the simulated clock by d, runs all events that become due, in order, and returns the new time. It
// rejects a negative d.
func (s *Simulator) Advance(d time.Duration) (time.Time, error) {
	if d < 0 {
		return s.Now(), fmt.Errorf("simulator: advance by %s: time does not run backwards", d)
	}
	return s.clock.Advance(d), nil
}

// Ledger returns the orders that f selects, oldest first.
func (s *Simulator) Ledger(f LedgerFilter) []Order {
	s.clock.Settle()
	return s.world.Account.Orders(f)
}

// Bills returns the hourly bills of pay-as-you-go, oldest first.
func (s *Simulator) Bills() []control.Bill {
	s.clock.Settle()
	return s.world.Account.Bills()
}

// Balance returns the account's balance, which is negative in arrears.
func (s *Simulator) Balance() control.Amount {
	s.clock.Settle()
	return s.world.Account.Balance()
}

// SetBalance replaces the account's balance, as a payment into the account does: one that ends arrears restarts the
// instances that are stopped for them.
func (s *Simulator) SetBalance(b control.Amount) {
	now := s.clock.Settle()
	s.world.Account.SetBalance(b)
	s.biller.Settle(now)
}

// Stats returns the counts of API calls.
func (s *Simulator) Stats() control.Stats { return s.api.Stats() }

// ResetStats resets the counts.
func (s *Simulator) ResetStats() { s.api.ResetStats() }

// AddFault adds a fault and returns its ID.
func (s *Simulator) AddFault(f Fault) (string, error) {
	id, err := s.faults.Add(f)
	if err == nil && f.Kind == control.Stale {
		s.world.Fleet.Remember(s.clock.Now)
	}
	return id, err
}

// Faults returns the faults, oldest first, including spent ones.
func (s *Simulator) Faults() []Fault { return s.faults.List() }

// ClearFaults removes all faults.
func (s *Simulator) ClearFaults() {
	s.faults.Clear()
	s.world.Fleet.Forget()
}

// Instances returns the instances that f selects, oldest first.
func (s *Simulator) Instances(f InstanceFilter) []control.Instance {
	s.clock.Settle()
	chosen := []control.Instance{}
	for _, i := range s.world.Fleet.All(f.RegionID) {
		if (f.ChargeType == "" || f.ChargeType == i.ChargeType) && (f.Status == "" || f.Status == string(i.Status)) {
			chosen = append(chosen, describe(i))
		}
	}
	return chosen
}

// Instance returns one instance, or [control.ErrNotFound].
func (s *Simulator) Instance(id string) (control.Instance, error) {
	s.clock.Settle()
	i, ok := s.world.Fleet.Get(id)
	if !ok {
		return control.Instance{}, fmt.Errorf("simulator: instance %s: %w", id, control.ErrNotFound)
	}
	return describe(i), nil
}

// Seed creates instances and returns their IDs.
func (s *Simulator) Seed(wanted Seed) ([]string, error) {
	now := s.clock.Settle()
	made, err := s.nursery.Seed(wanted, now)
	if err != nil {
		return nil, fmt.Errorf("simulator: seed: %w", err)
	}
	ids := make([]string, 0, len(made))
	for _, i := range made {
		if err := s.add(i); err != nil {
			return ids, fmt.Errorf("simulator: seed: %w", err)
		}
		ids = append(ids, i.ID)
	}
	return ids, nil
}

// Change changes an instance directly, or returns [control.ErrNotFound].
func (s *Simulator) Change(id string, c Change) error {
	now := s.clock.Settle()
	i, ok := s.world.Fleet.Get(id)
	if !ok {
		return fmt.Errorf("simulator: change %s: %w", id, control.ErrNotFound)
	}
	if c.Vanish {
		return s.world.Engine.Remove(id, now)
	}
	if err := checkChange(i, c); err != nil {
		return fmt.Errorf("simulator: change %s: %w", id, err)
	}
	if err := s.world.Engine.Change(id, now, func(i *fleet.Instance) { applyChange(i, c, now) }); err != nil {
		return err
	}
	if c.AutoReleaseTime != nil {
		if err := s.world.Machine.SetAutoRelease(i.Region.ID, id, c.AutoReleaseTime.UTC()); err != nil {
			return err
		}
	}
	if c.Reclaim {
		return s.world.Machine.Reclaim(id, now)
	}
	return nil
}

// Network returns the resources that a launch in a region can name; of the first region if regionID is empty.
func (s *Simulator) Network(regionID string) (control.Network, error) {
	r := s.world.Regions[0]
	if regionID != "" {
		if r = s.world.Region(regionID); r == nil {
			return control.Network{}, fmt.Errorf("simulator: region_id %q is not served", regionID)
		}
	}
	n := s.nursery.Network(r)
	answer := control.Network{
		RegionID: r.ID, VPCID: n.VPCs[0].ID, SecurityGroupIDs: n.GroupIDs(), KeyPairName: n.KeyPairName,
	}
	for _, v := range n.VSwitches {
		answer.VSwitches = append(answer.VSwitches, control.VSwitch{VSwitchID: v.ID, ZoneID: v.ZoneID})
	}
	for _, t := range catalog.LaunchTemplates {
		answer.LaunchTemplates = append(answer.LaunchTemplates, control.LaunchTemplate{
			LaunchTemplateID: "lt-" + r.IDPrefix + t.ID, LaunchTemplateName: t.Name,
		})
	}
	return answer, nil
}

// LimitStock limits how many instances of a type a zone can still sell.
func (s *Simulator) LimitStock(l control.StockLimit) error {
	switch {
	case l.ZoneID == "":
		return errors.New("simulator: zone_id: required")
	case l.InstanceType == "":
		return errors.New("simulator: instance_type: required")
	case l.Left == nil:
		return errors.New("simulator: left: required, such as 0 for sold out or -1 for no limit")
	}
	s.world.Stock.Limit(l.ZoneID, l.InstanceType, *l.Left)
	return nil
}
