package api

import (
	"fmt"
	"net/netip"
	"unicode/utf8"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// query checks a filter and converts it to a query of the domain.
func (c *check) query(f *ecsdv1.InstanceFilter) ecs.Query {
	return ecs.Query{
		Name:            c.text("filter.instance_name", f.GetInstanceName(), 1, maxTagText),
		Statuses:        namedValues(c, "filter.statuses", statuses, f.GetStatuses()),
		ChargeTypes:     namedValues(c, "filter.charge_types", chargeTypes, f.GetChargeTypes()),
		Tags:            c.tags("filter.tags", f.GetTags()),
		SecurityGroupID: c.word("filter.security_group_id", f.GetSecurityGroupId()),
		VPCID:           c.word("filter.vpc_id", f.GetVpcId()),
		VSwitchID:       c.word("filter.vswitch_id", f.GetVswitchId()),
		ZoneIDs:         c.list("filter.zone_ids", f.GetZoneIds(), maxFilterValues, c.requiredZone),
		Types:           c.instanceTypes("filter.instance_types", f.GetInstanceTypes(), maxFilterValues),
		Locks:           namedValues(c, "filter.lock_reasons", lockReasons, f.GetLockReasons()),
		AutoRenew:       namedValues(c, "filter.auto_renew_statuses", autoRenewStatuses, f.GetAutoRenewStatuses()),
		ResourceGroupID: c.word("filter.resource_group_id", f.GetResourceGroupId()),
		PrivateIPs:      c.list("filter.private_ip_addresses", f.GetPrivateIpAddresses(), maxFilterValues, c.address),
		PublicIPs:       c.list("filter.public_ip_addresses", f.GetPublicIpAddresses(), maxFilterValues, c.address),
		Expiry:          c.window("filter.expire", f),
	}
}

// queryInWindow checks the filter of a request with its own window of expiry,
// which selects subscriptions only.
func (c *check) queryInWindow(f *ecsdv1.InstanceFilter, window ecs.Window) ecs.Query {
	for _, t := range f.GetChargeTypes() {
		if t != ecsdv1.ChargeType_CHARGE_TYPE_SUBSCRIPTION {
			c.fail("filter.charge_types", "must be empty or hold CHARGE_TYPE_SUBSCRIPTION only: only a subscription expires")
		}
	}
	if f.GetExpireStartTime() != nil {
		c.fail("filter.expire_start_time", "must be unset: the request has its own expire_start_time")
	}
	if f.GetExpireEndTime() != nil {
		c.fail("filter.expire_end_time", "must be unset: the request has its own expire_end_time and within")
	}
	q := c.query(f)
	q.ChargeTypes, q.Expiry = []ecs.ChargeType{ecs.ChargeSubscription}, window
	return q
}

// requiredZone checks one zone of a list.
func (c *check) requiredZone(field, id string) {
	if c.zoneID(field, id); id == "" {
		c.fail(field, "must not be empty")
	}
}

// address checks one IP address of a list. Only the spelling of the cloud can
// match.
func (c *check) address(field, text string) {
	if a, err := netip.ParseAddr(text); err != nil || a.String() != text {
		c.fail(field, "must be an IP address such as 10.0.0.7; got %s", quoted(text))
	}
}

// tags checks tags: at most 20, each with a key, no key twice.
func (c *check) tags(field string, tags []*ecsdv1.Tag) []ecs.Tag {
	if len(tags) > maxTags {
		c.fail(field, "must hold at most %d tags; got %d", maxTags, len(tags))
		return nil
	}
	checked := make([]ecs.Tag, 0, len(tags))
	seen := map[string]bool{}
	for i, t := range tags {
		switch key := t.GetKey(); {
		case utf8.RuneCountInString(key) > maxTagText:
			c.fail(fmt.Sprintf("%s[%d].key", field, i), "must be at most %d characters", maxTagText)
		case utf8.RuneCountInString(t.GetValue()) > maxTagText:
			c.fail(fmt.Sprintf("%s[%d].value", field, i), "must be at most %d characters", maxTagText)
		case key == "":
			c.fail(fmt.Sprintf("%s[%d].key", field, i), "must not be empty")
		case seen[key]:
			c.fail(fmt.Sprintf("%s[%d].key", field, i), "must not repeat the key %s", quoted(key))
		default:
			seen[key] = true
			checked = append(checked, ecs.Tag{Key: key, Value: t.GetValue()})
		}
	}
	return checked
}
