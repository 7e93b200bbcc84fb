// Package access holds the rights of callers as pure values: the access file,
// its callers with their credentials, scopes, limits and caps, and the identity
// of one call.
//
// It takes the text of an access file and returns an immutable File, or an
// error that names the line and the field of everything that is wrong. It must
// never do I/O, read a clock, verify a credential, or put the value of a
// credential into an error.
package access
