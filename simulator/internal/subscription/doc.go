// Package subscription is what time and money do to subscriptions: renewal,
// auto-renewal, expiry, stop, lock and release.
//
// In come requests and the clock's events; out go changes to the fleet and
// charges to the account, one at a time under one lock, so that a charge and
// what it buys are never apart. It knows nothing of HTTP or of client tokens.
//
// Sources of the rules: the cloud's pages "Subscription" (periods end at
// 00:00 UTC+8; a renewal adds from the old expiry; after the stop it counts
// from the day of the renewal; release after 15 days) and
// ModifyInstanceAutoRenewAttribute (deductions daily at 08:00 UTC+8 from the
// ninth day before expiry until one succeeds, or the instance is stopped); or,
// where the rules say so, "Renewal overview" (deductions 3 days and a day
// before, on the day of the expiry, and 6 and 14 days behind it, while the
// instance runs on for 15 days).
package subscription
