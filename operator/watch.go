package operator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/ecsd-io/ecsd/client"
	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

const (
	// everyDefault is the interval between lines of progress if standard output is
	// not a terminal.
	everyDefault = 10 * time.Second
	// redraw is the interval between two bars, so that rate and time advance.
	redraw = 250 * time.Millisecond
	// pause is the minimum time before a watch reconnects.
	pause = time.Second
)

// watchCommand is `ecsd renewals watch`.
type watchCommand struct {
	Job   string        `arg:"" help:"The job."`
	Every time.Duration `default:"10s" placeholder:"DURATION" help:"Interval between lines if standard output is not a terminal. Default ${default}."`
}

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
	return s.watch(ctx, streams, c.Job, c.Every)
}

// watch follows a job until it has ended, over broken connections and restarts
// of the server, and then prints its result.
func (s *session) watch(ctx context.Context, streams Streams, jobID string, every time.Duration) error {
	first, err := ask(ctx, s.GetRenewalJob, &ecsdv1.GetRenewalJobRequest{JobId: jobID})
	if err != nil {
		return s.failed(ctx, err)
	}
	view := newProgress(streams.Out, first.GetJob(), every)
	steps := make(chan *ecsdv1.RenewalJob)
	ended := make(chan error, 1)
	following, stop := context.WithCancel(ctx)
	defer stop()
	go func() { ended <- s.follow(following, jobID, streams.Err, steps) }()
	tick := time.NewTicker(redraw)
	defer tick.Stop()
	for {
		select {
		case job := <-steps:
			view.take(job)
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
			return printEnd(streams.Out, view.job)
		}
	}
}

// follow sends each state of the job until it has ended.
func (s *session) follow(ctx context.Context, jobID string, trouble io.Writer, steps chan<- *ecsdv1.RenewalJob) error {
	resume := ""
	for {
		err := s.followOnce(ctx, jobID, &resume, steps)
		if err == nil || ctx.Err() != nil {
			return ctx.Err()
		}
		e := client.ErrorOf(err)
		if !e.Retryable && e.Code != codes.Unavailable {
			return err
		}
		fmt.Fprintf(trouble, "\rconnection lost (%s), reconnecting\n", e.Message)
		wait := time.NewTimer(max(pause, e.RetryDelay))
		select {
		case <-wait.C:
		case <-ctx.Done():
			wait.Stop()
			return ctx.Err()
		}
	}
}

func (s *session) followOnce(ctx context.Context, jobID string, resume *string, steps chan<- *ecsdv1.RenewalJob) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := s.WatchRenewalJob(ctx, &ecsdv1.WatchRenewalJobRequest{JobId: jobID, ResumeToken: *resume})
	if err != nil {
		return err
	}
	for {
		step, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		*resume = step.GetResumeToken()
		select {
		case steps <- step.GetJob():
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// printEnd prints the result of a job.
func printEnd(w io.Writer, job *ecsdv1.RenewalJob) error {
	printJob(w, job)
	if state := job.GetState(); state != ecsdv1.RenewalJobState_RENEWAL_JOB_STATE_SUCCEEDED {
		if n := count(job).attention; n > 0 {
			return &Error{fmt.Sprintf("the job needs attention: the outcome of %s is unknown\n  to decide   ecsd renewals show %s --state needs-attention", plural(n, "renewal"), job.GetJobId()), exitNotSucceeded}
		}
		return &Error{fmt.Sprintf("the job ended %s\n  to see why  ecsd renewals show %s", jobWord(state), job.GetJobId()), exitNotSucceeded}
	}
	return nil
}
