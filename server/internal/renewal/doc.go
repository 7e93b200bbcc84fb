// Package renewal prices renewals and pays for them.
//
// What comes in is a wish with a request id; what goes out is a job with its
// renewals, whose states say what is known. A renewal is paid exactly once: the
// intent, with the token that makes the call idempotent in the cloud, and the
// money reserved for it, is on disk before a byte leaves; a call whose outcome
// is not known is settled by reading the expiry and by sending the same token
// again; and what a crash interrupts is taken up where its row stands. The
// package never pays without a stored intent, never gives up a token before its
// effect is disproved, and knows no gRPC.
//
// How a renewal travels: Create (create.go), or Renew for a single one
// (request.go), stores a job with its renewals. The worker (worker.go) claims
// rows under its lease, a goroutine carries each (carry.go) along the table of
// moves (states.go): plan.go, submit.go, settle.go, verify.go. Their writes
// meet in writer.go, which puts those of one moment into one transaction; their
// reads meet in the edge, which asks for a hundred instances at a time.
package renewal
