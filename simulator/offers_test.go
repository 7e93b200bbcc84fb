package simulator_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/responses"
	"github.com/aliyun/alibaba-cloud-sdk-go/services/ecs"
	"github.com/google/go-cmp/cmp"

	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
)

// The vendor's Go SDK reads the offers.
func TestZones(t *testing.T) {
	c := newCloud(t, simulator.Config{})
	request := ecs.CreateDescribeZonesRequest()
	request.InstanceChargeType, request.SpotStrategy, request.AcceptLanguage = "PostPaid", "SpotWithPriceLimit", "en-US"
	response := ecs.CreateDescribeZonesResponse()
	c.do(request, response)
	if n := len(response.Zones.Zone); n != 8 {
		t.Fatalf("%d zones, want 8", n)
	}
	z := response.Zones.Zone[0]
	if z.ZoneId != "cn-hangzhou-h" || z.LocalName != "Hangzhou Zone H" || z.ZoneType != "AvailabilityZone" {
		t.Errorf("got %s, %s, %s", z.ZoneId, z.LocalName, z.ZoneType)
	}
	if !slices.Contains(z.AvailableInstanceTypes.InstanceTypes, "ecs.sn2.medium") {
		t.Errorf("types %v", z.AvailableInstanceTypes.InstanceTypes)
	}
	resources := z.AvailableResources.ResourcesInfo[0]
	if diff := cmp.Diff(z.AvailableInstanceTypes.InstanceTypes, resources.InstanceTypes.SupportedInstanceType); diff != "" {
		t.Errorf("types (-zone +resources):\n%s", diff)
	}
	if !resources.IoOptimized || !slices.Contains(resources.SystemDiskCategories.SupportedSystemDiskCategory, "cloud_essd") ||
		!slices.Contains(resources.NetworkTypes.SupportedNetworkCategory, "vpc") {
		t.Errorf("resources %+v", resources)
	}

	brief := ecs.CreateDescribeZonesRequest()
	brief.Verbose = requests.NewBoolean(false)
	response = ecs.CreateDescribeZonesResponse()
	c.do(brief, response)
	if z := response.Zones.Zone[0]; z.LocalName != "华东1 可用区H" || len(z.AvailableInstanceTypes.InstanceTypes) != 0 {
		t.Errorf("without details: %+v", z)
	}
}

// typesOf returns the IDs of the types that a request selects.
func (c *cloud) typesOf(params values) []string {
	c.t.Helper()
	request := &requests.RpcRequest{}
	request.InitWithApiInfo("Ecs", "2014-05-26", "DescribeInstanceTypes", "", "")
	request.Method = requests.POST
	for k, v := range params {
		request.QueryParams[k] = v
	}
	response := ecs.CreateDescribeInstanceTypesResponse()
	c.do(request, response)
	ids := []string{}
	for _, t := range response.InstanceTypes.InstanceType {
		ids = append(ids, t.InstanceTypeId)
	}
	return ids
}

