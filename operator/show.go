package operator

import (
	"context"
	"fmt"
	"io"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// showCommand is `ecsd renewals show`.
type showCommand struct {
	Job   string   `arg:"" help:"The job."`
	State []string `placeholder:"STATE" help:"Only renewals in this state (repeatable), such as failed or needs-attention."`
}

// Validate checks the flags.
func (c *showCommand) Validate() error {
	_, err := values[ecsdv1.RenewalState]("--state", c.State)
	return err
}

// Run shows the job.
func (c *showCommand) Run(ctx context.Context, streams Streams, r *Renewals) error {
	s, err := r.dial(streams)
	if err != nil {
		return err
	}
	defer s.close()
	states, _ := values[ecsdv1.RenewalState]("--state", c.State)
	answer, err := ask(ctx, s.GetRenewalJob, &ecsdv1.GetRenewalJobRequest{JobId: c.Job})
	if err != nil {
		return s.failed(ctx, err)
	}
	printJob(streams.Out, answer.GetJob())
	for renewal, err := range s.client.ListRenewals(ctx, &ecsdv1.ListRenewalsRequest{JobId: c.Job, States: states, PageSize: 1000}) {
		if err != nil {
			return s.failed(ctx, err)
		}
		fmt.Fprintln(streams.Out)
		printRenewal(streams.Out, renewal)
	}
	return nil
}

// printRenewal prints a renewal, and under it its attempts.
func printRenewal(w io.Writer, r *ecsdv1.Renewal) {
	fmt.Fprintf(w, "%s  %s in %s  %s\n", r.GetRenewalId(), r.GetInstanceId(), r.GetRegionId(), standing(r.GetState(), r.GetReason()))
	if r.GetInstanceName() != "" {
		fmt.Fprintf(w, "  name     %s\n", r.GetInstanceName())
	}
	if r.GetNote() != "" {
		fmt.Fprintf(w, "  note     %s\n", r.GetNote())
	}
	if r.GetMessage() != "" {
		fmt.Fprintf(w, "  why      %s\n", r.GetMessage())
	}
	fmt.Fprintf(w, "  buys     %s for %s\n", buysWord(r.GetPeriod(), r.GetTargetExpireDay()), moneyWord(r.GetPrice()))
	switch {
	case r.GetExpireTimeAfter() != nil:
		fmt.Fprintf(w, "  expires  %s, then %s\n", timeWord(r.GetExpireTimeBefore()), timeWord(r.GetExpireTimeAfter()))
	default:
		fmt.Fprintf(w, "  expires  %s, then %s if it is renewed\n", timeWord(r.GetExpireTimeBefore()), timeWord(r.GetExpireTimeForecast()))
	}
	if r.GetOrderId() != "" {
		fmt.Fprintf(w, "  order    %s\n", r.GetOrderId())
	}
	if r.GetPaymentTime() != nil {
		fmt.Fprintf(w, "  paid     %s\n", timeWord(r.GetPaymentTime()))
	}
	for _, d := range r.GetDecisions() {
		text := fmt.Sprintf("%s by %s: %s", timeWord(d.GetDecideTime()), orDash(d.GetCaller()), word(d.GetResolution(), "RENEWAL_RESOLUTION_"))
		for _, more := range []string{d.GetOrderId(), d.GetNote()} {
			if more != "" {
				text += ", " + more
			}
		}
		fmt.Fprintf(w, "  decided  %s\n", text)
	}
	if r.GetState() == ecsdv1.RenewalState_RENEWAL_STATE_NEEDS_ATTENTION {
		fmt.Fprintf(w, "  decide   ecsd renewals resolve %s paid|not-paid|try-again, after a look at the orders in the cloud's console\n", r.GetRenewalId())
	}
	for _, a := range r.GetAttempts() {
		outcome := word(a.GetOutcome(), "RENEWAL_ATTEMPT_OUTCOME_")
		if a.GetOutcome() == ecsdv1.RenewalAttemptOutcome_RENEWAL_ATTEMPT_OUTCOME_UNSPECIFIED {
			outcome = "in progress"
		}
		fmt.Fprintf(w, "  sent     %d. at %s: %s", a.GetNumber(), timeText(a.GetSendTime()), outcome)
		if a.GetEcsCode() != "" {
			fmt.Fprintf(w, ", %s", a.GetEcsCode())
		}
		if a.GetEcsRequestId() != "" {
			fmt.Fprintf(w, ", cloud's request %s", a.GetEcsRequestId())
		}
		fmt.Fprintln(w)
	}
}
