package operator

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/ecsd-io/ecsd/client"
	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/operator/output"
)

// createCommand is `ecsd renewals create`.
type createCommand struct {
	Instances []string `arg:"" optional:"" name:"instance" help:"Instances to renew, of one region. Default: those that expire in a window."`

	Region       []string `placeholder:"ID" help:"Region of the window (repeatable), or of the instances. Default: all served regions." group:"Which instances:"`
	Within       span     `placeholder:"SPAN" help:"End of the window, from now, such as 14d, 2w or 36h." group:"Which instances:"`
	ExpireBefore moment   `placeholder:"TIME" help:"End of the window: a date, from 00:00 UTC+8, or 2026-12-01T08:00:00+08:00." group:"Which instances:"`
	ExpireAfter  moment   `placeholder:"TIME" help:"Start of the window. Default: 15 days ago, which includes expired instances that can still be renewed." group:"Which instances:"`
	Expired      bool     `default:"true" negatable:"" help:"Include expired instances that can still be renewed. --no-expired starts the window now." group:"Which instances:"`
	Name         string   `placeholder:"PATTERN" help:"Instances of this name; each * matches any characters." group:"Which instances:"`
	Tag          []tag    `placeholder:"KEY=VALUE" help:"Instances with this tag (repeatable)." group:"Which instances:"`
	Zone         []string `placeholder:"ID" help:"Instances in this zone (repeatable)." group:"Which instances:"`
	Type         []string `placeholder:"TYPE" help:"Instances of this type, such as ecs.g7.large (repeatable)." group:"Which instances:"`
	VPC          string   `name:"vpc" placeholder:"ID" help:"Instances in this VPC." group:"Which instances:"`
	Vswitch      string   `placeholder:"ID" help:"Instances on this vSwitch." group:"Which instances:"`

	SecurityGroup string `placeholder:"ID" help:"Instances in this security group." group:"Which instances:"`
	ResourceGroup string `placeholder:"ID" help:"Instances in this resource group." group:"Which instances:"`

	Period   length `placeholder:"PERIOD" help:"Period to buy (m or mo: months, y: years, w: weeks): 1m to 9m, 12m, 24m, 36m, 48m, 60m, 1y to 5y, 1w to 4w." group:"What is bought:"`
	UntilDay int32  `placeholder:"DAY" help:"Renew up to this day of the month, 1 to 28, instead of for a period; it must be the account's unified expiration date." group:"What is bought:"`
	Budget   price  `placeholder:"AMOUNT" help:"Limit of the total price, with its currency, such as 5000CNY. Default: the confirmed total." group:"What is bought:"`
	AnyPrice bool   `name:"any-price" help:"Accept any price; it may rise after the plan was shown." group:"What is bought:"`

	OnlyIfExpiringBefore moment `placeholder:"TIME" help:"Skip instances whose expiry, read again before the payment, is at or after this time." group:"What is bought:"`

	confirmation `embed:""`

	Note    string        `placeholder:"TEXT" help:"Note for auditors, such as a ticket or a cost centre: at most 256 characters." group:"How:"`
	Preview bool          `help:"Show the plan and create no job." group:"How:"`
	Watch   bool          `help:"Follow the job to its end." group:"How:"`
	Rows    int           `default:"20" placeholder:"N" help:"Maximum number of rows of the plan; 0 for all. Default ${default}." group:"How:"`
	Timeout time.Duration `default:"10m" placeholder:"DURATION" help:"Deadline of the plan, which needs one price per instance from the cloud. Default ${default}." group:"How:"`
}

// Validate checks the flags before any call.
func (c *createCommand) Validate() error {
	var problems []error
	problem := func(is bool, text string) {
		if is {
			problems = append(problems, errors.New(text))
		}
	}
	problem((c.Period.Period == nil) == (c.UntilDay == 0), "give exactly one of --period and --until-day")
	byID, window := len(c.Instances) > 0, c.Within > 0 || !time.Time(c.ExpireBefore).IsZero() || !time.Time(c.ExpireAfter).IsZero()
	problem(byID && (window || c.filter() != nil), "instances are named, so no window and no filter can be given")
	problem(!byID && c.Within > 0 == !time.Time(c.ExpireBefore).IsZero(), "name instances, or end a window of expiry by exactly one of --within and --expire-before")
	problem(!c.Expired && (byID || !time.Time(c.ExpireAfter).IsZero()), "--no-expired starts a window now, so that it cannot be used with instances or --expire-after")
	problem(c.Budget.Money != nil && c.AnyPrice, "give at most one of --budget and --any-price")
	problem(c.Yes && !c.Preview && c.Budget.Money == nil && !c.AnyPrice, "--yes needs a limit of what may be paid: --budget AMOUNT, such as --budget 5000CNY, or --any-price")
	problem(c.Rows < 0, "--rows must be 0 or more")
	problem(c.Timeout <= 0, "--timeout must be longer than 0")
	return errors.Join(append(problems, c.confirmation.Validate())...)
}

