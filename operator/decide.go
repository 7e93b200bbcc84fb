package operator

import (
	"context"
	"fmt"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/operator/output"
)

// cancelCommand is `ecsd renewals cancel`. It asks for no confirmation: it pays nothing, and a new job renews the rest.
type cancelCommand struct {
	Job  string `arg:"" help:"The job."`
	Note string `placeholder:"TEXT" help:"Note for auditors, such as a ticket."`
}

// Examples of the command.
func (*cancelCommand) Examples() string { return `ecsd renewals cancel $RUNNING --note OPS-4711` }

// Run skips the planned renewals of the job.
func (c *cancelCommand) Run(ctx context.Context, streams Streams, r *Renewals) error {
	s, err := r.dial(streams)
	if err != nil {
		return err
	}
	defer s.close()
	answer, err := ask(ctx, s.CancelRenewalJob, &ecsdv1.CancelRenewalJobRequest{JobId: c.Job, Note: c.Note})
	if err != nil {
		return s.failed(ctx, err)
	}
	return s.showJob(ctx, answer.GetJob())
}

// attentionCommand is `ecsd renewals attention`.
type attentionCommand struct {
	Job string `arg:"" optional:"" help:"The job. Default: renewals of all jobs."`
}

// Help is what `ecsd help renewals attention` prints above the flags.
func (attentionCommand) Help() string {
	return `The outcome of these renewals is unknown: an order was sent, and neither the cloud's answer nor the expiry of the instance shows whether it was paid. Nothing more is sent before you decide. Look for the order of the instance in the cloud's console (Expenses and Costs, Orders), then run ecsd renewals resolve.`
}

// Examples of the command.
func (*attentionCommand) Examples() string { return `ecsd renewals attention` }

// Run lists the renewals that need a decision.
func (c *attentionCommand) Run(ctx context.Context, streams Streams, r *Renewals) error {
	s, err := r.dial(streams)
	if err != nil {
		return err
	}
	defer s.close()
	shown := 0
	err = list(ctx, s, renewalColumns, func(yield func(*ecsdv1.Renewal, error) bool) {
		for renewal, err := range s.attention(ctx, c.Job) {
			if err == nil {
				shown++
			}
			if !yield(renewal, err) {
				return
			}
		}
	})
	switch {
	case err != nil || !s.out.People():
	case shown == 0:
		s.out.Printf("No renewal needs a decision.\n")
	default:
		s.out.Field("to decide", "ecsd renewals resolve RENEWAL paid|not-paid|try-again, after a look at the orders in the cloud's console")
	}
	return err
}

// attention returns the renewals that need a decision, of a job or of all.
func (s *session) attention(ctx context.Context, job string) func(func(*ecsdv1.Renewal, error) bool) {
	return s.client.ListRenewals(ctx, &ecsdv1.ListRenewalsRequest{
		JobId: job, States: []ecsdv1.RenewalState{ecsdv1.RenewalState_RENEWAL_STATE_NEEDS_ATTENTION}, PageSize: pageSize(0),
	})
}

// resolution is a decision and its effect.
type resolution struct {
	value  ecsdv1.RenewalResolution
	effect string
}

// resolutions are the decisions by their words.
var resolutions = map[string]resolution{
	"paid":      {ecsdv1.RenewalResolution_RENEWAL_RESOLUTION_MARK_PAID, "Mark it as paid? Its expiry is verified, and nothing is sent."},
	"not-paid":  {ecsdv1.RenewalResolution_RENEWAL_RESOLUTION_MARK_NOT_PAID, "Mark it as not paid? It ends as FAILED, and nothing is sent: the instance may expire."},
	"try-again": {ecsdv1.RenewalResolution_RENEWAL_RESOLUTION_TRY_AGAIN, "Send the order again? It may pay %s; if the first order was paid and the cloud has forgotten its token, it pays twice."},
}

// resolveCommand is `ecsd renewals resolve`.
type resolveCommand struct {
	Renewal  string `arg:"" help:"The renewal, as ecsd renewals attention shows it."`
	Decision string `arg:"" enum:"paid,not-paid,try-again" help:"paid: it was paid; verify its expiry. not-paid: it was not paid; end it. try-again: send it again, with the same token."`
	OrderID  string `name:"order-id" placeholder:"ID" help:"With paid: the order that the cloud's console shows."`
	Note     string `placeholder:"TEXT" help:"Note for auditors, such as a ticket."`
	Yes      bool   `short:"y" help:"Skip the confirmation. Required if standard input is not a terminal."`
}

// Examples of the command.
func (*resolveCommand) Examples() string {
	return `# The console shows the order:
ecsd renewals resolve $RENEWAL paid --order-id 210000000000001 --note OPS-4711`
}

// Run shows the renewal and what the decision does, asks, and writes the decision.
func (c *resolveCommand) Run(ctx context.Context, streams Streams, r *Renewals) error {
	if err := promptable(streams, c.Yes); err != nil {
		return err
	}
	s, err := r.dial(streams)
	if err != nil {
		return err
	}
	defer s.close()
	decision := resolutions[c.Decision]
	if !c.Yes {
		renewal, err := s.undecided(ctx, c.Renewal)
		if err != nil {
			return err
		}
		s.printRenewal(renewal)
		question := decision.effect
		if decision.value == ecsdv1.RenewalResolution_RENEWAL_RESOLUTION_TRY_AGAIN {
			question = fmt.Sprintf(question, output.Money(renewal.GetPrice()))
		}
		if err := s.confirm(ctx, question); err != nil {
			return err
		}
	}
	answer, err := ask(ctx, s.ResolveRenewal, &ecsdv1.ResolveRenewalRequest{
		RenewalId: c.Renewal, Resolution: decision.value, OrderId: c.OrderID, Note: c.Note,
	})
	if err != nil {
		return s.failed(ctx, err)
	}
	renewal := answer.GetRenewal()
	return s.failed(ctx, output.Message(s.out, renewal, func() error {
		if s.out.People() {
			s.printRenewal(renewal)
			return nil
		}
		return output.List(s.out, renewalColumns, output.Of([]*ecsdv1.Renewal{renewal}))
	}))
}

// undecided returns a renewal that needs a decision.
func (s *session) undecided(ctx context.Context, id string) (*ecsdv1.Renewal, error) {
	for renewal, err := range s.attention(ctx, "") {
		switch {
		case err != nil:
			return nil, s.failed(ctx, err)
		case renewal.GetRenewalId() == id:
			return renewal, nil
		}
	}
	return nil, &Error{"no renewal " + output.Clean(id) + " needs a decision\n  to do      ecsd renewals attention lists those that do", exitFailed}
}
