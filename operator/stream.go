package operator

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/ecsd-io/ecsd/client"
	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/operator/output"
)

// errInterrupted ends a command that runs until Ctrl-C.
var errInterrupted = &Error{"interrupted", exitInterrupted}

// events prints the events of a watch until the command is interrupted.
func events[E any](ctx context.Context, s *session, watch iter.Seq2[E, error], write func(E) error) error {
	if s.out.Format() == output.CSV {
		return &Error{`invalid --output "csv": want table or json: this command prints events as they happen`, exitUsage}
	}
	for event, err := range watch {
		if ctx.Err() != nil {
			return errInterrupted
		}
		if err != nil {
			return s.failed(ctx, err)
		}
		if lost, ok := any(event).(*client.Interrupted); ok {
			fmt.Fprintf(s.streams.Err, "connection lost (%s), reconnecting\n", client.ErrorOf(lost.Err).Message)
			continue
		}
		if err := write(event); err != nil {
			return err
		}
	}
	return errInterrupted
}

// line prints an event at once: a line of text for people, or the message in JSON.
func (s *session) line(message proto.Message, text string) error {
	if s.out.People() {
		s.out.Printf("%s\n", s.out.Shorten(output.Clean(text)))
		return nil
	}
	document, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(message)
	if err == nil {
		_, err = fmt.Fprintf(s.streams.Out, "%s\n", document)
	}
	return err
}

// watchInstancesCommand is `ecsd instances watch`.
type watchInstancesCommand struct {
	Instances []string `arg:"" optional:"" name:"instance" help:"IDs of instances. Default: all that match the filters."`
	regions   `embed:""`
	filters   `embed:""`

	Current bool `help:"Print the current state of each instance first." group:"How:"`
}

// Examples of the command.
func (*watchInstancesCommand) Examples() string {
	return `# Until Ctrl-C; timeout ends it too:
timeout --preserve-status -s INT 1 ecsd instances watch --tag env=prod || true`
}

// Validate checks the flags.
func (c *watchInstancesCommand) Validate() error { return c.check() }

// Run prints the changes until it is interrupted.
func (c *watchInstancesCommand) Run(ctx context.Context, streams Streams, o *Instances) error {
	s, err := o.dial(streams)
	if err != nil {
		return err
	}
	defer s.close()
	request := &ecsdv1.WatchInstancesRequest{RegionIds: c.Region, InstanceIds: c.Instances, Filter: c.mustFilter(), Delivery: ecsdv1.WatchDelivery_WATCH_DELIVERY_EVERY_CHANGE}
	watched := map[string]*ecsdv1.Instance{}
	return events(ctx, s, s.client.Watch(ctx, request), func(event client.Event) error { return c.print(s, event, watched) })
}

// print prints one event and remembers the instance.
func (c *watchInstancesCommand) print(s *session, event client.Event, watched map[string]*ecsdv1.Instance) error {
	switch e := event.(type) {
	case *client.Snapshot:
		watched[e.Instance.GetInstanceId()] = e.Instance
		if c.Current {
			m := &ecsdv1.WatchInstancesResponse{Revision: e.Revision, Event: &ecsdv1.WatchInstancesResponse_Snapshot{
				Snapshot: &ecsdv1.WatchSnapshot{Instances: []*ecsdv1.Instance{e.Instance}}}}
			return s.line(m, instanceLine(s.out, e.Instance, output.Enum(e.Instance.GetStatus())))
		}
	case *client.Changed:
		before := watched[e.Instance.GetInstanceId()]
		watched[e.Instance.GetInstanceId()] = e.Instance
		m := &ecsdv1.WatchInstancesResponse{Revision: e.Revision, Event: &ecsdv1.WatchInstancesResponse_Changed{
			Changed: &ecsdv1.InstanceChanged{Instance: e.Instance, PreviousStatus: e.PreviousStatus, Skipped: e.Skipped}}}
		return s.line(m, instanceLine(s.out, e.Instance, difference(before, e.Instance)))
	case *client.Removed:
		before := watched[e.InstanceID]
		delete(watched, e.InstanceID)
		m := &ecsdv1.WatchInstancesResponse{Revision: e.Revision, Event: &ecsdv1.WatchInstancesResponse_Removed{
			Removed: &ecsdv1.InstanceRemoved{InstanceId: e.InstanceID, RegionId: e.RegionID, Reason: e.Reason}}}
		gone := &ecsdv1.Instance{InstanceId: e.InstanceID, RegionId: e.RegionID, InstanceName: before.GetInstanceName(), ObservedTime: timestamppb.Now()}
		return s.line(m, instanceLine(s.out, gone, "gone: "+output.Enum(e.Reason)))
	case *client.Checkpoint:
		if !s.out.People() {
			return s.line(&ecsdv1.WatchInstancesResponse{Revision: e.Revision, Event: &ecsdv1.WatchInstancesResponse_Checkpoint{
				Checkpoint: &ecsdv1.WatchCheckpoint{ResumeToken: e.ResumeToken, ObservedTime: timestamppb.New(e.ObservedTime), Degraded: e.Degraded}}}, "")
		}
		for _, d := range e.Degraded {
			fmt.Fprintf(s.streams.Err, "region %s cannot be read since %s: %s\n", d.GetRegionId(), s.out.Time(d.GetSince()), d.GetError().GetReason())
		}
		if e.Snapshot {
			fmt.Fprintf(s.streams.Err, "watching %s\n", output.Plural(int64(len(watched)), "instance"))
		}
	}
	return nil
}

