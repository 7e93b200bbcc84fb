package operator

import (
	"context"
	"errors"
	"fmt"
	"iter"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/operator/output"
)

// AutoRenew is `ecsd auto-renew`. Mount it like [Renewals].
type AutoRenew struct {
	Connection `embed:"" group:"common"`

	Get  getAutoRenewCommand  `cmd:"" help:"Show the settings of subscriptions, read from the cloud."`
	Set  setAutoRenewCommand  `cmd:"" help:"Set whether the cloud renews subscriptions: preview, confirm, set."`
	Diff diffAutoRenewCommand `cmd:"" help:"List subscriptions whose setting is not the desired one."`
}

// renewSetting is a setting with its instance.
type renewSetting struct {
	*ecsdv1.AutoRenewSettingResult
	instance *ecsdv1.Instance
}

var renewSettingColumns = []output.Column[renewSetting]{
	{Title: "NAME", Name: "instance_name", Value: func(r renewSetting) any { return r.instance.GetInstanceName() }, Cut: true},
	{Title: "INSTANCE", Name: "instance_id", Value: func(r renewSetting) any { return r.GetInstanceId() }},
	{Title: "REGION", Name: "region_id", Value: func(r renewSetting) any { return r.instance.GetRegionId() }, Region: true, Drop: 4},
	{Title: "EXPIRES", Name: "expire_time", Value: func(r renewSetting) any { return r.instance.GetExpireTime() }, Drop: 3},
	{Title: "SETTING", Name: "status", Value: func(r renewSetting) any { return r.GetSetting().GetStatus() }},
	{Title: "PERIOD", Name: "period", Value: func(r renewSetting) any { return r.GetSetting().GetPeriod() }, Drop: 2},
	{Title: "STATE", Name: "auto_renew_state", Value: func(r renewSetting) any { return r.GetSetting().GetAutoRenewState() }, Colour: func(r renewSetting) output.Colour {
		if r.GetSetting().GetAutoRenewState() == ecsdv1.AutoRenewState_AUTO_RENEW_STATE_FAILING {
			return output.Bad
		}
		return output.Plain
	}},
	{Title: "NEXT DEDUCTION", Name: "next_deduction_time", Value: func(r renewSetting) any { return r.GetSetting().GetNextDeductionTime() }, Drop: 1},
	{Title: "DESIRED", Name: "desired_status", Value: func(r renewSetting) any { return r.GetSetting().GetDrift().GetDesiredStatus() }, Colour: func(renewSetting) output.Colour { return output.Warn }},
	{Title: "ERROR", Name: "error", Value: func(r renewSetting) any { return r.GetError().GetReason() }, Colour: func(renewSetting) output.Colour { return output.Bad }},
}

// settings reads the settings of instances, a call per region and 1,000 instances.
func (s *session) settings(ctx context.Context, instances []*ecsdv1.Instance) iter.Seq2[renewSetting, error] {
	return func(yield func(renewSetting, error) bool) {
		names := byID(instances)
		for _, b := range batches(instances, batchSize) {
			answer, err := work(ctx, s.BatchGetAutoRenewSettings, &ecsdv1.BatchGetAutoRenewSettingsRequest{RegionId: b.region, InstanceIds: b.ids})
			if err != nil {
				yield(renewSetting{}, err)
				return
			}
			for _, r := range answer.GetResults() {
				if !yield(renewSetting{r, names[r.GetInstanceId()]}, nil) {
					return
				}
			}
		}
	}
}

// byID returns instances by ID.
func byID(instances []*ecsdv1.Instance) map[string]*ecsdv1.Instance {
	all := make(map[string]*ecsdv1.Instance, len(instances))
	for _, i := range instances {
		all[i.GetInstanceId()] = i
	}
	return all
}

// subscriptions are named instances, or the subscriptions that match the filters.
type subscriptions struct {
	Instances []string `arg:"" optional:"" name:"instance" help:"IDs of instances, of any served regions. Default: all subscriptions that match the filters."`
	regions   `embed:""`
	filters   `embed:""`
}

// find returns the instances.
func (t *subscriptions) find(ctx context.Context, s *session) ([]*ecsdv1.Instance, error) {
	if len(t.Instances) > 0 {
		return s.named(ctx, t.Instances, t.Region)
	}
	filter := t.mustFilter()
	if filter == nil {
		filter = &ecsdv1.InstanceFilter{}
	}
	filter.ChargeTypes = []ecsdv1.ChargeType{ecsdv1.ChargeType_CHARGE_TYPE_SUBSCRIPTION}
	return s.matching(ctx, t.Region, filter)
}

// check checks the flags.
func (t *subscriptions) check() error {
	filter, err := t.filter()
	if err == nil && filter != nil && len(t.Instances) > 0 {
		err = errors.New("instances are named, so give no filter")
	}
	return err
}

// getAutoRenewCommand is `ecsd auto-renew get`.
type getAutoRenewCommand struct {
	subscriptions `embed:""`
}

// Examples of the command.
func (*getAutoRenewCommand) Examples() string {
	return `ecsd auto-renew get --tag env=prod`
}

// Validate checks the flags.
func (c *getAutoRenewCommand) Validate() error { return c.check() }

// Run shows the settings.
func (c *getAutoRenewCommand) Run(ctx context.Context, streams Streams, o *AutoRenew) error {
	s, err := o.dial(streams)
	if err != nil {
		return err
	}
	defer s.close()
	instances, err := c.find(ctx, s)
	if err != nil {
		return err
	}
	return list(ctx, s, renewSettingColumns, s.settings(ctx, instances))
}

