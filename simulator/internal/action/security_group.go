package action

import (
	"slices"
	"strings"

	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
	"github.com/ecsd-io/ecsd/simulator/internal/seed"
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

func describeSecurityGroups(w *World, c *Call) *wire.Error {
	if refusal := first(listDryRun(c), c.oneOf("SecurityGroupType", errGroupType, "normal", "enterprise"),
		c.oneOf("NetworkType", errListNetworkType, "vpc", "classic")); refusal != nil {
		return refusal
	}
	win, refusal := readWindow(c, 10, 100)
	if refusal != nil {
		return refusal
	}
	ids, refusal := jsonList(c, "SecurityGroupIds")
	if refusal != nil {
		return errGroupID
	}
	tags, refusal := tagFilters(c)
	switch {
	case c.Denied:
		return errForbidden
	case refusal != nil:
		return refusal
	}
	fuzzy, _, refusal := c.boolean("FuzzyQuery")
	if refusal != nil {
		return refusal
	}
	managed, _, refusal := c.boolean("ServiceManaged")
	if refusal != nil {
		return refusal
	}
	counted, asked, refusal := c.boolean("IsQueryEcsCount")
	if refusal != nil {
		return refusal
	}
	p := c.Params
	found := slices.DeleteFunc(w.Nursery.Network(c.Region).Groups, func(g seed.Group) bool {
		return ids != nil && !slices.Contains(ids, g.ID) || !is(p.Get("SecurityGroupId"), g.ID) || !is(p.Get("VpcId"), g.VPCID) ||
			p.Get("SecurityGroupName") != "" && !nameMatches(p.Get("SecurityGroupName"), g.Name) && (!fuzzy || !strings.Contains(g.Name, p.Get("SecurityGroupName"))) || managed || !is(p.Get("SecurityGroupType"), g.Type) ||
			p.Get("NetworkType") == "classic" || p.Get("ResourceGroupId") != "" || !tagged(tags, w.Labels.Of(groupKind, g.ID, g.Tags))
	})
	page, next := pageOf(win, found)
	out := c.open("DescribeSecurityGroups")
	out.Str("RegionId", c.Region.ID)
	win.write(out, next, len(found))
	out.List("SecurityGroups", "SecurityGroup")
	for _, g := range page {
		out.Item()
		g.Tags = w.Labels.Of(groupKind, g.ID, g.Tags)
		members := 0
		if counted || !asked {
			members = w.Fleet.PageByNumber(c.Region.ID, &fleet.Filter{SecurityGroupID: g.ID}, 1, 1, 0).Total
		}
		writeGroup(out, g, members)
		out.End()
	}
	out.End()
	out.Close()
	return nil
}

// maxGroupMembers is the maximum count of instances in a security group.
const maxGroupMembers = 2000

func writeGroup(out *wire.Writer, g seed.Group, members int) {
	out.Str("SecurityGroupId", g.ID)
	out.Str("SecurityGroupName", g.Name)
	out.Str("Description", g.Description)
	out.Str("SecurityGroupType", g.Type)
	out.Str("VpcId", g.VPCID)
	seconds(out, "CreationTime", g.Creation)
	out.Int("EcsCount", int64(members))
	out.Int("AvailableInstanceAmount", int64(max(maxGroupMembers-members, 0)))
	out.Str("ResourceGroupId", "")
	out.Bool("ServiceManaged", false)
	out.Int("ServiceID", 0)
	out.Int("RuleCount", 0)
	out.Int("GroupToGroupRuleCount", 0)
	writeResourceTags(out, g.Tags)
}

func createSecurityGroup(w *World, c *Call) *wire.Error {
	p := c.Params
	g := seed.Group{
		VPCID: p.Get("VpcId"), Name: p.Get("SecurityGroupName"), Description: p.Get("Description"), Type: p.Get("SecurityGroupType"), Creation: c.Now,
	}
	if g.Type == "" {
		g.Type = "normal"
	}
	tags := p.Pairs("Tag")
	switch {
	case c.Denied:
		return errForbidden
	case g.VPCID == "":
		return errVPCMissing // there is no classic network
	case g.Name != "" && !validName(g.Name):
		return errGroupName
	case !validDescription(g.Description):
		return errGroupDescription
	case g.Type != "normal" && g.Type != "enterprise":
		return errGroupType
	case len(tags) > maxTags:
		return errTagCount
	}
	if refusal := checkTags(tags); refusal != nil {
		return refusal
	}
	g.Tags = tagList(tags)
	id, refusal := once(w, c, generalTokenWords, func(string) (string, *wire.Error) {
		id, err := w.Nursery.AddGroup(c.Region, g)
		return id, networkRefusal(err)
	})
	if refusal != nil {
		return refusal
	}
	out := c.open("CreateSecurityGroup")
	out.Str("SecurityGroupId", id)
	out.Close()
	return nil
}