// Each filter of DescribeInstanceTypes has an effect.
func TestInstanceTypeFilters(t *testing.T) {
	c := newCloud(t, simulator.Config{})
	for _, f := range []struct {
		params values
		want   []string
	}{
		{values{"InstanceTypes.1": "ecs.g7.large", "InstanceTypes.2": "ecs.c7.large"}, []string{"ecs.c7.large", "ecs.g7.large"}},
		{values{"InstanceTypes.1": "ecs.nothing.large"}, []string{}},
		{values{"InstanceTypeFamily": "ecs.t6"}, []string{"ecs.t6-c1m1.large", "ecs.t6-c1m2.large"}},
		{values{"InstanceTypeFamilies.1": "ecs.g8y", "InstanceTypeFamilies.2": "ecs.n4"}, []string{"ecs.g8y.large", "ecs.g8y.xlarge", "ecs.n4.large", "ecs.n4.small"}},
		{values{"MinimumCpuCoreCount": "16"}, []string{"ecs.g7.4xlarge"}},
		{values{"MaximumCpuCoreCount": "1"}, []string{"ecs.n4.small"}},
		{values{"MinimumMemorySize": "30", "MaximumMemorySize": "31.5"}, []string{"ecs.gn7i-c8g1.2xlarge"}},
		{values{"MinimumGPUAmount": "1"}, []string{"ecs.gn7i-c8g1.2xlarge"}},
		{values{"GPUSpec": "NVIDIA"}, []string{"ecs.gn7i-c8g1.2xlarge"}},
		{values{"GpuSpecs.1": "NVIDIA A10"}, []string{"ecs.gn7i-c8g1.2xlarge"}},
		{values{"CpuArchitecture": "ARM"}, []string{"ecs.g8y.large", "ecs.g8y.xlarge"}},
		{values{"InstanceFamilyLevel": "CreditEntryLevel"}, []string{"ecs.t6-c1m1.large", "ecs.t6-c1m2.large"}},
		{values{"InstanceCategory": "Local SSDs"}, []string{"ecs.i4.large", "ecs.i4.xlarge"}},
		{values{"LocalStorageCategory": "local_ssd_pro", "MinimumLocalStorageCapacity": "500"}, []string{"ecs.i4.xlarge"}},
		{values{"PhysicalProcessorModel": "Yitian"}, []string{"ecs.g8y.large", "ecs.g8y.xlarge"}},
		{values{"NvmeSupport": "required", "MinimumCpuCoreCount": "4"}, []string{"ecs.g8y.xlarge", "ecs.i4.xlarge"}},
		{values{"MinimumBaselineCredit": "1"}, []string{"ecs.t6-c1m1.large", "ecs.t6-c1m2.large"}},
		{values{"MinimumEniQuantity": "15"}, []string{"ecs.g7.4xlarge"}},
		{values{"MinimumEriQuantity": "1"}, []string{}},
	} {
		if diff := cmp.Diff(f.want, c.typesOf(f.params)); diff != "" {
			t.Errorf("%v (-want +got):\n%s", f.params, diff)
		}
	}
}

// Pages of types follow each other to the end, also with a filter.
func TestInstanceTypePages(t *testing.T) {
	c := newCloud(t, simulator.Config{})
	for _, filter := range []values{{}, {"MinimumCpuCoreCount": "4"}} {
		whole, paged := c.typesOf(filter), []string{}
		request := ecs.CreateDescribeInstanceTypesRequest()
		for {
			request.MaxResults = requests.NewInteger(3)
			for k, v := range filter {
				request.QueryParams[k] = v
			}
			response := ecs.CreateDescribeInstanceTypesResponse()
			c.do(request, response)
			if n := len(response.InstanceTypes.InstanceType); n > 3 {
				t.Fatalf("a page of %d", n)
			}
			for _, kind := range response.InstanceTypes.InstanceType {
				paged = append(paged, kind.InstanceTypeId)
			}
			if response.NextToken == "" {
				break
			}
			request = ecs.CreateDescribeInstanceTypesRequest()
			request.NextToken = response.NextToken
		}
		if diff := cmp.Diff(whole, paged); diff != "" || len(whole) < 6 {
			t.Errorf("%v (-whole +paged):\n%s", filter, diff)
		}
	}
}

