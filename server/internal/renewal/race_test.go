//go:build race

package renewal_test

// randomRuns is fewer than 300 where the race detector makes a database in
// memory fifteen times as slow; make test does them all without it.
const randomRuns = 8
