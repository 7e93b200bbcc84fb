// Package operator is what an operator types at a terminal: `ecsd renewals`,
// the renewal jobs of a server over its API.
//
// What comes in is a command line that kong has read, and the standard streams;
// what goes out are calls of package client. It knows no more of the server
// than any other client does: it imports client and the generated contract, and
// nothing of the server.
//
// A command ends with nil, or with an [Error] that names the problem, what to
// do about it, and the exit code.
package operator
