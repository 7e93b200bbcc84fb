// Package auth authenticates requests: access key, timestamp, nonce and signature, in the cloud's order and with the
// cloud's errors.
//
// A request in either style comes in; the key's owner goes out. The package uses the wall clock, never
// the simulated one: a client signs with the time of its own machine.
package auth