// Examples of the command.
func (*createCommand) Examples() string {
	return `# What expires within 14 days, for a month: the plan with prices, then a question
ecsd renewals create --within 14d --period 1m
# In a script: within a budget, until the job ends
ecsd renewals create $OTHER --period 1m --yes --budget 9000CNY --watch
# Two instances: only the plan
ecsd renewals create $INSTANCE $OTHER --period 1y --preview
# One team, as JSON: the plan with its renewals
ecsd renewals create --within 30d --tag team=orders --period 1m --preview -o json`
}

// Run shows the plan, asks for confirmation, and makes the job. The job is bound
// to the total that was confirmed, unless --budget or --any-price say otherwise.
func (c *createCommand) Run(ctx context.Context, streams Streams, r *Renewals) error {
	if !c.Yes && !c.Preview && !IsTerminal(streams.In) {
		return &Error{"cannot prompt: stdin is not a terminal; pass --yes with --budget AMOUNT or --any-price, or --preview", exitUsage}
	}
	s, err := r.dial(streams)
	if err != nil {
		return err
	}
	defer s.close()
	c.begin(s)
	if err := c.locate(ctx, s); err != nil {
		return err
	}
	request := c.request()
	planning, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	p, err := s.preview(planning, request)
	if e := client.ErrorOf(err); err != nil && e.Reason == ecsdv1.ErrorReason_ERROR_REASON_NOTHING_TO_RENEW {
		s.out.Printf("nothing to renew: no subscription expires in the window%s\n", s.unmatched(ctx, request.GetSelection().GetWindow()))
		if count, err := strconv.ParseInt(e.Metadata["expired_left_out"], 10, 64); err == nil {
			s.printLeftOut(count)
		}
		if c.Preview && !s.out.People() {
			return s.showPlan(ctx, &plan{})
		}
		return nil
	}
	if err != nil {
		return s.failed(ctx, err)
	}
	if p.job.GetJobId() != "" {
		s.out.Printf("this request made a job before; nothing more is begun\n")
		return c.made(ctx, s, p.job)
	}
	if c.Preview && !s.out.People() {
		if err := s.showPlan(ctx, p); err != nil {
			return err
		}
	} else if err := s.printPlan(p, c.Rows, c.AnyPrice); err != nil {
		return s.failed(ctx, err)
	}
	planned, blocked, _ := p.counts()
	total := p.total()
	switch {
	case planned == 0 && blocked == 0:
		s.out.Printf("nothing to renew: all of it is renewed, or is not to be\n")
		return nil
	case planned == 0:
		return &Error{"nothing of it can be renewed, see the plan; nothing was begun", exitNoneRenewable}
	case c.Preview:
		return nil
	case total == nil && !c.AnyPrice:
		return &Error{"the cloud has no price for this period before the payment; pass --any-price, or a period that it prices", exitUsage}
	}
	if err := c.confirm(ctx, s, question(planned, total)); err != nil {
		return err
	}
	repeat := "--request-id " + request.GetRequestId()
	if request.GetMaxTotalPrice() == nil && !c.AnyPrice {
		limit(request, total)
		repeat += " --budget " + budgetText(total)
		s.out.Field("bound to", output.Money(total)+": to repeat this request use "+repeat)
	}
	creating, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	created, err := pricing(creating, s, request, func() (*ecsdv1.CreateRenewalJobResponse, error) { return s.CreateRenewalJob(creating, request) })
	if err != nil {
		failed := s.failed(ctx, err)
		return &Error{failed.Error() + "\n  to be sure  run the same command with " + repeat + ": it never makes a second job", exitFailed}
	}
	return c.made(ctx, s, created.GetJob())
}

// unmatched returns the properties of a filter that no instance has, "" if none is the cause. It reads one page per
// property.
func (s *session) unmatched(ctx context.Context, window *ecsdv1.ExpiryWindow) (text string) {
	filter := window.GetFilter().ProtoReflect()
	filter.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		alone := &ecsdv1.InstanceFilter{}
		alone.ProtoReflect().Set(field, value)
		found, err := ask(ctx, s.client.Instances().ListInstances, &ecsdv1.ListInstancesRequest{RegionIds: window.GetRegionIds(), Filter: alone, PageSize: 1})
		if err == nil && len(found.GetInstances()) == 0 {
			text += "\n" + fmt.Sprintf("%-10s no instance at all matches %s", "filter", flagOf("filter."+string(field.Name())))
		}
		return true
	})
	return text
}

// showPlan writes a plan for programs: as one document, or the renewals as CSV.
func (s *session) showPlan(ctx context.Context, p *plan) error {
	all := &ecsdv1.PreviewRenewalsResponse{Job: p.job, Plan: p.cost, Renewals: p.renewals}
	return s.failed(ctx, output.Message(s.out, all, func() error {
		return output.List(s.out, renewalColumns, output.Of(p.renewals))
	}))
}

