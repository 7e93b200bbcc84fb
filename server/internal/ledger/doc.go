// Package ledger holds the values of the renewal ledger and their rules: the
// job, the renewal of one instance, the attempts to pay for it, and the money
// of a job.
//
// Values come in and a verdict comes out: whether a payment is permitted
// (rules.go), whether the money of a job covers it (funds.go), and the state of a job
// by the states of its renewals (job.go). The store applies the rules inside
// its transactions and the payment package evaluates its steps by them, so that
// there is one answer on both engines and every replica.
//
// The package never does I/O and never reads a clock.
package ledger
