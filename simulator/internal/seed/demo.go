package seed

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
	"github.com/ecsd-io/ecsd/simulator/internal/subscription"
)

// role is the purpose of a demo instance.
type role struct {
	name, team string
	types      []string
	public     bool // has a public address and the first security group
}

var roles = []role{
	{"web", "storefront", []string{"ecs.c7.large", "ecs.c7.xlarge"}, true},
	{"api", "storefront", []string{"ecs.g7.large", "ecs.g7.xlarge"}, true},
	{"worker", "orders", []string{"ecs.c7.xlarge", "ecs.c7.2xlarge"}, false},
	{"db", "platform", []string{"ecs.r7.xlarge", "ecs.r7.2xlarge"}, false},
	{"cache", "platform", []string{"ecs.r7.large"}, false},
	{"batch", "data", []string{"ecs.g7.2xlarge", "ecs.c7.2xlarge"}, false},
	{"ci", "platform", []string{"ecs.g7.xlarge", "ecs.t6-c1m2.large"}, false},
}

// kinds is the mix of the demo fleet, which repeats every twenty instances.
var kinds = [20]func(*fleet.Instance, *rand.Rand, time.Time){
	upcoming, upcoming, onDemand, upcoming, upcoming, spot, upcoming, autoRenewed, onDemand, upcoming,
	expired, upcoming, upcoming, onDemand, autoRenewed, upcoming, halted, upcoming, secured, upcoming,
}

// spread is the count of days over which demo subscriptions expire.
const spread = 56

// Demo returns the next instance of the demo fleet. Half of it is in the first region, 3 in 10 in the second and 2 in
// 10 in the third.
func (n *Nursery) Demo() *fleet.Instance {
	n.mu.Lock()
	defer n.mu.Unlock()
	number := n.demo
	n.demo++
	dice := rand.New(rand.NewPCG(n.seed, 3<<32+number))
	site := n.regions[[10]int{0, 1, 0, 2, 0, 1, 0, 2, 0, 1}[dice.IntN(10)]%len(n.regions)]
	zone := dice.IntN(len(site.region.Zones))
	i := site.base(dice, zone)

	r := roles[dice.IntN(len(roles))]
	env := []string{"prod", "prod", "prod", "staging", "dev"}[dice.IntN(5)]
	stem := r.name + "-" + env
	n.names[site.region.ID+stem]++
	i.Name = fmt.Sprintf("%s-%03d", stem, n.names[site.region.ID+stem])
	i.HostName = i.Name
	i.Description = r.name + " of team " + r.team
	i.Type = catalog.FindInstanceType(r.types[dice.IntN(len(r.types))])
	i.Image = catalog.Images[dice.IntN(2)]
	i.Tags = []fleet.Tag{{Key: "env", Value: env}, {Key: "role", Value: r.name}, {Key: "team", Value: r.team}}
	if r.public {
		i.PublicIP = netip.AddrFrom4([4]byte{47, 96, byte(dice.IntN(256)), byte(1 + dice.IntN(254))})
		i.BandwidthOut = 5
	} else {
		i.SecurityGroupIDs = site.secondGroup
	}
	age := time.Duration(30+dice.IntN(300)) * 24 * time.Hour
	i.Creation = n.start.Add(-age).Truncate(time.Minute)
	i.Start = i.Creation.Add(time.Minute)
	kinds[number%uint64(len(kinds))](i, dice, n.start)
	adorn(i, r, dice)
	return i
}

// adorn adds rare attributes to some instances: GPUs, an elastic address, an IPv6 address, a resource group.
func adorn(i *fleet.Instance, r role, dice *rand.Rand) {
	if r.name == "batch" && i.Spot.Strategy == "NoSpot" && dice.IntN(4) == 0 {
		i.Type = catalog.FindInstanceType("ecs.gn7i-c8g1.2xlarge")
	}
	if r.public && dice.IntN(6) == 0 {
		i.EIP, i.PublicIP = netip.AddrFrom4([4]byte{47, 98, byte(dice.IntN(256)), byte(1 + dice.IntN(254))}), netip.Addr{}
	}
	if dice.IntN(8) == 0 {
		v6 := netip.MustParseAddr("2408:4002::").As16()
		v4 := i.PrivateIP.As4()
		copy(v6[12:], v4[:])
		i.IPv6 = netip.AddrFrom16(v6)
	}
	if r.team == "data" {
		i.ResourceGroupID = "rg-acfm" + r.team + "0000001"
	}
}

// midnight returns 00:00 UTC+8 of the given count of days after the day of t.
func midnight(t time.Time, days int) time.Time {
	return subscription.Midnight(t).AddDate(0, 0, days)
}

func upcoming(i *fleet.Instance, dice *rand.Rand, start time.Time) {
	Subscribe(i, midnight(start, 1+dice.IntN(spread)))
}

func autoRenewed(i *fleet.Instance, dice *rand.Rand, start time.Time) {
	// Before the tenth day the first deduction would already be overdue.
	Subscribe(i, midnight(start, 11+dice.IntN(spread)))
	i.Renewal = fleet.Renewal{Status: fleet.AutoRenewal, Duration: 1, Unit: catalog.Month}
}

func expired(i *fleet.Instance, dice *rand.Rand, start time.Time) {
	Subscribe(i, midnight(start, -1-dice.IntN(10)))
	i.Status, i.StatusAtExpiry = fleet.Stopped, fleet.Running
	i.LockFor(fleet.LockFinancial, "The subscription expired.")
}

func onDemand(i *fleet.Instance, dice *rand.Rand, start time.Time) {
	i.DeletionProtection = dice.IntN(4) == 0
	if dice.IntN(8) == 0 {
		i.AutoRelease = midnight(start, 2+dice.IntN(spread))
	}
}

func spot(i *fleet.Instance, dice *rand.Rand, _ time.Time) {
	i.Spot = fleet.Spot{Strategy: "SpotAsPriceGo", Duration: 1, Interruption: "Terminate"}
	if dice.IntN(2) == 0 {
		i.Spot.Strategy = "SpotWithPriceLimit"
		i.Spot.PriceLimit = catalog.HourOf(i.Type)
	}
}

func halted(i *fleet.Instance, dice *rand.Rand, _ time.Time) {
	i.Status = fleet.Stopped
	i.StoppedMode = []string{"KeepCharging", "StopCharging"}[dice.IntN(2)]
}

func secured(i *fleet.Instance, dice *rand.Rand, start time.Time) {
	Subscribe(i, midnight(start, 1+dice.IntN(spread)))
	i.LockFor(fleet.LockSecurity, "The instance is locked for security reasons.")
}