// made shows a job, and follows it with --watch.
func (c *createCommand) made(ctx context.Context, s *session, job *ecsdv1.RenewalJob) error {
	s.out.Field("job", job.GetJobId()+" is "+output.Enum(job.GetState()))
	if c.Watch {
		return s.watch(ctx, job.GetJobId(), everyDefault)
	}
	s.out.Field("to watch", "ecsd renewals watch "+job.GetJobId())
	if s.out.People() {
		return nil
	}
	return s.showJob(ctx, job)
}

// locate finds the region of named instances among the given or all served regions. An ID that is in none is left to
// the plan, which shows it. A caller that may not read instances gets the server's default region.
func (c *createCommand) locate(ctx context.Context, s *session) error {
	if len(c.Instances) == 0 || len(c.Region) == 1 {
		return nil
	}
	found, _, err := s.located(ctx, c.Instances, c.Region)
	switch {
	case err != nil && client.Reason(err) == ecsdv1.ErrorReason_ERROR_REASON_PERMISSION_DENIED:
		c.Region = nil
		return nil
	case err != nil:
		return s.failed(ctx, err)
	}
	parts := batches(found, len(c.Instances))
	if len(parts) > 1 {
		text := "the instances are in several regions, and a job has one: run one command per region"
		for _, part := range parts {
			text += fmt.Sprintf("\n  %-10s %s", part.region, strings.Join(part.ids, " "))
		}
		return &Error{text, exitUsage}
	}
	c.Region = nil
	for _, part := range parts {
		c.Region = []string{part.region}
	}
	return nil
}

func (c *createCommand) request() *ecsdv1.CreateRenewalJobRequest {
	request := &ecsdv1.CreateRenewalJobRequest{
		RequestId: c.RequestID, Selection: c.selection(), OnlyIfExpiringBefore: timestamp(c.OnlyIfExpiringBefore), Note: c.Note,
	}
	request.Term = &ecsdv1.CreateRenewalJobRequest_Period{Period: c.Period.Period}
	if c.UntilDay != 0 {
		request.Term = &ecsdv1.CreateRenewalJobRequest_TargetExpireDay{TargetExpireDay: c.UntilDay}
	}
	if c.Budget.Money != nil {
		limit(request, c.Budget.Money)
	} else {
		// The plan shows what everything costs. Without --any-price, the job is bound
		// to the total that is confirmed.
		request.PriceLimit = &ecsdv1.CreateRenewalJobRequest_AnyPrice{AnyPrice: true}
	}
	return request
}

// limit binds a request to a total price.
func limit(request *ecsdv1.CreateRenewalJobRequest, total *ecsdv1.Money) {
	request.PriceLimit = &ecsdv1.CreateRenewalJobRequest_MaxTotalPrice{MaxTotalPrice: total}
}

func (c *createCommand) selection() *ecsdv1.RenewalSelection {
	if len(c.Instances) > 0 {
		named := &ecsdv1.NamedInstances{InstanceIds: c.Instances}
		if len(c.Region) > 0 {
			named.RegionId = c.Region[0]
		}
		return &ecsdv1.RenewalSelection{By: &ecsdv1.RenewalSelection_Instances{Instances: named}}
	}
	window := &ecsdv1.ExpiryWindow{RegionIds: c.Region, Filter: c.filter(), ExpireStartTime: timestamp(c.ExpireAfter)}
	if !c.Expired {
		window.IncludeExpired = &c.Expired
	}
	if c.Within > 0 {
		window.End = &ecsdv1.ExpiryWindow_Within{Within: durationpb.New(time.Duration(c.Within))}
	} else {
		window.End = &ecsdv1.ExpiryWindow_ExpireEndTime{ExpireEndTime: timestamp(c.ExpireBefore)}
	}
	return &ecsdv1.RenewalSelection{By: &ecsdv1.RenewalSelection_Window{Window: window}}
}

// filter returns nil if there is no filter.
func (c *createCommand) filter() *ecsdv1.InstanceFilter {
	f := &ecsdv1.InstanceFilter{
		InstanceName: c.Name, SecurityGroupId: c.SecurityGroup, VpcId: c.VPC, VswitchId: c.Vswitch, ZoneIds: c.Zone, InstanceTypes: c.Type,
		ResourceGroupId: c.ResourceGroup, Tags: messages(c.Tag),
	}
	if proto.Equal(f, &ecsdv1.InstanceFilter{}) {
		return nil
	}
	return f
}

// timestamp returns nil for the zero time.
func timestamp[M moment | past](m M) *timestamppb.Timestamp {
	if time.Time(m).IsZero() {
		return nil
	}
	return timestamppb.New(time.Time(m))
}