func TestAvailableResource(t *testing.T) {
	c := newCloud(t, simulator.Config{})
	ask := func(params values) map[string][]ecs.SupportedResource {
		t.Helper()
		request := ecs.CreateDescribeAvailableResourceRequest()
		maps.Copy(request.QueryParams, params)
		response := ecs.CreateDescribeAvailableResourceResponse()
		c.do(request, response)
		zones := map[string][]ecs.SupportedResource{}
		for _, z := range response.AvailableZones.AvailableZone {
			zones[z.ZoneId] = z.AvailableResources.AvailableResource[0].SupportedResources.SupportedResource
			if z.Status == "SoldOut" {
				zones[z.ZoneId] = nil
			}
		}
		return zones
	}
	one := ask(values{"DestinationResource": "InstanceType", "InstanceType": "ecs.g7.large", "ZoneId": "cn-hangzhou-h"})
	want := map[string][]ecs.SupportedResource{"cn-hangzhou-h": {{Value: "ecs.g7.large", Status: "Available", StatusCategory: "WithStock"}}}
	if diff := cmp.Diff(want, one); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// The GPU type is sold in two of the eight zones, and some type is sold out in some zone.
	gpu := ask(values{"DestinationResource": "InstanceType", "InstanceType": "ecs.gn7i-c8g1.2xlarge"})
	if n := len(slices.DeleteFunc(slices.Collect(maps.Values(gpu)), func(r []ecs.SupportedResource) bool { return r == nil })); n > 2 {
		t.Errorf("the GPU type is in %d zones", n)
	}
	soldOut := 0
	for _, resources := range ask(values{"DestinationResource": "InstanceType"}) {
		for _, r := range resources {
			if r.Status == "SoldOut" {
				soldOut++
			}
		}
	}
	if soldOut == 0 {
		t.Error("nothing is sold out anywhere")
	}
	for _, r := range ask(values{"DestinationResource": "InstanceType", "Cores": "2", "Memory": "8.0", "ZoneId": "cn-hangzhou-h"})["cn-hangzhou-h"] {
		if !slices.Contains([]string{"ecs.g7.large", "ecs.g8y.large", "ecs.sn2.medium"}, r.Value) {
			t.Errorf("2 vCPU and 8 GiB: %s", r.Value)
		}
	}
	disks := ask(values{"DestinationResource": "SystemDisk", "InstanceType": "ecs.g7.large", "ZoneId": "cn-hangzhou-h"})["cn-hangzhou-h"]
	if len(disks) != 6 || disks[0].Value != "cloud_essd" || disks[0].Min != 1 || disks[0].Max != 2048 || disks[0].Unit != "GiB" {
		t.Errorf("disks %+v", disks)
	}
	// A type that is not on sale is in no zone, even if a fleet was seeded with it.
	if _, err := c.Seed(simulator.Seed{InstanceType: "ecs.x9.large"}); err != nil {
		t.Fatal(err)
	}
	for zone, resources := range ask(values{"DestinationResource": "InstanceType", "InstanceType": "ecs.x9.large"}) {
		if resources != nil {
			t.Errorf("%s sells an unknown type: %+v", zone, resources)
		}
	}
	// A stock limit of 0 is visible.
	none := 0
	if err := c.LimitStock(control.StockLimit{ZoneID: "cn-hangzhou-h", InstanceType: "ecs.g7.large", Left: &none}); err != nil {
		t.Fatal(err)
	}
	if got := ask(values{"DestinationResource": "InstanceType", "InstanceType": "ecs.g7.large", "ZoneId": "cn-hangzhou-h"}); got["cn-hangzhou-h"] != nil {
		t.Errorf("after it was sold out: %+v", got)
	}
}

// price requests a price and returns it.
func (c *cloud) price(params values) ecs.Price {
	c.t.Helper()
	request := ecs.CreateDescribePriceRequest()
	maps.Copy(request.QueryParams, params)
	response := ecs.CreateDescribePriceResponse()
	c.do(request, response)
	p := response.PriceInfo.Price
	sum := 0.0
	for _, d := range p.DetailInfos.DetailInfo {
		sum += d.TradePrice
	}
	if fmt.Sprintf("%.3f", sum) != fmt.Sprintf("%.3f", p.TradePrice) {
		c.t.Errorf("%v: details add up to %.3f, the price is %.3f", params, sum, p.TradePrice)
	}
	return p
}

