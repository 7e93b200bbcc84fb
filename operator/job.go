package operator

import (
	"context"
	"fmt"
	"io"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// printJob prints a job: its request, its progress and its money.
func printJob(w io.Writer, job *ecsdv1.RenewalJob) {
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(w, "%-10s %s\n", name, value)
		}
	}
	line("job", job.GetJobId()+" is "+jobWord(job.GetState()))
	line("asked", timeWord(job.GetCreateTime())+" by "+orDash(job.GetCaller())+", request_id "+job.GetRequestId())
	line("note", job.GetNote())
	line("account", job.GetAccountId())
	line("selects", selectionWord(job.GetSelection()))
	line("renews", buysWord(job.GetPeriod(), job.GetTargetExpireDay()))
	if job.GetExpireEndTime() != nil {
		line("window", timeWord(job.GetExpireStartTime())+" to "+timeWord(job.GetExpireEndTime()))
	}
	if job.GetOnlyIfExpiringBefore() != nil {
		line("only if", "expiring before "+timeWord(job.GetOnlyIfExpiringBefore()))
	}
	money := moneyWord(job.GetSpent()) + " spent, " + moneyWord(job.GetReserved()) + " reserved"
	if job.GetMaxTotalPrice() != nil {
		money += ", of " + moneyWord(job.GetMaxTotalPrice())
	}
	line("money", money)
	if job.GetCancelTime() != nil {
		line("cancelled", strings.TrimSuffix(timeWord(job.GetCancelTime())+" by "+orDash(job.GetCancelledBy())+": "+job.GetCancelNote(), ": "))
	}
	if job.GetEndTime() != nil {
		line("ended", timeWord(job.GetEndTime()))
	}
	for _, c := range job.GetCounts() {
		line("renewals", grouped(c.GetCount())+" "+standing(c.GetState(), c.GetReason()))
	}
	if n := count(job).attention; n > 0 {
		line("to decide", plural(n, "renewal")+": ecsd renewals show "+job.GetJobId()+" --state needs-attention")
	}
}

// selectionWord returns what a job selects, "" if it is not known.
func selectionWord(selection *ecsdv1.RenewalSelection) string {
	if named := selection.GetInstances(); named != nil {
		return plural(int64(len(named.GetInstanceIds())), "named instance")
	}
	window := selection.GetWindow()
	if window == nil {
		return ""
	}
	words := []string{"subscriptions that expire in the window"}
	if regions := window.GetRegionIds(); len(regions) > 0 {
		words = append(words, "in "+strings.Join(regions, ", "))
	}
	if window.IncludeExpired != nil && !window.GetIncludeExpired() {
		words = append(words, "without expired ones")
	}
	if filter := window.GetFilter(); filter != nil {
		text, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(filter)
		if err == nil {
			words = append(words, "filter "+string(text))
		}
	}
	return strings.Join(words, ", ")
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// cancelCommand is `ecsd renewals cancel`.
type cancelCommand struct {
	Job  string `arg:"" help:"The job."`
	Note string `placeholder:"TEXT" help:"Note for auditors, such as a ticket."`
}

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
	printJob(streams.Out, answer.GetJob())
	return nil
}

// resolutions are the decisions by their words.
var resolutions = map[string]ecsdv1.RenewalResolution{
	"paid":      ecsdv1.RenewalResolution_RENEWAL_RESOLUTION_MARK_PAID,
	"not-paid":  ecsdv1.RenewalResolution_RENEWAL_RESOLUTION_MARK_NOT_PAID,
	"try-again": ecsdv1.RenewalResolution_RENEWAL_RESOLUTION_TRY_AGAIN,
}

// resolveCommand is `ecsd renewals resolve`.
type resolveCommand struct {
	Renewal  string `arg:"" help:"The renewal."`
	Decision string `arg:"" enum:"paid,not-paid,try-again" help:"paid: it was paid; verify its expiry. not-paid: it was not paid; end it. try-again: send it again, with the same token."`
	OrderID  string `name:"order-id" placeholder:"ID" help:"With paid: the order that the cloud's console shows."`
	Note     string `placeholder:"TEXT" help:"Note for auditors, such as a ticket."`
}

// Run writes the decision.
func (c *resolveCommand) Run(ctx context.Context, streams Streams, r *Renewals) error {
	s, err := r.dial(streams)
	if err != nil {
		return err
	}
	defer s.close()
	answer, err := ask(ctx, s.ResolveRenewal, &ecsdv1.ResolveRenewalRequest{
		RenewalId: c.Renewal, Resolution: resolutions[c.Decision], OrderId: c.OrderID, Note: c.Note,
	})
	if err != nil {
		return s.failed(ctx, err)
	}
	printRenewal(streams.Out, answer.GetRenewal())
	return nil
}
