package action

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
	"github.com/ecsd-io/ecsd/simulator/internal/seed"
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

// networks returns the actions for images, VPCs, vSwitches and security groups.
func networks() map[string]Action {
	return map[string]Action{
		"DescribeImages":         {Handler: describeImages},
		"DescribeVpcs":           {Handler: describeVPCs},
		"DescribeVSwitches":      {Handler: describeVSwitches, AnyRegion: true},
		"DescribeSecurityGroups": {Handler: describeSecurityGroups},
		"CreateVpc":              {Handler: createVPC, OwnGate: true},
		"CreateVSwitch":          {Handler: createVSwitch, AnyRegion: true, OwnGate: true},
		"CreateSecurityGroup":    {Handler: createSecurityGroup, OwnGate: true},
		"JoinSecurityGroup":      {Handler: joinSecurityGroup, AnyRegion: true},
		"LeaveSecurityGroup":     {Handler: leaveSecurityGroup, AnyRegion: true},
	}
}

// pageOf cuts a window from a list. The token of the next page is a position in the list.
func pageOf[T any](win window, all []T) (page []T, next fleet.Cursor) {
	first := min(win.skip, len(all))
	if win.byToken {
		first = min(int(win.from.After), len(all))
	}
	last := min(first+win.size, len(all))
	if win.byToken && last < len(all) {
		next = fleet.Cursor{After: uint64(last), Listed: 1}
	}
	return all[first:last], next
}

// readPage parses the number and size of a page, which has at most the given count of elements.
func readPage(c *Call, most int) (window, *wire.Error) {
	number, refusal := c.number("PageNumber", 1, 1, 1<<24)
	if refusal != nil {
		return window{}, refusal
	}
	size, refusal := c.number("PageSize", 10, 1, most)
	return window{number: number, size: size, skip: (number - 1) * size}, refusal
}

// seconds writes a time with seconds, as networks and images have it.
func seconds(out *wire.Writer, name string, t time.Time) {
	out.Append(name, func(b []byte) []byte { return t.UTC().AppendFormat(b, "2006-01-02T15:04:05Z") })
}

const maxNetworkPage = 50

func describeVPCs(w *World, c *Call) *wire.Error {
	win, refusal := readPage(c, maxNetworkPage)
	if refusal != nil {
		return refusal
	}
	byDefault, sent, refusal := c.boolean("IsDefault")
	switch {
	case c.Denied:
		return errForbidden
	case refusal != nil:
		return refusal
	}
	network, ids := w.Nursery.Network(c.Region), listedIDs(c.Params.Get("VpcId"))
	found := slices.DeleteFunc(network.VPCs, func(v seed.VPC) bool {
		return ids != nil && !slices.Contains(ids, v.ID) || sent && v.Default != byDefault
	})
	page, _ := pageOf(win, found)
	out := c.open("DescribeVpcs")
	win.writeNumbers(out, len(found))
	out.List("Vpcs", "Vpc")
	for _, v := range page {
		out.Item()
		out.Str("VpcId", v.ID)
		out.Str("VpcName", v.Name)
		out.Str("Description", v.Description)
		out.Str("RegionId", c.Region.ID)
		out.Str("Status", "Available")
		out.Str("CidrBlock", v.Block.String())
		out.Bool("IsDefault", v.Default)
		out.Str("VRouterId", "vrt-"+v.ID[len("vpc-"):])
		seconds(out, "CreationTime", v.Creation)
		var inside []string
		for _, s := range network.VSwitches {
			if s.VPCID == v.ID {
				inside = append(inside, s.ID)
			}
		}
		writeStrings(out, "VSwitchIds", "VSwitchId", inside...)
		writeStrings(out, "UserCidrs", "UserCidr")
		out.End()
	}
	out.End()
	out.Close()
	return nil
}

func describeVSwitches(w *World, c *Call) *wire.Error {
	win, refusal := readPage(c, maxNetworkPage)
	if refusal != nil {
		return refusal
	}
	byDefault, sent, refusal := c.boolean("IsDefault")
	switch {
	case c.Denied:
		return errForbidden
	case refusal != nil:
		return refusal
	}
	vpc, zone, ids := c.Params.Get("VpcId"), c.Params.Get("ZoneId"), listedIDs(c.Params.Get("VSwitchId"))
	found := slices.DeleteFunc(w.Nursery.Network(c.Region).VSwitches, func(v seed.VSwitch) bool {
		return ids != nil && !slices.Contains(ids, v.ID) || !is(vpc, v.VPCID) || !is(zone, v.ZoneID) || sent && v.Default != byDefault
	})
	page, _ := pageOf(win, found)
	out := c.open("DescribeVSwitches")
	win.writeNumbers(out, len(found))
	out.List("VSwitches", "VSwitch")
	for _, v := range page {
		used := w.Fleet.PageByNumber(c.Region.ID, &fleet.Filter{VSwitchID: v.ID}, 1, 1, 0).Total
		out.Item()
		out.Str("VSwitchId", v.ID)
		out.Str("VpcId", v.VPCID)
		out.Str("ZoneId", v.ZoneID)
		out.Str("VSwitchName", v.Name)
		out.Str("Description", v.Description)
		out.Str("Status", "Available")
		out.Str("CidrBlock", v.Block.String())
		out.Int("AvailableIpAddressCount", max(1<<(32-v.Block.Bits())-reservedAddresses-int64(used), 0))
		out.Bool("IsDefault", v.Default)
		out.Str("ResourceGroupId", "")
		seconds(out, "CreationTime", v.Creation)
		out.End()
	}
	out.End()
	out.Close()
	return nil
}

