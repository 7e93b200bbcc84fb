package client

import (
	"context"
	"fmt"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// RenewalProgress is a report of Renew.
type RenewalProgress struct {
	// RequestID identifies the renewal. Store it: the same request with it returns the same renewal.
	RequestID string
	// Renewal is nil in the first report, which comes before the request is sent.
	Renewal *ecsdv1.Renewal
}

// JobProgress is a report of RenewJob.
type JobProgress struct {
	// RequestID identifies the job. Store it: the same request with it returns the same job.
	RequestID string
	// Job is nil in the first report, which comes before the request is sent.
	Job *ecsdv1.RenewalJob
	// Renewals changed since the previous report.
	Renewals []*ecsdv1.Renewal
	// Total is the number of renewals of the job, Ended the number of those that have ended or need attention.
	Total, Ended int64
}

// Renew renews one instance, and returns the renewal in its final state: it returns a RENEWED, UNVERIFIED, FAILED, SKIPPED
// or NEEDS_ATTENTION renewal without an error, so check its state. It reports before it sends the request, and at the end;
// report may be nil.
//
// If the server is unreachable, Renew retries with the same request_id as long as the context permits; the server pays at
// most once. At the deadline the error has the request_id, with which a later Renew returns the outcome.
func (c *Client) Renew(ctx context.Context, request *ecsdv1.RenewInstanceRequest, report func(RenewalProgress)) (*ecsdv1.Renewal, error) {
	request = proto.CloneOf(request)
	id := ""
	if !request.GetValidateOnly() {
		id = EnsureRequestID(request)
	}
	if report == nil {
		report = func(RenewalProgress) {}
	}
	report(RenewalProgress{RequestID: id})
	answer, err := persistently(ctx, c, func(ctx context.Context) (*ecsdv1.RenewInstanceResponse, error) {
		return c.Renewals().RenewInstance(ctx, request)
	})
	if err != nil {
		return nil, named(err, "renew "+request.GetInstanceId(), id)
	}
	report(RenewalProgress{RequestID: id, Renewal: answer.GetRenewal()})
	return answer.GetRenewal(), nil
}

// RenewJob creates a renewal job, follows it, and returns it when it has ended; check its state. It reports before it sends
// the request, and at each change; report may be nil. Like Renew, it continues across failures with the same request_id.
// When the context ends, the job continues in the server: CancelRenewalJob ends it.
func (c *Client) RenewJob(ctx context.Context, request *ecsdv1.CreateRenewalJobRequest, report func(JobProgress)) (*ecsdv1.RenewalJob, error) {
	request = proto.CloneOf(request)
	id := ""
	if !request.GetValidateOnly() {
		id = EnsureRequestID(request)
	}
	if report == nil {
		report = func(JobProgress) {}
	}
	report(JobProgress{RequestID: id})
	created, err := persistently(ctx, c, func(ctx context.Context) (*ecsdv1.CreateRenewalJobResponse, error) {
		return c.Renewals().CreateRenewalJob(ctx, request)
	})
	if err != nil {
		return nil, named(err, "create the renewal job", id)
	}
	if request.GetValidateOnly() {
		return created.GetJob(), nil
	}
	for event, err := range c.WatchRenewalJob(ctx, &ecsdv1.WatchRenewalJobRequest{JobId: created.GetJob().GetJobId()}) {
		if err != nil {
			return nil, named(err, "follow the renewal job "+created.GetJob().GetJobId(), id)
		}
		if e, ok := event.(*RenewalJobChanged); ok {
			total, ended := counted(e.Job)
			report(JobProgress{RequestID: id, Job: e.Job, Renewals: e.Renewals, Total: total, Ended: ended})
		}
	}
	final, err := persistently(ctx, c, func(ctx context.Context) (*ecsdv1.GetRenewalJobResponse, error) {
		return c.Renewals().GetRenewalJob(ctx, &ecsdv1.GetRenewalJobRequest{JobId: created.GetJob().GetJobId()})
	})
	if err != nil {
		return nil, named(err, "read the renewal job "+created.GetJob().GetJobId(), id)
	}
	return final.GetJob(), nil
}

// persistently repeats a safe call until it succeeds, fails for good, or the context ends. If it cannot connect at the
// beginning, nothing was sent, and it fails after maxAttempts like other calls.
func persistently[A any](ctx context.Context, c *Client, call func(context.Context) (A, error)) (A, error) {
	wait := backoff{backoffBounds: c.backoff}
	reached := false
	for attempt := 1; ; attempt++ {
		answer, err := call(once(ctx))
		if err == nil {
			return answer, nil
		}
		e := ErrorOf(err)
		// The default deadline of a call is no answer: the server continues.
		overtime := e.Code == codes.DeadlineExceeded && ctx.Err() == nil
		reached = reached || e.connecting == connected
		if ctx.Err() != nil || !overtime && !c.passing(e) || !reached && attempt >= maxAttempts {
			return answer, err
		}
		if !sleep(ctx, wait.next(e.RetryDelay)) {
			return answer, contextEnded(ctx, e)
		}
	}
}

// named adds the subject and the request_id to an error.
func named(err error, subject, id string) error {
	e := *ErrorOf(err)
	e.RequestID, e.cause = id, err
	return fmt.Errorf("%s: %w", subject, &e)
}

// counted returns the number of renewals of a job, and of those that have ended or need attention.
func counted(job *ecsdv1.RenewalJob) (total, ended int64) {
	for _, c := range job.GetCounts() {
		total += c.GetCount()
		switch c.GetState() {
		case ecsdv1.RenewalState_RENEWAL_STATE_PLANNED, ecsdv1.RenewalState_RENEWAL_STATE_SUBMITTING,
			ecsdv1.RenewalState_RENEWAL_STATE_VERIFYING, ecsdv1.RenewalState_RENEWAL_STATE_UNKNOWN:
		default:
			ended += c.GetCount()
		}
	}
	return total, ended
}
