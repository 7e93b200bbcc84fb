package operator

import (
	"context"
	"fmt"
	"iter"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/operator/output"
)

// Disks is `ecsd disks`. Mount it like [Renewals].
type Disks struct {
	Connection `embed:"" group:"common"`

	List      listDisksCommand     `cmd:"" help:"List disks."`
	Snapshot  snapshotCommand      `cmd:"" help:"Create snapshots of disks."`
	Snapshots listSnapshotsCommand `cmd:"" help:"List snapshots."`
}

// listDisksCommand is `ecsd disks list`.
type listDisksCommand struct {
	regions  `embed:""`
	Instance string `placeholder:"ID" help:"Disks of this instance." group:"Which disks:"`
	Kind     string `enum:"system,data,any" default:"any" placeholder:"TYPE" help:"system, data or any. Default ${default}." group:"Which disks:"`
	Tag      []tag  `placeholder:"KEY=VALUE" help:"Disks with this tag (repeatable)." group:"Which disks:"`
	Limit    int    `default:"0" placeholder:"N" help:"Maximum number of disks; 0 for all. Default ${default}." group:"Which disks:"`
	Apart    bool   `name:"expires-apart" help:"Subscription disks that expire at another time than their instance." group:"Which disks:"`
}

var diskColumns = []output.Column[*ecsdv1.Disk]{
	{Title: "NAME", Name: "disk_name", Value: func(d *ecsdv1.Disk) any { return d.GetDiskName() }, Cut: true},
	{Title: "DISK", Name: "disk_id", Value: func(d *ecsdv1.Disk) any { return d.GetDiskId() }},
	{Title: "REGION", Name: "region_id", Value: func(d *ecsdv1.Disk) any { return d.GetRegionId() }, Region: true, Drop: 3},
	{Title: "INSTANCE", Name: "instance_id", Value: func(d *ecsdv1.Disk) any { return d.GetInstanceId() }},
	{Title: "TYPE", Name: "disk_type", Value: func(d *ecsdv1.Disk) any { return d.GetDiskType() }, Drop: 4},
	{Title: "CATEGORY", Name: "category", Value: func(d *ecsdv1.Disk) any { return d.GetCategory() }, Drop: 5},
	{Title: "GIB", Name: "size_gib", Value: func(d *ecsdv1.Disk) any { return d.GetSizeGib() }, Drop: 2},
	{Title: "STATUS", Name: "status", Value: func(d *ecsdv1.Disk) any { return d.GetStatus() }, Drop: 1},
	{Title: "EXPIRES", Name: "expire_time", Value: func(d *ecsdv1.Disk) any { return d.GetExpireTime() }, Drop: 6},
	{Name: "charge_type", Value: func(d *ecsdv1.Disk) any { return d.GetChargeType() }},
}

// Examples of the command.
func (*listDisksCommand) Examples() string {
	return `ecsd disks list --instance $INSTANCE
# Subscription disks that do not expire with their instance:
ecsd disks list --expires-apart`
}

// Validate checks the flags.
func (c *listDisksCommand) Validate() error { return notNegative("--limit", c.Limit) }

// Run lists the disks.
func (c *listDisksCommand) Run(ctx context.Context, streams Streams, o *Disks) error {
	s, err := o.dial(streams)
	if err != nil {
		return err
	}
	defer s.close()
	request := &ecsdv1.ListDisksRequest{RegionIds: c.Region, InstanceId: c.Instance, PageSize: batchSize}
	switch c.Kind {
	case "system":
		request.DiskType = ecsdv1.DiskType_DISK_TYPE_SYSTEM
	case "data":
		request.DiskType = ecsdv1.DiskType_DISK_TYPE_DATA
	}
	request.Tags = messages(c.Tag)
	disks := s.client.ListDisks(ctx, request)
	if c.Apart {
		disks = c.apart(ctx, s, disks)
	}
	return list(ctx, s, diskColumns, output.Limit(c.Limit, disks))
}

// apart returns the disks that expire at another time than their instance.
func (c *listDisksCommand) apart(ctx context.Context, s *session, disks iter.Seq2[*ecsdv1.Disk, error]) iter.Seq2[*ecsdv1.Disk, error] {
	return func(yield func(*ecsdv1.Disk, error) bool) {
		expires := map[string]time.Time{}
		subscriptions := &ecsdv1.InstanceFilter{ChargeTypes: []ecsdv1.ChargeType{ecsdv1.ChargeType_CHARGE_TYPE_SUBSCRIPTION}}
		for i, err := range s.client.ListInstances(ctx, &ecsdv1.ListInstancesRequest{RegionIds: c.Region, Filter: subscriptions, PageSize: batchSize, MaxStaleness: durationpb.New(maxStaleness)}) {
			if err != nil {
				yield(nil, err)
				return
			}
			expires[i.GetInstanceId()] = i.GetExpireTime().AsTime()
		}
		for d, err := range disks {
			if err == nil {
				at, attached := expires[d.GetInstanceId()]
				if !attached || d.GetExpireTime() == nil || d.GetExpireTime().AsTime().Equal(at) {
					continue
				}
			}
			if !yield(d, err) {
				return
			}
		}
	}
}