// reservedAddresses are the first and the last three addresses of a vSwitch.
const reservedAddresses = 4

// vpcBlocks are the blocks that a VPC may have, or a part of one.
var vpcBlocks = []netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16"),
}

// defaultVPCBlock is the block of a VPC that is created without one.
const defaultVPCBlock = "172.16.0.0/12"

// block parses a CIDR block with a prefix length between two bounds.
func block(text string, least, most int) (netip.Prefix, bool) {
	p, err := netip.ParsePrefix(text)
	return p, err == nil && p.Addr().Is4() && p == p.Masked() && p.Bits() >= least && p.Bits() <= most
}

func createVPC(w *World, c *Call) *wire.Error {
	v := seed.VPC{Name: c.Params.Get("VpcName"), Description: c.Params.Get("Description"), Creation: c.Now}
	text := c.Params.Get("CidrBlock")
	if text == "" {
		text = defaultVPCBlock
	}
	var fine bool
	v.Block, fine = block(text, 8, 24)
	switch {
	case c.Denied:
		return errForbidden
	case v.Name != "" && !validName(v.Name):
		return errVPCName
	case !validDescription(v.Description):
		return errVPCDescription
	case !fine || !slices.ContainsFunc(vpcBlocks, func(b netip.Prefix) bool { return b.Overlaps(v.Block) && b.Bits() <= v.Block.Bits() }):
		return errBlock
	}
	id, refusal := once(w, c, generalTokenWords, func(string) (string, *wire.Error) { return w.Nursery.AddVPC(c.Region, v), nil })
	if refusal != nil {
		return refusal
	}
	out := c.open("CreateVpc")
	out.Str("VpcId", id)
	out.Str("VRouterId", "vrt-"+id[len("vpc-"):])
	out.Str("RouteTableId", "vtb-"+id[len("vpc-"):])
	out.Close()
	return nil
}

func createVSwitch(w *World, c *Call) *wire.Error {
	p := c.Params
	v := seed.VSwitch{
		VPCID: p.Get("VpcId"), ZoneID: p.Get("ZoneId"), Name: p.Get("VSwitchName"), Description: p.Get("Description"), Creation: c.Now,
	}
	if c.Denied {
		return errForbidden
	}
	for _, name := range []string{"ZoneId", "CidrBlock", "VpcId"} {
		if p.Get(name) == "" {
			return wire.Missing(name)
		}
	}
	var fine bool
	v.Block, fine = block(p.Get("CidrBlock"), 16, 29)
	switch {
	case !slices.Contains(c.Region.Zones, v.ZoneID):
		return errNoZone
	case v.Name != "" && !validName(v.Name):
		return errVSwitchName
	case !validDescription(v.Description):
		return errVSwitchDescription
	case !fine:
		return errBlock
	}
	id, refusal := once(w, c, generalTokenWords, func(string) (string, *wire.Error) {
		id, err := w.Nursery.AddVSwitch(c.Region, v)
		return id, networkRefusal(err)
	})
	if refusal != nil {
		return refusal
	}
	out := c.open("CreateVSwitch")
	out.Str("VSwitchId", id)
	out.Close()
	return nil
}

// tagList returns the tags of a request, sorted by key.
func tagList(pairs []wire.Pair) []fleet.Tag {
	var holder fleet.Instance
	for _, t := range pairs {
		holder.SetTag(t.Key, t.Value)
	}
	return holder.Tags
}

func networkRefusal(err error) *wire.Error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, seed.ErrNoVPC):
		return errNoVPC
	case errors.Is(err, seed.ErrOutside):
		return errBlockOutside
	case errors.Is(err, seed.ErrOverlap):
		return errBlockOverlap
	case errors.Is(err, seed.ErrQuota):
		return errGroupQuota
	}
	return errInternal
}

// listedIDs splits a list at its commas; nil for none.
func listedIDs(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, ",")
}
