// Package account holds the money: a balance, the billing ledger, and the client tokens that make a paid call take
// effect once.
//
// Amounts are whole hundredths of a yuan. The ledger is append-only, and the balance changes with it in one step. The
// package knows neither instances nor prices.
package account
