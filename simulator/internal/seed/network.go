package seed

import (
	"errors"
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"

	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
)

// VPC is a virtual private cloud.
type VPC struct {
	ID, Name, Description string
	Block                 netip.Prefix
	// Default is set for the one that every region begins with.
	Default  bool
	Creation time.Time
}

// VSwitch is the subnet of a VPC in a zone. The addresses of instances are not taken from its block.
type VSwitch struct {
	ID, VPCID, ZoneID, Name, Description string
	Block                                netip.Prefix
	Default                              bool
	Creation                             time.Time
}

// Group is a security group; it has no rules here.
type Group struct {
	ID, VPCID, Name, Description string
	// Type is normal or enterprise.
	Type     string
	Tags     []fleet.Tag
	Creation time.Time
}

// The reasons for the rejection of a network resource.
var (
	ErrNoVPC   = errors.New("no such VPC in the region")
	ErrOutside = errors.New("the block is not in that of the VPC")
	ErrOverlap = errors.New("the block overlaps with that of another vSwitch")
	ErrQuota   = errors.New("the region has as many as it can have")
)

// maxGroups is the maximum count of security groups per region.
const maxGroups = 100

// defaultBlock is the block of default VPCs: every address of an instance is in it.
var defaultBlock = netip.MustParsePrefix("10.0.0.0/8")

// defaultBits is the length of the prefix of default vSwitches.
const defaultBits = 12

// furnish gives a site its default network.
func (s *site) furnish(dice *rand.Rand, start time.Time) {
	vpc := VPC{ID: id("vpc-", s.region, dice), Block: defaultBlock, Default: true, Creation: start}
	s.vpcs = []VPC{vpc}
	for k, zone := range s.region.Zones {
		first := netip.AddrFrom4([4]byte{10, byte(k << (defaultBits - 8) & 0xff)})
		s.switches = append(s.switches, VSwitch{
			ID: id("vsw-", s.region, dice), VPCID: vpc.ID, ZoneID: zone, Block: netip.PrefixFrom(first, defaultBits), Default: true, Creation: start,
		})
	}
	for _, name := range []string{"default", "web"} {
		s.groups = append(s.groups, Group{ID: id("sg-", s.region, dice), VPCID: vpc.ID, Name: name, Type: "normal", Creation: start})
	}
	s.firstGroup, s.secondGroup = []string{s.groups[0].ID}, []string{s.groups[1].ID}
}

// AddVPC creates a VPC and returns its ID.
func (n *Nursery) AddVPC(r *catalog.Region, v VPC) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	s := n.site(r)
	v.ID = id("vpc-", r, n.dice())
	s.vpcs = append(s.vpcs, v)
	return v.ID
}

// AddVSwitch creates a vSwitch and returns its ID.
func (n *Nursery) AddVSwitch(r *catalog.Region, v VSwitch) (string, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	s := n.site(r)
	k := slices.IndexFunc(s.vpcs, func(vpc VPC) bool { return vpc.ID == v.VPCID })
	switch {
	case k < 0:
		return "", ErrNoVPC
	case !s.vpcs[k].Block.Overlaps(v.Block) || v.Block.Bits() < s.vpcs[k].Block.Bits():
		return "", ErrOutside
	case slices.ContainsFunc(s.switches, func(other VSwitch) bool { return other.VPCID == v.VPCID && other.Block.Overlaps(v.Block) }):
		return "", ErrOverlap
	}
	v.ID = id("vsw-", r, n.dice())
	s.switches = append(s.switches, v)
	return v.ID, nil
}

// AddGroup creates a security group and returns its ID.
func (n *Nursery) AddGroup(r *catalog.Region, g Group) (string, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	s := n.site(r)
	switch {
	case !slices.ContainsFunc(s.vpcs, func(vpc VPC) bool { return vpc.ID == g.VPCID }):
		return "", ErrNoVPC
	case len(s.groups) >= maxGroups:
		return "", ErrQuota
	}
	g.ID = id("sg-", r, n.dice())
	s.groups = append(s.groups, g)
	return g.ID, nil
}

// ChangeGroup changes a security group, and reports whether there is one.
func (n *Nursery) ChangeGroup(r *catalog.Region, id string, change func(*Group)) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	s := n.site(r)
	k := slices.IndexFunc(s.groups, func(g Group) bool { return g.ID == id })
	if k < 0 {
		return false
	}
	change(&s.groups[k])
	return true
}
