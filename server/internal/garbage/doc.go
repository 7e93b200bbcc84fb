// Package garbage collects garbage in moments for which nobody waits.
//
// It is given such moments, the pauses between two polls of a region, and runs
// a collection in one if the next collection is near. It never sets the pace or
// the limits of the collector: without such moments the collector works as ever.
//
// A service rarely gains by a collection of its own. This one does, by
// BenchmarkFanOut in test/load: a server allocates while it polls, so that its
// collections began in polls, and one in thirteen met the moment in which ten
// thousand watchers get their changes.
package garbage