// instanceLine describes an instance for people.
func instanceLine(out *output.Printer, i *ecsdv1.Instance, what string) string {
	return fmt.Sprintf("%s  %s  %s  %s  %s", out.Second(i.GetObservedTime().AsTime()), i.GetRegionId(), i.GetInstanceId(), i.GetInstanceName(), what)
}

// difference describes what changed of an instance.
func difference(before, after *ecsdv1.Instance) string {
	if before == nil {
		return "new: " + output.Enum(after.GetStatus())
	}
	var words []string
	if before.GetStatus() != after.GetStatus() {
		words = append(words, output.Enum(before.GetStatus())+" -> "+output.Enum(after.GetStatus()))
	}
	b, a := before.ProtoReflect(), after.ProtoReflect()
	fields := b.Descriptor().Fields()
	for n := range fields.Len() {
		f := fields.Get(n)
		if name := f.Name(); name == "status" || name == "provider_status" || name == "observed_time" {
			continue
		}
		if !b.Get(f).Equal(a.Get(f)) || b.Has(f) != a.Has(f) {
			words = append(words, string(f.Name()))
		}
	}
	return strings.Join(words, ", ")
}

// changesCommand is `ecsd instances changes`.
type changesCommand struct {
	Instances []string `arg:"" optional:"" name:"instance" help:"IDs of instances. Default: all."`
	regions   `embed:""`

	Since past   `placeholder:"SPAN|TIME" help:"Changes since this time, or so long ago, such as 24h. Default: the whole history of the server." group:"Which changes:"`
	Until moment `placeholder:"TIME" help:"Changes before this time." group:"Which changes:"`
	Limit int    `default:"0" placeholder:"N" help:"Maximum number; 0 for all. Default ${default}." group:"Which changes:"`
}

// Examples of the command.
func (*changesCommand) Examples() string {
	return `# What changed in the last day, and which calls of ecsd caused it:
ecsd instances changes --since 24h
ecsd instances changes $INSTANCE -o csv`
}

// Validate checks the flags.
func (c *changesCommand) Validate() error { return notNegative("--limit", c.Limit) }

var changeColumns = []output.Column[*ecsdv1.InstanceChange]{
	{Title: "FOUND", Name: "found_time", Value: func(c *ecsdv1.InstanceChange) any { return c.GetFoundTime() }},
	{Title: "NAME", Name: "instance_name", Value: func(c *ecsdv1.InstanceChange) any { return c.GetInstance().GetInstanceName() }, Cut: true},
	{Title: "INSTANCE", Name: "instance_id", Value: func(c *ecsdv1.InstanceChange) any { return c.GetInstanceId() }},
	{Title: "REGION", Name: "region_id", Value: func(c *ecsdv1.InstanceChange) any { return c.GetRegionId() }, Region: true, Drop: 3},
	{Title: "CHANGE", Name: "change", Value: func(c *ecsdv1.InstanceChange) any { return changedWord(c) }, Cut: true},
	{Title: "BY", Name: "caller", Value: func(c *ecsdv1.InstanceChange) any { return c.GetCause().GetCaller() }, Cut: true, Drop: 1},
	{Title: "CALL", Name: "rpc", Value: func(c *ecsdv1.InstanceChange) any { return methodWord(c.GetCause().GetRpc()) }, Drop: 2},
	{Name: "request_id", Value: func(c *ecsdv1.InstanceChange) any { return c.GetCause().GetRequestId() }},
	{Name: "job_id", Value: func(c *ecsdv1.InstanceChange) any { return c.GetCause().GetJobId() }},
}

// changedWord describes a change.
func changedWord(c *ecsdv1.InstanceChange) string {
	switch c.GetKind() {
	case ecsdv1.InstanceChangeKind_INSTANCE_CHANGE_KIND_CHANGED:
		words := slices.DeleteFunc(slices.Clone(c.GetChangedFields()), func(field string) bool { return field == "status" || strings.HasPrefix(field, "provider_") })
		if before := c.GetPreviousStatus(); before != ecsdv1.InstanceStatus_INSTANCE_STATUS_UNSPECIFIED && before != c.GetInstance().GetStatus() {
			words = append([]string{output.Enum(before) + " -> " + output.Enum(c.GetInstance().GetStatus())}, words...)
		}
		return strings.Join(words, ", ")
	default:
		return strings.ToLower(output.Enum(c.GetKind()))
	}
}

// methodWord returns the name of a method without its service.
func methodWord(rpc string) string { return rpc[strings.LastIndexByte(rpc, '/')+1:] }

// Run lists the changes, the oldest first.
func (c *changesCommand) Run(ctx context.Context, streams Streams, o *Instances) error {
	s, err := o.dial(streams)
	if err != nil {
		return err
	}
	defer s.close()
	request := &ecsdv1.ListChangesRequest{RegionIds: c.Region, InstanceIds: c.Instances, StartTime: timestamp(moment(c.Since)), EndTime: timestamp(c.Until), PageSize: batchSize}
	return list(ctx, s, changeColumns, output.Limit(c.Limit, s.client.ListChanges(ctx, request)))
}
