package cloud

import (
	"strconv"
	"time"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	sdkecs "github.com/aliyun/alibaba-cloud-sdk-go/services/ecs"

	"github.com/ecsd-io/ecsd/server/internal/cloud/answer"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// releaseTime is how the cloud takes the time of an automatic release.
const releaseTime = "2006-01-02T15:04:05Z"

// writeRun writes an order as RunInstances takes it. A zero field is not sent.
func writeRun(o ecs.LaunchOrder) requests.AcsRequest {
	s := o.Spec
	r := sdkecs.CreateRunInstancesRequest()
	r.RegionId, r.ClientToken, r.DryRun = o.RegionID, o.ClientToken, flag(o.DryRun)
	r.Amount, r.MinAmount = whole(o.Count), whole(o.MinCount)
	r.LaunchTemplateId, r.LaunchTemplateName = s.LaunchTemplateID, s.LaunchTemplateName
	r.LaunchTemplateVersion = whole(s.LaunchTemplateVersion)
	r.ImageId, r.InstanceType, r.ZoneId, r.VSwitchId = s.ImageID, s.Type, s.ZoneID, s.VSwitchID
	switch len(s.SecurityGroupIDs) {
	case 0:
	case 1:
		r.SecurityGroupId = s.SecurityGroupIDs[0]
	default:
		r.SecurityGroupIds = &s.SecurityGroupIDs
	}
	r.InstanceName, r.HostName, r.Description = s.Name, s.HostName, s.Description
	r.UniqueSuffix, r.ResourceGroupId, r.PrivateIpAddress = flag(s.UniqueSuffix), s.ResourceGroupID, s.PrivateIPAddress
	r.KeyPairName, r.RamRoleName, r.Password, r.UserData = s.KeyPairName, s.RAMRoleName, s.Password, encoded(s.UserData)
	r.InternetMaxBandwidthOut, r.InternetChargeType = whole(s.InternetBandwidthOutMbps), s.InternetChargeType
	r.DeletionProtection = flag(s.DeletionProtection)
	r.AutoReleaseTime = wholeMinute(s.AutoReleaseTime)

	b := billingOf(s)
	r.InstanceChargeType, r.Period, r.PeriodUnit = b.chargeType, b.period, b.unit
	r.AutoRenew, r.AutoRenewPeriod = b.autoRenew, b.autoRenewPeriod
	r.SpotStrategy, r.SpotPriceLimit = b.strategy, b.priceLimit
	r.SpotDuration, r.SpotInterruptionBehavior = b.protected, b.interruption

	d := s.SystemDisk
	r.SystemDiskCategory, r.SystemDiskSize, r.SystemDiskDiskName = d.Category, string(whole(d.SizeGiB)), d.Name
	r.SystemDiskPerformanceLevel, r.SystemDisk.Encrypted = d.PerformanceLevel, string(flag(d.Encrypted))
	if len(s.DataDisks) > 0 {
		disks := make([]sdkecs.RunInstancesDataDisk, len(s.DataDisks))
		for i, d := range s.DataDisks {
			disks[i] = sdkecs.RunInstancesDataDisk{
				DiskName: d.Name, Category: d.Category, Size: string(whole(d.SizeGiB)), PerformanceLevel: d.PerformanceLevel,
				SnapshotId: d.SnapshotID, Encrypted: string(flag(d.Encrypted)), DeleteWithInstance: deleted(d),
			}
		}
		r.DataDisk = &disks
	}
	if len(s.Tags) > 0 {
		tags := make([]sdkecs.RunInstancesTag, len(s.Tags))
		for i, tag := range s.Tags {
			tags[i] = sdkecs.RunInstancesTag{Key: tag.Key, Value: tag.Value}
		}
		r.Tag = &tags
	}
	return r
}

// writeCreate writes an order as CreateInstance takes it.
func writeCreate(o ecs.LaunchOrder) requests.AcsRequest {
	s := o.Spec
	r := sdkecs.CreateCreateInstanceRequest()
	r.RegionId, r.ClientToken, r.DryRun = o.RegionID, o.ClientToken, flag(o.DryRun)
	r.ImageId, r.InstanceType, r.ZoneId, r.VSwitchId = s.ImageID, s.Type, s.ZoneID, s.VSwitchID
	if len(s.SecurityGroupIDs) > 0 {
		r.SecurityGroupId = s.SecurityGroupIDs[0]
	}
	r.InstanceName, r.HostName, r.Description = s.Name, s.HostName, s.Description
	r.ResourceGroupId, r.PrivateIpAddress = s.ResourceGroupID, s.PrivateIPAddress
	r.KeyPairName, r.RamRoleName, r.Password, r.UserData = s.KeyPairName, s.RAMRoleName, s.Password, encoded(s.UserData)
	r.InternetMaxBandwidthOut, r.InternetChargeType = whole(s.InternetBandwidthOutMbps), s.InternetChargeType
	r.DeletionProtection = flag(s.DeletionProtection)

	b := billingOf(s)
	r.InstanceChargeType, r.Period, r.PeriodUnit = b.chargeType, b.period, b.unit
	r.AutoRenew, r.AutoRenewPeriod = b.autoRenew, b.autoRenewPeriod
	r.SpotStrategy, r.SpotPriceLimit = b.strategy, b.priceLimit
	r.SpotDuration, r.SpotInterruptionBehavior = b.protected, b.interruption

	d := s.SystemDisk
	r.SystemDiskCategory, r.SystemDiskSize, r.SystemDiskDiskName = d.Category, whole(d.SizeGiB), d.Name
	r.SystemDiskPerformanceLevel = d.PerformanceLevel
	if len(s.DataDisks) > 0 {
		disks := make([]sdkecs.CreateInstanceDataDisk, len(s.DataDisks))
		for i, d := range s.DataDisks {
			disks[i] = sdkecs.CreateInstanceDataDisk{
				DiskName: d.Name, Category: d.Category, Size: string(whole(d.SizeGiB)), PerformanceLevel: d.PerformanceLevel,
				SnapshotId: d.SnapshotID, Encrypted: string(flag(d.Encrypted)), DeleteWithInstance: deleted(d),
			}
		}
		r.DataDisk = &disks
	}
	if len(s.Tags) > 0 {
		tags := make([]sdkecs.CreateInstanceTag, len(s.Tags))
		for i, tag := range s.Tags {
			tags[i] = sdkecs.CreateInstanceTag{Key: tag.Key, Value: tag.Value}
		}
		r.Tag = &tags
	}
	return r
}

// billing is the common encoding of charges in both actions.
type billing struct {
	chargeType, unit, strategy, interruption string
	period, autoRenewPeriod, protected       requests.Integer
	autoRenew                                requests.Boolean
	priceLimit                               requests.Float
}

// billingOf writes period and spot settings. The price limit goes as its text,
// never through a float; both periods count in the unit of the first.
func billingOf(s ecs.InstanceSpec) billing {
	b := billing{chargeType: answer.ChargeTypeWord(s.ChargeType)}
	if s.ChargeType == ecs.ChargeSubscription {
		count, unit := renewPeriod(s.Period)
		b.period, b.unit = requests.NewInteger(count), unit
		if b.autoRenew = flag(s.AutoRenew); s.AutoRenew && !s.AutoRenewPeriod.IsZero() {
			again, _ := renewPeriod(s.AutoRenewPeriod)
			b.autoRenewPeriod = requests.NewInteger(again)
		}
	}
	if spot := s.Spot; spot != nil {
		b.strategy, b.priceLimit, b.interruption = spot.Strategy, requests.Float(spot.PriceLimit), spot.InterruptionBehavior
		b.protected = requests.NewInteger(int(spot.ProtectedFor / time.Hour))
	}
	return b
}

// whole writes a number, and nothing for 0.
func whole[N int32 | int64](n N) requests.Integer {
	if n == 0 {
		return ""
	}
	return requests.Integer(strconv.FormatInt(int64(n), 10))
}

// wholeMinute formats a time as the cloud stores it: the cloud keeps minutes,
// and its documents do not agree on how it rounds. "" for the zero time.
func wholeMinute(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Truncate(time.Minute).Format(releaseTime)
}

func deleted(d ecs.DiskSpec) string {
	if d.KeepWithInstance {
		return "false"
	}
	return ""
}
