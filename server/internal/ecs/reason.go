package ecs

// Reason says in one word what went wrong. The words are those of the public
// ErrorReason enum without its prefix; a test in the api room holds the two
// lists together. A reason decides the gRPC code; see docs/errors.md.
type Reason string

// The reasons. Each is documented, with its gRPC code and retry advice, at its
// value of ErrorReason in proto/ecsd/v1/error.proto.
const (
	ReasonInvalidField           Reason = "INVALID_FIELD"
	ReasonInvalidPageToken       Reason = "INVALID_PAGE_TOKEN"
	ReasonUnknownRegion          Reason = "UNKNOWN_REGION"
	ReasonRequestIDReused        Reason = "REQUEST_ID_REUSED"
	ReasonInstanceNotFound       Reason = "INSTANCE_NOT_FOUND"
	ReasonResourceNotFound       Reason = "RESOURCE_NOT_FOUND"
	ReasonNotSubscription        Reason = "NOT_SUBSCRIPTION"
	ReasonInstanceExpired        Reason = "INSTANCE_EXPIRED"
	ReasonInstanceLocked         Reason = "INSTANCE_LOCKED"
	ReasonIncorrectStatus        Reason = "INCORRECT_INSTANCE_STATUS"
	ReasonOperationInProgress    Reason = "OPERATION_IN_PROGRESS"
	ReasonPriceExceedsLimit      Reason = "PRICE_EXCEEDS_LIMIT"
	ReasonPriceUnavailable       Reason = "PRICE_UNAVAILABLE"
	ReasonPeriodNotSold          Reason = "PERIOD_NOT_SOLD"
	ReasonExpiryTooFar           Reason = "EXPIRY_TOO_FAR"
	ReasonCurrencyMismatch       Reason = "CURRENCY_MISMATCH"
	ReasonInsufficientBalance    Reason = "INSUFFICIENT_BALANCE"
	ReasonUnpaidOrder            Reason = "UNPAID_ORDER"
	ReasonAccountRestricted      Reason = "ACCOUNT_RESTRICTED"
	ReasonQuotaExceeded          Reason = "QUOTA_EXCEEDED"
	ReasonOutOfStock             Reason = "OUT_OF_STOCK"
	ReasonThrottled              Reason = "THROTTLED"
	ReasonRateBudgetExhausted    Reason = "RATE_BUDGET_EXHAUSTED"
	ReasonPermissionDenied       Reason = "PERMISSION_DENIED"
	ReasonCredentialsInvalid     Reason = "CREDENTIALS_INVALID"
	ReasonCredentialsUnavailable Reason = "CREDENTIALS_UNAVAILABLE"
	ReasonDeletionProtected      Reason = "DELETION_PROTECTED"
	ReasonUnsupportedOperation   Reason = "UNSUPPORTED_OPERATION"
	ReasonCloudUnavailable       Reason = "CLOUD_UNAVAILABLE"
	ReasonCloudUnreachable       Reason = "CLOUD_UNREACHABLE"
	ReasonCloudInternalError     Reason = "CLOUD_INTERNAL_ERROR"
	ReasonCloudRejected          Reason = "CLOUD_REJECTED"
	ReasonOutcomeUnknown         Reason = "OUTCOME_UNKNOWN"
	ReasonRenewalInProgress      Reason = "RENEWAL_IN_PROGRESS"
	ReasonExpiryUnverified       Reason = "EXPIRY_UNVERIFIED"
	ReasonSettingNotApplied      Reason = "SETTING_NOT_APPLIED"
	ReasonClientTokenRejected    Reason = "CLIENT_TOKEN_REJECTED"
	ReasonServerDraining         Reason = "SERVER_DRAINING"
	ReasonServerOverloaded       Reason = "SERVER_OVERLOADED"
	ReasonDeadlineExceeded       Reason = "DEADLINE_EXCEEDED"
	ReasonCancelled              Reason = "CANCELLED"
	ReasonInternal               Reason = "INTERNAL"
)