// snapshotCommand is `ecsd disks snapshot`.
type snapshotCommand struct {
	Disks  []string `arg:"" name:"disk" help:"IDs of disks, of one region."`
	Region string   `placeholder:"ID" help:"Region of the disks. Default: the server's default region."`
	Name   string   `placeholder:"NAME" help:"Name of the snapshots." group:"How:"`
	Retain span     `placeholder:"SPAN" help:"Time after which the cloud deletes the snapshots, such as 30d. Default: never." group:"How:"`
	Tag    []tag    `placeholder:"KEY=VALUE" help:"Tag of the snapshots (repeatable)." group:"How:"`

	action `embed:""`
}

// Examples of the command.
func (*snapshotCommand) Examples() string {
	return `ecsd disks snapshot $DISK --region $REGION --retain 30d`
}

// Run creates the snapshots. They are not confirmed: a snapshot destroys nothing.
func (c *snapshotCommand) Run(ctx context.Context, streams Streams, o *Disks) error {
	s, err := o.dial(streams)
	if err != nil {
		return err
	}
	defer s.close()
	request := &ecsdv1.CreateSnapshotsRequest{RegionId: c.Region, DiskIds: c.Disks, SnapshotName: c.Name, ValidateOnly: c.Preview, RequestId: c.id(s)}
	if c.Retain > 0 {
		request.Retention = durationpb.New(time.Duration(c.Retain))
	}
	request.Tags = messages(c.Tag)
	answer, err := work(ctx, s.client.Disks().CreateSnapshots, request)
	if err != nil {
		return s.failed(ctx, err)
	}
	if err := output.List(s.out, snapshotResultColumns, output.Of(answer.GetResults())); err != nil {
		return err
	}
	return notAll("snapshot", failures(answer.GetResults()), len(c.Disks), c.RequestID)
}

var snapshotResultColumns = []output.Column[*ecsdv1.SnapshotResult]{
	{Title: "DISK", Name: "disk_id", Value: func(r *ecsdv1.SnapshotResult) any { return r.GetDiskId() }},
	{Title: "SNAPSHOT", Name: "snapshot_id", Value: func(r *ecsdv1.SnapshotResult) any { return r.GetSnapshotId() }},
	{Title: "ERROR", Name: "error", Value: func(r *ecsdv1.SnapshotResult) any { return r.GetError().GetReason() }, Colour: func(*ecsdv1.SnapshotResult) output.Colour { return output.Bad }},
}

// listSnapshotsCommand is `ecsd disks snapshots`.
type listSnapshotsCommand struct {
	regions  `embed:""`
	Instance string `placeholder:"ID" help:"Snapshots of disks of this instance." xor:"of"`
	Disk     string `placeholder:"ID" help:"Snapshots of this disk." xor:"of"`
	Limit    int    `default:"0" placeholder:"N" help:"Maximum number; 0 for all. Default ${default}."`
}

// Examples of the command.
func (*listSnapshotsCommand) Examples() string {
	return `ecsd disks snapshots --instance $INSTANCE`
}

// Validate checks the flags.
func (c *listSnapshotsCommand) Validate() error {
	return notNegative("--limit", c.Limit)
}

var snapshotColumns = []output.Column[*ecsdv1.Snapshot]{
	{Title: "CREATED", Name: "create_time", Value: func(s *ecsdv1.Snapshot) any { return s.GetCreateTime() }},
	{Title: "NAME", Name: "snapshot_name", Value: func(s *ecsdv1.Snapshot) any { return s.GetSnapshotName() }, Cut: true},
	{Title: "SNAPSHOT", Name: "snapshot_id", Value: func(s *ecsdv1.Snapshot) any { return s.GetSnapshotId() }},
	{Title: "REGION", Name: "region_id", Value: func(s *ecsdv1.Snapshot) any { return s.GetRegionId() }, Region: true, Drop: 2},
	{Title: "DISK", Name: "disk_id", Value: func(s *ecsdv1.Snapshot) any { return s.GetDiskId() }},
	{Title: "STATUS", Name: "status", Value: func(s *ecsdv1.Snapshot) any { return s.GetStatus() }, Drop: 1},
	{Title: "DONE", Name: "progress_percent", Value: func(s *ecsdv1.Snapshot) any { return fmt.Sprintf("%d%%", s.GetProgressPercent()) }, Drop: 3},
}

// Run lists the snapshots.
func (c *listSnapshotsCommand) Run(ctx context.Context, streams Streams, o *Disks) error {
	s, err := o.dial(streams)
	if err != nil {
		return err
	}
	defer s.close()
	request := &ecsdv1.ListSnapshotsRequest{RegionIds: c.Region, InstanceId: c.Instance, DiskId: c.Disk, PageSize: batchSize}
	return list(ctx, s, snapshotColumns, output.Limit(c.Limit, s.client.ListSnapshots(ctx, request)))
}
