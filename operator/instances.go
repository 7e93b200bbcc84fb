package operator

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/operator/output"
)

// Instances is `ecsd instances`. Mount it like [Renewals].
type Instances struct {
	Connection `embed:"" group:"common"`

	List    listInstancesCommand  `cmd:"" help:"List instances of all regions."`
	Get     getInstancesCommand   `cmd:"" help:"Show instances, read from the cloud now."`
	Run     runCommand            `cmd:"" help:"Create instances: preview the price, confirm, create."`
	Stop    stopCommand           `cmd:"" help:"Stop instances: preview, confirm, stop."`
	Start   startCommand          `cmd:"" help:"Start instances."`
	Reboot  rebootCommand         `cmd:"" help:"Reboot instances: preview, confirm, reboot, also in batches."`
	Wait    waitCommand           `cmd:"" help:"Wait until instances have a status."`
	Watch   watchInstancesCommand `cmd:"" help:"Print instances as they change. Ctrl-C ends it."`
	Changes changesCommand        `cmd:"" help:"List the changes of instances, with the calls that caused them."`
	Resize  resizeCommand         `cmd:"" help:"Change the instance type: preview the price, confirm, change."`
	Charge  chargeCommand         `cmd:"" help:"Change between subscription and pay-as-you-go: preview the price, confirm, change."`
	Tag     tagCommand            `cmd:"" help:"Set and remove tags."`
	Protect protectCommand        `cmd:"" help:"Set or remove deletion protection."`
	Release releaseCommand        `cmd:"" help:"Release instances for good: preview, confirm, save their disks in snapshots, release."`

	Modifications modificationsCommand `cmd:"" help:"List changes of instance type and charge type, with their orders."`
}

// instanceColumns are the columns of lists of instances.
var instanceColumns = []output.Column[*ecsdv1.Instance]{
	{Title: "NAME", Name: "instance_name", Value: func(i *ecsdv1.Instance) any { return i.GetInstanceName() }, Cut: true},
	{Title: "INSTANCE", Name: "instance_id", Value: func(i *ecsdv1.Instance) any { return i.GetInstanceId() }},
	{Title: "REGION", Name: "region_id", Value: func(i *ecsdv1.Instance) any { return i.GetRegionId() }, Region: true, Drop: 2},
	{Title: "STATUS", Name: "status", Value: func(i *ecsdv1.Instance) any { return i.GetStatus() }, Colour: statusColour},
	{Title: "TYPE", Name: "instance_type", Value: func(i *ecsdv1.Instance) any { return i.GetInstanceType() }, Drop: 3},
	{Title: "CHARGE", Name: "charge_type", Value: func(i *ecsdv1.Instance) any { return chargeWord(i) }, Drop: 4},
	{Title: "EXPIRES", Name: "expire_time", Value: func(i *ecsdv1.Instance) any { return i.GetExpireTime() }, Drop: 1},
	{Title: "ADDRESS", Name: "private_ip_addresses", Value: func(i *ecsdv1.Instance) any { return i.GetPrivateIpAddresses() }, Drop: 5},
	{Name: "public_ip_addresses", Value: func(i *ecsdv1.Instance) any { return i.GetPublicIpAddresses() }},
	{Name: "zone_id", Value: func(i *ecsdv1.Instance) any { return i.GetZoneId() }},
	{Name: "tags", Value: func(i *ecsdv1.Instance) any { return tagWords(i.GetTags()) }},
	{Name: "locks", Value: func(i *ecsdv1.Instance) any { return lockWords(i) }},
	{Name: "observed_time", Value: func(i *ecsdv1.Instance) any { return i.GetObservedTime() }},
}

// chargeWord returns SUBSCRIPTION, PAY_AS_YOU_GO or SPOT.
func chargeWord(i *ecsdv1.Instance) string {
	if i.GetSpot().GetStrategy() != ecsdv1.SpotStrategy_SPOT_STRATEGY_UNSPECIFIED {
		return "SPOT"
	}
	return output.Enum(i.GetChargeType())
}

func statusColour(i *ecsdv1.Instance) output.Colour {
	switch i.GetStatus() {
	case ecsdv1.InstanceStatus_INSTANCE_STATUS_RUNNING:
		return output.Good
	case ecsdv1.InstanceStatus_INSTANCE_STATUS_STOPPED:
		return output.Dim
	}
	return output.Warn
}

func tagWords(tags []*ecsdv1.Tag) (words []string) {
	for _, t := range tags {
		words = append(words, t.GetKey()+"="+t.GetValue())
	}
	return words
}

func lockWords(i *ecsdv1.Instance) (words []string) {
	for _, lock := range i.GetOperationLocks() {
		words = append(words, output.Enum(lock.GetReason()))
	}
	return words
}

// listInstancesCommand is `ecsd instances list`.
type listInstancesCommand struct {
	regions `embed:""`
	filters `embed:""`

	MaxAge time.Duration `default:"0s" placeholder:"DURATION" help:"Maximum age of the list. With 1m, regions that were polled within the last minute cost no call to the cloud. Default: read the cloud now."`
	Limit  int           `default:"0" placeholder:"N" help:"Maximum number of instances; 0 for all. Default ${default}."`
}

