package api

import (
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// account returns the ID of the cloud account, "" as long as it is not known. nil
// is never known.
type account func() string

func (a account) id() string {
	if a == nil {
		return ""
	}
	return a()
}

func (a account) instanceProto(i *ecs.Instance) *ecsdv1.Instance {
	return &ecsdv1.Instance{
		AccountId:                   a.id(),
		InstanceId:                  i.ID,
		InstanceName:                i.Name,
		Description:                 i.Description,
		RegionId:                    i.RegionID,
		ZoneId:                      i.ZoneID,
		Status:                      statuses.to(i.Status),
		ProviderStatus:              i.Raw.Status,
		InstanceType:                i.Type,
		InstanceTypeFamily:          i.TypeFamily,
		Cpu:                         i.CPU,
		MemoryMib:                   i.MemoryMiB,
		ImageId:                     i.ImageID,
		OsName:                      i.OSName,
		HostName:                    i.HostName,
		ResourceGroupId:             i.ResourceGroupID,
		ChargeType:                  chargeTypes.to(i.ChargeType),
		ProviderChargeType:          i.Raw.ChargeType,
		ExpireTime:                  timeProto(i.ExpireTime),
		AutoReleaseTime:             timeProto(i.AutoReleaseTime),
		CreateTime:                  timeProto(i.CreateTime),
		StartTime:                   timeProto(i.StartTime),
		Tags:                        tagsProto(i.Tags),
		SecurityGroupIds:            i.SecurityGroupIDs,
		VpcId:                       i.Network.VPCID,
		VswitchId:                   i.Network.VSwitchID,
		PrivateIpAddresses:          i.Network.PrivateIPAddresses,
		PublicIpAddresses:           i.Network.PublicIPAddresses,
		EipAddress:                  i.Network.EIPAddress,
		InternetMaxBandwidthInMbps:  i.Network.BandwidthInMbps,
		InternetMaxBandwidthOutMbps: i.Network.BandwidthOutMbps,
		Spot:                        spotProto(i.Spot),
		OperationLocks:              locksProto(i.Locks),
		DeletionProtection:          i.DeletionProtection,
		StoppedMode:                 stoppedModes.to(i.StoppedMode),
		ProviderStoppedMode:         i.Raw.StoppedMode,
		ObservedTime:                timeProto(i.ObservedTime),
	}
}

func (a account) instancesProto(instances []ecs.Instance) []*ecsdv1.Instance {
	protos := make([]*ecsdv1.Instance, len(instances))
	for i := range instances {
		protos[i] = a.instanceProto(&instances[i])
	}
	return protos
}

// instanceBytes returns the size of an instance in a response.
func (a account) instanceBytes(i *ecs.Instance) int {
	return proto.Size(a.instanceProto(i)) + fieldBytes
}

func tagsProto(tags []ecs.Tag) []*ecsdv1.Tag {
	protos := make([]*ecsdv1.Tag, len(tags))
	for i, t := range tags {
		protos[i] = &ecsdv1.Tag{Key: t.Key, Value: t.Value}
	}
	return protos
}

func locksProto(locks []ecs.Lock) []*ecsdv1.OperationLock {
	protos := make([]*ecsdv1.OperationLock, len(locks))
	for i, l := range locks {
		protos[i] = &ecsdv1.OperationLock{Reason: lockReasons.to(l.Reason), ProviderReason: l.RawReason, Message: l.Message}
	}
	return protos
}

// spotProto returns nil if the instance is not a spot instance.
func spotProto(s *ecs.Spot) *ecsdv1.SpotSettings {
	if s == nil {
		return nil
	}
	settings := &ecsdv1.SpotSettings{
		Strategy:                     spotStrategies.to(s.Strategy),
		ProviderStrategy:             s.Strategy,
		Duration:                     durationpb.New(s.ProtectedFor),
		InterruptionBehavior:         interruptionBehaviors.to(s.InterruptionBehavior),
		ProviderInterruptionBehavior: s.InterruptionBehavior,
	}
	if limit, err := ecs.ParseMoney("", s.PriceLimit); err == nil {
		settings.PriceLimit = moneyProto(limit)
	}
	return settings
}

// timeProto is nil for the zero time, which means "none".
func timeProto(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}