func TestPrice(t *testing.T) {
	c := newCloud(t, simulator.Config{})
	for _, q := range []struct {
		params           values
		original, traded float64
	}{
		{values{"InstanceType": "ecs.g7.large"}, 0.543, 0.543},
		{values{"InstanceType": "ecs.g7.large", "Amount": "100"}, 54.3, 54.3},
		{values{"InstanceType": "ecs.g7.large", "PriceUnit": "Month"}, 260.4, 260.4},
		{values{"InstanceType": "ecs.g7.large", "PriceUnit": "Month", "Period": "3"}, 781.2, 781.2},
		{values{"InstanceType": "ecs.g7.large", "PriceUnit": "Year"}, 3124.8, 2656.08},
		{values{"InstanceType": "ecs.g7.large", "PriceUnit": "Year", "Period": "5"}, 15624, 7812},
		{values{"InstanceType": "ecs.g7.large", "PriceUnit": "Month", "SystemDisk.Category": "cloud_essd", "SystemDisk.Size": "40"}, 300.4, 300.4},
		{values{
			"InstanceType": "ecs.g7.large", "PriceUnit": "Month",
			"DataDisk.1.Category": "cloud_essd", "DataDisk.1.Size": "500", "DataDisk.1.PerformanceLevel": "PL2",
			"DataDisk.2.Category": "cloud_efficiency", "DataDisk.2.Size": "100",
		}, 260.4 + 1000 + 35, 260.4 + 1000 + 35},
		{values{"InstanceType": "ecs.g7.large", "PriceUnit": "Month", "InternetChargeType": "PayByBandwidth", "InternetMaxBandwidthOut": "6"}, 260.4 + 195, 260.4 + 195},
		{values{"InstanceType": "ecs.g7.large", "PriceUnit": "Month", "InternetMaxBandwidthOut": "6"}, 260.4, 260.4}, // by traffic
		{values{"ResourceType": "disk", "DataDisk.1.Category": "cloud_ssd", "DataDisk.1.Size": "100", "PriceUnit": "Month"}, 100, 100},
		{values{"ResourceType": "bandwidth", "InternetMaxBandwidthOut": "1", "PriceUnit": "Month"}, 23, 23},
	} {
		p := c.price(q.params)
		near := func(a, b float64) bool { return fmt.Sprintf("%.3f", a) == fmt.Sprintf("%.3f", b) }
		if !near(p.OriginalPrice, q.original) || !near(p.TradePrice, q.traded) || !near(p.DiscountPrice, q.original-q.traded) || p.Currency != "CNY" {
			t.Errorf("%v: original %.3f, trade %.3f, discount %.3f, want %.3f and %.3f",
				q.params, p.OriginalPrice, p.TradePrice, p.DiscountPrice, q.original, q.traded)
		}
	}
}

// The price of a spot instance is the market's, at the time and in the zone.
func TestSpotPrice(t *testing.T) {
	c := newCloud(t, simulator.Config{})
	seen := map[float64]bool{}
	for range 24 {
		history := c.history(values{"InstanceType": "ecs.g7.large", "NetworkType": "vpc", "ZoneId": "cn-hangzhou-i"})
		p := c.price(values{"InstanceType": "ecs.g7.large", "SpotStrategy": "SpotAsPriceGo", "ZoneId": "cn-hangzhou-i"})
		last := history[len(history)-1]
		if p.SpotInstanceTypePrice != last.SpotPrice || p.TradePrice != last.SpotPrice || p.SpotInstanceTypeOriginalPrice != 0.543 || p.OriginalPrice != 0.543 {
			t.Fatalf("price %+v, history ends with %+v", p, last)
		}
		seen[p.TradePrice] = true
		c.advance(time.Hour)
	}
	if len(seen) < 4 {
		t.Errorf("only %d prices in a day", len(seen))
	}
}

// history reads every page of a price history.
func (c *cloud) history(params values) []ecs.SpotPriceType {
	c.t.Helper()
	var all []ecs.SpotPriceType
	for offset := 0; ; {
		request := ecs.CreateDescribeSpotPriceHistoryRequest()
		maps.Copy(request.QueryParams, params)
		request.Offset = requests.NewInteger(offset)
		response := ecs.CreateDescribeSpotPriceHistoryResponse()
		c.do(request, response)
		all = append(all, response.SpotPrices.SpotPriceType...)
		if response.NextOffset == 0 {
			return all
		}
		if response.NextOffset != len(all) {
			c.t.Fatalf("offset %d after %d prices", response.NextOffset, len(all))
		}
		offset = response.NextOffset
	}
}

