package operator

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ecsd-io/ecsd/client"
	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/operator/output"
)

const (
	// everyDefault is the interval between lines of progress if people read no terminal.
	everyDefault = 10 * time.Second
	// redraw is the interval between two bars, so that rate and time advance.
	redraw = 250 * time.Millisecond
)

// watchCommand is `ecsd renewals watch`.
type watchCommand struct {
	Job   string        `arg:"" help:"The job."`
	Every time.Duration `default:"10s" placeholder:"DURATION" help:"Interval between lines if standard output is not a terminal. Default ${default}."`
}

// Examples of the command.
func (*watchCommand) Examples() string { return `ecsd renewals watch $JOB` }

// Validate checks the flags.
func (c *watchCommand) Validate() error {
	if c.Every <= 0 {
		return errors.New("--every must be longer than 0")
	}
	return nil
}

// Run follows the job to its end.
func (c *watchCommand) Run(ctx context.Context, streams Streams, r *Renewals) error {
	s, err := r.dial(streams)
	if err != nil {
		return err
	}
	defer s.close()
	return s.watch(ctx, c.Job, c.Every)
}

// watch follows a job until it has ended, over broken connections and restarts of the server, and then prints its result.
func (s *session) watch(ctx context.Context, jobID string, every time.Duration) error {
	first, err := ask(ctx, s.GetRenewalJob, &ecsdv1.GetRenewalJobRequest{JobId: jobID})
	if err != nil {
		return s.failed(ctx, err)
	}
	view := newProgress(s, first.GetJob(), every)
	events := make(chan client.RenewalJobEvent)
	ended := make(chan error, 1)
	following, stop := context.WithCancel(ctx)
	defer stop()
	go func() { ended <- s.follow(following, jobID, events) }()
	tick := time.NewTicker(redraw)
	defer tick.Stop()
	for {
		select {
		case event := <-events:
			switch e := event.(type) {
			case *client.RenewalJobChanged:
				view.take(e.Job)
			case *client.Interrupted:
				view.interrupted("connection lost (" + output.Clean(client.ErrorOf(e.Err).Message) + "), reconnecting")
			}
		case <-tick.C:
			view.draw()
		case err := <-ended:
			view.close()
			switch {
			case ctx.Err() != nil:
				return &Error{fmt.Sprintf("stopped watching; the job goes on\n  to go on    ecsd renewals watch %s\n  to end it   ecsd renewals cancel %s", jobID, jobID), exitInterrupted}
			case err != nil:
				return s.failed(ctx, err)
			}
			return s.printEnd(ctx, view.job)
		}
	}
}

// follow sends each event of the job until it has ended.
func (s *session) follow(ctx context.Context, jobID string, events chan<- client.RenewalJobEvent) error {
	for event, err := range s.client.WatchRenewalJob(ctx, &ecsdv1.WatchRenewalJobRequest{JobId: jobID}) {
		if err != nil {
			return err
		}
		select {
		case events <- event:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return ctx.Err()
}

// printEnd writes the result of a job that has ended.
func (s *session) printEnd(ctx context.Context, job *ecsdv1.RenewalJob) error {
	if err := s.showJob(ctx, job); err != nil {
		return err
	}
	if state := job.GetState(); state != ecsdv1.RenewalJobState_RENEWAL_JOB_STATE_SUCCEEDED {
		if n := count(job).attention; n > 0 {
			return &Error{fmt.Sprintf("the job needs attention: the outcome of %s is unknown\n  to decide   ecsd renewals attention", output.Plural(n, "renewal")), exitNotSucceeded}
		}
		return &Error{fmt.Sprintf("the job ended %s\n  to see why  ecsd renewals show %s", output.Enum(state), job.GetJobId()), exitNotSucceeded}
	}
	return nil
}
