// Package seed makes instances: the demo fleet, and what the control
// interface asks for.
//
// All is a function of the seed and of the number of instances made before,
// so that documents can print the ids. It makes instances and puts them
// nowhere.
package seed
