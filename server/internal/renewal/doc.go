// Package renewal prices renewals, pays for them, and sets what the cloud
// renews by itself.
//
// What comes in is a wish with a request id; what goes out is a Renewal whose
// state says what is known. A renewal is paid exactly once: the intent, with
// the token that makes the call idempotent in the cloud, is on disk before a
// byte leaves; a call whose outcome is not known is settled by reading the
// expiry and by sending the same token again; and what a crash interrupts is
// taken up at the next start. The package never pays without a stored intent,
// never gives up a token before its effect is disproved, and knows no gRPC.
//
// The moves of a renewal are the table in states.go; each state has its step
// in a file of its own: submit.go, settle.go, verify.go.
package renewal
