package catalog

import (
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
)

// InstanceType is an instance type on sale.
type InstanceType struct {
	// ID is such as ecs.g7.large, Family such as ecs.g7.
	ID, Family string
	// CPU is the number of vCPUs, MemoryMiB the memory in MiB.
	CPU, MemoryMiB int
	// Month is the list price of a month in hundredths of a yuan.
	Month int64
	// GPU is the number of GPUs, GPUSpec their model.
	GPU     int
	GPUSpec string
	// BaselineCredit, over 0 for a burstable type, is the sum of its vCPUs'
	// baselines in percent.
	BaselineCredit int
	// LocalGiB is the size of its one local disk, 0 for none.
	LocalGiB int
}

// instanceTypes are the types of fleets. The prices only have the magnitude of the real ones.
var instanceTypes = index([]InstanceType{
	{ID: "ecs.t6-c1m1.large", CPU: 2, MemoryMiB: 2048, Month: 8640, BaselineCredit: 40},
	{ID: "ecs.t6-c1m2.large", CPU: 2, MemoryMiB: 4096, Month: 11760, BaselineCredit: 40},
	{ID: "ecs.c7.large", CPU: 2, MemoryMiB: 4096, Month: 20160},
	{ID: "ecs.c7.xlarge", CPU: 4, MemoryMiB: 8192, Month: 40320},
	{ID: "ecs.c7.2xlarge", CPU: 8, MemoryMiB: 16384, Month: 80640},
	{ID: "ecs.g7.large", CPU: 2, MemoryMiB: 8192, Month: 26040},
	{ID: "ecs.g7.xlarge", CPU: 4, MemoryMiB: 16384, Month: 52080},
	{ID: "ecs.g7.2xlarge", CPU: 8, MemoryMiB: 32768, Month: 104160},
	{ID: "ecs.g7.4xlarge", CPU: 16, MemoryMiB: 65536, Month: 208320},
	{ID: "ecs.r7.large", CPU: 2, MemoryMiB: 16384, Month: 34800},
	{ID: "ecs.r7.xlarge", CPU: 4, MemoryMiB: 32768, Month: 69600},
	{ID: "ecs.r7.2xlarge", CPU: 8, MemoryMiB: 65536, Month: 139200},
	{ID: "ecs.gn7i-c8g1.2xlarge", CPU: 8, MemoryMiB: 30720, Month: 393300, GPU: 1, GPUSpec: "NVIDIA A10"},
	{ID: "ecs.g8y.large", CPU: 2, MemoryMiB: 8192, Month: 21840},
	{ID: "ecs.g8y.xlarge", CPU: 4, MemoryMiB: 16384, Month: 43680},
	{ID: "ecs.i4.large", CPU: 2, MemoryMiB: 16384, Month: 44280, LocalGiB: 479},
	{ID: "ecs.i4.xlarge", CPU: 4, MemoryMiB: 32768, Month: 88560, LocalGiB: 959},
	{ID: "ecs.s2.large", CPU: 2, MemoryMiB: 4096, Month: 13800},
	{ID: "ecs.n4.small", CPU: 1, MemoryMiB: 2048, Month: 6450},
	{ID: "ecs.n4.large", CPU: 2, MemoryMiB: 4096, Month: 12900},
	{ID: "ecs.sn2.medium", CPU: 2, MemoryMiB: 8192, Month: 27300},
	{ID: "ecs.sn2.large", CPU: 4, MemoryMiB: 16384, Month: 54600},
})

// InstanceTypes are the types of the catalog, by ID.
var InstanceTypes = func() []*InstanceType {
	list := make([]*InstanceType, 0, len(instanceTypes))
	for _, t := range instanceTypes {
		list = append(list, t)
	}
	slices.SortFunc(list, func(a, b *InstanceType) int { return strings.Compare(a.ID, b.ID) })
	return list
}()

func index(types []InstanceType) map[string]*InstanceType {
	byID := make(map[string]*InstanceType, len(types))
	for _, t := range types {
		t.Family = family(t.ID)
		byID[t.ID] = &t
	}
	return byID
}

// FindInstanceType returns the type with an ID, or nil if it is not in the catalog and so not sold.
func FindInstanceType(id string) *InstanceType { return instanceTypes[id] }

// InventInstanceType returns the type with an ID for a seeded instance. For an ID outside the catalog it returns an
// invented type, always the same one; for text that does not have the form of an ID (ecs.family.size) it returns nil.
func InventInstanceType(id string) *InstanceType {
	if t := FindInstanceType(id); t != nil {
		return t
	}
	f := family(id)
	if f == "" {
		return nil
	}
	size := id[strings.LastIndexByte(id, '.')+1:]
	cpu := 2
	switch n, isX := strings.CutSuffix(size, "xlarge"); {
	case isX && n == "":
		cpu = 4
	case isX:
		if count, err := strconv.Atoi(n); err == nil && 1 <= count && count <= 64 {
			cpu = 4 * count
		}
	case size == "small":
		cpu = 1
	}
	h := fnv.New32a()
	h.Write([]byte(f))
	perCPU := 8000 + int64(h.Sum32()%90)*100
	return &InstanceType{ID: id, Family: f, CPU: cpu, MemoryMiB: cpu * 4096, Month: perCPU * int64(cpu)}
}

// family returns the family in an ID: ecs.t6 for ecs.t6-c1m1.large.
func family(id string) string {
	dot := strings.LastIndexByte(id, '.')
	if !strings.HasPrefix(id, "ecs.") || dot <= len("ecs.") || dot == len(id)-1 {
		return ""
	}
	name, _, _ := strings.Cut(id[:dot], "-")
	if len(name) == len("ecs.") {
		return ""
	}
	return name
}
