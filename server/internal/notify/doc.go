// Package notify reports expiries, payments that need attention, failing
// deductions and drifted auto-renew settings to the receivers of a file, and
// serves a calendar of the expiries.
//
// It takes the file, the instances in memory, their auto-renew settings and the
// ledger. One replica at a time, under a lease, compares them with what was
// reported and puts messages into the outbox of the store; a sender per
// receiver delivers them over HTTP.
//
// A message is written before it is sent and keeps its ID however often it is
// sent. So nothing is lost if a receiver or this process fails, and an
// acknowledgement that does not arrive causes at most one duplicate, with the
// same ID.
//
// The package must never pay, change an instance, put a secret or the URL of a
// receiver into a log line or an error, follow a redirect, or let a receiver
// that is down delay another one.
package notify
