package operator

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/operator/output"
)

// launch describes an instance to create or to price.
type launch struct {
	Region string `placeholder:"ID" help:"Region. Default: the server's default region." group:"Which instance:"`
	Type   string `placeholder:"TYPE" help:"Instance type, such as ecs.g7.large." group:"Which instance:"`
	Image  string `placeholder:"ID" help:"Image." group:"Which instance:"`
	Zone   string `placeholder:"ID" help:"Zone. Default: one that the cloud selects, or that of the vSwitch." group:"Which instance:"`
	Count  int32  `default:"1" placeholder:"N" help:"Number of instances, 1 to 100. Default ${default}." group:"Which instance:"`

	Period    length `placeholder:"PERIOD" help:"Buy a subscription for this period (m: months, y: years, w: weeks), such as 1m. Default: pay-as-you-go." group:"How it is charged:"`
	Spot      bool   `help:"Spot instance at the market price, which the cloud may reclaim." group:"How it is charged:"`
	SpotLimit price  `placeholder:"AMOUNT" help:"Spot instance up to this price per hour, such as 0.5CNY." group:"How it is charged:"`

	SystemDisk diskSpec   `placeholder:"CATEGORY:GIB" help:"System disk, such as cloud_essd:40." group:"Which instance:"`
	DataDisk   []diskSpec `placeholder:"CATEGORY:GIB" help:"Data disk, such as cloud_essd:100 (repeatable)." group:"Which instance:"`
	Bandwidth  int32      `placeholder:"MBPS" help:"Outbound bandwidth to the internet, with a public address. Default: none." group:"Which instance:"`
}

// diskSpec is a disk as operators write it: CATEGORY:GIB.
type diskSpec struct{ *ecsdv1.DiskSpec }

// UnmarshalText reads a disk.
func (d *diskSpec) UnmarshalText(text []byte) error {
	category, size, found := strings.Cut(string(text), ":")
	gib, err := strconv.ParseInt(size, 10, 32)
	if !found || category == "" || err != nil || gib < 1 {
		return fmt.Errorf("%q: want a category and a size in GiB, such as cloud_essd:40", text)
	}
	d.DiskSpec = &ecsdv1.DiskSpec{Category: category, SizeGib: int32(gib)}
	return nil
}

// Validate checks the flags.
func (l *launch) Validate() error {
	var problems []error
	if l.Count < 1 || l.Count > 100 {
		problems = append(problems, errors.New("--count must be 1 to 100"))
	}
	if l.Spot && l.SpotLimit.Money != nil || l.Period.Period != nil && (l.Spot || l.SpotLimit.Money != nil) {
		problems = append(problems, errors.New("give at most one of --period, --spot and --spot-limit"))
	}
	return errors.Join(problems...)
}

// spec returns the description of the instance.
func (l *launch) spec() *ecsdv1.InstanceSpec {
	spec := &ecsdv1.InstanceSpec{
		InstanceType: l.Type, ImageId: l.Image, ZoneId: l.Zone, ChargeType: ecsdv1.ChargeType_CHARGE_TYPE_PAY_AS_YOU_GO,
		SystemDisk: l.SystemDisk.DiskSpec, InternetMaxBandwidthOutMbps: l.Bandwidth,
	}
	for _, d := range l.DataDisk {
		spec.DataDisks = append(spec.DataDisks, d.DiskSpec)
	}
	switch {
	case l.Period.Period != nil:
		spec.ChargeType, spec.Period = ecsdv1.ChargeType_CHARGE_TYPE_SUBSCRIPTION, l.Period.Period
	case l.Spot:
		spec.Spot = &ecsdv1.SpotSettings{Strategy: ecsdv1.SpotStrategy_SPOT_STRATEGY_AS_PRICE_GO}
	case l.SpotLimit.Money != nil:
		spec.Spot = &ecsdv1.SpotSettings{Strategy: ecsdv1.SpotStrategy_SPOT_STRATEGY_WITH_PRICE_LIMIT, PriceLimit: l.SpotLimit.Money}
	}
	return spec
}

