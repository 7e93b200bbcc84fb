package action

import (
	"slices"
	"sort"

	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

// maxTypePage is the maximum, and the default, of types per response.
const maxTypePage = 1600

func describeInstanceTypes(_ *World, c *Call) *wire.Error {
	if c.Denied {
		return errForbidden
	}
	match, refusal := typeFilter(c)
	if refusal != nil {
		return refusal
	}
	size, refusal := c.number("MaxResults", maxTypePage, 1, maxTypePage)
	if refusal != nil {
		return refusal
	}
	from, err := fleet.ParseToken(c.Params.Get("NextToken"))
	if err != nil || from.After > uint64(len(catalog.InstanceTypes)) {
		return wire.Invalid("NextToken")
	}
	// A cursor points after a type, in the order of the catalog.
	var page []*catalog.InstanceType
	var next fleet.Cursor
	for n := int(from.After); n < len(catalog.InstanceTypes); n++ {
		t := catalog.InstanceTypes[n]
		if !match(t) {
			continue
		}
		if len(page) == size {
			last := sort.Search(len(catalog.InstanceTypes), func(n int) bool { return catalog.InstanceTypes[n].ID >= page[size-1].ID })
			next = fleet.Cursor{After: uint64(last) + 1, Listed: from.Listed + uint32(size)}
			break
		}
		page = append(page, t)
	}
	out := c.open("DescribeInstanceTypes")
	out.Str("NextToken", next.Token())
	out.List("InstanceTypes", "InstanceType")
	for _, t := range page {
		out.Item()
		writeInstanceType(out, t)
		out.End()
	}
	out.End()
	out.Close()
	return nil
}

func writeInstanceType(out *wire.Writer, t *catalog.InstanceType) {
	f, traits := catalog.FamilyOf(t), catalog.TraitsOf(t)
	out.Str("InstanceTypeId", t.ID)
	out.Str("InstanceType", t.ID)
	out.Str("InstanceTypeFamily", t.Family)
	out.Str("Generation", f.Generation)
	out.Str("InstanceCategory", f.Category)
	out.Str("InstanceFamilyLevel", f.Level)
	out.Int("CpuCoreCount", int64(t.CPU))
	out.Int("Cores", int64(t.CPU))
	out.Decimal("MemorySize", int64(t.MemoryMiB)*100/1024, 2)
	out.Int("Memory", int64(t.MemoryMiB))
	out.Str("CpuArchitecture", f.Architecture)
	out.Str("PhysicalProcessorModel", f.Processor)
	out.Decimal("CpuSpeedFrequency", f.Speed, 2)
	out.Decimal("CpuTurboFrequency", f.Turbo, 2)
	out.Int("BaselineCredit", int64(t.BaselineCredit))
	out.Int("InitialCredit", traits.Credit)
	out.Int("GPUAmount", int64(t.GPU))
	out.Str("GPUSpec", t.GPUSpec)
	out.Decimal("GPUMemorySize", traits.GPUMemory*100, 2)
	out.Str("LocalStorageCategory", f.LocalCategory)
	out.Int("LocalStorageAmount", int64(min(t.LocalGiB, 1)))
	out.Int("LocalStorageCapacity", int64(t.LocalGiB))
	out.Int("DiskQuantity", traits.Disks)
	out.Str("NvmeSupport", nvme(t))
	out.Str("SupportIoOptimized", "optimized")
	writeStrings(out, "SupportedBootModes", "SupportedBootMode", "BIOS", "UEFI")
	writeTypeNetwork(out, traits)
	out.Object("CpuOptions")
	writeCPUOptions(out, t.CPU)
	out.End()
}

func writeTypeNetwork(out *wire.Writer, traits catalog.Traits) {
	out.Int("InstanceBandwidthRx", traits.Bandwidth)
	out.Int("InstanceBandwidthTx", traits.Bandwidth)
	out.Int("InstancePpsRx", traits.Packets)
	out.Int("InstancePpsTx", traits.Packets)
	out.Int("EniQuantity", traits.Interfaces)
	out.Int("EniTotalQuantity", traits.Interfaces)
	out.Int("EniPrivateIpAddressQuantity", traits.Addresses)
	out.Int("EniIpv6AddressQuantity", traits.Addresses)
	out.Int("PrimaryEniQueueNumber", traits.Queues)
	out.Int("SecondaryEniQueueNumber", traits.Queues)
	out.Int("MaximumQueueNumberPerEni", traits.Queues)
	out.Int("TotalEniQueueQuantity", traits.Queues*traits.Interfaces)
	out.Bool("EniTrunkSupported", true)
	out.Int("EriQuantity", 0)
	out.Int("QueuePairNumber", 0)
	out.Bool("JumboFrameSupport", true)
	out.Bool("NetworkEncryptionSupport", false)
	out.Int("NetworkCardQuantity", 1)
	out.List("NetworkCards", "NetworkCardInfo")
	out.Item()
	out.Int("NetworkCardIndex", 0)
	out.End()
	out.End()
	out.Object("EnhancedNetwork")
	out.Bool("SriovSupport", false)
	out.Bool("EnableSriov", false)
	out.Bool("RssSupport", true)
	out.Bool("EnableRss", true)
	out.Int("VfQueueNumberPerEni", 0)
	out.End()
}

func nvme(t *catalog.InstanceType) string {
	if catalog.TraitsOf(t).NVMe {
		return "required"
	}
	return "unsupported"
}

// typeFilter parses every filter of DescribeInstanceTypes; all of them must match.
func typeFilter(c *Call) (typeRule, *wire.Error) {
	words, refusal := typeWords(c)
	if refusal != nil {
		return nil, refusal
	}
	bounds, refusal := typeBounds(c)
	if refusal != nil {
		return nil, refusal
	}
	rules := append(words, bounds...)
	return func(t *catalog.InstanceType) bool {
		return !slices.ContainsFunc(rules, func(rule typeRule) bool { return !rule(t) })
	}, nil
}
