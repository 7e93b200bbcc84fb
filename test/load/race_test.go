//go:build race

package load_test

// raceDetector is set if the memory of a server is that of the race detector: five times as much.
const raceDetector = true
