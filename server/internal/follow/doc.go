// Package follow shares the reads of a job that many watches follow: one reader
// per job, however many followers. It takes a function that reads the changes
// of a job after a position, and calls each follower with every step, each
// changed part in its latest state. Steps of one job are read at intervals of at
// least 250 ms, or a second while a large job changes, so that changes in between
// arrive together.
//
// The package has no business rule, and holds no mutex across I/O.
package follow
