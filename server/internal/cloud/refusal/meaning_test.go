package refusal_test

import (
	"testing"

	"github.com/ecsd-io/ecsd/server/internal/cloud/refusal"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// One code means different things to different actions.
func TestCodes_MeaningByAction(t *testing.T) {
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

// A code must occur once, or its row would be ambiguous.
func TestTable_EveryCodeOccursOnce(t *testing.T) {
	seen := make(map[[2]string]bool)
	for _, row := range refusal.Rows() {
		key := [2]string{row.Action, row.Code}
		if seen[key] {
			t.Errorf("%s %s stands twice", row.Action, row.Code)
		}
		seen[key] = true
	}
}

// A request that the network delivers twice is refused the second time for a
// reason of the second copy only: whether it paid stays unknown.
func TestSecondDelivery_EffectIsUnknown(t *testing.T) {
	for _, code := range []string{
		"SignatureNonceUsed", "IllegalTimestamp", "InvalidTimeStamp.Expired", "InvalidSecurityToken.Expired",
		"Idempotence.Processing", "IdempotentProcessing", "LastTokenProcessing", "LastRequestProcessing",
		"LastOrderProcessing", "OperationConflict", "IdempotentFailed",
	} {
		if class, _ := refusal.Of("RenewInstance", code, 400); class.Effect != ecs.EffectUnknown {
			t.Errorf("%s of RenewInstance has no effect, want it unknown", code)
		}
	}
}

func TestUnknownCode_RetryableIfItsMessageSaysSo(t *testing.T) {
	for _, c := range []struct {
		code, message string
		status        int
		retry         ecs.Retry
	}{
		{"Some.NewCode", "Busy, please try again later.", 400, ecs.RetryBackoff},
		{"Some.NewCode", "The region is in resource control, please try later.", 403, ecs.RetryBackoff},
		{"Some.NewCode", "Please retry later", 400, ecs.RetryBackoff},
		{"Some.NewCode", "Request was denied, please try again after 5 minutes.", 400, ecs.RetryBackoff},
		{"Some.NewCode", "please change the imageId and try again.", 404, ecs.RetryNever},
		{"Some.NewCode", "Do not try. The later model is sold out.", 400, ecs.RetryNever},
		{"Some.NewCode", "no", 400, ecs.RetryNever},
		{"InsufficientBalance", "please try again later", 400, ecs.RetryNever},
	} {
		class := refusal.OfMessage("RenewInstance", c.code, c.message, c.status)
		if class.Retry != c.retry {
			t.Errorf("%s %q: retry %d, want %d", c.code, c.message, class.Retry, c.retry)
		}
		if c.retry == ecs.RetryBackoff && (class.Effect != ecs.EffectUnknown || class.Again != refusal.WhenSafe) {
			t.Errorf("%s %q: %+v, want an unknown effect, repeated only if that is safe", c.code, c.message, class)
		}
	}
}