func TestSpotPriceHistory(t *testing.T) {
	c := newCloud(t, simulator.Config{Seed: 3})
	query := values{"InstanceType": "ecs.sn2.medium", "NetworkType": "vpc", "StartTime": "2026-10-21T04:00:00Z", "EndTime": "2026-11-20T04:00:00Z"}
	all := c.history(query)
	zones := map[string]int{}
	for _, p := range all {
		zones[p.ZoneId]++
		if p.SpotPrice < p.OriginPrice/10 || p.SpotPrice > p.OriginPrice || p.OriginPrice != 0.569 {
			t.Errorf("%+v", p)
		}
	}
	if len(zones) != 8 || len(all) < 1000 {
		t.Errorf("%d prices in %d zones", len(all), len(zones))
	}
	if diff := cmp.Diff(all, newCloud(t, simulator.Config{Seed: 3}).history(query)); diff != "" {
		t.Errorf("the same seed (-one +another):\n%s", diff)
	}
	if cmp.Equal(all, newCloud(t, simulator.Config{Seed: 4}).history(query)) {
		t.Error("another seed has the same prices")
	}

	query["ZoneId"] = "cn-hangzhou-b"
	if one := c.history(query); len(one) != zones["cn-hangzhou-b"] {
		t.Errorf("the zone alone has %d prices, among all it has %d", len(one), zones["cn-hangzhou-b"])
	}
	// Without times it is the last three hours, and past prices do not change as time passes.
	recent := c.history(values{"InstanceType": "ecs.sn2.medium", "NetworkType": "vpc", "ZoneId": "cn-hangzhou-b"})
	if recent[0].Timestamp != "2026-11-20T01:00:00Z" || recent[len(recent)-1].Timestamp != "2026-11-20T04:00:00Z" {
		t.Errorf("from %s to %s", recent[0].Timestamp, recent[len(recent)-1].Timestamp)
	}
	before := c.history(query)
	c.advance(26 * time.Hour)
	query["StartTime"] = "2026-10-22T06:00:00Z"
	after := c.history(query)
	if diff := cmp.Diff(before[len(before)-len(after)+1:], after[1:]); diff != "" {
		t.Errorf("a day later (-before +after):\n%s", diff)
	}
	query["NetworkType"] = "classic"
	if classic := c.history(query); len(classic) != 0 {
		t.Errorf("%d prices in the classic network", len(classic))
	}
}

func TestSpotAdvice(t *testing.T) {
	c := newCloud(t, simulator.Config{})
	request := ecs.CreateDescribeSpotAdviceRequest()
	request.MinCores, request.MinMemory, request.ZoneId = "4", "16", "cn-hangzhou-h"
	response := ecs.CreateDescribeSpotAdviceResponse()
	c.do(request, response)
	if response.RegionId != "cn-hangzhou" || len(response.AvailableSpotZones.AvailableSpotZone) != 1 {
		t.Fatalf("got %+v", response)
	}
	resources := response.AvailableSpotZones.AvailableSpotZone[0].AvailableSpotResources.AvailableSpotResource
	for _, r := range resources {
		if r.AverageSpotDiscount < 10 || r.AverageSpotDiscount > 100 || r.InterruptionRate < 0 || r.InterruptRateDesc == "" || r.InstanceType == "ecs.g7.large" {
			t.Errorf("%+v", r)
		}
	}
	if len(resources) < 5 {
		t.Errorf("%d types", len(resources))
	}
}

