// Package auth decides who sent a request: access key, timestamp, nonce and
// signature, in the cloud's order and with the cloud's refusals.
//
// In come a method and the parameters of a request; out goes the key's
// owner. It looks at the wall clock, never at the simulated one: a client
// signs with the time of its own machine.
package auth
