// Package renewal plans renewals, keeps their jobs, and shows their outcomes.
// The payment package pays.
//
// A request with a request_id creates a job with its renewals. Plans and jobs
// are made by one function (plan.go), in the order of service, so that a dry
// run shows the effect of the job. The package never pays and does not import
// gRPC.
//
// An Engine makes, follows, cancels and resolves; a Reader reads what is stored;
// Previews keeps plans for their later pages. Each part declares the interface
// that it needs of the store; Ledger and payment.Ledger are sums of them.
package renewal
