// Package control is the simulator's control interface: the JSON under /_simulator/, and a handler for it.
//
// The Go methods of the simulator use the same types. Nothing here is part of the cloud's API, nothing is signed, and
// nothing holds a secret. An unknown field is rejected with 400, and the error names it.
package control
