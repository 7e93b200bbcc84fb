// Package control is the simulator's control interface: the JSON that is
// spoken under /_simulator/, and a handler for it.
//
// The same words serve the Go methods of the simulator. Nothing here is part
// of the cloud's API, nothing is signed, and nothing holds a secret. A field
// that is not known is refused with 400 and named.
package control
