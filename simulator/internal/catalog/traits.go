package catalog

// Traits are what DescribeInstanceTypes tells of a type beyond its size. They
// grow with the number of vCPUs, in the order of the real ones.
type Traits struct {
	// Bandwidth is in kbit/s and Packets in packets a second, either way.
	Bandwidth, Packets int64
	// Interfaces is how many network interfaces an instance may have; each has
	// Addresses private addresses and as many of IPv6, and up to Queues queues.
	Interfaces, Addresses, Queues int64
	Disks                         int64
	// Credit is what a burstable type begins with.
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
