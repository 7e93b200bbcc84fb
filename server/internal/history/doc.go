// Package history lists the changes of instances that the polls found, with the
// calls of ecsd that caused them.
//
// A Recorder writes each call that may change instances before it leaves, and
// withdraws it if the cloud refused; launches and renewals are in their own
// records. A History reads the change log and attributes its changes to these
// calls by the rules of package changelog. The attribution is a conclusion from
// time and effect, because the cloud does not report the author of a change: a
// change without a cause was made outside ecsd, or cannot be attributed.
//
// The package must not hold back a call because its record cannot be written.
package history
