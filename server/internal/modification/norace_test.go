//go:build !race

package modification_test

const raceDetector = false
