// Package program runs the real ecsd, as a separate process that tests can kill and restart.
package program
