package api

import (
	"google.golang.org/grpc/codes"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// grpcCodes gives each reason its canonical gRPC code. It is the only mapping
// between the two; a test compares it with the comments of ErrorReason.
var grpcCodes = map[ecs.Reason]codes.Code{
	ecs.ReasonInvalidField:           codes.InvalidArgument,
	ecs.ReasonResponseTooLarge:       codes.FailedPrecondition,
	ecs.ReasonInvalidPageToken:       codes.InvalidArgument,
	ecs.ReasonUnknownRegion:          codes.InvalidArgument,
	ecs.ReasonPeriodNotSold:          codes.InvalidArgument,
	ecs.ReasonRequestIDReused:        codes.AlreadyExists,
	ecs.ReasonInstanceNotFound:       codes.NotFound,
	ecs.ReasonResourceNotFound:       codes.NotFound,
	ecs.ReasonNotSubscription:        codes.FailedPrecondition,
	ecs.ReasonInstanceExpired:        codes.FailedPrecondition,
	ecs.ReasonInstanceLocked:         codes.FailedPrecondition,
	ecs.ReasonIncorrectStatus:        codes.FailedPrecondition,
	ecs.ReasonPriceExceedsLimit:      codes.FailedPrecondition,
	ecs.ReasonPriceUnavailable:       codes.FailedPrecondition,
	ecs.ReasonExpiryTooFar:           codes.FailedPrecondition,
	ecs.ReasonCurrencyMismatch:       codes.FailedPrecondition,
	ecs.ReasonInsufficientBalance:    codes.FailedPrecondition,
	ecs.ReasonUnpaidOrder:            codes.FailedPrecondition,
	ecs.ReasonAccountRestricted:      codes.FailedPrecondition,
	ecs.ReasonDeletionProtected:      codes.FailedPrecondition,
	ecs.ReasonNotPayAsYouGo:          codes.FailedPrecondition,
	ecs.ReasonSubscriptionNotExpired: codes.FailedPrecondition,
	ecs.ReasonReleaseLimitExceeded:   codes.FailedPrecondition,
	ecs.ReasonSnapshotFailed:         codes.FailedPrecondition,
	ecs.ReasonResourceInUse:          codes.FailedPrecondition,
	ecs.ReasonIncorrectResource:      codes.FailedPrecondition,
	ecs.ReasonPublicIPAllocated:      codes.FailedPrecondition,
	ecs.ReasonUnsupportedOperation:   codes.FailedPrecondition,
	ecs.ReasonCloudRejected:          codes.FailedPrecondition,
	ecs.ReasonAlreadyRenewed:         codes.FailedPrecondition,
	ecs.ReasonSetNotToRenew:          codes.FailedPrecondition,
	ecs.ReasonOutsideWindow:          codes.FailedPrecondition,
	ecs.ReasonBudgetExceeded:         codes.ResourceExhausted,
	ecs.ReasonMarkedNotPaid:          codes.FailedPrecondition,
	ecs.ReasonNothingToRenew:         codes.FailedPrecondition,
	ecs.ReasonJobTooLarge:            codes.InvalidArgument,
	ecs.ReasonJobNotFound:            codes.NotFound,
	ecs.ReasonRenewalNotFound:        codes.NotFound,
	ecs.ReasonModificationNotFound:   codes.NotFound,
	ecs.ReasonJobFinished:            codes.FailedPrecondition,
	ecs.ReasonRenewalSettled:         codes.FailedPrecondition,
	ecs.ReasonModificationSettled:    codes.FailedPrecondition,
	ecs.ReasonOperationInProgress:    codes.Aborted,
	ecs.ReasonRenewalInProgress:      codes.Aborted,
	ecs.ReasonClientTokenRejected:    codes.FailedPrecondition,
	ecs.ReasonSettingNotApplied:      codes.Aborted,
	ecs.ReasonQuotaExceeded:          codes.ResourceExhausted,
	ecs.ReasonOutOfStock:             codes.ResourceExhausted,
	ecs.ReasonThrottled:              codes.ResourceExhausted,
	ecs.ReasonRateBudgetExhausted:    codes.ResourceExhausted,
	ecs.ReasonServerOverloaded:       codes.ResourceExhausted,
	ecs.ReasonInvalidResumeToken:     codes.InvalidArgument,
	ecs.ReasonResumeTokenExpired:     codes.OutOfRange,
	ecs.ReasonSlowReader:             codes.ResourceExhausted,
	ecs.ReasonTooManyWatches:         codes.ResourceExhausted,
	ecs.ReasonTooManyWatchesOfCaller: codes.ResourceExhausted,
	ecs.ReasonTooManyWatchedIDs:      codes.ResourceExhausted,
	ecs.ReasonStoreUnavailable:       codes.Unavailable,
	ecs.ReasonInstanceNotVisibleYet:  codes.Unavailable,
	ecs.ReasonCloudPermissionDenied:  codes.PermissionDenied,
	ecs.ReasonCredentialsInvalid:     codes.FailedPrecondition,
	ecs.ReasonClockSkewed:            codes.FailedPrecondition,
	ecs.ReasonCredentialsUnavailable: codes.Unavailable,
	ecs.ReasonCloudUnavailable:       codes.Unavailable,
	ecs.ReasonCloudUnreachable:       codes.Unavailable,
	ecs.ReasonServerDraining:         codes.Unavailable,
	ecs.ReasonCloudInternalError:     codes.Unavailable,
	ecs.ReasonOutcomeUnknown:         codes.Unknown,
	ecs.ReasonExpiryUnverified:       codes.Unknown,
	ecs.ReasonDeadlineExceeded:       codes.DeadlineExceeded,
	ecs.ReasonJobCancelled:           codes.FailedPrecondition,
	ecs.ReasonCancelled:              codes.Canceled,
	ecs.ReasonInternal:               codes.Internal,
	ecs.ReasonUnauthenticated:        codes.Unauthenticated,
	ecs.ReasonAuthExpired:            codes.Unauthenticated,
	ecs.ReasonPermissionDenied:       codes.PermissionDenied,
	ecs.ReasonSpendCapExceeded:       codes.FailedPrecondition,
	ecs.ReasonIdentityUnavailable:    codes.Unavailable,
	ecs.ReasonSpendingFrozen:         codes.FailedPrecondition,
}

// grpcCode returns the canonical code of a reason; INTERNAL for a reason that
// has none, which is a defect.
func grpcCode(r ecs.Reason) codes.Code {
	if code, ok := grpcCodes[r]; ok {
		return code
	}
	return codes.Internal
}

// quotas are the reasons of a budget or a quota that is used up. Their errors
// have a QuotaFailure.
var quotas = map[ecs.Reason]bool{
	ecs.ReasonQuotaExceeded:          true,
	ecs.ReasonRateBudgetExhausted:    true,
	ecs.ReasonBudgetExceeded:         true,
	ecs.ReasonSpendCapExceeded:       true,
	ecs.ReasonTooManyWatches:         true,
	ecs.ReasonTooManyWatchesOfCaller: true,
	ecs.ReasonTooManyWatchedIDs:      true,
}
