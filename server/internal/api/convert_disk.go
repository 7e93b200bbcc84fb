package api

import (
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

func diskProto(d *ecs.Disk) *ecsdv1.Disk {
	return &ecsdv1.Disk{
		DiskId:             d.ID,
		DiskName:           d.Name,
		RegionId:           d.RegionID,
		ZoneId:             d.ZoneID,
		InstanceId:         d.InstanceID,
		Device:             d.Device,
		DiskType:           diskTypes.to(d.Type),
		ProviderDiskType:   d.Type,
		Category:           d.Category,
		PerformanceLevel:   d.PerformanceLevel,
		Status:             diskStatuses.to(d.RawStatus),
		ProviderStatus:     d.RawStatus,
		SizeGib:            d.SizeGiB,
		ChargeType:         chargeTypes.to(d.ChargeType),
		DeleteWithInstance: d.DeleteWithInstance,
		Encrypted:          d.Encrypted,
		CreateTime:         timeProto(d.CreateTime),
		ExpireTime:         timeProto(d.ExpireTime),
		Tags:               tagsProto(d.Tags),
	}
}

func snapshotProto(s *ecs.Snapshot) *ecsdv1.Snapshot {
	return &ecsdv1.Snapshot{
		SnapshotId:       s.ID,
		SnapshotName:     s.Name,
		Description:      s.Description,
		RegionId:         s.RegionID,
		DiskId:           s.DiskID,
		DiskType:         diskTypes.to(s.DiskType),
		ProviderDiskType: s.DiskType,
		DiskSizeGib:      s.SizeGiB,
		Status:           snapshotStatuses.to(s.State),
		ProviderStatus:   s.RawState,
		ProgressPercent:  s.ProgressPercent,
		CreateTime:       timeProto(s.CreateTime),
		Retention:        retentionProto(s.RetentionDays),
		Tags:             tagsProto(s.Tags),
	}
}

// retentionProto returns nil if a snapshot is kept until it is deleted.
func retentionProto(days int32) *durationpb.Duration {
	if days == 0 {
		return nil
	}
	return durationpb.New(time.Duration(days) * day)
}

func snapshotResults(made []ecs.Result[string]) []*ecsdv1.SnapshotResult {
	results := make([]*ecsdv1.SnapshotResult, len(made))
	for i, m := range made {
		results[i] = &ecsdv1.SnapshotResult{DiskId: m.ID}
		if m.Err != nil {
			results[i].Result = &ecsdv1.SnapshotResult_Error{Error: itemError(m.Err)}
			continue
		}
		results[i].Result = &ecsdv1.SnapshotResult_SnapshotId{SnapshotId: m.Value}
	}
	return results
}