// runCommand is `ecsd instances run`.
type runCommand struct {
	launch `embed:""`

	Name          string   `placeholder:"NAME" help:"Name of the instances; -001 and so on is appended if there are several." group:"Which instance:"`
	Vswitch       string   `placeholder:"ID" help:"VSwitch." group:"Which instance:"`
	SecurityGroup []string `placeholder:"ID" help:"Security group (repeatable)." group:"Which instance:"`
	ResourceGroup string   `placeholder:"ID" help:"Resource group." group:"Which instance:"`
	Tag           []tag    `placeholder:"KEY=VALUE" help:"Tag (repeatable)." group:"Which instance:"`
	KeyPair       string   `placeholder:"NAME" help:"SSH key pair." group:"Which instance:"`
	RAMRole       string   `name:"ram-role" placeholder:"NAME" help:"RAM role of the instance." group:"Which instance:"`
	PasswordFile  string   `placeholder:"FILE" help:"File with the password of the administrator." group:"Which instance:"`
	UserDataFile  string   `placeholder:"FILE" help:"File with the script that runs at the first start." group:"Which instance:"`
	Protect       bool     `help:"Protect the instances from deletion." group:"Which instance:"`
	Template      string   `placeholder:"ID" help:"Launch template. Flags beside it replace its values." group:"Which instance:"`
	AutoRenew     length   `placeholder:"PERIOD" help:"Let the cloud renew the subscription for this period, such as 1m." group:"How it is charged:"`

	limits `embed:""`
	action `embed:""`
	waits  `embed:""`
}

// Examples of the command.
func (*runCommand) Examples() string {
	return `# The price of two instances, and every check of the cloud:
ecsd instances run --type ecs.g7.large --image aliyun_3_x64_20G_alibase_20260122.vhd --count 2 --name web --preview
# Create them, at most at this price per hour, and wait until they run:
ecsd instances run --type ecs.g7.large --image aliyun_3_x64_20G_alibase_20260122.vhd --count 2 --name web --tag env=demo --max-price 2CNY --yes --wait`
}

// Validate checks the flags.
func (c *runCommand) Validate() error {
	err := errors.Join(c.launch.Validate(), c.required(&c.action), c.action.Validate())
	if c.Template == "" && (c.Type == "" || c.Image == "") {
		err = errors.Join(err, errors.New("give --type and --image, or --template"))
	}
	if c.AutoRenew.Period != nil && c.Period.Period == nil {
		err = errors.Join(err, errors.New("--auto-renew needs --period"))
	}
	return err
}

// request describes the launch.
func (c *runCommand) request() (*ecsdv1.RunInstancesRequest, error) {
	spec := c.spec()
	spec.InstanceName, spec.UniqueSuffix = c.Name, c.Count > 1 && c.Name != ""
	spec.VswitchId, spec.SecurityGroupIds, spec.ResourceGroupId = c.Vswitch, c.SecurityGroup, c.ResourceGroup
	spec.KeyPairName, spec.RamRoleName, spec.DeletionProtection = c.KeyPair, c.RAMRole, c.Protect
	spec.Tags = messages(c.Tag)
	if c.AutoRenew.Period != nil {
		spec.AutoRenew, spec.AutoRenewPeriod = true, c.AutoRenew.Period
	}
	if c.Template != "" {
		spec.LaunchTemplate = &ecsdv1.LaunchTemplate{Template: &ecsdv1.LaunchTemplate_LaunchTemplateId{LaunchTemplateId: c.Template}}
		if c.Period.Period == nil && spec.GetSpot() == nil {
			spec.ChargeType = ecsdv1.ChargeType_CHARGE_TYPE_UNSPECIFIED // that of the template
		}
	}
	if c.PasswordFile != "" {
		text, err := os.ReadFile(c.PasswordFile)
		if err != nil {
			return nil, &Error{fmt.Sprintf("--password-file: %v", err), exitUsage}
		}
		spec.Password = strings.TrimRight(string(text), "\r\n")
	}
	if c.UserDataFile != "" {
		text, err := os.ReadFile(c.UserDataFile)
		if err != nil {
			return nil, &Error{fmt.Sprintf("--user-data-file: %v", err), exitUsage}
		}
		spec.UserData = text
	}
	return &ecsdv1.RunInstancesRequest{RegionId: c.Region, Spec: spec, Count: c.Count}, nil
}

