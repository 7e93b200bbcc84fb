// Package script is a gRPC server that does what a case says.
//
// A case's answers per method come in, as they are written in YAML; a server that gives them goes out, and a record of
// every attempt that reached it. It knows the contract by its descriptors, so it serves every RPC. It stands in where a
// real server cannot be made to misbehave.
package script
