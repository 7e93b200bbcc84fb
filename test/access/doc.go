// Package access tests who may call what: every RPC with every kind of caller,
// over the wire, against a server with TLS and an access file.
package access