// Run previews, confirms and creates the instances. The launch is bound to the confirmed price.
func (c *runCommand) Run(ctx context.Context, streams Streams, o *Instances) error {
	if err := c.prompts(streams); err != nil {
		return err
	}
	request, err := c.request()
	if err != nil {
		return err
	}
	s, err := o.dial(streams)
	if err != nil {
		return err
	}
	defer s.close()
	id := c.id(s)
	var price *ecsdv1.Money
	if c.Preview || !c.Yes {
		quote, err := c.quote(ctx, s, request)
		if err != nil || c.Preview {
			return err
		}
		price = quote.GetPrice()
		question := fmt.Sprintf("Create %s for %s%s?", output.Plural(int64(c.Count), "instance"), output.Money(price), c.per())
		if err := s.confirm(ctx, question); err != nil {
			return err
		}
	}
	request.RequestId = id
	created, err := c.create(ctx, s, request, price)
	if err != nil {
		return err
	}
	return output.List(s.out, instanceColumns, output.Of(created))
}

// quote runs every check of the launch and prints its price.
func (c *runCommand) quote(ctx context.Context, s *session, request *ecsdv1.RunInstancesRequest) (*ecsdv1.InstanceQuote, error) {
	request.ValidateOnly = true
	checked, err := work(ctx, s.client.Instances().RunInstances, request)
	request.ValidateOnly = false
	if err != nil {
		return nil, s.failed(ctx, err)
	}
	quote := checked.GetQuote()
	if quote == nil { // the cloud has no price
		quote = &ecsdv1.InstanceQuote{}
	}
	if c.Preview {
		return quote, show(s, quoteColumns, quote, func() { printQuote(s.out, &c.launch, quote) })
	}
	printQuote(s.out, &c.launch, quote)
	return quote, nil
}

// create orders the instances, at most for the confirmed price if no flag has another limit.
func (c *runCommand) create(ctx context.Context, s *session, request *ecsdv1.RunInstancesRequest, confirmed *ecsdv1.Money) ([]*ecsdv1.Instance, error) {
	limit := c.MaxPrice.Money
	if limit == nil && !c.AnyPrice {
		limit = confirmed
	}
	switch {
	case limit != nil:
		request.PriceLimit = &ecsdv1.RunInstancesRequest_MaxPrice{MaxPrice: limit}
	case c.AnyPrice:
		request.PriceLimit = &ecsdv1.RunInstancesRequest_AnyPrice{AnyPrice: true}
	}
	created, err := work(ctx, s.client.Instances().RunInstances, request)
	if err != nil {
		failed := s.failed(ctx, err)
		return nil, &Error{failed.Error() + "\n  to be sure  run the same command with --request-id " + request.GetRequestId() + ": it creates nothing twice", exitFailed}
	}
	s.out.Field("order", created.GetOrderId())
	instances := created.GetInstances()
	if !c.Wait {
		return instances, nil
	}
	for _, b := range batches(instances, batchSize) {
		if err := s.await(ctx, b, ecsdv1.InstanceStatus_INSTANCE_STATUS_RUNNING, c.Timeout); err != nil {
			return nil, err
		}
	}
	return s.current(ctx, instances)
}

// per returns the unit of the price.
func (l *launch) per() string {
	if l.Period.Period != nil {
		return " per " + output.Period(l.Period.Period)
	}
	return " per hour"
}

var quoteColumns = []output.Column[*ecsdv1.InstanceQuote]{
	{Name: "count", Value: func(q *ecsdv1.InstanceQuote) any { return q.GetCount() }},
	{Name: "price", Value: func(q *ecsdv1.InstanceQuote) any { return q.GetPrice() }},
	{Name: "original_price", Value: func(q *ecsdv1.InstanceQuote) any { return q.GetOriginalPrice() }},
	{Name: "currency", Value: func(q *ecsdv1.InstanceQuote) any { return q.GetPrice().GetCurrencyCode() }},
	{Name: "period", Value: func(q *ecsdv1.InstanceQuote) any { return q.GetPeriod() }},
}

// printQuote prints the price of a launch.
func printQuote(out *output.Printer, l *launch, q *ecsdv1.InstanceQuote) {
	out.Field("instances", fmt.Sprintf("%d of %s", l.Count, l.Type))
	if q.GetPrice() == nil {
		out.Field("price", "the cloud names none before the launch")
		return
	}
	out.Field("price", output.Money(q.GetPrice())+l.per())
	if d := q.GetDiscount(); d != nil && (d.GetUnits() != 0 || d.GetNanos() != 0) {
		out.Field("discount", output.Money(d)+" of "+output.Money(q.GetOriginalPrice()))
	}
}
