//go:build !race

package renewal_test

// randomRuns is how many TestRandomRuns makes.
const randomRuns = 300
