// Package clock is the simulated time and its due events.
//
// Time follows the wall clock, at a factor, or moves only by Advance. There is no goroutine and no timer: events wait
// in a queue. Each reader of the world first calls Settle, which runs all due events in order. A year passes as fast as
// its events run.
package clock
