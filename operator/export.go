package operator

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"

	"google.golang.org/protobuf/encoding/protojson"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// exportCommand is `ecsd renewals export`.
type exportCommand struct {
	Job      string   `arg:"" optional:"" help:"The job. Default: renewals of all jobs."`
	Format   string   `default:"csv" enum:"csv,json" help:"csv, or json: a list of ecsd.v1.Renewal. Default ${default}."`
	Instance string   `placeholder:"ID" help:"Renewals of this instance."`
	Region   string   `placeholder:"ID" help:"Renewals in this region."`
	AskedBy  string   `placeholder:"NAME" help:"Renewals of this caller."`
	State    []string `placeholder:"STATE" help:"Renewals in this state (repeatable), such as renewed or needs-attention."`
	Since    past     `placeholder:"TIME" help:"Renewals created at this time or later."`
	Until    past     `placeholder:"TIME" help:"Renewals created before this time."`

	PaidSince past   `placeholder:"TIME" help:"Renewals paid at this time or later, in the order of payment."`
	PaidUntil past   `placeholder:"TIME" help:"Renewals paid before this time, in the order of payment."`
	OrderID   string `name:"order-id" placeholder:"ID" help:"The renewal of this order."`
}

// Validate checks the flags.
func (c *exportCommand) Validate() error {
	_, err := values[ecsdv1.RenewalState]("--state", c.State)
	return err
}

// Run writes the renewals, page by page.
func (c *exportCommand) Run(ctx context.Context, streams Streams, r *Renewals) error {
	s, err := r.dial(streams)
	if err != nil {
		return err
	}
	defer s.close()
	states, _ := values[ecsdv1.RenewalState]("--state", c.State)
	request := &ecsdv1.ListRenewalsRequest{
		JobId: c.Job, InstanceId: c.Instance, RegionId: c.Region, Caller: c.AskedBy, States: states, PageSize: 1000,
		CreateStartTime: timestamp(c.Since), CreateEndTime: timestamp(c.Until),
		PaymentStartTime: timestamp(c.PaidSince), PaymentEndTime: timestamp(c.PaidUntil), OrderId: c.OrderID,
	}
	if c.Job != "" { // listing an unknown job returns no renewals, so check that it exists
		if _, err := ask(ctx, s.GetRenewalJob, &ecsdv1.GetRenewalJobRequest{JobId: c.Job}); err != nil {
			return s.failed(ctx, err)
		}
	}
	var out sheet = newCSV(streams.Out)
	if c.Format == "json" {
		out = &jsonSheet{w: streams.Out}
	}
	for renewal, err := range s.client.ListRenewals(ctx, request) {
		if err != nil {
			return s.failed(ctx, err)
		}
		if err := out.add(renewal); err != nil {
			return &Error{fmt.Sprintf("standard output: %v", err), exitFailed}
		}
	}
	if err := out.end(); err != nil {
		return &Error{fmt.Sprintf("standard output: %v", err), exitFailed}
	}
	return nil
}

// sheet is a file of renewals.
type sheet interface {
	add(r *ecsdv1.Renewal) error
	end() error
}

// columns are the columns of the CSV.
var columns = []struct {
	name string
	of   func(r *ecsdv1.Renewal) string
}{
	{"renewal_id", (*ecsdv1.Renewal).GetRenewalId},
	{"job_id", (*ecsdv1.Renewal).GetJobId},
	{"request_id", (*ecsdv1.Renewal).GetRequestId},
	{"caller", (*ecsdv1.Renewal).GetCaller},
	{"state", func(r *ecsdv1.Renewal) string { return stateWord(r.GetState()) }},
	{"reason", (*ecsdv1.Renewal).GetReason},
	{"message", (*ecsdv1.Renewal).GetMessage},
	{"instance_id", (*ecsdv1.Renewal).GetInstanceId},
	{"region_id", (*ecsdv1.Renewal).GetRegionId},
	{"buys", func(r *ecsdv1.Renewal) string { return buysWord(r.GetPeriod(), r.GetTargetExpireDay()) }},
	{"price", func(r *ecsdv1.Renewal) string { return amountText(r.GetPrice()) }},
	{"currency", func(r *ecsdv1.Renewal) string { return r.GetPrice().GetCurrencyCode() }},
	{"order_id", (*ecsdv1.Renewal).GetOrderId},
	{"expire_time_before", func(r *ecsdv1.Renewal) string { return timeText(r.GetExpireTimeBefore()) }},
	{"expire_time_after", func(r *ecsdv1.Renewal) string { return timeText(r.GetExpireTimeAfter()) }},
	{"create_time", func(r *ecsdv1.Renewal) string { return timeText(r.GetCreateTime()) }},
	{"update_time", func(r *ecsdv1.Renewal) string { return timeText(r.GetUpdateTime()) }},
	{"attempts", func(r *ecsdv1.Renewal) string { return strconv.Itoa(len(r.GetAttempts())) }},
	{"ecs_code", func(r *ecsdv1.Renewal) string { return last(r).GetEcsCode() }},
	{"ecs_request_id", func(r *ecsdv1.Renewal) string { return last(r).GetEcsRequestId() }},
	{"payment_time", func(r *ecsdv1.Renewal) string { return timeText(r.GetPaymentTime()) }},
	{"instance_name", (*ecsdv1.Renewal).GetInstanceName},
	{"note", (*ecsdv1.Renewal).GetNote},
	{"account_id", (*ecsdv1.Renewal).GetAccountId},
}

// last returns the last attempt, nil if nothing was sent.
func last(r *ecsdv1.Renewal) *ecsdv1.RenewalAttempt {
	if n := len(r.GetAttempts()); n > 0 {
		return r.GetAttempts()[n-1]
	}
	return nil
}

type csvSheet struct{ w *csv.Writer }

func newCSV(w io.Writer) csvSheet {
	s := csvSheet{csv.NewWriter(w)}
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.name
	}
	_ = s.w.Write(names) // end returns its error
	return s
}

func (s csvSheet) add(r *ecsdv1.Renewal) error {
	row := make([]string, len(columns))
	for i, c := range columns {
		row[i] = c.of(r)
	}
	return s.w.Write(row)
}

func (s csvSheet) end() error {
	s.w.Flush()
	return s.w.Error()
}

type jsonSheet struct {
	w     io.Writer
	begun bool
}

func (s *jsonSheet) add(r *ecsdv1.Renewal) error {
	text, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(r)
	if err != nil {
		return err
	}
	before := ",\n"
	if !s.begun {
		before = "[\n"
	}
	s.begun = true
	_, err = fmt.Fprintf(s.w, "%s%s", before, text)
	return err
}

func (s *jsonSheet) end() error {
	text := "\n]\n"
	if !s.begun {
		text = "[]\n"
	}
	_, err := io.WriteString(s.w, text)
	return err
}