// The errors of the actions, with their codes.
func TestOffers_Errors(t *testing.T) {
	c := newCloud(t, simulator.Config{})
	history := values{"InstanceType": "ecs.g7.large", "NetworkType": "vpc"}
	price := values{"InstanceType": "ecs.g7.large"}
	with := func(base values, more ...string) values {
		all := maps.Clone(base)
		for n := 0; n < len(more); n += 2 {
			all[more[n]] = more[n+1]
		}
		return all
	}
	for _, r := range []struct {
		action string
		params values
		status int
		code   string
	}{
		{"DescribeZones", values{"InstanceChargeType": "Free"}, 404, "InvalidInstanceChargeType.NotFound"},
		{"DescribeZones", values{"SpotStrategy": "Cheap"}, 400, "InvalidSpotStrategy"},
		{"DescribeZones", values{"SpotStrategy": "SpotAsPriceGo", "InstanceChargeType": "Prepaid"}, 400, "InvalidSpotStrategy"},
		{"DescribeZones", values{"AcceptLanguage": "tlh"}, 404, "InvalidAcceptLanguage.NotFound"},
		{"DescribeZones", values{"RegionId": "cn-nowhere"}, 404, "InvalidRegionId.NotFound"},
		{"DescribeInstanceTypes", values{"MaxResults": "0"}, 400, "InvalidParameter"},
		{"DescribeInstanceTypes", values{"MaxResults": "1601"}, 400, "InvalidParameter"},
		{"DescribeInstanceTypes", values{"NextToken": "mine"}, 400, "InvalidParameter"},
		{"DescribeInstanceTypes", values{"MinimumCpuCoreCount": "-1"}, 400, "InvalidParameter"},
		{"DescribeInstanceTypes", values{"MaximumMemorySize": "much"}, 400, "InvalidParameter"},
		{"DescribeInstanceTypes", values{"CpuArchitecture": "Z80"}, 400, "InvalidParameter"},
		{"DescribeAvailableResource", nil, 400, "Invalid.Param"},
		{"DescribeAvailableResource", values{"DestinationResource": "Luck"}, 404, "Invalid.DestinationResource"},
		{"DescribeAvailableResource", values{"DestinationResource": "SystemDisk"}, 400, "Invalid.Param"},
		{"DescribeAvailableResource", values{"DestinationResource": "Zone", "InstanceChargeType": "Free"}, 400, "Invalid.InstanceChargeType"},
		{"DescribeAvailableResource", values{"DestinationResource": "Zone", "ResourceType": "luck"}, 404, "Invalid.ResourceType"},
		{"DescribeAvailableResource", values{"DestinationResource": "Zone", "IoOptimized": "yes"}, 404, "Invalid.IoOptimized"},
		{"DescribeAvailableResource", values{"DestinationResource": "Zone", "NetworkCategory": "ring"}, 404, "Invalid.NetworkCategory"},
		{"DescribeAvailableResource", values{"DestinationResource": "Zone", "SpotStrategy": "Cheap"}, 404, "Invalid.SpotStrategy"},
		{"DescribeAvailableResource", values{"DestinationResource": "InstanceType", "InstanceType": "ecs.g7.large", "Cores": "2"}, 403, "InvalidParam.TypeAndCpuMem.Conflict"},
		{"DescribeAvailableResource", values{"DestinationResource": "Zone", "Cores": "2"}, 403, "InvalidParam.Cores"},
		{"DescribeAvailableResource", values{"DestinationResource": "Zone", "Memory": "2.0"}, 403, "InvalidParam.Memory"},
		{"DescribeAvailableResource", values{"DestinationResource": "Zone", "RegionId": "cn-nowhere"}, 404, "Invalid.RegionId"},
		{"DescribePrice", nil, 404, "InvalidInstanceType.Missing"},
		{"DescribePrice", values{"InstanceType": "g7.large"}, 400, "InvalidInstanceType.ValueNotSupported"},
		{"DescribePrice", values{"InstanceType": "ecs.x9.large"}, 400, "InvalidInstanceType.ValueNotSupported"},
		{"DescribePrice", values{"ResourceType": "luck"}, 400, "InvalidResourceType.ValueNotSupported"},
		{"DescribePrice", values{"ResourceType": "disk"}, 404, "InvalidDiskCategory.Missing"},
		{"DescribePrice", with(price, "PriceUnit", "Day"), 400, "InvalidPriceUnit.ValueNotSupported"},
		{"DescribePrice", with(price, "PriceUnit", "Month", "Period", "11"), 400, "InvalidPeriod"},
		{"DescribePrice", with(price, "PriceUnit", "Hour", "Period", "2"), 400, "InvalidPeriod"},
		{"DescribePrice", with(price, "Amount", "1001"), 403, "InvalidAmount.Malformed"},
		{"DescribePrice", with(price, "Amount", "0"), 403, "InvalidAmount.Malformed"},
		{"DescribePrice", with(price, "InstanceNetworkType", "ring"), 404, "InvalidNetworkType.ValueNotSupported"},
		{"DescribePrice", with(price, "InternetChargeType", "free"), 400, "InvalidInternetChargeType.ValueNotSupported"},
		{"DescribePrice", with(price, "InternetMaxBandwidthOut", "101"), 400, "InvalidInternetMaxBandwidthOut.ValueNotSupported"},
		{"DescribePrice", with(price, "IoOptimized", "yes"), 400, "InvalidIoOptimizedValue.ValueNotSupported"},
		{"DescribePrice", with(price, "ImageId", "nothing"), 404, "InvalidImageId.NotFound"},
		{"DescribePrice", with(price, "SystemDisk.Category", "floppy"), 400, "InvalidSystemDiskCategory.ValueNotSupported"},
		{"DescribePrice", with(price, "SystemDisk.Category", "cloud_ssd", "SystemDisk.Size", "10"), 404, "InvalidSystemDiskSize.LessThanMinSize"},
		{"DescribePrice", with(price, "SystemDisk.Category", "cloud", "SystemDisk.Size", "501"), 404, "InvalidSystemDiskSize.MoreThanMaxSize"},
		{"DescribePrice", with(price, "SystemDisk.Size", "big"), 404, "InvalidSystemDiskSize.ValueNotSupported"},
		{"DescribePrice", with(price, "DataDisk.1.Category", "floppy"), 400, "InvalidDataDiskCategory.ValueNotSupported"},
		{"DescribePrice", with(price, "DataDisk.1.Category", "cloud_essd", "DataDisk.1.Size", "400", "DataDisk.1.PerformanceLevel", "PL2"), 400, "InvalidDataDiskSize.ValueNotSupported"},
		{"DescribePrice", with(price, "SpotStrategy", "SpotAsPriceGo", "PriceUnit", "Month"), 400, "InvalidPriceUnit.ValueNotSupported"},
		{"DescribePrice", values{"InstanceType": "ecs.gn7i-c8g1.2xlarge", "ZoneId": "cn-hangzhou-b"}, 400, "PriceNotFound"},
		{"DescribeSpotPriceHistory", values{"InstanceType": "ecs.g7.large"}, 400, "MissingParameter"},
		{"DescribeSpotPriceHistory", values{"NetworkType": "vpc"}, 400, "MissingParameter"},
		{"DescribeSpotPriceHistory", with(history, "NetworkType", "ring"), 400, "InvalidParams.NetworkType"},
		{"DescribeSpotPriceHistory", with(history, "InstanceType", "g7"), 400, "InvalidParams.InstanceType"},
		{"DescribeSpotPriceHistory", with(history, "InstanceType", "ecs.x9.large"), 400, "InvalidInstanceType.ValueNotSupported"},
		{"DescribeSpotPriceHistory", values{"InstanceType": "ecs.gn7i-c8g1.2xlarge", "NetworkType": "vpc", "ZoneId": "cn-hangzhou-b"}, 400, "InvalidInstanceType.ValueNotSupported"},
		{"DescribeSpotPriceHistory", with(history, "ZoneId", "cn-hangzhou-z"), 400, "InvalidZoneId.NotFound"},
		{"DescribeSpotPriceHistory", with(history, "IoOptimized", "none"), 400, "DependencyViolation.IoOptimized"},
		{"DescribeSpotPriceHistory", with(history, "OSType", "plan9"), 400, "InvalidParams.OSType"},
		{"DescribeSpotPriceHistory", with(history, "SpotDuration", "6"), 400, "InvalidSpotDuration"},
		{"DescribeSpotPriceHistory", with(history, "Offset", "-1"), 400, "InvalidParams.Offset"},
		{"DescribeSpotPriceHistory", with(history, "StartTime", "yesterday"), 400, "InvalidParams.StartTime"},
		{"DescribeSpotPriceHistory", with(history, "EndTime", "today"), 400, "InvalidParams.EndTime"},
		{"DescribeSpotPriceHistory", with(history, "StartTime", "2026-10-20T03:59:59Z", "EndTime", "2026-11-20T04:00:00Z"), 400, "InvalidParams.StartTime"},
		{"DescribeSpotPriceHistory", with(history, "StartTime", "2026-11-20T04:00:01Z"), 400, "InvalidParams.StartTime"},
		{"DescribeSpotPriceHistory", with(history, "RegionId", "cn-nowhere"), 400, "InvalidParams.RegionId"},
		{"DescribeSpotAdvice", values{"InstanceTypes.1": "ecs.g7.large", "Cores": "2"}, 403, "InvalidParam.TypeAndCpuMem.Conflict"},
		{"DescribeSpotAdvice", values{"NetworkType": "classic"}, 404, "Invalid.NetworkType"},
		{"DescribeSpotAdvice", values{"IoOptimized": "none"}, 404, "Invalid.IoOptimized"},
		{"DescribeSpotAdvice", values{"RegionId": "cn-nowhere"}, 404, "Invalid.RegionId"},
	} {
		request := &requests.RpcRequest{}
		request.InitWithApiInfo("Ecs", "2014-05-26", r.action, "", "")
		request.Method = requests.POST
		maps.Copy(request.QueryParams, r.params)
		refusal := c.refused(request, responses.NewCommonResponse())
		if refusal.HttpStatus() != r.status || refusal.ErrorCode() != r.code {
			t.Errorf("%s %v: %d %s, want %d %s", r.action, r.params, refusal.HttpStatus(), refusal.ErrorCode(), r.status, r.code)
		}
	}
}
