// Package api implements the services of ecsd.v1, one file per service or part
// of a service.
//
// A request is checked whole before any component is called, so bad input names
// every field that breaks a rule and changes nothing. This package is the only
// one that turns a domain error into a gRPC status. It holds no business rule
// and never calls the cloud or the SDK.
package api
