package operator

import (
	"context"
	"errors"
	"fmt"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/operator/output"
)

// Quote is `ecsd quote`. Mount it like [Renewals].
type Quote struct {
	Connection `embed:"" group:"common"`

	Renewals  quoteRenewalsCommand  `cmd:"" help:"Show what renewals would cost. Pays nothing."`
	Instances quoteInstancesCommand `cmd:"" help:"Show what new instances would cost. Creates nothing."`
}

// quoteRenewalsCommand is `ecsd quote renewals`.
type quoteRenewalsCommand struct {
	subscriptions `embed:""`

	Period length `required:"" placeholder:"PERIOD" help:"Period of the renewals: 1m to 9m, 12m, 24m, 36m, or 1y to 3y."`
}

// Examples of the command.
func (*quoteRenewalsCommand) Examples() string {
	return `ecsd quote renewals --tag team=orders --period 1m`
}

// Validate checks the flags.
func (c *quoteRenewalsCommand) Validate() error { return c.check() }

// renewalQuote is the quote of an instance.
type renewalQuote struct {
	*ecsdv1.RenewalQuoteResult
	instance *ecsdv1.Instance
}

var renewalQuoteColumns = []output.Column[renewalQuote]{
	{Title: "NAME", Name: "instance_name", Value: func(q renewalQuote) any { return q.instance.GetInstanceName() }, Cut: true},
	{Title: "INSTANCE", Name: "instance_id", Value: func(q renewalQuote) any { return q.GetInstanceId() }},
	{Title: "REGION", Name: "region_id", Value: func(q renewalQuote) any { return q.instance.GetRegionId() }, Region: true, Drop: 2},
	{Title: "EXPIRES", Name: "expire_time", Value: func(q renewalQuote) any { return q.GetQuote().GetExpireTime() }, Drop: 3},
	{Title: "THEN", Name: "expire_time_after", Value: func(q renewalQuote) any { return q.GetQuote().GetExpireTimeAfter() }, Drop: 1},
	{Title: "PRICE", Name: "price", Value: func(q renewalQuote) any { return q.GetQuote().GetPrice() }},
	{Name: "currency", Value: func(q renewalQuote) any { return q.GetQuote().GetPrice().GetCurrencyCode() }},
	{Name: "original_price", Value: func(q renewalQuote) any { return q.GetQuote().GetOriginalPrice() }},
	{Title: "ERROR", Name: "error", Value: func(q renewalQuote) any { return q.GetError().GetReason() }, Colour: func(renewalQuote) output.Colour { return output.Bad }},
}

// quoteBatch is the number of prices per call: few enough to show progress, and many enough for the prices that the
// server reads at once.
const quoteBatch = 200

// Run shows the prices and their totals.
func (c *quoteRenewalsCommand) Run(ctx context.Context, streams Streams, o *Quote) error {
	s, err := o.dial(streams)
	if err != nil {
		return err
	}
	defer s.close()
	instances, err := c.find(ctx, s)
	if err != nil {
		return err
	}
	names := byID(instances)
	totals := map[string]*ecsdv1.Money{}
	var quotes []renewalQuote
	status := statusLine{out: s.out}
	for _, b := range batches(instances, quoteBatch) {
		status.show(fmt.Sprintf("pricing    %s/%s", output.Number(int64(len(quotes))), output.Number(int64(len(instances)))))
		answer, err := work(ctx, s.QuoteRenewals, &ecsdv1.QuoteRenewalsRequest{RegionId: b.region, InstanceIds: b.ids, Period: c.Period.Period})
		if err != nil {
			status.clear()
			return s.failed(ctx, err)
		}
		for _, total := range answer.GetTotals() {
			totals[total.GetCurrencyCode()] = sum(totals[total.GetCurrencyCode()], total)
		}
		for _, r := range answer.GetResults() {
			quotes = append(quotes, renewalQuote{r, names[r.GetInstanceId()]})
		}
	}
	status.clear()
	if err := list(ctx, s, renewalQuoteColumns, output.Of(quotes)); err != nil {
		return err
	}
	for _, total := range totals {
		s.out.Field("total", output.Money(total))
	}
	return nil
}

// sum adds amounts of one currency.
func sum(a, b *ecsdv1.Money) *ecsdv1.Money {
	nanos := int64(a.GetNanos()) + int64(b.GetNanos())
	return &ecsdv1.Money{CurrencyCode: b.GetCurrencyCode(), Units: a.GetUnits() + b.GetUnits() + nanos/1e9, Nanos: int32(nanos % 1e9)}
}

// quoteInstancesCommand is `ecsd quote instances`.
type quoteInstancesCommand struct {
	launch `embed:""`
}

// Examples of the command.
func (*quoteInstancesCommand) Examples() string {
	return `ecsd quote instances --type ecs.g7.large --image aliyun_3_x64_20G_alibase_20260122.vhd --period 1y`
}

// Validate checks the flags.
func (c *quoteInstancesCommand) Validate() error {
	err := c.launch.Validate()
	if c.Type == "" || c.Image == "" {
		err = errors.Join(err, fmt.Errorf("give --type and --image"))
	}
	return err
}

// Run shows the price.
func (c *quoteInstancesCommand) Run(ctx context.Context, streams Streams, o *Quote) error {
	s, err := o.dial(streams)
	if err != nil {
		return err
	}
	defer s.close()
	answer, err := ask(ctx, s.client.Instances().QuoteInstances, &ecsdv1.QuoteInstancesRequest{RegionId: c.Region, Spec: c.spec(), Count: c.Count})
	if err != nil {
		return s.failed(ctx, err)
	}
	return show(s, quoteColumns, answer.GetQuote(), func() { printQuote(s.out, &c.launch, answer.GetQuote()) })
}
