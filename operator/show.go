package operator

import (
	"context"
	"fmt"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/operator/output"
)

// showCommand is `ecsd renewals show`.
type showCommand struct {
	Job   string   `arg:"" help:"The job."`
	State []string `placeholder:"STATE" help:"Only renewals in this state (repeatable), such as failed or needs-attention. JSON and CSV have the job only; ecsd renewals export has its renewals."`
}

// Examples of the command.
func (*showCommand) Examples() string {
	return `ecsd renewals show $JOB
# Only what went wrong:
ecsd renewals show $JOB --state failed,skipped,needs-attention`
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
	answer, err := ask(ctx, s.GetRenewalJob, &ecsdv1.GetRenewalJobRequest{JobId: c.Job})
	if err != nil {
		return s.failed(ctx, err)
	}
	if err := s.showJob(ctx, answer.GetJob()); err != nil || !s.out.People() {
		return err
	}
	states, _ := values[ecsdv1.RenewalState]("--state", c.State)
	for renewal, err := range s.client.ListRenewals(ctx, &ecsdv1.ListRenewalsRequest{JobId: c.Job, States: states, PageSize: pageSize(0)}) {
		if err != nil {
			return s.failed(ctx, err)
		}
		s.out.Printf("\n")
		s.printRenewal(renewal)
	}
	return nil
}

// showJob writes a job as the result of a command.
func (s *session) showJob(ctx context.Context, job *ecsdv1.RenewalJob) error {
	return s.failed(ctx, output.Message(s.out, job, func() error {
		if s.out.People() {
			s.printJob(job)
			return nil
		}
		return output.List(s.out, jobColumns, output.Of([]*ecsdv1.RenewalJob{job}))
	}))
}

// printJob prints a job for people: its request, its progress and its money.
func (s *session) printJob(job *ecsdv1.RenewalJob) {
	line, at := s.out.Field, s.out.Time
	s.out.Printf("%-10s %s is %s\n", "job", job.GetJobId(), s.out.Paint(jobColour(job.GetState()), output.Enum(job.GetState())))
	line("asked", at(job.GetCreateTime())+" by "+orDash(job.GetCaller())+", request_id "+job.GetRequestId())
	line("note", job.GetNote())
	line("account", job.GetAccountId())
	line("selects", selectionWord(job.GetSelection()))
	line("renews", buysWord(job.GetPeriod(), job.GetTargetExpireDay()))
	if job.GetExpireEndTime() != nil {
		line("window", at(job.GetExpireStartTime())+" to "+at(job.GetExpireEndTime()))
	}
	if job.GetOnlyIfExpiringBefore() != nil {
		line("only if", "expiring before "+at(job.GetOnlyIfExpiringBefore()))
	}
	money := output.Money(job.GetSpent()) + " spent, " + output.Money(job.GetReserved()) + " reserved"
	if job.GetMaxTotalPrice() != nil {
		money += ", of " + output.Money(job.GetMaxTotalPrice())
	}
	line("money", money)
	if job.GetCancelTime() != nil {
		line("cancelled", strings.TrimSuffix(at(job.GetCancelTime())+" by "+orDash(job.GetCancelledBy())+": "+job.GetCancelNote(), ": "))
	}
	if job.GetEndTime() != nil {
		line("ended", at(job.GetEndTime()))
	}
	for _, c := range job.GetCounts() {
		s.out.Printf("%-10s %s %s\n", "renewals", output.Number(c.GetCount()), s.out.Paint(renewalColour(c.GetState()), standing(c.GetState(), c.GetReason())))
	}
	if n := count(job).attention; n > 0 {
		line("to decide", output.Plural(n, "renewal")+": ecsd renewals attention")
	}
}

