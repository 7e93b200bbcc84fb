// Package credential makes the credentials of tests: certificates of a test's
// own authority, the tokens of an OIDC issuer that the test controls, and
// static tokens with their hashes.
package credential
