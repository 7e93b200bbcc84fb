// Package garbage collects garbage in moments for which nobody waits.
//
// It is given such moments, and runs a collection in one if the next collection
// is near. It never sets the pace or the limits of the collector: without such
// moments the collector works as ever.
package garbage
