package ecs

import "time"

// SpotPriceQuery selects the price history of a type.
type SpotPriceQuery struct {
	InstanceType string
	ZoneID       string
	// Window is at most 30 days long.
	Window Window
	// NetworkType is vpc or classic.
	NetworkType string
	OSType      string
	// ProtectedFor is one hour or none; negative leaves it to the cloud.
	ProtectedFor time.Duration
}

// SpotPrice is the price of a type in a zone from one moment on.
type SpotPrice struct {
	ZoneID       string
	InstanceType string
	Time         time.Time
	// Price is the spot price an hour, ListPrice that of pay-as-you-go.
	Price     Money
	ListPrice Money
}

// SpotPricePage is one page of a SpotPriceQuery.
type SpotPricePage struct {
	Prices []SpotPrice
	// NextOffset continues the history, 0 at its end.
	NextOffset int32
}

// SpotAdviceQuery selects the cloud's advice on spot capacity. Exactly one of
// InstanceTypes, CPU with MemoryGiB, or the minimums is given.
type SpotAdviceQuery struct {
	// InstanceTypes names up to 10.
	InstanceTypes []string
	TypeFamily    string
	CPU, MinCPU   int32
	MemoryGiB     float64
	MinMemoryGiB  float64
	ZoneID        string
}

// SpotAdvice is how a type did as spot in a zone over the last 30 days.
type SpotAdvice struct {
	ZoneID       string
	InstanceType string
	// AverageDiscountPercent is the spot price as a share of the list price.
	AverageDiscountPercent int32
	// InterruptionRatePercent is the share of instances that were reclaimed.
	InterruptionRatePercent float64
	// RawInterruptionRate is the cloud's text for it, such as 0-3%.
	RawInterruptionRate string
}
