package cloud

import (
	"fmt"
	"regexp"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

const (
	// maxCount is how many instances one order makes at most.
	maxCount = 100
	// maxUserData is how many bytes of user data the cloud takes, raw.
	maxUserData = 32 << 10
)

// priceLimit is how the cloud takes the limit of a spot price.
var priceLimit = regexp.MustCompile(`^[0-9]{1,9}(\.[0-9]{1,3})?$`)

// checkLaunch refuses orders that cannot be encoded exactly. The cloud decides
// whether it sells them.
func checkLaunch(o ecs.LaunchOrder) error {
	spec := o.Spec
	switch {
	case o.Count < 1 || o.Count > maxCount:
		return unsendable(o, "count", fmt.Sprintf("must be 1 to %d", maxCount))
	case o.MinCount < 0 || o.MinCount > o.Count:
		return unsendable(o, "min_count", "must be 0 to count")
	case len(spec.UserData) > maxUserData:
		return unsendable(o, "user_data", fmt.Sprintf("must be at most %d bytes", maxUserData))
	case spec.SystemDisk.SnapshotID != "":
		return unsendable(o, "system_disk.snapshot_id", "must be empty: a system disk is made from the image")
	case spec.SystemDisk.KeepWithInstance:
		return unsendable(o, "system_disk.keep_with_instance", "must be false: a system disk goes with its instance")
	case spec.ChargeType != ecs.ChargeSubscription && (!spec.Period.IsZero() || spec.AutoRenew):
		return unsendable(o, "period", "must be unset unless the charge type is subscription")
	case spec.ChargeType == ecs.ChargeSubscription && !ecs.SoldForRenewal.Includes(spec.Period):
		return ecs.Errorf(ecs.ReasonPeriodNotSold, "a subscription of %s is not sold; these are: %s", spec.Period, ecs.SoldForRenewal).On(o.RegionID, "")
	case spec.AutoRenew && !spec.AutoRenewPeriod.IsZero() && (spec.AutoRenewPeriod.Unit == ecs.Week) != (spec.Period.Unit == ecs.Week):
		return unsendable(o, "auto_renew_period", "must be in weeks if the period is, otherwise in months or years")
	}
	return checkSpot(o)
}

func checkSpot(o ecs.LaunchOrder) error {
	spot := o.Spec.Spot
	switch {
	case spot == nil:
		return nil
	case spot.PriceLimit != "" && !priceLimit.MatchString(spot.PriceLimit):
		return unsendable(o, "spot.price_limit", "must be a decimal with at most three decimals, such as 0.125")
	case spot.PriceLimit != "" && spot.Strategy != "SpotWithPriceLimit":
		return unsendable(o, "spot.price_limit", "must be unset unless the strategy is SpotWithPriceLimit")
	case spot.ProtectedFor != 0 && spot.ProtectedFor != time.Hour:
		return unsendable(o, "spot.protected_for", "must be one hour or none")
	}
	return nil
}

// checkCreate is checkLaunch for CreateInstance, which takes less.
func checkCreate(o ecs.LaunchOrder) error {
	const only = "must be unset: CreateInstance does not take it, RunInstances does"
	spec := o.Spec
	switch {
	case o.Count != 1:
		return unsendable(o, "count", "must be 1: CreateInstance makes one instance")
	case !spec.AutoReleaseTime.IsZero():
		return unsendable(o, "auto_release_time", only)
	case spec.LaunchTemplateID != "" || spec.LaunchTemplateName != "" || spec.LaunchTemplateVersion != 0:
		return unsendable(o, "launch_template", only)
	case len(spec.SecurityGroupIDs) > 1:
		return unsendable(o, "security_group_ids", "must be one: CreateInstance takes no more, RunInstances does")
	case spec.UniqueSuffix:
		return unsendable(o, "unique_suffix", only)
	case spec.SystemDisk.Encrypted:
		return unsendable(o, "system_disk.encrypted", only)
	}
	return checkLaunch(o)
}

// unsendable is the error of an order that breaks a rule. It never quotes a
// value: it may be a secret.
func unsendable(o ecs.LaunchOrder, field, rule string) error {
	failure := ecs.Errorf(ecs.ReasonInvalidField, "%s %s", field, rule)
	failure.Violations = []ecs.Violation{{Field: field, Rule: rule}}
	return failure.On(o.RegionID, "")
}
