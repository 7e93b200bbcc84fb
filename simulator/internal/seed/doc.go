// Package seed creates instances: the demo fleet, and those of the control interface.
//
// Everything is a function of the seed and of the count of earlier instances, so that documents can print the IDs. The
// package does not add the instances to a fleet.
package seed
