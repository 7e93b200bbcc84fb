package action

import (
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

// describeInstanceAttribute returns one instance with fewer fields than a list, and IoOptimized as a word.
func describeInstanceAttribute(w *World, c *Call) *wire.Error {
	id := c.Params.Get("InstanceId")
	switch {
	case c.Denied:
		return errForbidden
	case id == "":
		return wire.Missing("InstanceId")
	}
	i, ok := w.Fleet.Find(c.Region.ID, id)
	if !ok {
		return errInstanceNotFound
	}
	optimized := "none"
	if i.IOOptimized {
		optimized = "optimized"
	}
	out := c.open(c.Name)
	for _, field := range [][2]string{
		{"InstanceId", i.ID}, {"InstanceName", i.Name}, {"Description", i.Description}, {"HostName", i.HostName},
		{"Status", string(i.Status)}, {"StoppedMode", i.StoppedMode}, {"RegionId", i.Region.ID}, {"ZoneId", i.ZoneID},
		{"ClusterId", ""}, {"VlanId", ""}, {"ImageId", i.Image.ID}, {"InstanceType", i.Type.ID}, {"CreditSpecification", credit(i)},
		{"IoOptimized", optimized}, {"InstanceChargeType", i.ChargeType}, {"InternetChargeType", i.InternetChargeType},
		{"InstanceNetworkType", i.NetworkType},
	} {
		out.Str(field[0], field[1])
	}
	out.Append("SerialNumber", func(b []byte) []byte { return appendSerial(b, i.ID) })
	out.Minute("CreationTime", i.Creation)
	out.Minute("ExpiredTime", i.Expiry)
	out.Int("Cpu", int64(i.Type.CPU))
	out.Int("Memory", int64(i.Type.MemoryMiB))
	out.Int("InternetMaxBandwidthIn", int64(i.BandwidthIn))
	out.Int("InternetMaxBandwidthOut", int64(i.BandwidthOut))
	out.Bool("EnableJumboFrame", false)
	writeStrings(out, "SecurityGroupIds", "SecurityGroupId", i.SecurityGroupIDs...)
	addressList(out, "InnerIpAddress", i.PrivateIP, i.NetworkType != "vpc")
	addressList(out, "PublicIpAddress", i.PublicIP, true)
	writeAddresses(out, i)
	out.Object("DedicatedHostAttribute")
	for _, name := range []string{"DedicatedHostId", "DedicatedHostName", "DedicatedHostClusterId"} {
		out.Str(name, "")
	}
	out.End()
	writeLocks(out, i)
	out.Close()
	return nil
}
