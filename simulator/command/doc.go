// Package command is the simulator's command line: flags for kong, and a Run
// that serves until its context ends. It holds no logic of its own.
package command
