package action

import (
	"net/netip"

	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

// writeInstance writes one instance of DescribeInstances with every field of the API, so that a client meets them all.
func writeInstance(out *wire.Writer, i *fleet.Instance, owner int64) {
	writeIdentity(out, i, owner)
	writeHardware(out, i)
	writeBilling(out, i)
	writeNetwork(out, i)
	writeInterfaces(out, i)
	writeOptions(out, i)
	writeAgent(out, i)
	out.List("Tags", "Tag")
	for _, t := range i.Tags {
		out.Item()
		out.Str("TagKey", t.Key)
		out.Str("TagValue", t.Value)
		out.Str("Key", t.Key)
		out.Str("Value", t.Value)
		out.End()
	}
	out.End()
	writeLocks(out, i)
}

func writeLocks(out *wire.Writer, i *fleet.Instance) {
	out.List("OperationLocks", "LockReason")
	for _, l := range i.Locks {
		out.Item()
		out.Str("LockReason", l.Reason)
		out.Str("LockMsg", l.Message)
		out.End()
	}
	out.End()
}

func writeIdentity(out *wire.Writer, i *fleet.Instance, owner int64) {
	out.Str("InstanceId", i.ID)
	out.Str("InstanceName", i.Name)
	out.Str("Description", i.Description)
	out.Str("HostName", i.HostName)
	out.Str("Status", string(i.Status))
	out.Str("RegionId", i.Region.ID)
	out.Str("ZoneId", i.ZoneID)
	out.Str("ClusterId", "")
	out.Int("InstanceOwnerId", owner)
	out.Str("ResourceGroupId", i.ResourceGroupID)
	out.Append("SerialNumber", func(b []byte) []byte { return appendSerial(b, i.ID) })
	out.Minute("CreationTime", i.Creation)
	out.Minute("StartTime", i.Start)
	out.Minute("AutoReleaseTime", i.AutoRelease)
	out.Str("StoppedMode", i.StoppedMode)
	out.Bool("DeletionProtection", i.DeletionProtection)
	out.Bool("Recyclable", i.Recyclable)
	out.Bool("DeviceAvailable", true)
}

func writeHardware(out *wire.Writer, i *fleet.Instance) {
	out.Str("InstanceType", i.Type.ID)
	out.Str("InstanceTypeFamily", i.Type.Family)
	out.Int("Cpu", int64(i.Type.CPU))
	out.Int("Memory", int64(i.Type.MemoryMiB))
	out.Int("GPUAmount", int64(i.Type.GPU))
	out.Str("GPUSpec", i.Type.GPUSpec)
	out.Int("LocalStorageAmount", 0)
	out.Int("LocalStorageCapacity", 0)
	out.Bool("IoOptimized", i.IOOptimized)
	out.Str("CreditSpecification", credit(i))
	out.Str("ImageId", i.Image.ID)
	out.Str("OSName", i.Image.OSName)
	out.Str("OSNameEn", i.Image.OSNameEn)
	out.Str("OSType", i.Image.OSType)
	out.Str("OsVersion", i.Image.OSVersion)
	out.Object("CpuOptions")
	writeCPUOptions(out, i.Type.CPU)
	out.End()
}

func writeCPUOptions(out *wire.Writer, cpu int) {
	out.Int("Core", int64(max(cpu/2, 1)))
	out.Int("CoreCount", int64(max(cpu/2, 1)))
	out.Int("CoreFactor", 1)
	out.Int("ThreadsPerCore", int64(min(cpu, 2)))
	out.Bool("HyperThreadingAdjustable", true)
	out.Str("Numa", "ON")
	out.Str("TopologyType", "DiscreteCoreToHTMapping")
	out.List("SupportedTopologyTypes", "SupportedTopologyType")
	out.ItemStr("DiscreteCoreToHTMapping")
	out.ItemStr("ContinuousCoreToHTMapping")
	out.End()
}

// credit returns the performance mode, which only burstable types have.
func credit(i *fleet.Instance) string {
	if len(i.Type.Family) > 5 && i.Type.Family[:5] == "ecs.t" {
		return "Standard"
	}
	return ""
}

func writeBilling(out *wire.Writer, i *fleet.Instance) {
	out.Str("InstanceChargeType", i.ChargeType)
	out.Minute("ExpiredTime", i.Expiry)
	out.Str("SaleCycle", string(i.SaleCycle))
	out.Bool("IsSpot", i.Spot.Strategy != "NoSpot")
	out.Str("SpotStrategy", i.Spot.Strategy)
	out.Decimal("SpotPriceLimit", i.Spot.PriceLimit, 3)
	out.Int("SpotDuration", int64(i.Spot.Duration))
	out.Str("SpotInterruptionBehavior", i.Spot.Interruption)
	out.Str("PrivatePoolOptionsId", "")
	out.Str("PrivatePoolOptionsMatchCriteria", "None")
	out.Object("EcsCapacityReservationAttr")
	out.Str("CapacityReservationId", "")
	out.Str("CapacityReservationPreference", "")
	out.End()
}

func writeNetwork(out *wire.Writer, i *fleet.Instance) {
	vpc := i.NetworkType == "vpc"
	out.Str("InstanceNetworkType", i.NetworkType)
	out.Str("NetworkType", i.NetworkType)
	out.Str("InternetChargeType", i.InternetChargeType)
	out.Int("InternetMaxBandwidthIn", int64(i.BandwidthIn))
	out.Int("InternetMaxBandwidthOut", int64(i.BandwidthOut))
	out.Str("VlanId", "")
	out.Str("ISP", "")
	address(out, "IntranetIp", i.PrivateIP)
	address(out, "InternetIp", i.PublicIP)
	out.Str("KeyPairName", i.KeyPairName)
	out.List("SecurityGroupIds", "SecurityGroupId")
	for _, id := range i.SecurityGroupIDs {
		out.ItemStr(id)
	}
	out.End()
	addressList(out, "InnerIpAddress", i.PrivateIP, !vpc)
	addressList(out, "PublicIpAddress", i.PublicIP, true)
	addressList(out, "RdmaIpAddress", netip.Addr{}, false)
	writeAddresses(out, i)
}

// writeAddresses writes the elastic address and the place of an instance in its VPC.
func writeAddresses(out *wire.Writer, i *fleet.Instance) {
	out.Object("EipAddress")
	out.Bool("IsSupportUnassociate", i.EIP.IsValid())
	address(out, "IpAddress", i.EIP)
	if i.EIP.IsValid() {
		out.Append("AllocationId", func(b []byte) []byte { return appendID(b, "eip-", i) })
		out.Int("Bandwidth", 5)
		out.Str("InternetChargeType", "PayByTraffic")
	} else {
		out.Str("AllocationId", "")
		out.Int("Bandwidth", 0)
		out.Str("InternetChargeType", "")
	}
	out.End()
	out.Object("VpcAttributes")
	out.Str("VpcId", i.VPCID)
	out.Str("VSwitchId", i.VSwitchID)
	out.Str("NatIpAddress", "")
	addressList(out, "PrivateIpAddress", i.PrivateIP, i.NetworkType == "vpc")
	out.End()
}

func address(out *wire.Writer, name string, a netip.Addr) {
	if !a.IsValid() {
		out.Str(name, "")
		return
	}
	out.Append(name, a.AppendTo)
}

func addressList(out *wire.Writer, name string, a netip.Addr, has bool) {
	out.List(name, "IpAddress")
	if has && a.IsValid() {
		out.ItemAppend(a.AppendTo)
	}
	out.End()
}
