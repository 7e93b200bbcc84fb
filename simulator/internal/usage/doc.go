// Package usage bills pay-as-you-go by the hour, and stops and releases what an account in arrears does not pay for.
//
// Usage is measured to the second, at the prices that apply at the end of each hour; a change of the charge type or the
// instance type and a release close a measurement early. Fractions of a cent are carried over, so that the bills of a day
// are the price of the day.
//
// Source of the rules: the cloud's page "Overdue payments". A bill that the balance does not cover makes the account
// overdue. Instances run for another 15 days, are then stopped and locked, and are released 15 days later. A payment of
// at least 100 yuan more than the debt restarts them before.
package usage
