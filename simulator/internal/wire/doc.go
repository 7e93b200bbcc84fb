// Package wire speaks the RPC protocol of the ECS API, version 2014-05-26.
//
// In comes the raw query and form body of a request; out go its parameters,
// the string that its signature covers, and an answer rendered as JSON or
// XML. The package knows nothing of instances, accounts or time, and must
// never put the value of a credential, a password or user data into an
// answer.
package wire
