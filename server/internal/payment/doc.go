// Package payment pays for renewals: it is the one place of ecsd that spends
// money.
//
// Claimed rows of the ledger come in; paid calls to the cloud and transitions of the
// ledger go out. The package never sends a paid call without an intent on disk,
// never sends one without passing the gate, and never gives up a token before its
// effect is disproved.
//
//   - machine.go holds Next, a pure function: a renewal and an input give the
//     next transition and the next step. Every decision to pay is made there.
//   - gate.go reads what Next needs before a payment: price, rate grant, fresh
//     read, in this order, and then intent and send with no wait between.
//   - runner.go claims rows under a lease and ends when nothing is open.
//   - region.go is the scheduler of one region: earliest expiry first.
//   - settle.go reads instances whose renewals are unknown or unverified.
//   - writer.go puts the transitions of one moment into one transaction.
package payment
