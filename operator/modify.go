package operator

import (
	"context"
	"errors"
	"fmt"

	"github.com/ecsd-io/ecsd/client"
	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/operator/output"
)

// limits are the flags of commands that pay for one order.
type limits struct {
	MaxPrice price `placeholder:"AMOUNT" help:"Highest price, with its currency, such as 200CNY. Default: the confirmed price." group:"How:" xor:"price"`
	AnyPrice bool  `name:"any-price" help:"Accept any price." group:"How:" xor:"price"`
}

// required requires a limit if no confirmation gives one.
func (l *limits) required(a *action) error {
	if a.Yes && !a.Preview && l.MaxPrice.Money == nil && !l.AnyPrice {
		return errors.New("--yes needs a limit of what may be paid: --max-price AMOUNT, such as --max-price 200CNY, or --any-price")
	}
	return nil
}

// bound returns the limit: that of the flags, or the confirmed price.
func (l *limits) bound(confirmed *ecsdv1.Money) (limit *ecsdv1.Money, err error) {
	switch {
	case l.MaxPrice.Money != nil:
		return l.MaxPrice.Money, nil
	case l.AnyPrice:
		return nil, nil
	case confirmed == nil:
		return nil, &Error{"the cloud has no price before the payment; pass --any-price", exitUsage}
	}
	return confirmed, nil
}

// resizeCommand is `ecsd instances resize`.
type resizeCommand struct {
	Instance string `arg:"" help:"ID of the instance, of any served region."`
	To       string `required:"" placeholder:"TYPE" help:"The instance type, such as ecs.g7.xlarge."`
	regions  `embed:""`
	limits   `embed:""`
	action   `embed:""`
}

// Examples of the command.
func (*resizeCommand) Examples() string {
	return `ecsd instances resize $INSTANCE --to ecs.g7.4xlarge --preview`
}

// Validate checks the flags.
func (c *resizeCommand) Validate() error {
	return errors.Join(c.required(&c.action), c.action.Validate())
}

// Run changes the instance type.
func (c *resizeCommand) Run(ctx context.Context, streams Streams, o *Instances) error {
	return o.modify(ctx, streams, c.Instance, c.Region, &c.action, &c.limits, func(s *session, i *ecsdv1.Instance) modifier {
		return func(ctx context.Context, id string, limit *ecsdv1.Money, preview bool) (*ecsdv1.InstanceModification, error) {
			request := &ecsdv1.ModifyInstanceTypeRequest{RegionId: i.GetRegionId(), InstanceId: i.GetInstanceId(), InstanceType: c.To, RequestId: id, ValidateOnly: preview}
			if limit != nil {
				request.PriceLimit = &ecsdv1.ModifyInstanceTypeRequest_MaxPrice{MaxPrice: limit}
			} else {
				request.PriceLimit = &ecsdv1.ModifyInstanceTypeRequest_AnyPrice{AnyPrice: true}
			}
			answer, err := work(ctx, s.client.Instances().ModifyInstanceType, request)
			return answer.GetModification(), err
		}
	})
}

// chargeCommand is `ecsd instances charge`.
type chargeCommand struct {
	Instance string `arg:"" help:"ID of the instance, of any served region."`
	To       string `required:"" placeholder:"TYPE" help:"The charge type: subscription or pay-as-you-go."`
	Period   length `placeholder:"PERIOD" help:"Period of a subscription (m: months, y: years, w: weeks), such as 1m."`
	regions  `embed:""`
	limits   `embed:""`
	action   `embed:""`
}

// Examples of the command.
func (*chargeCommand) Examples() string {
	return `ecsd instances charge $HOURLY --to subscription --period 1m --preview`
}

// Validate checks the flags.
func (c *chargeCommand) Validate() error {
	charge, err := one[ecsdv1.ChargeType]("--to", c.To)
	if err == nil && (charge == ecsdv1.ChargeType_CHARGE_TYPE_SUBSCRIPTION) != (c.Period.Period != nil) {
		err = errors.New("--period is required for --to subscription, and only there")
	}
	return errors.Join(err, c.required(&c.action), c.action.Validate())
}

