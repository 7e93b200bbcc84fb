package refusal_test

import (
	"testing"

	"github.com/ecsd-io/ecsd/server/internal/cloud/refusal"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// One code means different things to different actions.
func TestMeaningOfCodesByAction(t *testing.T) {
	for _, c := range []struct {
		action, code string
		reason       ecs.Reason
		again        refusal.Again
	}{
		{"RenewInstance", "ChargeTypeViolation", ecs.ReasonNotSubscription, refusal.Never},
		{"DeleteInstances", "ChargeTypeViolation", ecs.ReasonSubscriptionNotExpired, refusal.Never},
		{"ModifyInstanceAutoReleaseTime", "ChargeTypeViolation", ecs.ReasonNotPayAsYouGo, refusal.Never},
		{"ModifyInstanceAttribute", "ChargeTypeViolation", ecs.ReasonNotPayAsYouGo, refusal.Never},
		{"RunInstances", "ChargeTypeViolation.PostPaidDedicatedHost", ecs.ReasonUnsupportedOperation, refusal.Never},
		{"RunInstances", "MissingParameter", ecs.ReasonInvalidField, refusal.Never},
		{"ModifyInstanceAutoReleaseTime", "MissingParameter", ecs.ReasonCloudRejected, refusal.Never},
		{"RunInstances", "InvalidInstanceType.ValueNotSupported", ecs.ReasonInvalidField, refusal.Never},
		{"RenewInstance", "InvalidInstanceType.ValueNotSupported", ecs.ReasonUnsupportedOperation, refusal.Never},
		{"RunInstances", "InvalidPeriod", ecs.ReasonPeriodNotSold, refusal.Never},
		{"DescribePrice", "InvalidPeriod", ecs.ReasonPriceUnavailable, refusal.Never},
		{"StopInstances", "InvalidInstanceId.NotSupport", ecs.ReasonUnsupportedOperation, refusal.Never},
		{"StopInstances", "InvalidInstanceId.NotFound", ecs.ReasonInstanceNotFound, refusal.Never},
		{"TagResources", "InvalidResourceId.NotFound", ecs.ReasonInstanceNotFound, refusal.Never},
		{"DescribeAvailableResource", "InvalidResourceId.NotFound", ecs.ReasonResourceNotFound, refusal.Never},
		{"DeleteInstances", "IncorrectInstanceStatus.Initializing", ecs.ReasonOperationInProgress, refusal.Always},
		{"CreateSnapshot", "IncorrectDiskStatus.CreatingSnapshot", ecs.ReasonOperationInProgress, refusal.Never},
		{"CreateSnapshot", "IncorrectDiskStatus.SomethingNew", ecs.ReasonIncorrectResource, refusal.Never},
		{"StartInstances", "OperationDenied.SpotPriceLowerThanPublicPrice", ecs.ReasonPriceExceedsLimit, refusal.Never},
		{"DeleteInstances", "DependencyViolation.SomethingNew", ecs.ReasonResourceInUse, refusal.Never},
	} {
		class, known := refusal.Of(c.action, c.code, 403)
		if !known || class.Reason != c.reason || class.Again != c.again {
			t.Errorf("%s of %s is %s (known %t, again %d), want %s (again %d)", c.code, c.action, class.Reason, known, class.Again, c.reason, c.again)
		}
	}
}

// A code must stand once, or nobody can say which of its rows holds.
func TestEveryCodeStandsOnce(t *testing.T) {
	seen := make(map[[2]string]bool)
	for _, row := range refusal.Rows() {
		key := [2]string{row.Action, row.Code}
		if seen[key] {
			t.Errorf("%s %s stands twice", row.Action, row.Code)
		}
		seen[key] = true
	}
}
