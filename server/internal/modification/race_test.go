//go:build race

package modification_test

// raceDetector bounds the histories and crashes: it makes each one many times as slow. make test-go runs all without it.
const raceDetector = true
