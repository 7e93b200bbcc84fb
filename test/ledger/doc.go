// Package ledger holds the renewals of a real server to the bill of the cloud,
// charge by charge: while processes are killed between every two steps, while
// the cloud loses requests and answers, and while others renew the same
// instances.
package ledger