// Run changes the charge type.
func (c *chargeCommand) Run(ctx context.Context, streams Streams, o *Instances) error {
	return o.modify(ctx, streams, c.Instance, c.Region, &c.action, &c.limits, func(s *session, i *ecsdv1.Instance) modifier {
		return func(ctx context.Context, id string, limit *ecsdv1.Money, preview bool) (*ecsdv1.InstanceModification, error) {
			charge, err := one[ecsdv1.ChargeType]("--to", c.To)
			if err != nil {
				return nil, err
			}
			request := &ecsdv1.ModifyChargeTypeRequest{
				RegionId: i.GetRegionId(), InstanceId: i.GetInstanceId(), ChargeType: charge, Period: c.Period.Period, RequestId: id, ValidateOnly: preview,
			}
			if limit != nil {
				request.PriceLimit = &ecsdv1.ModifyChargeTypeRequest_MaxPrice{MaxPrice: limit}
			} else {
				request.PriceLimit = &ecsdv1.ModifyChargeTypeRequest_AnyPrice{AnyPrice: true}
			}
			answer, err := work(ctx, s.client.Instances().ModifyChargeType, request)
			return answer.GetModification(), err
		}
	})
}

// modifier orders a modification. A nil limit accepts any price.
type modifier func(ctx context.Context, id string, limit *ecsdv1.Money, preview bool) (*ecsdv1.InstanceModification, error)

// modify previews a modification, confirms its price, and orders it within that price.
func (o *Instances) modify(ctx context.Context, streams Streams, id string, in []string, a *action, l *limits, with func(*session, *ecsdv1.Instance) modifier) error {
	if err := a.prompts(streams); err != nil {
		return err
	}
	s, err := o.dial(streams)
	if err != nil {
		return err
	}
	defer s.close()
	found, err := s.named(ctx, []string{id}, in)
	if err != nil {
		return err
	}
	order := with(s, found[0])
	requestID := a.id(s)
	var price *ecsdv1.Money
	if a.Preview || !a.Yes {
		planned, err := order(ctx, client.NewRequestID(), nil, true)
		if err != nil {
			return s.failed(ctx, err)
		}
		if a.Preview {
			return show(s, modificationColumns, planned, func() { printModification(s.out, found[0], planned) })
		}
		printModification(s.out, found[0], planned)
		price = planned.GetPrice()
		if err := s.confirm(ctx, fmt.Sprintf("Change %s for %s?", id, output.Money(price))); err != nil {
			return err
		}
	}
	limit, err := l.bound(price)
	if err != nil {
		return err
	}
	done, err := order(ctx, requestID, limit, false)
	if err != nil {
		failed := s.failed(ctx, err)
		return &Error{failed.Error() + "\n  to be sure  run the same command with --request-id " + requestID + ": it never pays twice", exitFailed}
	}
	err = show(s, modificationColumns, done, func() { printModification(s.out, found[0], done) })
	if err == nil && done.GetState() != ecsdv1.InstanceModificationState_INSTANCE_MODIFICATION_STATE_SUCCEEDED {
		err = &Error{"the change ended " + output.Enum(done.GetState()), exitNotSucceeded}
	}
	return err
}

