//go:build race

package renewal_test

// raceDetector bounds the histories of TestStorm: it makes each one many times as slow.
const raceDetector = true
