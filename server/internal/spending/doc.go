// Package spending shows what callers may spend and have spent, and freezes all
// spending.
//
// The limits come from the access file, the sums from the store, which also
// evaluates the limits in the transaction of each order. The package must not
// permit an order.
package spending
