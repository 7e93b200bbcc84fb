package action

import (
	"slices"

	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

// maxAmount is the maximum count of instances in a launch.
const maxAmount = 100

// readTemplate fills in missing parameters from a launch template.
func readTemplate(_ *World, c *Call, l *launch) *wire.Error {
	if !l.run {
		return nil
	}
	id, name := c.Params.Get("LaunchTemplateId"), c.Params.Get("LaunchTemplateName")
	if id == "" && name == "" {
		return nil
	}
	template := catalog.FindLaunchTemplate(c.Region, id, name)
	if template == nil {
		return errNoTemplate
	}
	version, refusal := c.number("LaunchTemplateVersion", template.Default, 1, 1<<31-1)
	if refusal != nil {
		return refusal
	}
	params, ok := template.Params[version]
	if !ok {
		return errNoTemplateVersion
	}
	c.Params = c.Params.With(params)
	return nil
}

func readAmount(_ *World, c *Call, l *launch) *wire.Error {
	l.amount, l.least = 1, 1
	if !l.run {
		return nil
	}
	var refusal *wire.Error
	if l.amount, refusal = c.number("Amount", 1, 1, maxAmount); refusal != nil {
		return errLaunchAmount
	}
	if l.least, refusal = c.number("MinAmount", l.amount, 1, l.amount); refusal != nil {
		return errMinAmount
	}
	return nil
}

func readKind(_ *World, c *Call, l *launch) *wire.Error {
	image, kind := c.Params.Get("ImageId"), c.Params.Get("InstanceType")
	switch {
	case image == "":
		return errImageMissing
	case kind == "":
		return errTypeMissing
	}
	if l.image = catalog.FindImage(image); l.image == nil {
		return errNoImage
	}
	if l.kind = catalog.FindInstanceType(kind); l.kind == nil {
		return errType
	}
	return nil
}

// readPlace finds zone and vSwitch. If neither is set, the launch goes to the first zone of the region that has the
// type in stock, as into a default VPC.
func readPlace(w *World, c *Call, l *launch) *wire.Error {
	network := w.Nursery.Network(c.Region)
	zone, vSwitch := c.Params.Get("ZoneId"), c.Params.Get("VSwitchId")
	if !l.run && zone == "" && vSwitch == "" && l.spot.Strategy != noSpot {
		return errSpotZone
	}
	if zone == "" && vSwitch == "" {
		for n := range c.Region.Zones {
			if buyable(w, c.Region, n, l.kind, l.least) {
				l.zone = n
				break
			}
		}
	}
	if zone != "" {
		if l.zone = slices.Index(c.Region.Zones, zone); l.zone < 0 {
			return errNoZone
		}
	}
	into := network.VSwitches[l.zone]
	if vSwitch != "" {
		var known bool
		into, known = network.VSwitch(vSwitch)
		n := slices.Index(c.Region.Zones, into.ZoneID)
		switch {
		case !known:
			return errNoVSwitch
		case zone != "" && n != l.zone:
			return errVSwitchZone
		}
		l.zone = n
	}
	l.vSwitchID, l.vpcID = into.ID, into.VPCID
	if catalog.StockOf(c.Region, c.Region.Zones[l.zone], l.kind) == catalog.NotSold {
		return errZoneNotSupported
	}
	if l.spot.PriceLimit > 0 && l.spot.PriceLimit < w.Market.Price(c.Region.Zones[l.zone], l.kind, c.Now) {
		return errSpotTooLow
	}
	return nil
}

func readGroups(w *World, c *Call, l *launch) *wire.Error {
	network := w.Nursery.Network(c.Region)
	single, several := c.Params.Get("SecurityGroupId"), []string(nil)
	if l.run {
		several = c.Params.List("SecurityGroupIds")
	}
	switch {
	case single != "" && len(several) > 0:
		return errGroupsConflict
	case single != "":
		several = []string{single}
	case len(several) == 0:
		for _, g := range network.Groups {
			if g.VPCID == l.vpcID {
				several = []string{g.ID}
				break
			}
		}
		if several == nil {
			return errInconsistentNetwork
		}
	}
	if !knownGroups(several, network.GroupIDs()) {
		return errNoGroup
	}
	for _, id := range several {
		if g, _ := network.Group(id); g.VPCID != l.vpcID {
			return errInconsistentNetwork
		}
	}
	l.securityGroups = several
	return nil
}

func knownGroups(ids, known []string) bool {
	for _, id := range ids {
		if !slices.Contains(known, id) {
			return false
		}
	}
	return true
}

func readLaunchTags(_ *World, c *Call, l *launch) *wire.Error {
	pairs := c.Params.Pairs("Tag")
	if len(pairs) > maxTags {
		if !l.run {
			return errLaunchTags
		}
		return errTagCount
	}
	if refusal := checkTags(pairs); refusal != nil {
		return refusal
	}
	var tagged fleet.Instance
	for _, pair := range pairs {
		tagged.SetTag(pair.Key, pair.Value)
	}
	l.tags = tagged.Tags
	return nil
}
