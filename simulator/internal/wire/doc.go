// Package wire implements the RPC protocol of the ECS API, version 2014-05-26.
//
// The raw query and form body of a request come in; its parameters, the string to sign, and a response rendered as JSON
// or XML go out. The package knows nothing of instances, accounts or time, and must never put the value of a
// credential, a password or user data into a response.
package wire