// renewWords are the words of settings, as the console explains them.
var renewWords = map[string]ecsdv1.AutoRenewStatus{
	"on":     ecsdv1.AutoRenewStatus_AUTO_RENEW_STATUS_AUTO_RENEWAL,
	"remind": ecsdv1.AutoRenewStatus_AUTO_RENEW_STATUS_MANUAL_WITH_REMINDERS,
	"never":  ecsdv1.AutoRenewStatus_AUTO_RENEW_STATUS_NOT_RENEWED,
}

// setAutoRenewCommand is `ecsd auto-renew set`.
type setAutoRenewCommand struct {
	Setting string `arg:"" enum:"on,remind,never" help:"on: the cloud renews. remind: it does not, and sends reminders. never: the subscription ends, without reminders."`

	subscriptions `embed:""`

	Period  length `placeholder:"PERIOD" help:"Period of each automatic renewal, such as 1m. Default: unchanged." group:"How:"`
	Preview bool   `help:"Run every check and show what would be set; change nothing." group:"How:"`
	Yes     bool   `short:"y" help:"Skip the confirmation. Required if standard input is not a terminal." group:"How:"`
}

// Examples of the command.
func (*setAutoRenewCommand) Examples() string {
	return `# Let the cloud renew the production fleet, a month at a time:
ecsd auto-renew set on --tag env=prod --period 1m --preview`
}

// Validate requires names or a filter, so that not all subscriptions change by accident.
func (c *setAutoRenewCommand) Validate() error {
	if filter, err := c.filter(); err == nil && filter == nil && len(c.Instances) == 0 {
		return errors.New("name instances, or give a filter such as --tag env=prod or --name 'web-*'")
	}
	return c.check()
}

// Run sets the settings.
func (c *setAutoRenewCommand) Run(ctx context.Context, streams Streams, o *AutoRenew) error {
	if err := promptable(streams, c.Preview || c.Yes); err != nil {
		return err
	}
	s, err := o.dial(streams)
	if err != nil {
		return err
	}
	defer s.close()
	instances, err := c.find(ctx, s)
	if err != nil {
		return err
	}
	if c.Preview || !c.Yes {
		results, err := c.set(ctx, s, instances, true)
		if err == nil {
			err = output.List(s.out, renewSettingColumns, output.Of(results))
		}
		if err != nil || c.Preview {
			return err
		}
		question := fmt.Sprintf("Set auto-renewal of %s to %s?", output.Plural(int64(len(instances)), "instance"), c.Setting)
		if err := s.confirm(ctx, question); err != nil {
			return err
		}
	}
	results, err := c.set(ctx, s, instances, false)
	if err != nil {
		return err
	}
	if err := output.List(s.out, renewSettingColumns, output.Of(results)); err != nil {
		return err
	}
	return notSet(failures(results), len(instances))
}

// set sets the settings, or checks them.
func (c *setAutoRenewCommand) set(ctx context.Context, s *session, instances []*ecsdv1.Instance, preview bool) ([]renewSetting, error) {
	names := byID(instances)
	var all []renewSetting
	for _, b := range batches(instances, batchSize) {
		answer, err := work(ctx, s.SetAutoRenew, &ecsdv1.SetAutoRenewRequest{
			RegionId: b.region, InstanceIds: b.ids, Status: renewWords[c.Setting], Period: c.Period.Period, ValidateOnly: preview,
		})
		if err != nil {
			return nil, s.failed(ctx, err)
		}
		for _, r := range answer.GetResults() {
			all = append(all, renewSetting{r, names[r.GetInstanceId()]})
		}
	}
	return all, nil
}

// diffAutoRenewCommand is `ecsd auto-renew diff`.
type diffAutoRenewCommand struct {
	Want string `enum:"on,remind,never," default:"" placeholder:"SETTING" help:"The desired setting: on, remind or never. Default: the one that was last set through ecsd."`

	subscriptions `embed:""`
}

// Examples of the command.
func (*diffAutoRenewCommand) Examples() string {
	return `# Settings that somebody changed past ecsd; exits with 3 if there are some:
ecsd auto-renew diff
# Production that the cloud does not renew:
ecsd auto-renew diff --want on --tag env=prod || test $? -eq 3`
}

// Validate checks the flags.
func (c *diffAutoRenewCommand) Validate() error { return c.check() }

// Run lists the differences. It exits with 3 if there are some.
func (c *diffAutoRenewCommand) Run(ctx context.Context, streams Streams, o *AutoRenew) error {
	s, err := o.dial(streams)
	if err != nil {
		return err
	}
	defer s.close()
	instances, err := c.find(ctx, s)
	if err != nil {
		return err
	}
	different := 0
	differences := func(yield func(renewSetting, error) bool) {
		for r, err := range s.settings(ctx, instances) {
			if err == nil && !c.differs(r) {
				continue
			}
			different++
			if !yield(r, err) {
				return
			}
		}
	}
	if err := list(ctx, s, renewSettingColumns, differences); err != nil {
		return err
	}
	if different > 0 {
		return &Error{output.Plural(int64(different), "subscription") + " with another setting than desired", exitNotSucceeded}
	}
	return nil
}

// differs reports whether a setting is not the desired one. One that cannot be read is not.
func (c *diffAutoRenewCommand) differs(r renewSetting) bool {
	switch {
	case r.GetError() != nil:
		return true
	case c.Want == "":
		return r.GetSetting().GetDrift() != nil
	}
	return r.GetSetting().GetStatus() != renewWords[c.Want]
}