// printRenewal prints a renewal for people, and under it its attempts.
func (s *session) printRenewal(r *ecsdv1.Renewal) {
	at := s.out.Time
	line := func(name, value string) {
		if value != "" {
			s.out.Printf("  %-8s %s\n", name, output.Clean(value))
		}
	}
	s.out.Printf("%s  %s in %s  %s\n", r.GetRenewalId(), r.GetInstanceId(), r.GetRegionId(), s.out.Paint(renewalColour(r.GetState()), standing(r.GetState(), r.GetReason())))
	line("name", r.GetInstanceName())
	line("note", r.GetNote())
	line("why", r.GetMessage())
	line("buys", buysWord(r.GetPeriod(), r.GetTargetExpireDay())+" for "+output.Money(r.GetPrice()))
	if r.GetExpireTimeAfter() != nil {
		line("expires", at(r.GetExpireTimeBefore())+", then "+at(r.GetExpireTimeAfter()))
	} else {
		line("expires", at(r.GetExpireTimeBefore())+", then "+at(r.GetExpireTimeForecast())+" if it is renewed")
	}
	line("order", r.GetOrderId())
	if r.GetPaymentTime() != nil {
		line("paid", at(r.GetPaymentTime()))
	}
	for _, d := range r.GetDecisions() {
		text := fmt.Sprintf("%s by %s: %s", at(d.GetDecideTime()), orDash(d.GetCaller()), output.Enum(d.GetResolution()))
		for _, more := range []string{d.GetOrderId(), d.GetNote()} {
			if more != "" {
				text += ", " + more
			}
		}
		line("decided", text)
	}
	if r.GetState() == ecsdv1.RenewalState_RENEWAL_STATE_NEEDS_ATTENTION {
		line("decide", "ecsd renewals resolve "+r.GetRenewalId()+" paid|not-paid|try-again, after a look at the orders in the cloud's console")
	}
	for _, a := range r.GetAttempts() {
		outcome := output.Enum(a.GetOutcome())
		if outcome == "" {
			outcome = "in progress"
		}
		text := fmt.Sprintf("%d. at %s: %s", a.GetNumber(), s.out.Second(a.GetSendTime().AsTime()), outcome)
		if a.GetEcsCode() != "" {
			text += ", " + a.GetEcsCode()
		}
		if a.GetEcsRequestId() != "" {
			text += ", cloud's request " + a.GetEcsRequestId()
		}
		line("sent", text)
	}
}

