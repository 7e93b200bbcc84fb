// Package billing reads the bill of the account, as evidence about orders. It
// pays nothing, and nothing is paid because of it.
//
//   - bills.go holds Bills, which shows the orders of renewals to package payment,
//     and the others to package modification: one read of the list answers all
//     unknown outcomes of a window.
//   - read.go holds the reads: windows, details of orders, pace.
//   - state.go remembers whether the bill can be read. A bill that is denied or does
//     not respond is left alone for a while.
//   - fill.go completes paid renewals that lack their order ID or their cost, on
//     one replica at a time.
//
// An order in the bill is evidence. No order is none: the cloud may show it later,
// or the list may be wrong.
package billing
