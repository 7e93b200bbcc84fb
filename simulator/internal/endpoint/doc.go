// Package endpoint handles an HTTP request of the API from its first byte to its last: parse, check the signature, find
// action and region, throttle, apply faults, act, render, respond.
//
// It holds no rule of the cloud's actions and none of its money.
package endpoint
