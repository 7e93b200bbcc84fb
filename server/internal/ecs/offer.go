package ecs

// Zone is one zone of a region.
type Zone struct {
	ID             string
	RegionID       string
	LocalName      string
	InstanceTypes  []string
	DiskCategories []string
}

// InstanceType is a size that the cloud sells.
type InstanceType struct {
	ID           string
	Family       string
	CPU          int32
	MemoryMiB    int64
	GPUCount     int32
	GPUModel     string
	Architecture string
	// BaselineCredit over 0 is a burstable type.
	BaselineCredit int32
}

// TypeQuery selects instance types.
type TypeQuery struct {
	// IDs names up to 10.
	IDs                        []string
	Family                     string
	MinCPU, MaxCPU             int32
	MinMemoryGiB, MaxMemoryGiB float64
}

// TypePage is one page of a TypeQuery.
type TypePage struct {
	Types []InstanceType
	Next  string
}

// StockQuery selects the current stock.
type StockQuery struct {
	ZoneID       string
	InstanceType string
	ChargeType   ChargeType
	// SpotStrategy is the cloud's word, "" for no spot.
	SpotStrategy string
	CPU          int32
	MemoryGiB    float64
}

// Stock is whether a type can be bought in a zone.
type Stock struct {
	ZoneID       string
	InstanceType string
	// RawStatus is the cloud's word: Available or SoldOut; RawCategory is
	// WithStock, ClosedWithStock or WithoutStock.
	RawStatus   string
	RawCategory string
}
