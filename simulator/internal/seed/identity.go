package seed

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
)

// Nursery creates instances. It is safe for concurrent use.
type Nursery struct {
	regions []*site
	start   time.Time

	mu   sync.Mutex
	seed uint64
	made uint64 // instances of the control interface
	demo uint64 // instances of the demo fleet
	// launched counts the instances of API requests, addresses their public addresses.
	launched  uint64
	addresses uint32
	// names counts the instances with the same name prefix.
	names map[string]int
}

// site is the network of a region.
type site struct {
	region   *catalog.Region
	vpcs     []VPC     // the default one first
	switches []VSwitch // the default ones first, one per zone
	groups   []Group   // the default one first, then another and those that seeds named
	keyPair  string
	// firstGroup and secondGroup are the IDs of the first two groups, shared by instances.
	firstGroup, secondGroup []string
	hosts                   uint32 // assigned addresses
}

// New returns a Nursery. start is the day that the demo fleet's expiries count from.
func New(seed uint64, regions []*catalog.Region, start time.Time) *Nursery {
	n := &Nursery{seed: seed, start: start, names: map[string]int{}}
	for number, r := range regions {
		dice := rand.New(rand.NewPCG(seed, 1<<32+uint64(number)))
		s := &site{region: r, keyPair: "ops-" + r.ID}
		s.furnish(dice, start)
		n.regions = append(n.regions, s)
	}
	return n
}

// suffixLength is the length of the random part of an ID after the region's three letters, as in i-bp1 and 17 more.
const suffixLength = 17

func id(prefix string, r *catalog.Region, dice *rand.Rand) string {
	const letters = "0123456789abcdefghijklmnopqrstuvwxyz"
	b := append([]byte(prefix), r.IDPrefix...)
	for range suffixLength {
		b = append(b, letters[dice.IntN(len(letters))])
	}
	return string(b)
}

// base returns an instance with the common attributes, in a zone of a site.
func (s *site) base(dice *rand.Rand, zone int) *fleet.Instance {
	s.hosts++
	host := s.hosts + 1
	private := netip.AddrFrom4([4]byte{10, byte(host >> 16), byte(host >> 8), byte(host)})
	return &fleet.Instance{
		ID: id("i-", s.region, dice), Region: s.region, ZoneID: s.region.Zones[zone],
		Image: catalog.Images[0], Status: fleet.Running, StoppedMode: "Not-applicable",
		NetworkType: "vpc", InternetChargeType: "PayByTraffic", BandwidthIn: 100,
		Spot: fleet.Spot{Strategy: "NoSpot"}, IOOptimized: true, HTTPTokens: "optional",
		SecurityGroupIDs: s.firstGroup, VPCID: s.vpcs[0].ID, VSwitchID: s.switches[zone].ID,
		PrivateIP: private, KeyPairName: s.keyPair, ChargeType: fleet.PostPaid, Expiry: fleet.NoExpiry,
	}
}

// Subscribe turns an instance into a subscription that is paid until a time.
func Subscribe(i *fleet.Instance, until time.Time) {
	i.ChargeType, i.SaleCycle = fleet.PrePaid, catalog.Month
	i.Expiry, i.PaidUntil = until, until
	i.Renewal = fleet.Renewal{Status: fleet.Normal, Unit: catalog.Month}
}

func sortedTags(tags map[string]string) []fleet.Tag {
	list := make([]fleet.Tag, 0, len(tags))
	for k, v := range tags {
		list = append(list, fleet.Tag{Key: k, Value: v})
	}
	slices.SortFunc(list, func(a, b fleet.Tag) int {
		if a.Key < b.Key {
			return -1
		}
		return 1
	})
	return list
}
