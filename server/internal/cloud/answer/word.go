package answer

import (
	"strings"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// The cloud's words for its enumerations. A word that is not here reads as
// unknown, and stands raw beside the value.
var (
	statuses = map[string]ecs.Status{
		"Pending": ecs.StatusPending, "Starting": ecs.StatusStarting, "Running": ecs.StatusRunning,
		"Stopping": ecs.StatusStopping, "Stopped": ecs.StatusStopped,
	}
	chargeTypes = map[string]ecs.ChargeType{
		"PostPaid": ecs.ChargePayAsYouGo, "PrePaid": ecs.ChargeSubscription,
	}
	stoppedModes = map[string]ecs.StoppedMode{
		"KeepCharging": ecs.StoppedKeepCharging, "StopCharging": ecs.StoppedStopCharging,
		"Not-applicable": ecs.StoppedNotApplicable,
	}
	// The cloud answers Recycling and is asked for recycling: lower case here.
	lockReasons = map[string]ecs.LockReason{
		"financial": ecs.LockFinancial, "security": ecs.LockSecurity, "recycling": ecs.LockRecycling,
		"dedicatedhostfinancial": ecs.LockDedicatedHostFinancial, "refunded": ecs.LockRefunded,
	}
	renewalStatuses = map[string]ecs.AutoRenewStatus{
		"AutoRenewal": ecs.AutoRenewOn, "Normal": ecs.AutoRenewOff, "NotRenewal": ecs.AutoRenewNever,
	}
	periodUnits = map[string]ecs.PeriodUnit{
		"week": ecs.Week, "month": ecs.Month, "year": ecs.Year,
	}
)

// StatusWord, ChargeTypeWord, LockReasonWord and AutoRenewWord give the cloud's
// word for a value, "" for the unknown one.
func StatusWord(s ecs.Status) string             { return wordOf(statuses, s) }
func ChargeTypeWord(c ecs.ChargeType) string     { return wordOf(chargeTypes, c) }
func LockReasonWord(l ecs.LockReason) string     { return wordOf(lockReasons, l) }
func AutoRenewWord(s ecs.AutoRenewStatus) string { return wordOf(renewalStatuses, s) }

func wordOf[V comparable](words map[string]V, value V) string {
	for word, v := range words {
		if v == value {
			return word
		}
	}
	return ""
}

func lockReason(word string) ecs.LockReason { return lockReasons[strings.ToLower(word)] }
