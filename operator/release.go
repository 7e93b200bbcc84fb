package operator

import (
	"context"
	"errors"
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/ecsd-io/ecsd/client"
	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/operator/output"
)

// releaseCommand is `ecsd instances release`.
type releaseCommand struct {
	targets `embed:""`

	Force              bool   `help:"Release instances that are not stopped, too." group:"How:"`
	OverrideProtection bool   `help:"Remove the deletion protection of protected instances first. It is restored if an instance is not released." group:"How:"`
	UnexpiredToo       bool   `name:"unexpired" help:"Release subscriptions that have not ended, too." group:"How:"`
	Max                int32  `placeholder:"N" help:"Maximum number of instances that this command may release, 1 to 1000. Default: the server's --max-release." group:"How:"`
	Note               string `placeholder:"TEXT" help:"Note that the job keeps, such as a ticket: at most 256 characters." group:"How:"`

	action `embed:""`
}

// Examples of the command.
func (*releaseCommand) Examples() string {
	return `# What would be deleted:
ecsd instances release --tag env=demo --force --preview
# Release them, after a snapshot of each disk:
ecsd instances release --tag env=demo --force --note "end of the demo" --yes`
}

// Validate checks the flags.
func (c *releaseCommand) Validate() error {
	err := errors.Join(c.check(), c.action.Validate())
	if c.Max < 0 || c.Max > batchSize {
		err = errors.Join(err, fmt.Errorf("--max must be 1 to %d", batchSize))
	}
	return err
}

// releaseColumns are the columns of the preview and of the items of a job.
var releaseColumns = []output.Column[*ecsdv1.ReleaseJobItem]{
	{Title: "NAME", Name: "instance_name", Value: func(i *ecsdv1.ReleaseJobItem) any { return i.GetInstanceName() }, Cut: true},
	{Title: "INSTANCE", Name: "instance_id", Value: func(i *ecsdv1.ReleaseJobItem) any { return i.GetInstanceId() }},
	{Title: "STATE", Name: "state", Value: func(i *ecsdv1.ReleaseJobItem) any { return i.GetState() }, Colour: releaseColour},
	{Title: "DISKS", Name: "disks", Value: func(i *ecsdv1.ReleaseJobItem) any { return releasedDisks(i) }, Drop: 1},
	{Title: "ERROR", Name: "error", Value: func(i *ecsdv1.ReleaseJobItem) any { return i.GetError().GetReason() }, Colour: releaseColour},
	{Name: "message", Value: func(i *ecsdv1.ReleaseJobItem) any { return i.GetError().GetMessage() }},
}

func releaseColour(i *ecsdv1.ReleaseJobItem) output.Colour {
	switch {
	case i.GetError() != nil:
		return output.Bad
	case i.GetState() == ecsdv1.ReleaseState_RELEASE_STATE_RELEASED:
		return output.Good
	}
	return output.Plain
}

// releasedDisks describes the disks of an instance: their outcome and their snapshots.
func releasedDisks(i *ecsdv1.ReleaseJobItem) (words []string) {
	for _, d := range i.GetDisks() {
		word := d.GetDiskId() + ":" + output.Enum(d.GetOutcome())
		if d.GetSnapshotId() != "" {
			word += ":" + d.GetSnapshotId()
		}
		words = append(words, word)
	}
	return words
}

