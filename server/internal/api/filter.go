package api

import (
	"fmt"
	"unicode/utf8"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// query checks a filter and turns it into a query of the domain.
func (c *check) query(f *ecsdv1.InstanceFilter, expiry ecs.Window) ecs.Query {
	q := ecs.Query{
		IDs:             f.GetInstanceIds(),
		Name:            c.text("filter.instance_name", f.GetInstanceName(), 1, maxTagText),
		Status:          statuses.from(f.GetStatus()),
		ChargeType:      chargeTypes.from(f.GetChargeType()),
		SecurityGroupID: c.word("filter.security_group_id", f.GetSecurityGroupId()),
		VPCID:           c.word("filter.vpc_id", f.GetVpcId()),
		VSwitchID:       c.word("filter.vswitch_id", f.GetVswitchId()),
		ZoneID:          c.zoneID("filter.zone_id", f.GetZoneId()),
		Type:            c.typeOrNone("filter.instance_type", f.GetInstanceType()),
		Lock:            lockReasons.from(f.GetLockReason()),
		Expiry:          expiry,
	}
	c.ids("filter.instance_ids", q.IDs, 0, maxFilterIDs)
	if f.GetStatus() != 0 && !statuses.knows(f.GetStatus()) {
		c.fail("filter.status", "must be a named value of InstanceStatus; got %d", f.GetStatus())
	}
	if f.GetChargeType() != 0 && !chargeTypes.knows(f.GetChargeType()) {
		c.fail("filter.charge_type", "must be a named value of ChargeType; got %d", f.GetChargeType())
	}
	if f.GetLockReason() != 0 && !lockReasons.knows(f.GetLockReason()) {
		c.fail("filter.lock_reason", "must be a named value of LockReason; got %d", f.GetLockReason())
	}
	q.Tags = c.tags("filter.tags", f.GetTags())
	return q
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