// Examples of the command.
func (*listInstancesCommand) Examples() string {
	return `ecsd instances list --tag env=prod --status running
# From memory, without a call to the cloud, for programs:
ecsd instances list --max-age 1m -o json`
}

// Validate checks the flags.
func (c *listInstancesCommand) Validate() error {
	return errors.Join(c.check(), notNegative("--max-age", c.MaxAge), notNegative("--limit", c.Limit))
}

// Run lists the instances.
func (c *listInstancesCommand) Run(ctx context.Context, streams Streams, o *Instances) error {
	s, err := o.dial(streams)
	if err != nil {
		return err
	}
	defer s.close()
	request := &ecsdv1.ListInstancesRequest{RegionIds: c.Region, Filter: c.mustFilter(), MaxStaleness: durationpb.New(c.MaxAge), PageSize: batchSize}
	return list(ctx, s, instanceColumns, output.Limit(c.Limit, s.client.ListInstances(ctx, request)))
}

// getInstancesCommand is `ecsd instances get`.
type getInstancesCommand struct {
	Instances []string `arg:"" name:"instance" help:"IDs of instances."`
	regions   `embed:""`
}

// Examples of the command.
func (*getInstancesCommand) Examples() string {
	return `ecsd instances get $INSTANCE
ecsd instances get $INSTANCE -o json`
}

// Run shows the instances.
func (c *getInstancesCommand) Run(ctx context.Context, streams Streams, o *Instances) error {
	s, err := o.dial(streams)
	if err != nil {
		return err
	}
	defer s.close()
	found, err := s.named(ctx, c.Instances, c.Region)
	if err != nil {
		return err
	}
	current, err := s.current(ctx, found)
	if err != nil {
		return err
	}
	if len(current) == 1 {
		return show(s, instanceColumns, current[0], func() { printInstance(s.out, current[0]) })
	}
	return output.List(s.out, instanceColumns, output.Of(current))
}

// current reads instances from the cloud.
func (s *session) current(ctx context.Context, instances []*ecsdv1.Instance) ([]*ecsdv1.Instance, error) {
	var current []*ecsdv1.Instance
	for _, b := range batches(instances, batchSize) {
		answer, err := work(ctx, s.client.Instances().BatchGetInstances, &ecsdv1.BatchGetInstancesRequest{RegionId: b.region, InstanceIds: b.ids})
		if err != nil {
			return nil, s.failed(ctx, err)
		}
		for _, result := range answer.GetResults() {
			if e := result.GetError(); e != nil {
				return nil, &Error{fmt.Sprintf("%s: %s: %s", result.GetInstanceId(), e.GetReason(), e.GetMessage()), exitFailed}
			}
			current = append(current, result.GetInstance())
		}
	}
	return current, nil
}

// printInstance prints an instance for people.
func printInstance(out *output.Printer, i *ecsdv1.Instance) {
	out.Field("instance", i.GetInstanceId())
	out.Field("name", i.GetInstanceName())
	out.Field("region", strings.TrimSpace(i.GetRegionId()+" "+i.GetZoneId()))
	status := output.Enum(i.GetStatus())
	if locks := lockWords(i); len(locks) > 0 {
		status += ", locked: " + strings.Join(locks, ", ")
	}
	out.Field("status", status)
	out.Field("type", fmt.Sprintf("%s (%d vCPU, %.4g GiB)", i.GetInstanceType(), i.GetCpu(), float64(i.GetMemoryMib())/1024))
	out.Field("image", strings.TrimSpace(i.GetImageId()+" "+i.GetOsName()))
	out.Field("charge", chargeWord(i))
	if i.GetExpireTime() != nil {
		out.Field("expires", out.Time(i.GetExpireTime()))
	}
	if i.GetAutoReleaseTime() != nil {
		out.Field("released", out.Time(i.GetAutoReleaseTime()))
	}
	out.Field("created", out.Time(i.GetCreateTime()))
	out.Field("addresses", strings.Join(append(append(i.GetPrivateIpAddresses(), i.GetPublicIpAddresses()...), i.GetEipAddress()), " "))
	out.Field("tags", strings.Join(tagWords(i.GetTags()), " "))
	if i.GetDeletionProtection() {
		out.Field("protected", "from deletion")
	}
	out.Field("read", out.Second(i.GetObservedTime().AsTime()))
}

// show writes one message: as a document, as a row of CSV, or as text for people.
func show[T proto.Message](s *session, columns []output.Column[T], message T, people func()) error {
	return output.Message(s.out, message, func() error {
		if s.out.Format() == output.CSV {
			return output.List(s.out, columns, output.Of([]T{message}))
		}
		people()
		return nil
	})
}

// notNegative checks a flag.
func notNegative[N ~int | ~int32 | ~int64](flag string, n N) error {
	if n < 0 {
		return fmt.Errorf("%s must be 0 or more", flag)
	}
	return nil
}
