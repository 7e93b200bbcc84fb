package action

import (
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

// writeInterfaces writes the one network interface of an instance in a VPC.
func writeInterfaces(out *wire.Writer, i *fleet.Instance) {
	out.List("NetworkInterfaces", "NetworkInterface")
	if i.NetworkType == "vpc" {
		out.Item()
		out.Append("NetworkInterfaceId", func(b []byte) []byte { return appendID(b, "eni-", i) })
		out.Str("NetworkInterfaceName", "")
		out.Str("Description", "")
		out.Str("Type", "Primary")
		out.Str("NetworkInterfaceTrafficMode", "Standard")
		out.Str("InstanceType", "ecs")
		out.Bool("DeleteOnRelease", true)
		out.Append("MacAddress", func(b []byte) []byte { return appendMAC(b, i) })
		address(out, "PrimaryIpAddress", i.PrivateIP)
		out.Str("VSwitchId", i.VSwitchID)
		first := ""
		if len(i.SecurityGroupIDs) > 0 {
			first = i.SecurityGroupIDs[0]
		}
		out.Str("SecurityGroupId", first)
		out.List("SecurityGroupIds", "SecurityGroupId")
		for _, id := range i.SecurityGroupIDs {
			out.ItemStr(id)
		}
		out.End()
		writePrivateIPs(out, i)
		out.List("Ipv6Sets", "Ipv6Set")
		if i.IPv6.IsValid() {
			out.Item()
			address(out, "Ipv6Address", i.IPv6)
			out.End()
		}
		out.End()
		out.List("Ipv4PrefixSets", "Ipv4PrefixSet")
		out.End()
		out.List("Ipv6PrefixSets", "Ipv6PrefixSet")
		out.End()
		out.End()
	}
	out.End()
}

func writePrivateIPs(out *wire.Writer, i *fleet.Instance) {
	out.List("PrivateIpSets", "PrivateIpSet")
	out.Item()
	address(out, "PrivateIpAddress", i.PrivateIP)
	out.Str("PrivateDnsName", "")
	out.Bool("Primary", true)
	out.Object("AssociatedPublicIp")
	address(out, "PublicIpAddress", i.PublicIP)
	out.Str("AllocationId", "")
	out.End()
	out.End()
	out.End()
}

// writeOptions writes the fields that are the same for every simulated instance.
func writeOptions(out *wire.Writer, i *fleet.Instance) {
	out.Object("MetadataOptions")
	endpoint := "enabled"
	if i.NoMetadata {
		endpoint = "disabled"
	}
	out.Str("HttpEndpoint", endpoint)
	out.Int("HttpPutResponseHopLimit", int64(max(i.HopLimit, 1)))
	out.Str("HttpTokens", i.HTTPTokens)
	out.End()
	out.Object("HibernationOptions")
	out.Bool("Configured", false)
	out.End()
	out.Str("DeploymentSetId", "")
	out.Int("DeploymentSetGroupNo", 0)
	out.Str("HpcClusterId", "")
	out.Object("DedicatedHostAttribute")
	out.Str("DedicatedHostId", "")
	out.Str("DedicatedHostName", "")
	out.Str("DedicatedHostClusterId", "")
	out.End()
	out.Object("DedicatedInstanceAttribute")
	out.Str("Affinity", "")
	out.Str("Tenancy", "")
	out.End()
	out.Object("PrivateDnsNameOptions")
	out.Bool("EnableInstanceIdDnsARecord", false)
	out.Bool("EnableInstanceIdDnsAAAARecord", false)
	out.Bool("EnableIpDnsARecord", false)
	out.Bool("EnableIpDnsPtrRecord", false)
	out.Str("HostnameType", "Custom")
	out.End()
	out.Object("AdditionalInfo")
	out.Bool("EnableHighDensityMode", false)
	out.End()
	out.Object("ImageOptions")
	out.Str("ImageName", i.Image.OSNameEn)
	out.Str("ImageFamily", i.Image.Family)
	out.Str("Description", "")
	out.Bool("LoginAsNonRoot", false)
	out.Bool("CurrentOSNVMeSupported", true)
	out.Object("ImageFeatures")
	out.Str("NvmeSupport", "supported")
	out.End()
	out.List("ImageTags", "ImageTag")
	out.End()
	out.End()
}

// writeAgent writes the fields of machines outside ECS, which are empty for an ECS instance.
func writeAgent(out *wire.Writer, _ *fleet.Instance) {
	out.Str("ActivationId", "")
	out.Str("AgentVersion", "")
	out.Bool("Connected", false)
	out.Int("InvocationCount", 0)
	out.Str("LastInvokedTime", "")
	out.Str("MachineId", "")
	out.Str("RegistrationTime", "")
	out.Str("SocketId", "")
}

// appendID appends an ID that belongs to the instance: the same random part with another prefix.
func appendID(b []byte, prefix string, i *fleet.Instance) []byte {
	return append(append(b, prefix...), i.ID[min(2, len(i.ID)):]...)
}

// appendMAC appends an address from the cloud's block and the private IP.
func appendMAC(b []byte, i *fleet.Instance) []byte {
	b = append(b, "00:16:3e"...)
	var ip [16]byte
	if i.PrivateIP.IsValid() {
		ip = i.PrivateIP.As16()
	}
	for _, octet := range ip[13:] {
		b = append(b, ':', hexDigits[octet>>4], hexDigits[octet&15])
	}
	return b
}

// appendSerial appends a UUID that is a function of the id.
func appendSerial(b []byte, id string) []byte {
	const offset, prime = 14695981039346656037, 1099511628211
	high, low := uint64(offset), uint64(offset)
	for n := range len(id) {
		high = (high ^ uint64(id[n])) * prime
		low = (low + uint64(id[n])) * prime
	}
	for n := range 32 {
		if n == 8 || n == 12 || n == 16 || n == 20 {
			b = append(b, '-')
		}
		half := high
		if n >= 16 {
			half = low
		}
		b = append(b, hexDigits[half>>(4*(n%16))&15])
	}
	return b
}

const hexDigits = "0123456789abcdef"
