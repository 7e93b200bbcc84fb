package operator

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/operator/output"
)

// startCommand is `ecsd instances start`.
type startCommand struct {
	targets `embed:""`
	action  `embed:""`
	waits   `embed:""`
}

// Examples of the command.
func (*startCommand) Examples() string {
	return `ecsd instances start --tag env=demo --status stopped --preview
# Each morning, from cron:
ecsd instances start --tag env=demo --status stopped --wait`
}

// Validate checks the flags.
func (c *startCommand) Validate() error { return errors.Join(c.check(), c.action.Validate()) }

// Run starts the instances. A start is not confirmed: a stop takes it back.
func (c *startCommand) Run(ctx context.Context, streams Streams, o *Instances) error {
	s, instances, err := o.targeted(ctx, streams, &c.targets)
	if err != nil {
		return err
	}
	defer s.close()
	start := operation{"start", ecsdv1.InstanceStatus_INSTANCE_STATUS_RUNNING, func(ctx context.Context, b batch, id string, preview bool) ([]*ecsdv1.InstanceTransitionResult, error) {
		answer, err := work(ctx, s.client.Instances().StartInstances, &ecsdv1.StartInstancesRequest{RegionId: b.region, InstanceIds: b.ids, RequestId: id, ValidateOnly: preview})
		return answer.GetResults(), err
	}}
	return s.operate(ctx, start, &c.action, c.waits, instances, batchSize, false)
}

// stopCommand is `ecsd instances stop`.
type stopCommand struct {
	targets `embed:""`

	Force        bool `help:"Cut the power instead of shutting down. Data that is not written to disk is lost." group:"How:"`
	StopCharging bool `help:"Stop charging for CPU, memory and public addresses of pay-as-you-go instances." group:"How:" xor:"charging"`
	KeepCharging bool `help:"Continue to charge, and keep the capacity reserved." group:"How:" xor:"charging"`

	action `embed:""`
	waits  `embed:""`
}

// Examples of the command.
func (*stopCommand) Examples() string {
	return `ecsd instances stop --tag env=dev --status running --preview
# Each night, from cron:
ecsd instances stop --tag env=demo --status running --stop-charging --yes --wait`
}

// Validate checks the flags.
func (c *stopCommand) Validate() error { return errors.Join(c.check(), c.action.Validate()) }

// Run stops the instances.
func (c *stopCommand) Run(ctx context.Context, streams Streams, o *Instances) error {
	if err := c.prompts(streams); err != nil {
		return err
	}
	s, instances, err := o.targeted(ctx, streams, &c.targets)
	if err != nil {
		return err
	}
	defer s.close()
	mode := ecsdv1.StoppedMode_STOPPED_MODE_UNSPECIFIED
	switch {
	case c.StopCharging:
		mode = ecsdv1.StoppedMode_STOPPED_MODE_STOP_CHARGING
	case c.KeepCharging:
		mode = ecsdv1.StoppedMode_STOPPED_MODE_KEEP_CHARGING
	}
	stop := operation{"stop", ecsdv1.InstanceStatus_INSTANCE_STATUS_STOPPED, func(ctx context.Context, b batch, id string, preview bool) ([]*ecsdv1.InstanceTransitionResult, error) {
		answer, err := work(ctx, s.client.Instances().StopInstances, &ecsdv1.StopInstancesRequest{
			RegionId: b.region, InstanceIds: b.ids, Force: c.Force, StoppedMode: mode, RequestId: id, ValidateOnly: preview,
		})
		return answer.GetResults(), err
	}}
	return s.operate(ctx, stop, &c.action, c.waits, instances, batchSize, true)
}

// share is a number of instances, or a part of all: 5 or 10%.
type share struct {
	count   int
	percent int
}

// UnmarshalText reads a share.
func (s *share) UnmarshalText(text []byte) error {
	number, percent := strings.CutSuffix(string(text), "%")
	n, err := strconv.Atoi(number)
	switch {
	case err != nil, n < 1, percent && n > 100, n > batchSize:
		return fmt.Errorf("%q: want a number of instances from 1 to %d, or a part of all from 1%% to 100%%", text, batchSize)
	case percent:
		s.percent = n
	default:
		s.count = n
	}
	return nil
}

