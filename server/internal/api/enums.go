package api

import (
	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/payment"
)

// enum pairs the values of a contract's enum (P) with the domain's (D). A value
// without a pair maps to the zero value: unspecified, or unknown.
type enum[P, D comparable] struct {
	toProto  map[D]P
	toDomain map[P]D
}

func newEnum[P, D comparable](pairs map[P]D) enum[P, D] {
	e := enum[P, D]{toProto: make(map[D]P, len(pairs)), toDomain: pairs}
	for p, d := range pairs {
		e.toProto[d] = p
	}
	return e
}

func (e enum[P, D]) to(d D) P   { return e.toProto[d] }
func (e enum[P, D]) from(p P) D { return e.toDomain[p] }

// knows reports whether a value of a request is one that the contract names.
func (e enum[P, D]) knows(p P) bool {
	_, ok := e.toDomain[p]
	return ok
}

var (
	statuses = newEnum(map[ecsdv1.InstanceStatus]ecs.Status{
		ecsdv1.InstanceStatus_INSTANCE_STATUS_PENDING:  ecs.StatusPending,
		ecsdv1.InstanceStatus_INSTANCE_STATUS_STARTING: ecs.StatusStarting,
		ecsdv1.InstanceStatus_INSTANCE_STATUS_RUNNING:  ecs.StatusRunning,
		ecsdv1.InstanceStatus_INSTANCE_STATUS_STOPPING: ecs.StatusStopping,
		ecsdv1.InstanceStatus_INSTANCE_STATUS_STOPPED:  ecs.StatusStopped,
	})
	chargeTypes = newEnum(map[ecsdv1.ChargeType]ecs.ChargeType{
		ecsdv1.ChargeType_CHARGE_TYPE_PAY_AS_YOU_GO: ecs.ChargePayAsYouGo,
		ecsdv1.ChargeType_CHARGE_TYPE_SUBSCRIPTION:  ecs.ChargeSubscription,
	})
	lockReasons = newEnum(map[ecsdv1.LockReason]ecs.LockReason{
		ecsdv1.LockReason_LOCK_REASON_FINANCIAL:                ecs.LockFinancial,
		ecsdv1.LockReason_LOCK_REASON_SECURITY:                 ecs.LockSecurity,
		ecsdv1.LockReason_LOCK_REASON_RECYCLING:                ecs.LockRecycling,
		ecsdv1.LockReason_LOCK_REASON_DEDICATED_HOST_FINANCIAL: ecs.LockDedicatedHostFinancial,
		ecsdv1.LockReason_LOCK_REASON_REFUNDED:                 ecs.LockRefunded,
	})
	stoppedModes = newEnum(map[ecsdv1.StoppedMode]ecs.StoppedMode{
		ecsdv1.StoppedMode_STOPPED_MODE_KEEP_CHARGING:  ecs.StoppedKeepCharging,
		ecsdv1.StoppedMode_STOPPED_MODE_STOP_CHARGING:  ecs.StoppedStopCharging,
		ecsdv1.StoppedMode_STOPPED_MODE_NOT_APPLICABLE: ecs.StoppedNotApplicable,
	})
	periodUnits = newEnum(map[ecsdv1.PeriodUnit]ecs.PeriodUnit{
		ecsdv1.PeriodUnit_PERIOD_UNIT_WEEK:  ecs.Week,
		ecsdv1.PeriodUnit_PERIOD_UNIT_MONTH: ecs.Month,
		ecsdv1.PeriodUnit_PERIOD_UNIT_YEAR:  ecs.Year,
	})
	autoRenewStatuses = newEnum(map[ecsdv1.AutoRenewStatus]ecs.AutoRenewStatus{
		ecsdv1.AutoRenewStatus_AUTO_RENEW_STATUS_AUTO_RENEWAL:          ecs.AutoRenewOn,
		ecsdv1.AutoRenewStatus_AUTO_RENEW_STATUS_MANUAL_WITH_REMINDERS: ecs.AutoRenewOff,
		ecsdv1.AutoRenewStatus_AUTO_RENEW_STATUS_NOT_RENEWED:           ecs.AutoRenewNever,
	})
	autoRenewStates = newEnum(map[ecsdv1.AutoRenewState]ecs.AutoRenewState{
		ecsdv1.AutoRenewState_AUTO_RENEW_STATE_OFF:       ecs.AutoRenewStateOff,
		ecsdv1.AutoRenewState_AUTO_RENEW_STATE_SCHEDULED: ecs.AutoRenewStateScheduled,
		ecsdv1.AutoRenewState_AUTO_RENEW_STATE_FAILING:   ecs.AutoRenewStateFailing,
	})
	renewalStates = newEnum(map[ecsdv1.RenewalState]ledger.State{
		ecsdv1.RenewalState_RENEWAL_STATE_PLANNED:         ledger.Planned,
		ecsdv1.RenewalState_RENEWAL_STATE_SUBMITTING:      ledger.Submitting,
		ecsdv1.RenewalState_RENEWAL_STATE_VERIFYING:       ledger.Verifying,
		ecsdv1.RenewalState_RENEWAL_STATE_RENEWED:         ledger.Renewed,
		ecsdv1.RenewalState_RENEWAL_STATE_UNVERIFIED:      ledger.Unverified,
		ecsdv1.RenewalState_RENEWAL_STATE_UNKNOWN:         ledger.Unknown,
		ecsdv1.RenewalState_RENEWAL_STATE_FAILED:          ledger.Failed,
		ecsdv1.RenewalState_RENEWAL_STATE_NEEDS_ATTENTION: ledger.NeedsAttention,
		ecsdv1.RenewalState_RENEWAL_STATE_SKIPPED:         ledger.Skipped,
	})
	jobStates = newEnum(map[ecsdv1.RenewalJobState]ledger.JobState{
		ecsdv1.RenewalJobState_RENEWAL_JOB_STATE_PENDING:         ledger.JobPending,
		ecsdv1.RenewalJobState_RENEWAL_JOB_STATE_RUNNING:         ledger.JobRunning,
		ecsdv1.RenewalJobState_RENEWAL_JOB_STATE_SUCCEEDED:       ledger.JobSucceeded,
		ecsdv1.RenewalJobState_RENEWAL_JOB_STATE_PARTIAL:         ledger.JobPartial,
		ecsdv1.RenewalJobState_RENEWAL_JOB_STATE_FAILED:          ledger.JobFailed,
		ecsdv1.RenewalJobState_RENEWAL_JOB_STATE_CANCELLED:       ledger.JobCancelled,
		ecsdv1.RenewalJobState_RENEWAL_JOB_STATE_NEEDS_ATTENTION: ledger.JobNeedsAttention,
	})
	resolutions = newEnum(map[ecsdv1.RenewalResolution]payment.Resolution{
		ecsdv1.RenewalResolution_RENEWAL_RESOLUTION_MARK_PAID:     payment.MarkPaid,
		ecsdv1.RenewalResolution_RENEWAL_RESOLUTION_MARK_NOT_PAID: payment.MarkNotPaid,
		ecsdv1.RenewalResolution_RENEWAL_RESOLUTION_TRY_AGAIN:     payment.TryAgain,
	})
	attemptOutcomes = newEnum(map[ecsdv1.RenewalAttemptOutcome]ledger.Outcome{
		ecsdv1.RenewalAttemptOutcome_RENEWAL_ATTEMPT_OUTCOME_ACCEPTED: ledger.OutcomeAccepted,
		ecsdv1.RenewalAttemptOutcome_RENEWAL_ATTEMPT_OUTCOME_REFUSED:  ledger.OutcomeRefused,
		ecsdv1.RenewalAttemptOutcome_RENEWAL_ATTEMPT_OUTCOME_DEFERRED: ledger.OutcomeDeferred,
		ecsdv1.RenewalAttemptOutcome_RENEWAL_ATTEMPT_OUTCOME_UNKNOWN:  ledger.OutcomeUnknown,
	})

	// These have no meaning for ecsd beyond their word, so that they are paired
	// with the cloud's own spelling.
	spotStrategies = newEnum(map[ecsdv1.SpotStrategy]string{
		ecsdv1.SpotStrategy_SPOT_STRATEGY_WITH_PRICE_LIMIT: "SpotWithPriceLimit",
		ecsdv1.SpotStrategy_SPOT_STRATEGY_AS_PRICE_GO:      "SpotAsPriceGo",
	})
	interruptionBehaviors = newEnum(map[ecsdv1.SpotInterruptionBehavior]string{
		ecsdv1.SpotInterruptionBehavior_SPOT_INTERRUPTION_BEHAVIOR_TERMINATE: "Terminate",
		ecsdv1.SpotInterruptionBehavior_SPOT_INTERRUPTION_BEHAVIOR_STOP:      "Stop",
	})
	regionStatuses = newEnum(map[ecsdv1.RegionStatus]string{
		ecsdv1.RegionStatus_REGION_STATUS_AVAILABLE: "available",
		ecsdv1.RegionStatus_REGION_STATUS_SOLD_OUT:  "soldOut",
	})
	internetChargeTypes = newEnum(map[ecsdv1.InternetChargeType]string{
		ecsdv1.InternetChargeType_INTERNET_CHARGE_TYPE_PAY_BY_TRAFFIC:   "PayByTraffic",
		ecsdv1.InternetChargeType_INTERNET_CHARGE_TYPE_PAY_BY_BANDWIDTH: "PayByBandwidth",
	})
	diskTypes = newEnum(map[ecsdv1.DiskType]string{
		ecsdv1.DiskType_DISK_TYPE_SYSTEM: "system",
		ecsdv1.DiskType_DISK_TYPE_DATA:   "data",
	})
	diskStatuses = newEnum(map[ecsdv1.DiskStatus]string{
		ecsdv1.DiskStatus_DISK_STATUS_IN_USE:         "In_use",
		ecsdv1.DiskStatus_DISK_STATUS_AVAILABLE:      "Available",
		ecsdv1.DiskStatus_DISK_STATUS_ATTACHING:      "Attaching",
		ecsdv1.DiskStatus_DISK_STATUS_DETACHING:      "Detaching",
		ecsdv1.DiskStatus_DISK_STATUS_CREATING:       "Creating",
		ecsdv1.DiskStatus_DISK_STATUS_REINITIALIZING: "ReIniting",
	})
	snapshotStatuses = newEnum(map[ecsdv1.SnapshotStatus]ecs.SnapshotState{
		ecsdv1.SnapshotStatus_SNAPSHOT_STATUS_PROGRESSING:  ecs.SnapshotProgressing,
		ecsdv1.SnapshotStatus_SNAPSHOT_STATUS_ACCOMPLISHED: ecs.SnapshotAccomplished,
		ecsdv1.SnapshotStatus_SNAPSHOT_STATUS_FAILED:       ecs.SnapshotFailed,
	})
	stockStatuses = newEnum(map[ecsdv1.StockStatus]string{
		ecsdv1.StockStatus_STOCK_STATUS_AVAILABLE: "Available",
		ecsdv1.StockStatus_STOCK_STATUS_SOLD_OUT:  "SoldOut",
	})
	networkTypes = newEnum(map[ecsdv1.NetworkType]string{
		ecsdv1.NetworkType_NETWORK_TYPE_VPC:     "vpc",
		ecsdv1.NetworkType_NETWORK_TYPE_CLASSIC: "classic",
	})
	osTypes = newEnum(map[ecsdv1.OsType]string{
		ecsdv1.OsType_OS_TYPE_LINUX:   "linux",
		ecsdv1.OsType_OS_TYPE_WINDOWS: "windows",
	})
)
