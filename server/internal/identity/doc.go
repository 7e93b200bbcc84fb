// Package identity verifies who calls: by a static token, by the certificate of
// the connection, or by a token of an OIDC issuer.
//
// It takes the credential of a call and returns the access.Identity that the
// access file gives it, or an error with the reason UNAUTHENTICATED,
// AUTH_EXPIRED or IDENTITY_UNAVAILABLE. It reads the access file, the TLS
// material and the keys of the issuers again while the server runs, and retains
// the last valid version of each. A version is a number that rises with every
// change, so that a stream can compare its right with one load.
//
// It must never log a credential, show its caller why a credential failed, wait
// for an issuer with known keys, or fetch keys more often than
// keyFetchPause because a caller wants it.
package identity
