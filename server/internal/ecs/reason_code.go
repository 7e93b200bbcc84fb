package ecs

// grpcCodes gives each reason its canonical gRPC code, by name, because this
// package does not import gRPC. It is the only mapping between the two: package
// api uses it and docs/errors.md is written from it.
var grpcCodes = map[Reason]string{
	ReasonInvalidField:           "INVALID_ARGUMENT",
	ReasonResponseTooLarge:       "FAILED_PRECONDITION",
	ReasonInvalidPageToken:       "INVALID_ARGUMENT",
	ReasonUnknownRegion:          "INVALID_ARGUMENT",
	ReasonPeriodNotSold:          "INVALID_ARGUMENT",
	ReasonRequestIDReused:        "ALREADY_EXISTS",
	ReasonInstanceNotFound:       "NOT_FOUND",
	ReasonResourceNotFound:       "NOT_FOUND",
	ReasonNotSubscription:        "FAILED_PRECONDITION",
	ReasonInstanceExpired:        "FAILED_PRECONDITION",
	ReasonInstanceLocked:         "FAILED_PRECONDITION",
	ReasonIncorrectStatus:        "FAILED_PRECONDITION",
	ReasonPriceExceedsLimit:      "FAILED_PRECONDITION",
	ReasonPriceUnavailable:       "FAILED_PRECONDITION",
	ReasonExpiryTooFar:           "FAILED_PRECONDITION",
	ReasonCurrencyMismatch:       "FAILED_PRECONDITION",
	ReasonInsufficientBalance:    "FAILED_PRECONDITION",
	ReasonUnpaidOrder:            "FAILED_PRECONDITION",
	ReasonAccountRestricted:      "FAILED_PRECONDITION",
	ReasonDeletionProtected:      "FAILED_PRECONDITION",
	ReasonNotPayAsYouGo:          "FAILED_PRECONDITION",
	ReasonSubscriptionNotExpired: "FAILED_PRECONDITION",
	ReasonReleaseLimitExceeded:   "FAILED_PRECONDITION",
	ReasonSnapshotFailed:         "FAILED_PRECONDITION",
	ReasonResourceInUse:          "FAILED_PRECONDITION",
	ReasonIncorrectResource:      "FAILED_PRECONDITION",
	ReasonPublicIPAllocated:      "FAILED_PRECONDITION",
	ReasonUnsupportedOperation:   "FAILED_PRECONDITION",
	ReasonCloudRejected:          "FAILED_PRECONDITION",
	ReasonAlreadyRenewed:         "FAILED_PRECONDITION",
	ReasonSetNotToRenew:          "FAILED_PRECONDITION",
	ReasonOutsideWindow:          "FAILED_PRECONDITION",
	ReasonBudgetExceeded:         "RESOURCE_EXHAUSTED",
	ReasonLocked:                 "FAILED_PRECONDITION",
	ReasonMarkedNotPaid:          "FAILED_PRECONDITION",
	ReasonNothingToRenew:         "FAILED_PRECONDITION",
	ReasonJobTooLarge:            "INVALID_ARGUMENT",
	ReasonJobNotFound:            "NOT_FOUND",
	ReasonRenewalNotFound:        "NOT_FOUND",
	ReasonJobFinished:            "FAILED_PRECONDITION",
	ReasonRenewalSettled:         "FAILED_PRECONDITION",
	ReasonOperationInProgress:    "ABORTED",
	ReasonRenewalInProgress:      "ABORTED",
	ReasonClientTokenRejected:    "FAILED_PRECONDITION",
	ReasonSettingNotApplied:      "ABORTED",
	ReasonQuotaExceeded:          "RESOURCE_EXHAUSTED",
	ReasonOutOfStock:             "RESOURCE_EXHAUSTED",
	ReasonThrottled:              "RESOURCE_EXHAUSTED",
	ReasonRateBudgetExhausted:    "RESOURCE_EXHAUSTED",
	ReasonServerOverloaded:       "RESOURCE_EXHAUSTED",
	ReasonInvalidResumeToken:     "INVALID_ARGUMENT",
	ReasonResumeTokenExpired:     "OUT_OF_RANGE",
	ReasonSlowReader:             "RESOURCE_EXHAUSTED",
	ReasonTooManyWatches:         "RESOURCE_EXHAUSTED",
	ReasonTooManyWatchesOfCaller: "RESOURCE_EXHAUSTED",
	ReasonTooManyWatchedIDs:      "RESOURCE_EXHAUSTED",
	ReasonStoreUnavailable:       "UNAVAILABLE",
	ReasonInstanceNotVisibleYet:  "UNAVAILABLE",
	ReasonPermissionDenied:       "PERMISSION_DENIED",
	ReasonCredentialsInvalid:     "FAILED_PRECONDITION",
	ReasonClockSkewed:            "FAILED_PRECONDITION",
	ReasonCredentialsUnavailable: "UNAVAILABLE",
	ReasonCloudUnavailable:       "UNAVAILABLE",
	ReasonCloudUnreachable:       "UNAVAILABLE",
	ReasonServerDraining:         "UNAVAILABLE",
	ReasonCloudInternalError:     "UNAVAILABLE",
	ReasonOutcomeUnknown:         "UNAVAILABLE",
	ReasonExpiryUnverified:       "UNKNOWN",
	ReasonDeadlineExceeded:       "DEADLINE_EXCEEDED",
	ReasonCancelled:              "CANCELLED",
	ReasonInternal:               "INTERNAL",
}

// GRPCCode returns the canonical gRPC code of the reason by name, such as
// NOT_FOUND; INTERNAL for a reason that has none, which is a defect.
func (r Reason) GRPCCode() string {
	if code, ok := grpcCodes[r]; ok {
		return code
	}
	return "INTERNAL"
}

// Reasons lists every reason, in no order.
func Reasons() []Reason {
	all := make([]Reason, 0, len(grpcCodes))
	for r := range grpcCodes {
		all = append(all, r)
	}
	return all
}