// of returns the size of a batch, at least 1 and at most batchSize.
func (s share) of(all int) int {
	switch {
	case s.count > 0:
		return s.count
	case s.percent > 0:
		return min(max(1, int(math.Floor(float64(all)*float64(s.percent)/100))), batchSize)
	}
	return batchSize
}

// rebootCommand is `ecsd instances reboot`.
type rebootCommand struct {
	targets `embed:""`

	Force bool  `help:"Cut the power instead of shutting down. Data that is not written to disk is lost." group:"How:"`
	Batch share `placeholder:"N|N%" help:"Reboot this many instances at a time, or this part of them, and wait until they run before the next ones. A failure ends the command. Default: all at once." group:"How:"`

	action `embed:""`
	waits  `embed:""`
}

// Examples of the command.
func (*rebootCommand) Examples() string {
	return `# A tenth of the instances at a time:
ecsd instances reboot --tag env=demo --status running --batch 10% --preview`
}

// Validate checks the flags.
func (c *rebootCommand) Validate() error { return errors.Join(c.check(), c.action.Validate()) }

// Run reboots the instances.
func (c *rebootCommand) Run(ctx context.Context, streams Streams, o *Instances) error {
	if err := c.prompts(streams); err != nil {
		return err
	}
	s, instances, err := o.targeted(ctx, streams, &c.targets)
	if err != nil {
		return err
	}
	defer s.close()
	reboot := operation{"reboot", ecsdv1.InstanceStatus_INSTANCE_STATUS_RUNNING, func(ctx context.Context, b batch, id string, preview bool) ([]*ecsdv1.InstanceTransitionResult, error) {
		answer, err := work(ctx, s.client.Instances().RebootInstances, &ecsdv1.RebootInstancesRequest{
			RegionId: b.region, InstanceIds: b.ids, Force: c.Force, RequestId: id, ValidateOnly: preview,
		})
		return answer.GetResults(), err
	}}
	return s.operate(ctx, reboot, &c.action, c.waits, instances, c.Batch.of(len(instances)), true)
}

// targeted connects and finds the instances of a command.
func (o *Instances) targeted(ctx context.Context, streams Streams, t *targets) (*session, []*ecsdv1.Instance, error) {
	s, err := o.dial(streams)
	if err != nil {
		return nil, nil, err
	}
	instances, err := t.find(ctx, s)
	if err != nil {
		s.close()
		return nil, nil, err
	}
	return s, instances, nil
}

// waitCommand is `ecsd instances wait`.
type waitCommand struct {
	targets `embed:""`

	For     string        `required:"" placeholder:"STATUS" help:"The status: pending, starting, running, stopping or stopped." group:"How:"`
	Timeout time.Duration `default:"10m" placeholder:"DURATION" help:"Deadline. Default ${default}." group:"How:"`
}

// Examples of the command.
func (*waitCommand) Examples() string {
	return `ecsd instances wait --tag env=demo --for running --timeout 5m`
}

// Validate checks the flags.
func (c *waitCommand) Validate() error {
	_, err := one[ecsdv1.InstanceStatus]("--for", c.For)
	return errors.Join(err, c.check())
}

// Run waits.
func (c *waitCommand) Run(ctx context.Context, streams Streams, o *Instances) error {
	s, instances, err := o.targeted(ctx, streams, &c.targets)
	if err != nil {
		return err
	}
	defer s.close()
	status, err := one[ecsdv1.InstanceStatus]("--for", c.For)
	if err != nil {
		return &Error{err.Error(), exitUsage}
	}
	for _, b := range batches(instances, batchSize) {
		if err := s.await(ctx, b, status, c.Timeout); err != nil {
			return err
		}
	}
	current, err := s.current(ctx, instances)
	if err != nil {
		return err
	}
	return output.List(s.out, instanceColumns, output.Of(current))
}
