// Package storage holds disks and snapshots.
//
// An instance that was made without a word about its disks has one system
// disk that is made up, always the same way, when somebody looks: a fleet of
// such instances takes no room here. What was asked for is kept, and so are
// the data disks that outlive their instance. A snapshot's progress is a
// function of the time. The package changes no instance and charges nothing.
package storage