// Run previews, confirms and follows a release job per region.
func (c *releaseCommand) Run(ctx context.Context, streams Streams, o *Instances) error {
	if err := c.prompts(streams); err != nil {
		return err
	}
	s, instances, err := o.targeted(ctx, streams, &c.targets)
	if err != nil {
		return err
	}
	defer s.close()
	id := c.id(s)
	var requests []*ecsdv1.CreateReleaseJobRequest
	for n, b := range batches(instances, batchSize) {
		requests = append(requests, &ecsdv1.CreateReleaseJobRequest{
			RegionId: b.region, InstanceIds: b.ids, Force: c.Force, OverrideDeletionProtection: c.OverrideProtection,
			AllowUnexpiredSubscription: c.UnexpiredToo, MaxInstances: c.Max, Note: c.Note, RequestId: partID(id, n),
		})
	}
	if c.Preview || !c.Yes {
		refused, err := c.preview(ctx, s, requests, byID(instances))
		switch {
		case err != nil, c.Preview:
			return err
		case refused == len(instances):
			return &Error{"none of them can be released, see the table; nothing was released", exitNoneRenewable}
		}
		question := fmt.Sprintf("Release %s for good, after a snapshot of each disk?", output.Plural(int64(len(instances)-refused), "instance"))
		if err := s.confirm(ctx, question); err != nil {
			return err
		}
	}
	var failed error
	for _, request := range requests {
		if err := s.release(ctx, request); err != nil {
			failed = err
		}
	}
	return failed
}

// preview prints the effect of the jobs and returns how many instances are refused.
func (c *releaseCommand) preview(ctx context.Context, s *session, requests []*ecsdv1.CreateReleaseJobRequest, instances map[string]*ecsdv1.Instance) (refused int, err error) {
	var items []*ecsdv1.ReleaseJobItem
	for _, request := range requests {
		dry := proto.CloneOf(request)
		dry.ValidateOnly, dry.RequestId = true, ""
		answer, err := work(ctx, s.client.Instances().CreateReleaseJob, dry)
		if err != nil {
			return 0, s.failed(ctx, err)
		}
		for _, r := range answer.GetResults() {
			item := &ecsdv1.ReleaseJobItem{InstanceId: r.GetInstanceId(), InstanceName: instances[r.GetInstanceId()].GetInstanceName(), State: ecsdv1.ReleaseState_RELEASE_STATE_PLANNED, Error: r.GetError()}
			if r.GetError() != nil {
				item.State = ecsdv1.ReleaseState_RELEASE_STATE_SKIPPED
				refused++
			}
			for _, d := range r.GetRelease().GetDisks() {
				item.Disks = append(item.Disks, &ecsdv1.ReleaseJobDisk{DiskId: d.GetDisk().GetDiskId(), Outcome: d.GetOutcome()})
			}
			items = append(items, item)
		}
	}
	return refused, output.List(s.out, releaseColumns, output.Of(items))
}

// release creates a job and follows it to its end.
func (s *session) release(ctx context.Context, request *ecsdv1.CreateReleaseJobRequest) error {
	created, err := work(ctx, s.client.Instances().CreateReleaseJob, request)
	if err != nil {
		return s.failed(ctx, err)
	}
	job := created.GetJob()
	s.out.Field("job", job.GetJobId())
	for event, err := range s.client.WatchReleaseJob(ctx, &ecsdv1.WatchReleaseJobRequest{JobId: job.GetJobId()}) {
		if ctx.Err() != nil {
			return &Error{"stopped watching; the job continues\n  to see it   the same command with --request-id " + request.GetRequestId(), exitInterrupted}
		}
		if err != nil {
			return s.failed(ctx, err)
		}
		if e, ok := event.(*client.ReleaseJobChanged); ok {
			job = e.Job
		}
	}
	ended, err := ask(ctx, s.client.Instances().GetReleaseJob, &ecsdv1.GetReleaseJobRequest{JobId: job.GetJobId()})
	if err != nil {
		return s.failed(ctx, err)
	}
	if err := output.List(s.out, releaseColumns, output.Of(ended.GetItems())); err != nil {
		return err
	}
	if state := ended.GetJob().GetState(); state != ecsdv1.ReleaseJobState_RELEASE_JOB_STATE_SUCCEEDED {
		return &Error{fmt.Sprintf("job %s ended %s", job.GetJobId(), output.Enum(state)), exitNotSucceeded}
	}
	return nil
}
