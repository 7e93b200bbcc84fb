package catalog

// Family holds the common properties of the types of a family.
type Family struct {
	// ID is such as ecs.g7.
	ID string
	// Generation is ecs-1 to ecs-8; Category is the cloud's word, such as
	// General-purpose.
	Generation, Category string
	// Level is EnterpriseLevel, EntryLevel or CreditEntryLevel.
	Level string
	// Architecture is X86 or ARM.
	Architecture, Processor string
	// Speed and Turbo are clock rates in hundredths of a GHz.
	Speed, Turbo int64
	// LocalCategory is the kind of the local disks, "" for none.
	LocalCategory string
	// Zones is the count of zones of a region, from the first, that sell the family; 0 means all.
	Zones int
}

// The levels of families.
const (
	Enterprise  = "EnterpriseLevel"
	Entry       = "EntryLevel"
	CreditEntry = "CreditEntryLevel"
)

const (
	x86, arm = "X86", "ARM"
	iceLake  = "Intel Xeon (Ice Lake) Platinum 8369B"
	skylake  = "Intel Xeon (Skylake) Platinum 8163"
)

// families are the families of the catalog.
var families = func() map[string]*Family {
	byID := map[string]*Family{}
	for _, f := range []Family{
		{ID: "ecs.t6", Generation: "ecs-4", Category: "Shared", Level: CreditEntry, Architecture: x86, Processor: skylake, Speed: 250, Turbo: 320},
		{ID: "ecs.c7", Generation: "ecs-6", Category: "Compute-optimized", Level: Enterprise, Architecture: x86, Processor: iceLake, Speed: 270, Turbo: 350},
		{ID: "ecs.g7", Generation: "ecs-6", Category: "General-purpose", Level: Enterprise, Architecture: x86, Processor: iceLake, Speed: 270, Turbo: 350},
		{ID: "ecs.r7", Generation: "ecs-6", Category: "Memory-optimized", Level: Enterprise, Architecture: x86, Processor: iceLake, Speed: 270, Turbo: 350},
		{ID: "ecs.g8y", Generation: "ecs-8", Category: "General-purpose", Level: Enterprise, Architecture: arm, Processor: "Yitian 710", Speed: 275, Turbo: 275},
		{ID: "ecs.i4", Generation: "ecs-7", Category: "Local SSDs", Level: Enterprise, Architecture: x86, Processor: iceLake, Speed: 270, Turbo: 350, LocalCategory: "local_ssd_pro"},
		{ID: "ecs.gn7i", Generation: "ecs-6", Category: "Compute-optimized with GPU", Level: Enterprise, Architecture: x86, Processor: iceLake, Speed: 290, Turbo: 350, Zones: 2},
		{ID: "ecs.s2", Generation: "ecs-1", Category: "Shared", Level: Entry, Architecture: x86, Processor: "Intel Xeon E5-2640v2", Speed: 200, Turbo: 250},
		{ID: "ecs.n4", Generation: "ecs-2", Category: "Shared", Level: Entry, Architecture: x86, Processor: "Intel Xeon E5-2682v4", Speed: 250, Turbo: 300},
		{ID: "ecs.sn2", Generation: "ecs-2", Category: "General-purpose", Level: Enterprise, Architecture: x86, Processor: "Intel Xeon E5-2680v3", Speed: 250, Turbo: 330},
	} {
		byID[f.ID] = &f
	}
	return byID
}()

// FamilyOf returns the family of a type. A family that is not in the catalog is like ecs.g7.
func FamilyOf(t *InstanceType) *Family {
	if f, ok := families[t.Family]; ok {
		return f
	}
	like := *families["ecs.g7"]
	like.ID = t.Family
	return &like
}
