package simulator

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/ecsd-io/ecsd/simulator/control"
	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
	"github.com/ecsd-io/ecsd/simulator/internal/seed"
)

// describe returns the simulator's knowledge of an instance.
func describe(i *fleet.Instance) control.Instance {
	d := control.Instance{
		InstanceID: i.ID, InstanceName: i.Name, RegionID: i.Region.ID, ZoneID: i.ZoneID,
		InstanceType: i.Type.ID, Status: string(i.Status), ChargeType: i.ChargeType,
		SpotStrategy: i.Spot.Strategy, CreationTime: i.Creation,
		SecurityGroupIDs: slices.Clone(i.SecurityGroupIDs), Tags: map[string]string{},
		LockReasons: []string{}, DeletionProtection: i.DeletionProtection,
	}
	d.StoppedMode, d.VSwitchID = i.StoppedMode, i.VSwitchID
	if i.PublicIP.IsValid() {
		d.PublicIPAddress = i.PublicIP.String()
	}
	if release := i.AutoRelease; !release.IsZero() {
		d.AutoReleaseTime = &release
	}
	for _, t := range i.Tags {
		d.Tags[t.Key] = t.Value
	}
	for _, l := range i.Locks {
		d.LockReasons = append(d.LockReasons, l.Reason)
	}
	if i.ChargeType == fleet.PrePaid {
		expiry, paid := i.Expiry, i.PaidUntil
		d.ExpireTime, d.PaidUntil = &expiry, &paid
		d.RenewalStatus, d.RenewalDuration = i.Renewal.Status, i.Renewal.Duration
		d.RenewalPeriodUnit = string(i.Renewal.Unit)
	}
	return d
}

func checkChange(i *fleet.Instance, c Change) error {
	charge := i.ChargeType
	set(&charge, c.ChargeType)
	var problems []error
	if c.AutoReleaseTime != nil && charge != fleet.PostPaid {
		problems = append(problems, errors.New("auto_release_time: for PostPaid instances alone"))
	}
	if c.Reclaim && i.Spot.Strategy == "NoSpot" {
		problems = append(problems, errors.New("reclaim: for spot instances alone"))
	}
	return errors.Join(append(problems,
		oneOf("status", c.Status, seed.Statuses),
		oneOf("charge_type", c.ChargeType, seed.ChargeTypes),
		oneOf("renewal_status", c.RenewalStatus, seed.RenewalStatuses),
		oneOf("renewal_period_unit", c.RenewalPeriodUnit, seed.PeriodUnits),
	)...)
}

func oneOf(field string, value *string, allowed []string) error {
	if value == nil || slices.Contains(allowed, *value) {
		return nil
	}
	return fmt.Errorf("%s %q: want one of %v", field, *value, allowed)
}

// applyChange changes a copy of an instance; data that it points to is shared with the previous version.
func applyChange(i *fleet.Instance, c Change, now time.Time) {
	set(&i.Name, c.InstanceName)
	set(&i.DeletionProtection, c.DeletionProtection)
	set(&i.Renewal.Status, c.RenewalStatus)
	set(&i.Renewal.Duration, c.RenewalDuration)
	if c.Status != nil {
		i.Become(fleet.Status(*c.Status))
	}
	if c.RenewalPeriodUnit != nil {
		i.Renewal.Unit = catalog.Unit(*c.RenewalPeriodUnit)
	}
	if c.Tags != nil {
		i.Tags = nil
		for _, key := range slices.Sorted(maps.Keys(*c.Tags)) {
			i.Tags = append(i.Tags, fleet.Tag{Key: key, Value: (*c.Tags)[key]})
		}
	}
	if c.LockReasons != nil {
		i.Locks = nil
		for _, reason := range *c.LockReasons {
			i.LockFor(reason, "Locked by hand.")
		}
	}
	if c.ChargeType != nil && *c.ChargeType != i.ChargeType {
		i.ChargeType = *c.ChargeType
		i.Expiry, i.PaidUntil, i.SaleCycle, i.Renewal = fleet.NoExpiry, time.Time{}, "", fleet.Renewal{}
		i.Paid, i.UsedFrom = nil, now
		if i.ChargeType == fleet.PrePaid {
			seed.Subscribe(i, now.AddDate(0, 1, 0))
		}
	}
	if c.ExpireTime != nil && i.ChargeType == fleet.PrePaid {
		i.Expiry, i.PaidUntil, i.Paid = c.ExpireTime.UTC(), c.ExpireTime.UTC(), nil
	}
}

func set[T any](field *T, value *T) {
	if value != nil {
		*field = *value
	}
}
