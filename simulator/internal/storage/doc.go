// Package storage holds disks and snapshots.
//
// An instance without specified disks has one system disk, which is computed on each read and always the same: a fleet
// of such instances takes no memory here. Specified disks are stored, and so are the data disks that outlive their
// instance. A snapshot's progress is a function of the time. The package changes no instance and charges nothing.
package storage
