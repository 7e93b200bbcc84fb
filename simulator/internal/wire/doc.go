// Package wire implements the RPC protocol of the cloud's APIs, in both styles of signatures: HMAC-SHA1 over the
// parameters, and ACS3-HMAC-SHA256 with action, version and signature in headers.
//
// The raw query, headers and body of a request come in; its parameters, the string to sign, and a response rendered as
// JSON or XML go out. The package knows nothing of instances, accounts or time, and must never put the value of a
// credential, a password or user data into a response.
package wire
