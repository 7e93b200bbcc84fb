// Package account is the money: a balance, the billing ledger, and the client
// tokens that make a paid call happen once.
//
// Amounts are whole hundredths of a yuan. The ledger is only ever added to,
// and the balance changes with it in one step. The package knows neither
// instances nor prices.
package account
