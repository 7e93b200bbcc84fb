// Package endpoint takes an HTTP request of the API from its first byte to
// its last: parse, check the signature, find action and region, throttle,
// draw faults, act, render, reply.
//
// It holds no rule of the cloud's actions and none of its money.
package endpoint
