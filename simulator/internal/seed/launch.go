package seed

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"

	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
)

// Network is the network of new instances in a region.
type Network struct {
	// VPCs are those of the region; the first is the default.
	VPCs []VPC
	// VSwitches begin with one per zone of the region, in the default VPC.
	VSwitches []VSwitch
	// Groups are the security groups of the region; the first is the default.
	Groups      []Group
	KeyPairName string
}

// VSwitch returns a vSwitch of the network.
func (n Network) VSwitch(id string) (VSwitch, bool) {
	k := slices.IndexFunc(n.VSwitches, func(v VSwitch) bool { return v.ID == id })
	if k < 0 {
		return VSwitch{}, false
	}
	return n.VSwitches[k], true
}

// Group returns a security group of the network.
func (n Network) Group(id string) (Group, bool) {
	k := slices.IndexFunc(n.Groups, func(g Group) bool { return g.ID == id })
	if k < 0 {
		return Group{}, false
	}
	return n.Groups[k], true
}

// GroupIDs returns the IDs of the security groups.
func (n Network) GroupIDs() []string {
	ids := make([]string, 0, len(n.Groups))
	for _, g := range n.Groups {
		ids = append(ids, g.ID)
	}
	return ids
}

// Network returns the network of a served region.
func (n *Nursery) Network(r *catalog.Region) Network {
	n.mu.Lock()
	defer n.mu.Unlock()
	s := n.site(r)
	return Network{
		VPCs: slices.Clone(s.vpcs), VSwitches: slices.Clone(s.switches), Groups: slices.Clone(s.groups), KeyPairName: s.keyPair,
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
func (s *site) learn(groups []string, at time.Time) {
	for _, id := range groups {
		if !slices.ContainsFunc(s.groups, func(g Group) bool { return g.ID == id }) {
			s.groups = append(s.groups, Group{ID: id, VPCID: s.vpcs[0].ID, Type: "normal", Creation: at})
		}
	}
}
