// Package program runs the real ecsd, as a process of its own that tests can
// kill and start again.
package program
