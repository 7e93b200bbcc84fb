package seed

import (
	"math/rand/v2"
	"net/netip"
	"slices"

	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
)

// Network is what new instances of a region are placed into.
type Network struct {
	VPCID string
	// VSwitchIDs has one for each of the region's zones.
	VSwitchIDs []string
	// SecurityGroupIDs are those that the region has; the first is the
	// default.
	SecurityGroupIDs []string
	KeyPairName      string
}

// Network returns the network of a region that is served.
func (n *Nursery) Network(r *catalog.Region) Network {
	n.mu.Lock()
	defer n.mu.Unlock()
	s := n.site(r)
	return Network{
		VPCID: s.vpc, VSwitchIDs: slices.Clone(s.vSwitches),
		SecurityGroupIDs: append(slices.Clone(s.securityGroups), s.learned...), KeyPairName: s.keyPair,
	}
}

// Launch makes new instances in a zone, with an id and an address each.
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

// ID makes an id of something else, such as a disk.
func (n *Nursery) ID(prefix string, r *catalog.Region) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return id(prefix, r, n.dice())
}

// Public hands out a public address.
func (n *Nursery) Public() netip.Addr {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.addresses++
	// The demo fleet has its addresses in 47.96.
	return netip.AddrFrom4([4]byte{47, 97 + byte(n.addresses>>16), byte(n.addresses >> 8), byte(n.addresses)})
}

// dice are for one thing that is made on request; they are called with mu
// held.
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
	return n.regions[0] // every region that is served has one
}

// learn remembers the security groups that a seed named, so that a launch
// may name them too.
func (s *site) learn(groups []string) {
	for _, id := range groups {
		if !slices.Contains(s.securityGroups, id) && !slices.Contains(s.learned, id) {
			s.learned = append(s.learned, id)
		}
	}
}
