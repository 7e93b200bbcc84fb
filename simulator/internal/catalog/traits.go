package catalog

// Traits are the fields of DescribeInstanceTypes beyond the size. They grow with the count of vCPUs, with the magnitude
// of the real ones.
type Traits struct {
	// Bandwidth is in kbit/s and Packets in packets per second, in each direction.
	Bandwidth, Packets int64
	// Interfaces is the maximum count of network interfaces of an instance; each has Addresses private addresses and as
	// many of IPv6, and up to Queues queues.
	Interfaces, Addresses, Queues int64
	Disks                         int64
	// Credit is the initial credit of a burstable type.
	Credit int64
	// GPUMemory is in GiB.
	GPUMemory int64
	NVMe      bool
}

// TraitsOf returns the traits of a type.
func TraitsOf(t *InstanceType) Traits {
	cpu := int64(t.CPU)
	generation := FamilyOf(t).Generation
	traits := Traits{
		Bandwidth: 1_024_000 * cpu, Packets: 300_000 * cpu,
		Interfaces: min(max(cpu, 2), 15), Addresses: min(max(3*cpu, 6), 50), Queues: min(max(cpu, 1), 32),
		Disks: min(8+cpu, 33), Credit: 30 * int64(t.BaselineCredit) / 20,
		GPUMemory: 24 * int64(t.GPU), NVMe: generation >= "ecs-7",
	}
	if generation < "ecs-4" {
		traits.Bandwidth, traits.Packets, traits.Addresses = 512_000*cpu, 100_000*cpu, 6
	}
	return traits
}