var modificationColumns = []output.Column[*ecsdv1.InstanceModification]{
	{Title: "CREATED", Name: "create_time", Value: func(m *ecsdv1.InstanceModification) any { return m.GetCreateTime() }, Drop: 2},
	{Title: "INSTANCE", Name: "instance_id", Value: func(m *ecsdv1.InstanceModification) any { return m.GetInstanceId() }},
	{Title: "REGION", Name: "region_id", Value: func(m *ecsdv1.InstanceModification) any { return m.GetRegionId() }, Region: true, Drop: 3},
	{Title: "STATE", Name: "state", Value: func(m *ecsdv1.InstanceModification) any { return m.GetState() }},
	{Title: "CHANGE", Name: "change", Value: func(m *ecsdv1.InstanceModification) any { return changeWord(m) }, Cut: true},
	{Title: "PRICE", Value: func(m *ecsdv1.InstanceModification) any { return m.GetPrice() }},
	{Name: "price", Value: func(m *ecsdv1.InstanceModification) any { return m.GetPrice() }},
	{Name: "refund", Value: func(m *ecsdv1.InstanceModification) any { return m.GetRefund() }},
	{Name: "currency", Value: func(m *ecsdv1.InstanceModification) any { return m.GetPrice().GetCurrencyCode() }},
	{Title: "ORDER", Name: "order_id", Value: func(m *ecsdv1.InstanceModification) any { return m.GetOrderId() }, Drop: 4},
	{Title: "BY", Name: "caller", Value: func(m *ecsdv1.InstanceModification) any { return m.GetCaller() }, Cut: true, Drop: 5},
	{Name: "request_id", Value: func(m *ecsdv1.InstanceModification) any { return m.GetRequestId() }},
	{Name: "modification_id", Value: func(m *ecsdv1.InstanceModification) any { return m.GetModificationId() }},
}

// changeWord describes a modification.
func changeWord(m *ecsdv1.InstanceModification) string {
	before, after := m.GetBefore(), m.GetAfter()
	if after.GetInstanceType() != "" && before.GetInstanceType() != after.GetInstanceType() {
		return before.GetInstanceType() + " to " + after.GetInstanceType()
	}
	return output.Enum(before.GetChargeType()) + " to " + output.Enum(after.GetChargeType())
}

func printModification(out *output.Printer, i *ecsdv1.Instance, m *ecsdv1.InstanceModification) {
	out.Field("instance", i.GetInstanceId()+" "+i.GetInstanceName())
	out.Field("change", changeWord(m))
	out.Field("price", output.Money(m.GetPrice()))
	if m.GetRefund() != nil {
		out.Field("refund", output.Money(m.GetRefund()))
	}
	out.Field("state", output.Enum(m.GetState()))
	out.Field("order", m.GetOrderId())
	out.Field("id", m.GetModificationId())
}

// modificationsCommand is `ecsd instances modifications`.
type modificationsCommand struct {
	Of     string   `placeholder:"INSTANCE" help:"Modifications of this instance."`
	Region string   `placeholder:"ID" help:"Modifications in this region."`
	State  []string `placeholder:"STATE" help:"Modifications in this state, such as succeeded, unknown or needs-attention (repeatable)."`
	Limit  int      `default:"20" placeholder:"N" help:"Maximum number; 0 for all. Default ${default}."`
}

// Examples of the command.
func (*modificationsCommand) Examples() string {
	return `ecsd instances modifications --state needs-attention`
}

// Validate checks the flags.
func (c *modificationsCommand) Validate() error {
	_, err := c.request()
	return errors.Join(err, notNegative("--limit", c.Limit))
}

func (c *modificationsCommand) request() (*ecsdv1.ListModificationsRequest, error) {
	request := &ecsdv1.ListModificationsRequest{RegionId: c.Region, InstanceId: c.Of}
	var err error
	request.States, err = values[ecsdv1.InstanceModificationState]("--state", c.State)
	return request, err
}

// Run lists the modifications, the newest first.
func (c *modificationsCommand) Run(ctx context.Context, streams Streams, o *Instances) error {
	request, err := c.request()
	if err != nil {
		return &Error{err.Error(), exitUsage}
	}
	s, err := o.dial(streams)
	if err != nil {
		return err
	}
	defer s.close()
	return list(ctx, s, modificationColumns, output.Limit(c.Limit, s.client.ListModifications(ctx, request)))
}
