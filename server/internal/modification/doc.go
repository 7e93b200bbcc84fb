// Package modification changes the charge type and the type of instances, which
// may pay or refund. It takes one change of one instance under a request ID, and
// returns the modification at its end.
//
// An order follows the rules of payments: the price is read first, then a rate
// grant is taken, then the instance is read, and nothing waits between this read
// and the send. The intent is on disk before the send. An outcome that is not
// known is settled by a read of the instance, and then by the same token again.
// At most one modification of an instance is in progress, and none beside a
// renewal; the store evaluates that in the transaction of the intent.
//
//   - machine.go holds Next, a pure function: a modification and an input give
//     the next state and the next step.
//   - check.go holds the rules of the cloud: what may be changed, and when.
//   - gate.go reads the inputs of Next before a send, and sends.
//   - engine.go takes requests, and claims the modifications of dead processes.
//   - run.go works on one modification until its end.
//
// The package never sends an order without an intent on disk, and never replaces
// a token before its effect is disproved.
package modification
