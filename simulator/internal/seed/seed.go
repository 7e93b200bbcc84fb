package seed

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/ecsd-io/ecsd/simulator/control"
	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
	"github.com/ecsd-io/ecsd/simulator/internal/subscription"
)

// The valid values of the control interface.
var (
	Statuses        = []string{"Pending", "Starting", "Running", "Stopping", "Stopped"}
	ChargeTypes     = []string{fleet.PrePaid, fleet.PostPaid}
	RenewalStatuses = []string{fleet.AutoRenewal, fleet.Normal, fleet.NotRenewal}
	PeriodUnits     = []string{string(catalog.Week), string(catalog.Month), string(catalog.Year)}
	spotStrategies  = []string{"NoSpot", "SpotAsPriceGo", "SpotWithPriceLimit"}
)

const (
	maxSeed       = 100_000
	defaultType   = "ecs.g7.large"
	defaultExpiry = control.Duration(30 * 24 * time.Hour)
)

// Seed creates the instances of s.
func (n *Nursery) Seed(s control.Seed, now time.Time) ([]*fleet.Instance, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	site, zone, err := n.place(&s)
	if err != nil {
		return nil, err
	}
	if err := complete(&s); err != nil {
		return nil, err
	}
	kind := catalog.InventInstanceType(s.InstanceType)
	if kind == nil {
		return nil, fmt.Errorf("instance_type %q: want ecs.FAMILY.SIZE", s.InstanceType)
	}
	tags := sortedTags(s.Tags)
	made := make([]*fleet.Instance, 0, s.Count)
	for number := range s.Count {
		n.made++
		dice := rand.New(rand.NewPCG(n.seed, 2<<32+n.made))
		i := site.base(dice, zone)
		n.names[s.NamePrefix]++
		i.Name = fmt.Sprintf("%s-%03d", s.NamePrefix, n.names[s.NamePrefix])
		i.HostName = i.Name
		i.Type, i.Tags = kind, tags
		i.Status = fleet.Status(s.Status)
		i.Creation, i.Start = now, now
		if len(s.SecurityGroupIDs) > 0 {
			i.SecurityGroupIDs = s.SecurityGroupIDs
			site.learn(s.SecurityGroupIDs, now)
		}
		if s.ChargeType == fleet.PrePaid {
			Subscribe(i, expiry(s, number, now))
			i.Renewal = fleet.Renewal{
				Status: s.RenewalStatus, Duration: s.RenewalDuration, Unit: catalog.Unit(s.RenewalPeriodUnit),
			}
			i.StatusAtExpiry = fleet.Running
		}
		if i.Spot.Strategy = s.SpotStrategy; s.SpotStrategy != "NoSpot" {
			i.Spot.Interruption = "Terminate"
		}
		if s.LockReason != "" {
			i.LockFor(s.LockReason, "Locked by hand.")
		}
		made = append(made, i)
	}
	return made, nil
}

// place returns the region and zone of a seed.
func (n *Nursery) place(s *control.Seed) (*site, int, error) {
	if s.RegionID == "" {
		s.RegionID = n.regions[0].region.ID
	}
	for _, site := range n.regions {
		if site.region.ID != s.RegionID {
			continue
		}
		if s.ZoneID == "" {
			return site, 0, nil
		}
		if zone := slices.Index(site.region.Zones, s.ZoneID); zone >= 0 {
			return site, zone, nil
		}
		return nil, 0, fmt.Errorf("zone_id %q: want one of %v", s.ZoneID, site.region.Zones)
	}
	return nil, 0, fmt.Errorf("region_id %q is not served", s.RegionID)
}

// complete sets the defaults and checks the rest.
func complete(s *control.Seed) error {
	fill := func(field *string, fallback string) {
		if *field == "" {
			*field = fallback
		}
	}
	if s.Count == 0 {
		s.Count = 1
	}
	fill(&s.NamePrefix, "seed")
	fill(&s.InstanceType, defaultType)
	fill(&s.ChargeType, fleet.PrePaid)
	fill(&s.SpotStrategy, "NoSpot")
	fill(&s.Status, string(fleet.Running))
	fill(&s.RenewalStatus, fleet.Normal)
	fill(&s.RenewalPeriodUnit, string(catalog.Month))
	if s.RenewalStatus == fleet.AutoRenewal && s.RenewalDuration == 0 {
		s.RenewalDuration = 1
	}
	if s.ExpireAfter == nil {
		d := defaultExpiry
		s.ExpireAfter = &d
	}
	if s.ExpireBefore == nil {
		s.ExpireBefore = s.ExpireAfter
	}
	if s.Count < 0 || s.Count > maxSeed {
		return fmt.Errorf("count %d: want 1 to %d", s.Count, maxSeed)
	}
	if *s.ExpireBefore < *s.ExpireAfter {
		return errors.New("expire_before is less than expire_after")
	}
	if s.SpotStrategy != "NoSpot" && s.ChargeType != fleet.PostPaid {
		return errors.New("spot_strategy: a spot instance is PostPaid")
	}
	return errors.Join(
		oneOf("charge_type", s.ChargeType, ChargeTypes),
		oneOf("spot_strategy", s.SpotStrategy, spotStrategies),
		oneOf("status", s.Status, Statuses),
		oneOf("renewal_status", s.RenewalStatus, RenewalStatuses),
		oneOf("renewal_period_unit", s.RenewalPeriodUnit, PeriodUnits),
	)
}

func oneOf(field, value string, allowed []string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	return fmt.Errorf("%s %q: want one of %v", field, value, allowed)
}

// expiry returns the expiry of one of a seed's instances.
func expiry(s control.Seed, number int, now time.Time) time.Time {
	if s.ExpireTime != nil {
		return s.ExpireTime.UTC()
	}
	after := time.Duration(*s.ExpireAfter)
	if s.Count > 1 {
		after += (time.Duration(*s.ExpireBefore) - after) / time.Duration(s.Count-1) * time.Duration(number)
	}
	t := now.Add(after)
	if midnight := subscription.Midnight(t); !midnight.Equal(t) {
		return midnight.AddDate(0, 0, 1)
	}
	return t
}
