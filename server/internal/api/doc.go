// Package api answers the services of ecsd.v1: a file a service, or a part of
// one.
//
// What comes in are requests of the contract; each is checked whole before
// anything is asked of a room, so that bad input names every field it breaks a
// rule with and changes nothing. What goes out are answers of the contract. It
// is the one place where a domain error becomes a gRPC status. It holds no
// rule of the business and never calls the cloud or the SDK itself.
package api