// selectionWord returns what a job selects, "" if it is not known.
func selectionWord(selection *ecsdv1.RenewalSelection) string {
	if named := selection.GetInstances(); named != nil {
		return output.Plural(int64(len(named.GetInstanceIds())), "named instance")
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

// standing returns the state of a renewal, with its reason if it has one.
func standing(s ecsdv1.RenewalState, reason string) string {
	return strings.TrimSpace(output.Enum(s) + " " + reason)
}

// buysWord returns the period or day that a renewal buys.
func buysWord(p *ecsdv1.Period, day int32) string {
	if day > 0 {
		return fmt.Sprintf("up to day %d", day)
	}
	return orDash(output.Period(p))
}

func renewalColour(state ecsdv1.RenewalState) output.Colour {
	switch state {
	case ecsdv1.RenewalState_RENEWAL_STATE_RENEWED:
		return output.Good
	case ecsdv1.RenewalState_RENEWAL_STATE_FAILED, ecsdv1.RenewalState_RENEWAL_STATE_NEEDS_ATTENTION:
		return output.Bad
	case ecsdv1.RenewalState_RENEWAL_STATE_SKIPPED, ecsdv1.RenewalState_RENEWAL_STATE_UNKNOWN, ecsdv1.RenewalState_RENEWAL_STATE_UNVERIFIED:
		return output.Warn
	}
	return output.Plain
}

// renewalColumns are the columns of renewals. A table has few of them.
var renewalColumns = []output.Column[*ecsdv1.Renewal]{
	{Title: "RENEWAL", Name: "renewal_id", Value: func(r *ecsdv1.Renewal) any { return r.GetRenewalId() }},
	{Name: "job_id", Value: func(r *ecsdv1.Renewal) any { return r.GetJobId() }},
	{Name: "request_id", Value: func(r *ecsdv1.Renewal) any { return r.GetRequestId() }},
	{Name: "caller", Value: func(r *ecsdv1.Renewal) any { return r.GetCaller() }},
	{Name: "state", Value: func(r *ecsdv1.Renewal) any { return r.GetState() }},
	{Name: "reason", Value: func(r *ecsdv1.Renewal) any { return r.GetReason() }},
	{Name: "message", Value: func(r *ecsdv1.Renewal) any { return r.GetMessage() }},
	{Title: "INSTANCE", Name: "instance_id", Drop: 2, Value: func(r *ecsdv1.Renewal) any { return r.GetInstanceId() }},
	{Title: "NAME", Name: "instance_name", Cut: true, Value: func(r *ecsdv1.Renewal) any { return r.GetInstanceName() }},
	{Title: "REGION", Name: "region_id", Region: true, Drop: 3, Value: func(r *ecsdv1.Renewal) any { return r.GetRegionId() }},
	{Name: "buys", Value: func(r *ecsdv1.Renewal) any { return buysWord(r.GetPeriod(), r.GetTargetExpireDay()) }},
	{Title: "PRICE", Name: "price", Drop: 1, Value: func(r *ecsdv1.Renewal) any { return r.GetPrice() }},
	{Name: "currency", Value: func(r *ecsdv1.Renewal) any { return r.GetPrice().GetCurrencyCode() }},
	{Name: "order_id", Value: func(r *ecsdv1.Renewal) any { return r.GetOrderId() }},
	{Name: "expire_time_before", Value: func(r *ecsdv1.Renewal) any { return r.GetExpireTimeBefore() }},
	{Name: "expire_time_after", Value: func(r *ecsdv1.Renewal) any { return r.GetExpireTimeAfter() }},
	{Name: "create_time", Value: func(r *ecsdv1.Renewal) any { return r.GetCreateTime() }},
	{Title: "SINCE", Name: "update_time", Drop: 5, Value: func(r *ecsdv1.Renewal) any { return r.GetUpdateTime() }},
	{Title: "WHY", Cut: true, Drop: 4, Value: func(r *ecsdv1.Renewal) any { return r.GetMessage() }},
	{Name: "attempts", Value: func(r *ecsdv1.Renewal) any { return len(r.GetAttempts()) }},
	{Name: "ecs_code", Value: func(r *ecsdv1.Renewal) any { return last(r).GetEcsCode() }},
	{Name: "ecs_request_id", Value: func(r *ecsdv1.Renewal) any { return last(r).GetEcsRequestId() }},
	{Name: "payment_time", Value: func(r *ecsdv1.Renewal) any { return r.GetPaymentTime() }},
	{Name: "note", Value: func(r *ecsdv1.Renewal) any { return r.GetNote() }},
	{Name: "account_id", Value: func(r *ecsdv1.Renewal) any { return r.GetAccountId() }},
}

// last returns the last attempt, nil if nothing was sent.
func last(r *ecsdv1.Renewal) *ecsdv1.RenewalAttempt {
	if n := len(r.GetAttempts()); n > 0 {
		return r.GetAttempts()[n-1]
	}
	return nil
}

// exportCommand is `ecsd renewals export`.
type exportCommand struct {
	Job      string   `arg:"" optional:"" help:"The job. Default: renewals of all jobs."`
	Instance string   `placeholder:"ID" help:"Renewals of this instance."`
	Region   string   `placeholder:"ID" help:"Renewals in this region."`
	AskedBy  string   `placeholder:"NAME" help:"Renewals of this caller."`
	State    []string `placeholder:"STATE" help:"Renewals in this state (repeatable), such as renewed or needs-attention."`
	Since    past     `placeholder:"TIME" help:"Renewals created at this time or later, such as 7d (ago), yesterday or 2026-12-01."`
	Until    past     `placeholder:"TIME" help:"Renewals created before this time."`

	PaidSince past   `placeholder:"TIME" help:"Renewals paid at this time or later, in the order of payment."`
	PaidUntil past   `placeholder:"TIME" help:"Renewals paid before this time, in the order of payment."`
	OrderID   string `name:"order-id" placeholder:"ID" help:"The renewal of this order."`
}

// Examples of the command.
func (*exportCommand) Examples() string {
	return `# Who paid for what in November:
ecsd renewals export --paid-since 2026-11-01 --paid-until 2026-12-01 > november.csv
# The renewals of a job, one JSON document per line:
ecsd renewals export $JOB -o json`
}

// Validate checks the flags.
func (c *exportCommand) Validate() error {
	_, err := values[ecsdv1.RenewalState]("--state", c.State)
	return err
}

// Run writes the renewals, page by page: as CSV, unless -o json asks for JSON.
func (c *exportCommand) Run(ctx context.Context, streams Streams, r *Renewals) error {
	if r.Output == output.Table {
		r.Output = output.CSV
	}
	s, err := r.dial(streams)
	if err != nil {
		return err
	}
	defer s.close()
	states, _ := values[ecsdv1.RenewalState]("--state", c.State)
	request := &ecsdv1.ListRenewalsRequest{
		JobId: c.Job, InstanceId: c.Instance, RegionId: c.Region, Caller: c.AskedBy, States: states, PageSize: pageSize(0),
		CreateStartTime: timestamp(c.Since), CreateEndTime: timestamp(c.Until),
		PaymentStartTime: timestamp(c.PaidSince), PaymentEndTime: timestamp(c.PaidUntil), OrderId: c.OrderID,
	}
	if c.Job != "" { // listing an unknown job returns no renewals, so check that it exists
		if _, err := ask(ctx, s.GetRenewalJob, &ecsdv1.GetRenewalJobRequest{JobId: c.Job}); err != nil {
			return s.failed(ctx, err)
		}
	}
	return list(ctx, s, renewalColumns, s.client.ListRenewals(ctx, request))
}
