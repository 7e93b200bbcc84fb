package operator

import (
	"context"
	"errors"
	"fmt"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/operator/output"
)

// tagCommand is `ecsd instances tag`.
type tagCommand struct {
	targets `embed:""`

	Set     []tag    `placeholder:"KEY=VALUE" help:"Tag to set (repeatable)." group:"How:"`
	Remove  []string `placeholder:"KEY" help:"Key of a tag to remove (repeatable)." group:"How:"`
	Preview bool     `help:"Run every check and show the instances; change nothing." group:"How:"`
}

// Examples of the command.
func (*tagCommand) Examples() string {
	return `ecsd instances tag --tag env=demo --set owner=platform --remove team`
}

// Validate checks the flags.
func (c *tagCommand) Validate() error {
	err := c.check()
	if len(c.Set) == 0 && len(c.Remove) == 0 {
		err = errors.Join(err, errors.New("give --set KEY=VALUE or --remove KEY"))
	}
	return err
}

// Run sets the tags.
func (c *tagCommand) Run(ctx context.Context, streams Streams, o *Instances) error {
	s, instances, err := o.targeted(ctx, streams, &c.targets)
	if err != nil {
		return err
	}
	defer s.close()
	return s.set(ctx, instances, func(ctx context.Context, b batch) ([]*ecsdv1.InstanceResult, error) {
		answer, err := work(ctx, s.client.Instances().SetTags, &ecsdv1.SetTagsRequest{RegionId: b.region, InstanceIds: b.ids, Tags: messages(c.Set), RemoveTagKeys: c.Remove, ValidateOnly: c.Preview})
		return answer.GetResults(), err
	})
}

// protectCommand is `ecsd instances protect`.
type protectCommand struct {
	Setting string `arg:"" enum:"on,off" help:"on or off."`

	targets `embed:""`

	Preview bool `help:"Run every check and show the instances; change nothing." group:"How:"`
	Yes     bool `short:"y" help:"Skip the confirmation of off. Required if standard input is not a terminal." group:"How:"`
}

// Examples of the command.
func (*protectCommand) Examples() string {
	return `ecsd instances protect on --tag env=prod --charge pay-as-you-go --preview`
}

// Validate checks the flags.
func (c *protectCommand) Validate() error { return c.check() }

// Run sets the protection.
func (c *protectCommand) Run(ctx context.Context, streams Streams, o *Instances) error {
	on := c.Setting == "on"
	if err := promptable(streams, on || c.Preview || c.Yes); err != nil {
		return err
	}
	s, instances, err := o.targeted(ctx, streams, &c.targets)
	if err != nil {
		return err
	}
	defer s.close()
	if !on && !c.Preview && !c.Yes {
		if err := output.List(s.out, instanceColumns, output.Of(instances)); err != nil {
			return err
		}
		if err := s.confirm(ctx, fmt.Sprintf("Remove the deletion protection of %s?", output.Plural(int64(len(instances)), "instance"))); err != nil {
			return err
		}
	}
	return s.set(ctx, instances, func(ctx context.Context, b batch) ([]*ecsdv1.InstanceResult, error) {
		answer, err := work(ctx, s.client.Instances().SetDeletionProtection, &ecsdv1.SetDeletionProtectionRequest{RegionId: b.region, InstanceIds: b.ids, DeletionProtection: &on, ValidateOnly: c.Preview})
		return answer.GetResults(), err
	})
}

// instanceResult is the outcome of a setting for one instance.
type instanceResult struct {
	*ecsdv1.InstanceResult
	instance *ecsdv1.Instance
}

var instanceResultColumns = []output.Column[instanceResult]{
	{Title: "NAME", Name: "instance_name", Value: func(r instanceResult) any { return r.instance.GetInstanceName() }, Cut: true},
	{Title: "INSTANCE", Name: "instance_id", Value: func(r instanceResult) any { return r.GetInstanceId() }},
	{Title: "REGION", Name: "region_id", Value: func(r instanceResult) any { return r.instance.GetRegionId() }, Region: true, Drop: 2},
	{Title: "TAGS", Name: "tags", Value: func(r instanceResult) any { return tagWords(r.GetInstance().GetTags()) }, Cut: true, Drop: 1},
	{Title: "PROTECTED", Name: "deletion_protection", Value: func(r instanceResult) any { return r.GetInstance().GetDeletionProtection() }, Drop: 3},
	{Title: "ERROR", Name: "error", Value: func(r instanceResult) any { return r.GetError().GetReason() }, Colour: func(instanceResult) output.Colour { return output.Bad }},
	{Name: "message", Value: func(r instanceResult) any { return r.GetError().GetMessage() }},
}

// set changes a setting of instances and prints the results.
func (s *session) set(ctx context.Context, instances []*ecsdv1.Instance, call func(context.Context, batch) ([]*ecsdv1.InstanceResult, error)) error {
	names := byID(instances)
	failed := 0
	results := func(yield func(instanceResult, error) bool) {
		for _, b := range batches(instances, batchSize) {
			part, err := call(ctx, b)
			if err != nil {
				yield(instanceResult{}, err)
				return
			}
			failed += failures(part)
			for _, r := range part {
				if !yield(instanceResult{r, names[r.GetInstanceId()]}, nil) {
					return
				}
			}
		}
	}
	if err := list(ctx, s, instanceResultColumns, results); err != nil {
		return err
	}
	return notSet(failed, len(instances))
}
