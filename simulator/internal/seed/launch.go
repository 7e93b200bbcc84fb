package seed

import (
	"math/rand/v2"
	"net/netip"
	"slices"

	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
)

// Network is the network of new instances in a region.
type Network struct {
	VPCID string
	// VSwitchIDs has one per zone of the region.
	VSwitchIDs []string
	// SecurityGroupIDs are the groups of the region; the first is the default.
	SecurityGroupIDs []string
	KeyPairName      string
}

// Network returns the network of a served region.
func (n *Nursery) Network(r *catalog.Region) Network {
	n.mu.Lock()
	defer n.mu.Unlock()
	s := n.site(r)
	return Network{
		VPCID: s.vpc, VSwitchIDs: slices.Clone(s.vSwitches),
		SecurityGroupIDs: append(slices.Clone(s.securityGroups), s.learned...), KeyPairName: s.keyPair,
	}
}

// Launch creates new instances in a zone, each with an ID and an address.
func (n *Nursery) Launch(r *catalog.Region, zone, count int) []*fleet.Instance {
	n.mu.Lock()
	defer n.mu.Unlock()
	made := make([]*fleet.Instance, 0, count)
	for range count {
		i := n.site(r).base(n.dice(), zone)
		i.KeyPairName = ""
		made = append(made, i)
	}
	return made
}

// ID returns the ID of another resource, such as a disk.
func (n *Nursery) ID(prefix string, r *catalog.Region) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return id(prefix, r, n.dice())
}

// Public assigns a public address.
func (n *Nursery) Public() netip.Addr {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.addresses++
	// The demo fleet uses 47.96.
	return netip.AddrFrom4([4]byte{47, 97 + byte(n.addresses>>16), byte(n.addresses >> 8), byte(n.addresses)})
}

// dice returns the randomness for one requested resource. The caller holds mu.
func (n *Nursery) dice() *rand.Rand {
	n.launched++
	return rand.New(rand.NewPCG(n.seed, 4<<32+n.launched))
}

func (n *Nursery) site(r *catalog.Region) *site {
	for _, s := range n.regions {
		if s.region == r {
			return s
		}
	}
	return n.regions[0] // every served region has one
}

// learn stores the security groups of a seed, so that a launch may name them too.
func (s *site) learn(groups []string) {
	for _, id := range groups {
		if !slices.Contains(s.securityGroups, id) && !slices.Contains(s.learned, id) {
			s.learned = append(s.learned, id)
		}
	}
}
