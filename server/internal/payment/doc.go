// Package payment pays for renewals, which no other package does. Package
// modification pays for changes of instances, by the same rules, and lifecycle
// for new instances.
//
// It claims rows of the ledger, makes paid calls to the cloud, and writes
// transitions to the ledger. The package never sends a paid call without an
// intent on disk, never sends one without passing the gate, and never gives up
// a token before its effect is disproved.
//
//   - machine.go holds Next, a pure function: a renewal and an input give the
//     next transition and the next step. Every decision to pay is made there.
//   - decide.go holds the decisions of operators, and evaluate.go the evaluation of
//     what was read, for Next.
//   - gate.go reads the inputs of Next before a payment: price, rate grant, fresh
//     read, in this order, and then intent and send with no wait between.
//   - runner.go claims rows under a lease and ends when nothing is open.
//   - region.go is the scheduler of one region: earliest expiry first.
//   - settle.go reads instances with unknown or unverified renewals.
//   - writer.go puts concurrent transitions into one transaction.
package payment
