package api

import (
	"fmt"
	"net/netip"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// Limits of the cloud for new instances, from its API reference of RunInstances
// and CreateInstance.
const (
	maxCount          = 100
	maxSecurityGroups = 16
	maxDataDisks      = 16
	maxBandwidth      = 100
	maxUserData       = 32 << 10
	minAutoRelease    = 30 * time.Minute
	maxAutoRelease    = 3 // years
)

// launchUse is the call that a spec is for. The calls take different fields.
type launchUse string

const (
	useRun    launchUse = "RunInstances"
	useCreate launchUse = "CreateInstance"
	useQuote  launchUse = "QuoteInstances"
)

// count checks the number of requested instances.
func (c *check) count(n int32) int32 {
	if n < 1 || n > maxCount {
		c.fail("count", "must be 1 to %d; got %d", maxCount, n)
	}
	return n
}

// minCount checks the fewest that are a success.
func (c *check) minCount(n, count int32) int32 {
	if n < 0 || n > maxCount || n > count {
		c.fail("min_count", "must be 0 (meaning all or none) to count; got %d", n)
	}
	return n
}

// spec checks an instance spec. If it names a launch template, the rules that
// the template may satisfy are left to the cloud. No violation quotes a secret.
// The lead time of an automatic release is checked by autoRelease.
func (c *check) spec(s *ecsdv1.InstanceSpec, use launchUse) ecs.InstanceSpec {
	if s == nil {
		c.fail("spec", "is required: image_id and instance_type at least")
		return ecs.InstanceSpec{}
	}
	spec := ecs.InstanceSpec{
		ZoneID:                   c.zoneID("spec.zone_id", s.GetZoneId()),
		VSwitchID:                c.word("spec.vswitch_id", s.GetVswitchId()),
		SecurityGroupIDs:         c.words("spec.security_group_ids", s.GetSecurityGroupIds(), maxSecurityGroups),
		Name:                     c.text("spec.instance_name", s.GetInstanceName(), 2, 128),
		HostName:                 c.hostName("spec.host_name", s.GetHostName()),
		Description:              c.text("spec.description", s.GetDescription(), 2, 256),
		ResourceGroupID:          c.word("spec.resource_group_id", s.GetResourceGroupId()),
		InternetBandwidthOutMbps: s.GetInternetMaxBandwidthOutMbps(),
		InternetChargeType:       internetChargeTypes.from(s.GetInternetChargeType()),
		Tags:                     c.newTags("spec.tags", s.GetTags()),
		UserData:                 s.GetUserData(),
		Password:                 c.password("spec.password", s.GetPassword()),
		KeyPairName:              c.text("spec.key_pair_name", s.GetKeyPairName(), 2, 128),
		RAMRoleName:              c.word("spec.ram_role_name", s.GetRamRoleName()),
		DeletionProtection:       s.GetDeletionProtection(),
		UniqueSuffix:             s.GetUniqueSuffix(),
	}
	c.template(&spec, s.GetLaunchTemplate(), use)
	c.image(&spec, s, use)
	c.privateAddress(&spec, s)
	c.billing(&spec, s)
	spec.Spot = c.spot("spec.spot", s.GetSpot(), spec.ChargeType)
	spec.AutoReleaseTime = c.minute("spec.auto_release_time", s.GetAutoReleaseTime())
	if s.GetAutoReleaseTime() != nil && spec.ChargeType == ecs.ChargeSubscription {
		c.fail("spec.auto_release_time", "must be unset for a subscription: it ends with its period")
	}
	if spec.DeletionProtection && spec.ChargeType == ecs.ChargeSubscription {
		c.fail("spec.deletion_protection", "must be false for a subscription: the cloud protects pay-as-you-go instances only")
	}
	if n := spec.InternetBandwidthOutMbps; n < 0 || n > maxBandwidth {
		c.fail("spec.internet_max_bandwidth_out_mbps", "must be 0 to %d; got %d", maxBandwidth, n)
	}
	if t := s.GetInternetChargeType(); t != 0 && !internetChargeTypes.knows(t) {
		c.fail("spec.internet_charge_type", "must be a named value of InternetChargeType; got %d", t)
	}
	if n := len(spec.UserData); n > maxUserData {
		c.fail("spec.user_data", "must hold at most %d bytes; got %d", maxUserData, n)
	}
	spec.SystemDisk, spec.DataDisks = c.systemDisk(s.GetSystemDisk()), c.dataDisks(s.GetDataDisks())
	if use == useCreate {
		c.createTakes(s)
	}
	return spec
}

// createTakes refuses fields that RunInstances takes and CreateInstance does
// not.
func (c *check) createTakes(s *ecsdv1.InstanceSpec) {
	if len(s.GetSecurityGroupIds()) > 1 {
		c.fail("spec.security_group_ids", "must hold at most 1 id: CreateInstance takes no more, RunInstances does; got %d", len(s.GetSecurityGroupIds()))
	}
	c.unset("must be unset: CreateInstance does not take it, RunInstances does", []given{
		{"spec.auto_release_time", s.GetAutoReleaseTime() != nil},
		{"spec.unique_suffix", s.GetUniqueSuffix()},
		{"spec.launch_template", s.GetLaunchTemplate() != nil},
		{"spec.system_disk.encrypted", s.GetSystemDisk().GetEncrypted()},
	})
}

// given is whether a request sets a field.
type given struct {
	field string
	set   bool
}

// unset refuses the fields that are set.
func (c *check) unset(rule string, fields []given) {
	for _, f := range fields {
		if f.set {
			c.fail(f.field, "%s", rule)
		}
	}
}

// template checks a launch template: by id or by name.
func (c *check) template(spec *ecs.InstanceSpec, t *ecsdv1.LaunchTemplate, use launchUse) {
	if t == nil {
		return
	}
	if use == useQuote {
		c.fail("spec.launch_template", "must be unset: the cloud prices no launch template")
		return
	}
	spec.LaunchTemplateID = c.word("spec.launch_template.launch_template_id", t.GetLaunchTemplateId())
	spec.LaunchTemplateName = c.text("spec.launch_template.launch_template_name", t.GetLaunchTemplateName(), 2, 128)
	spec.LaunchTemplateVersion = t.GetVersion()
	if t.GetLaunchTemplateId() == "" && t.GetLaunchTemplateName() == "" {
		c.fail("spec.launch_template.launch_template_id", "or launch_template_name is required")
	}
	if t.GetVersion() < 0 {
		c.fail("spec.launch_template.version", "must be 0 (meaning the default version) or more; got %d", t.GetVersion())
	}
}

// image checks image and type, which a launch template may name instead.
func (c *check) image(spec *ecs.InstanceSpec, s *ecsdv1.InstanceSpec, use launchUse) {
	template := s.GetLaunchTemplate() != nil
	spec.ImageID, spec.Type = c.word("spec.image_id", s.GetImageId()), s.GetInstanceType()
	switch {
	case spec.Type != "":
		c.instanceType("spec.instance_type", spec.Type)
	case !template:
		c.fail("spec.instance_type", "is required: an instance type such as ecs.g7.large")
	}
	switch {
	case spec.ImageID != "" || template:
	case use != useQuote:
		c.fail("spec.image_id", "is required: the id of the image that the system disk is made from")
	case s.GetSystemDisk() != nil:
		c.fail("spec.image_id", "is required beside system_disk: the cloud prices a system disk by its image")
	}
}

func (c *check) privateAddress(spec *ecs.InstanceSpec, s *ecsdv1.InstanceSpec) {
	spec.PrivateIPAddress = s.GetPrivateIpAddress()
	if spec.PrivateIPAddress == "" {
		return
	}
	if a, err := netip.ParseAddr(spec.PrivateIPAddress); err != nil || !a.Is4() {
		c.fail("spec.private_ip_address", "must be an IPv4 address such as 10.0.0.7; got %s", quoted(spec.PrivateIPAddress))
	}
	if s.GetVswitchId() == "" {
		c.fail("spec.private_ip_address", "must be unset without vswitch_id")
	}
}

// billing checks how the instance is paid.
func (c *check) billing(spec *ecs.InstanceSpec, s *ecsdv1.InstanceSpec) {
	spec.ChargeType = chargeTypes.from(s.GetChargeType())
	switch {
	case s.GetChargeType() != 0 && !chargeTypes.knows(s.GetChargeType()):
		c.fail("spec.charge_type", "must be CHARGE_TYPE_PAY_AS_YOU_GO, CHARGE_TYPE_SUBSCRIPTION or unset; got %d", s.GetChargeType())
	case s.GetChargeType() == 0 && s.GetLaunchTemplate() == nil:
		spec.ChargeType = ecs.ChargePayAsYouGo
	}
	if spec.ChargeType != ecs.ChargeSubscription {
		c.unset("must be unset unless charge_type is CHARGE_TYPE_SUBSCRIPTION", []given{
			{"spec.period", s.GetPeriod() != nil},
			{"spec.auto_renew", s.GetAutoRenew()},
			{"spec.auto_renew_period", s.GetAutoRenewPeriod() != nil},
		})
		return
	}
	spec.Period, spec.AutoRenew = c.period("spec.period", s.GetPeriod(), ecs.SoldForRenewal), s.GetAutoRenew()
	switch {
	case s.GetAutoRenewPeriod() == nil:
		return
	case !s.GetAutoRenew():
		c.fail("spec.auto_renew_period", "must be unset without auto_renew")
		return
	}
	spec.AutoRenewPeriod = c.period("spec.auto_renew_period", s.GetAutoRenewPeriod(), ecs.SoldForLaunchAutoRenewal)
	if known := spec.Period.Unit != ecs.PeriodUnitUnknown && spec.AutoRenewPeriod.Unit != ecs.PeriodUnitUnknown; known &&
		(spec.AutoRenewPeriod.Unit == ecs.Week) != (spec.Period.Unit == ecs.Week) {
		c.fail("spec.auto_renew_period.unit", "must be PERIOD_UNIT_WEEK if that of period is, otherwise another unit")
	}
}

// minute checks a time that the cloud keeps by the minute, and cuts it.
func (c *check) minute(field string, t *timestamppb.Timestamp) time.Time {
	return c.time(field, t).Truncate(time.Minute)
}

// autoRelease checks the time of an automatic release: the cut time must be far
// enough ahead. The zero time is never.
func (c *check) autoRelease(field string, at, now time.Time) {
	if at.IsZero() {
		return
	}
	least, most := now.UTC().Add(minAutoRelease), now.UTC().AddDate(maxAutoRelease, 0, 0)
	if at.Before(least) || at.After(most) {
		c.fail(field, "must be at least 30 minutes and at most 3 years ahead, in whole minutes: %s to %s; got %s",
			least.Format(time.RFC3339), most.Format(time.RFC3339), at.Format(time.RFC3339))
	}
}

// spot checks the terms of a spot instance, nil for none.
func (c *check) spot(field string, s *ecsdv1.SpotSettings, charge ecs.ChargeType) *ecs.Spot {
	if s == nil {
		return nil
	}
	if charge == ecs.ChargeSubscription {
		c.fail(field, "must be unset for a subscription: only pay-as-you-go instances can be spot instances")
	}
	spot := &ecs.Spot{
		Strategy: spotStrategies.from(s.GetStrategy()), ProtectedFor: time.Hour,
		InterruptionBehavior: interruptionBehaviors.from(s.GetInterruptionBehavior()),
	}
	limited := s.GetStrategy() == ecsdv1.SpotStrategy_SPOT_STRATEGY_WITH_PRICE_LIMIT
	switch {
	case spot.Strategy == "":
		c.fail(field+".strategy", "is required: SPOT_STRATEGY_WITH_PRICE_LIMIT or SPOT_STRATEGY_AS_PRICE_GO")
	case limited && s.GetPriceLimit() == nil:
		c.fail(field+".price_limit", "is required with SPOT_STRATEGY_WITH_PRICE_LIMIT")
	case limited:
		spot.PriceLimit, spot.PriceCurrency = c.priceLimit(field+".price_limit", s.GetPriceLimit())
	case s.GetPriceLimit() != nil:
		c.fail(field+".price_limit", "must be unset with SPOT_STRATEGY_AS_PRICE_GO: only SPOT_STRATEGY_WITH_PRICE_LIMIT takes a limit")
	}
	if d := s.GetDuration(); d != nil {
		if spot.ProtectedFor = d.AsDuration(); spot.ProtectedFor != 0 && spot.ProtectedFor != time.Hour || d.CheckValid() != nil {
			c.fail(field+".duration", "must be 3600s (one hour of protection) or 0s (none)")
		}
	}
	if b := s.GetInterruptionBehavior(); b != 0 && !interruptionBehaviors.knows(b) {
		c.fail(field+".interruption_behavior", "must be a named value of SpotInterruptionBehavior; got %d", b)
	}
	return spot
}

// priceLimit checks a limit per hour and returns it as the cloud's decimal.
func (c *check) priceLimit(field string, m *ecsdv1.Money) (text, currency string) {
	const thousandth, largest = 1_000_000, 999_999_999
	switch units, nanos := m.GetUnits(), m.GetNanos(); {
	case units < 0 || nanos < 0 || units > largest || nanos >= 1000*thousandth || (units == 0 && nanos == 0):
		c.fail(field, "must be more than 0, with units up to %d and nanos from 0 to 999999999", largest)
	case nanos%thousandth != 0:
		c.fail(field, "must have at most three decimals: nanos a multiple of %d; got %d", thousandth, nanos)
	case m.GetCurrencyCode() != "" && !(ecs.Money{CurrencyCode: m.GetCurrencyCode(), Units: 1}).Valid():
		c.fail(field+".currency_code", "must be empty (the account's currency) or three capital letters such as CNY; got %s", quoted(m.GetCurrencyCode()))
	default:
		return fmt.Sprintf("%d.%03d", units, nanos/thousandth), m.GetCurrencyCode()
	}
	return "", ""
}
