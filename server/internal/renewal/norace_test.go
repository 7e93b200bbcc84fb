//go:build !race

package renewal_test

const raceDetector = false
