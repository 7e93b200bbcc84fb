package client

import (
	"strings"

	"google.golang.org/grpc/codes"
)

// connecting is how a call failed before it was sent.
type connecting int

const (
	connected     connecting = iota
	unreachable              // nothing listens, or the name has no address
	misconfigured            // TLS does not match: a retry fails too
)

// explanation returns a function that rewrites the message of a failed connection: what failed, why, and what to do.
func explanation(target string, plaintext bool) func(*Error) {
	return func(e *Error) {
		if e.Code != codes.Unavailable || e.ReasonName != "" {
			return
		}
		var remedy string
		state := misconfigured
		switch cause := e.Message; {
		case strings.Contains(cause, "x509") || strings.Contains(cause, "certificate"):
			remedy = "pass the authority that signed the server's certificate, and use the name that the certificate has (WithTLS)"
		case strings.Contains(cause, "does not look like a TLS handshake"):
			remedy = "the server does not use TLS; connect in plaintext (WithInsecure), or use its TLS address"
		case plaintext && strings.Contains(cause, "server preface"):
			// It is the same if a server is killed at that moment.
			remedy, state = "if the server requires TLS, leave out WithInsecure", unreachable
		case strings.Contains(cause, "dial tcp"), strings.Contains(cause, "produced zero addresses"), strings.Contains(cause, "no children to pick from"), strings.Contains(cause, "no such host"),
			strings.Contains(cause, "name resolver error"):
			remedy, state = "check the address, and that ecsd runs there", unreachable
		default:
			return
		}
		e.connecting = state
		e.Message = "cannot connect to ecsd at " + target + ": " + e.Message + "; " + remedy
	}
}
