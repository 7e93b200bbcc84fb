// Package subscription implements the effects of time and money on subscriptions: renewal, auto-renewal, expiry, stop,
// lock and release.
//
// Requests and clock events come in; changes to the fleet and charges to the account go out, one at a time under one
// lock, so that a charge and its effect are atomic. The package knows nothing of HTTP or of client tokens.
//
// Sources of the rules: the cloud's pages "Subscription" (periods end at 00:00 UTC+8; a renewal adds to the old expiry;
// after the stop it counts from the day of the renewal; release after 15 days) and ModifyInstanceAutoRenewAttribute
// (deductions daily at 08:00 UTC+8 from the ninth day before expiry until one succeeds, or the instance is stopped);
// with BillingSchedule, "Renewal overview" (deductions 3 days and 1 day before, on the day of the expiry, and 6 and 14
// days after it, while the instance runs for another 15 days).
package subscription
