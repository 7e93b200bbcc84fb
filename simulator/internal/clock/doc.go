// Package clock is the simulated time and what is due at which moment of it.
//
// Time runs with the wall clock, at a factor of it, or only by hand. There is
// no goroutine and no timer: events wait in a queue, and whoever is about to
// look at the world calls Settle first, which runs, in order, all that has
// become due. A year passes as fast as its events are carried out.
package clock
