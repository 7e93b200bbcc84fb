package action

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

// typeRule reports whether an instance type matches.
type typeRule = func(*catalog.InstanceType) bool

// wordFilters are the filters by a word or a list of words.
var wordFilters = []struct {
	one, list string
	// values are the valid values, nil for any.
	values []string
	// part is set if a part of the word suffices.
	part bool
	word func(*catalog.InstanceType) string
}{
	{list: "InstanceTypes", word: func(t *catalog.InstanceType) string { return t.ID }},
	{one: "InstanceTypeFamily", list: "InstanceTypeFamilies", word: func(t *catalog.InstanceType) string { return t.Family }},
	{
		one: "InstanceFamilyLevel", values: []string{catalog.Entry, catalog.Enterprise, catalog.CreditEntry},
		word: func(t *catalog.InstanceType) string { return catalog.FamilyOf(t).Level },
	},
	{one: "InstanceCategory", list: "InstanceCategories", word: func(t *catalog.InstanceType) string { return catalog.FamilyOf(t).Category }},
	{
		one: "CpuArchitecture", list: "CpuArchitectures", values: []string{"X86", "ARM"},
		word: func(t *catalog.InstanceType) string { return catalog.FamilyOf(t).Architecture },
	},
	{one: "PhysicalProcessorModel", list: "PhysicalProcessorModels", part: true, word: func(t *catalog.InstanceType) string { return catalog.FamilyOf(t).Processor }},
	{one: "GPUSpec", list: "GpuSpecs", part: true, word: func(t *catalog.InstanceType) string { return t.GPUSpec }},
	{one: "LocalStorageCategory", list: "LocalStorageCategories", word: func(t *catalog.InstanceType) string { return catalog.FamilyOf(t).LocalCategory }},
	{one: "NvmeSupport", values: []string{"required", "unsupported"}, word: nvme},
}

func typeWords(c *Call) ([]typeRule, *wire.Error) {
	var rules []typeRule
	for _, f := range wordFilters {
		for _, name := range []string{f.one, f.list} {
			var wanted []string
			switch {
			case name == "":
			case name == f.list:
				wanted = c.Params.List(name)
			case c.Params.Get(name) != "":
				wanted = []string{c.Params.Get(name)}
			}
			if len(wanted) == 0 {
				continue
			}
			if len(wanted) > maxTypes || f.values != nil && slices.ContainsFunc(wanted, func(v string) bool { return !slices.Contains(f.values, v) }) {
				return nil, wire.Invalid(name)
			}
			rules = append(rules, func(t *catalog.InstanceType) bool {
				have := f.word(t)
				return slices.ContainsFunc(wanted, func(v string) bool {
					return v == have || f.part && strings.Contains(have, v)
				})
			})
		}
	}
	return rules, nil
}

// boundFilters are the filters by a number, each with a Minimum, a Maximum or
// both before its name.
var boundFilters = []struct {
	name     string
	min, max bool
	number   func(*catalog.InstanceType, catalog.Traits) float64
}{
	{"CpuCoreCount", true, true, func(t *catalog.InstanceType, _ catalog.Traits) float64 { return float64(t.CPU) }},
	{"MemorySize", true, true, func(t *catalog.InstanceType, _ catalog.Traits) float64 { return float64(t.MemoryMiB) / 1024 }},
	{"GPUAmount", true, true, func(t *catalog.InstanceType, _ catalog.Traits) float64 { return float64(t.GPU) }},
	{"CpuSpeedFrequency", true, true, func(t *catalog.InstanceType, _ catalog.Traits) float64 {
		return float64(catalog.FamilyOf(t).Speed) / 100
	}},
	{"CpuTurboFrequency", true, true, func(t *catalog.InstanceType, _ catalog.Traits) float64 {
		return float64(catalog.FamilyOf(t).Turbo) / 100
	}},
	{"BaselineCredit", true, false, func(t *catalog.InstanceType, _ catalog.Traits) float64 { return float64(t.BaselineCredit) }},
	{"InitialCredit", true, false, func(_ *catalog.InstanceType, r catalog.Traits) float64 { return float64(r.Credit) }},
	{"LocalStorageAmount", true, false, func(t *catalog.InstanceType, _ catalog.Traits) float64 { return float64(min(t.LocalGiB, 1)) }},
	{"LocalStorageCapacity", true, false, func(t *catalog.InstanceType, _ catalog.Traits) float64 { return float64(t.LocalGiB) }},
	{"DiskQuantity", true, false, func(_ *catalog.InstanceType, r catalog.Traits) float64 { return float64(r.Disks) }},
	{"InstanceBandwidthRx", true, false, func(_ *catalog.InstanceType, r catalog.Traits) float64 { return float64(r.Bandwidth) }},
	{"InstanceBandwidthTx", true, false, func(_ *catalog.InstanceType, r catalog.Traits) float64 { return float64(r.Bandwidth) }},
	{"InstancePpsRx", true, false, func(_ *catalog.InstanceType, r catalog.Traits) float64 { return float64(r.Packets) }},
	{"InstancePpsTx", true, false, func(_ *catalog.InstanceType, r catalog.Traits) float64 { return float64(r.Packets) }},
	{"EniQuantity", true, false, func(_ *catalog.InstanceType, r catalog.Traits) float64 { return float64(r.Interfaces) }},
	{"EniPrivateIpAddressQuantity", true, false, func(_ *catalog.InstanceType, r catalog.Traits) float64 { return float64(r.Addresses) }},
	{"EniIpv6AddressQuantity", true, false, func(_ *catalog.InstanceType, r catalog.Traits) float64 { return float64(r.Addresses) }},
	{"PrimaryEniQueueNumber", true, false, func(_ *catalog.InstanceType, r catalog.Traits) float64 { return float64(r.Queues) }},
	{"SecondaryEniQueueNumber", true, false, func(_ *catalog.InstanceType, r catalog.Traits) float64 { return float64(r.Queues) }},
	// No simulated type has elastic RDMA interfaces.
	{"EriQuantity", true, false, func(*catalog.InstanceType, catalog.Traits) float64 { return 0 }},
	{"QueuePairNumber", true, false, func(*catalog.InstanceType, catalog.Traits) float64 { return 0 }},
}

func typeBounds(c *Call) ([]typeRule, *wire.Error) {
	var rules []typeRule
	for _, f := range boundFilters {
		low, refusal := c.bound("Minimum"+f.name, f.min, math.Inf(-1))
		if refusal != nil {
			return nil, refusal
		}
		high, refusal := c.bound("Maximum"+f.name, f.max, math.Inf(1))
		if refusal != nil {
			return nil, refusal
		}
		rules = append(rules, func(t *catalog.InstanceType) bool {
			n := f.number(t, catalog.TraitsOf(t))
			return low <= n && n <= high
		})
	}
	return rules, nil
}

// bound parses a number that is not negative; fallback if it was not sent or the action has no such parameter.
func (c *Call) bound(name string, known bool, fallback float64) (float64, *wire.Error) {
	if !known {
		return fallback, nil
	}
	text := c.Params.Get(name)
	if text == "" {
		return fallback, nil
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || !(0 <= n && n < math.MaxInt64) {
		return 0, wire.Invalid(name)
	}
	return n, nil
}
