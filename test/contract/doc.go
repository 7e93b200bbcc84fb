// Package contract checks rules of the contract, package ecsd.v1, that buf lint
// does not know. It reads the descriptors, so every new file, message and RPC is
// checked too.
package contract
