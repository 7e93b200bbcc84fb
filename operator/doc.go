// Package operator implements `ecsd renewals`, the operator's commands for the renewal jobs of a server.
//
// A command line that kong has parsed and the standard streams come in; calls of package client go out. The package has
// no more access than any other client: it imports client and the generated contract, and nothing from the server.
//
// A command returns nil, or an [Error] with the problem, the remedy and the exit code.
package operator
