// Package renewal plans renewals, keeps their jobs, and shows what became of
// them. The payment package pays.
//
// A request with a request_id comes in; a job with its renewals goes out. Plans
// and jobs are made by one function (plan.go), in the order of service, so that
// a dry run shows what the job does. The package never pays and knows no gRPC.
package renewal
