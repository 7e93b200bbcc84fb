package cloud_test

import (
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ecsd-io/ecsd/server/internal/cloud"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

func TestInstancePrice(t *testing.T) {
	price := `"PriceInfo":{"Price":{"OriginalPrice":0.1,"DiscountPrice":0.013,"TradePrice":0.30000000000000004,"Currency":"CNY"},"Rules":{"Rule":[]}}`
	spot, subscription := launchOrder(), launchOrder()
	spot.Spec.Spot = &ecs.Spot{Strategy: "SpotWithPriceLimit", PriceLimit: "0.5", ProtectedFor: time.Hour}
	spot.Spec.SystemDisk = ecs.DiskSpec{Category: "cloud_essd", SizeGiB: 40, PerformanceLevel: "PL0"}
	spot.Spec.DataDisks = []ecs.DiskSpec{{Category: "cloud_ssd", SizeGiB: 100}, {Category: "cloud_essd", PerformanceLevel: "PL1"}}
	spot.Spec.InternetBandwidthOutMbps, spot.Spec.InternetChargeType = 5, "PayByTraffic"
	subscription.Spec.ChargeType, subscription.Spec.Period = ecs.ChargeSubscription, ecs.Period{Count: 24, Unit: ecs.Month}
	subscription.Count = 0
	endpoint, edge := document(t, func(int, url.Values) (int, string) { return accepted(price) })
	for _, order := range []ecs.LaunchOrder{spot, subscription} {
		quote, err := edge.InstancePrice(soon(t), order)
		want := ecs.Quote{Price: yuan(0, 300_000_000), Original: yuan(0, 100_000_000), Discount: yuan(0, 13_000_000)}
		if err != nil || quote != want {
			t.Errorf("%+v, %v, want %+v", quote, err, want)
		}
	}
	asked := endpoint.of("DescribePrice")
	wants(t, asked[0], map[string]string{
		"ResourceType": "instance", "InstanceType": "ecs.g7.large", "ZoneId": "cn-hangzhou-h", "Amount": "2", "PriceUnit": "Hour", "Period": "1",
		"SpotStrategy": "SpotWithPriceLimit", "SpotDuration": "1", "SystemDisk.Category": "cloud_essd", "SystemDisk.Size": "40", "SystemDisk.PerformanceLevel": "PL0",
		"DataDisk.1.Category": "cloud_ssd", "DataDisk.1.Size": "100", "DataDisk.2.PerformanceLevel": "PL1", "DataDisk.2.Size": "",
		"InternetMaxBandwidthOut": "5", "InternetChargeType": "PayByTraffic", "ClientToken": "", "Password": "", "UserData": "",
	})
	wants(t, asked[1], map[string]string{"PriceUnit": "Year", "Period": "2", "Amount": "1", "SpotStrategy": ""})

	subscription.Spec.Period = ecs.Period{Count: 1, Unit: ecs.Week}
	if _, err := edge.InstancePrice(soon(t), subscription); reasonOf(t, err) != ecs.ReasonPriceUnavailable {
		t.Errorf("of a week: %v", err)
	}
	spot.Spec.Type = ""
	if _, err := edge.InstancePrice(soon(t), spot); reasonOf(t, err) != ecs.ReasonPriceUnavailable {
		t.Errorf("of no type: %v", err)
	}
	if endpoint.calls() != 2 {
		t.Errorf("%d calls, want 2", endpoint.calls())
	}
}

func yuan(units int64, nanos int32) ecs.Money {
	return ecs.Money{CurrencyCode: "CNY", Units: units, Nanos: nanos}
}

func TestZones(t *testing.T) {
	endpoint, edge := document(t, func(int, url.Values) (int, string) {
		return accepted(`"Zones":{"Zone":[
			{"ZoneId":"cn-hangzhou-h","LocalName":"Hangzhou Zone H","ZoneType":"AvailabilityZone","AvailableInstanceTypes":{"InstanceTypes":["ecs.g7.large","ecs.c7.large"]},
			 "AvailableDiskCategories":{"DiskCategories":["cloud_essd","cloud_ssd"]},"AvailableResources":{"ResourcesInfo":[{"IoOptimized":true,"SystemDiskCategories":{"supportedSystemDiskCategory":["cloud_essd"]}}]}},
			{"ZoneId":"cn-hangzhou-i","LocalName":"Hangzhou Zone I","AvailableInstanceTypes":{"InstanceTypes":[]}}]}`)
	})
	zones, err := edge.Zones(soon(t), hangzhou)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]ecs.Zone{
		{ID: "cn-hangzhou-h", RegionID: hangzhou, LocalName: "Hangzhou Zone H", InstanceTypes: []string{"ecs.c7.large", "ecs.g7.large"}, DiskCategories: []string{"cloud_essd", "cloud_ssd"}},
		{ID: "cn-hangzhou-i", RegionID: hangzhou, LocalName: "Hangzhou Zone I"},
	}, zones); diff != "" {
		t.Error(diff)
	}
	wants(t, endpoint.of("DescribeZones")[0], map[string]string{"RegionId": hangzhou, "AcceptLanguage": "en-US"})
}

func TestStock(t *testing.T) {
	endpoint, edge := document(t, func(int, url.Values) (int, string) {
		return accepted(`"AvailableZones":{"AvailableZone":[
			{"AvailableResources":{"AvailableResource":[{"SupportedResources":{"SupportedResource":[
				{"Value":"ecs.g7.large","Status":"Available","StatusCategory":"WithStock"},{"Value":"ecs.c7.large","Status":"SoldOut","StatusCategory":"WithoutStock","Unit":null}]},"Type":"InstanceType"},
				{"Type":"SystemDisk","SupportedResources":{"SupportedResource":[{"Value":"cloud_essd","Status":"Available"}]}}]},
			 "RegionId":"cn-hangzhou","ZoneId":"cn-hangzhou-h","Status":"Available","StatusCategory":"WithStock"},
			{"ZoneId":"cn-hangzhou-i","Status":"SoldOut"}]}`)
	})
	stock, err := edge.Stock(soon(t), hangzhou, ecs.StockQuery{ZoneID: "cn-hangzhou-h", ChargeType: ecs.ChargePayAsYouGo, SpotStrategy: "SpotAsPriceGo", CPU: 2, MemoryGiB: 0.5})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]ecs.Stock{
		{ZoneID: "cn-hangzhou-h", InstanceType: "ecs.g7.large", RawStatus: "Available", RawCategory: "WithStock"},
		{ZoneID: "cn-hangzhou-h", InstanceType: "ecs.c7.large", RawStatus: "SoldOut", RawCategory: "WithoutStock"},
	}, stock); diff != "" {
		t.Error(diff)
	}
	wants(t, endpoint.of("DescribeAvailableResource")[0], map[string]string{
		"DestinationResource": "InstanceType", "ZoneId": "cn-hangzhou-h", "InstanceChargeType": "PostPaid", "SpotStrategy": "SpotAsPriceGo", "Cores": "2", "Memory": "0.5", "InstanceType": "",
	})
}

func TestInstanceTypes(t *testing.T) {
	endpoint, edge := document(t, func(int, url.Values) (int, string) {
		return accepted(`"NextToken":"t2","InstanceTypes":{"InstanceType":[
			{"InstanceTypeId":"ecs.gn7i-c8g1.2xlarge","InstanceTypeFamily":"ecs.gn7i","CpuCoreCount":8,"MemorySize":30.0,"GPUAmount":1,"GPUSpec":"NVIDIA A10","CpuArchitecture":"X86","SupportedBootModes":{"SupportedBootMode":["BIOS"]}},
			{"InstanceTypeId":"ecs.t6-c4m1.large","InstanceTypeFamily":"ecs.t6","CpuCoreCount":2,"MemorySize":0.5,"BaselineCredit":10,"GPUSpec":"","CpuArchitecture":"X86"}]}`)
	})
	page, err := edge.InstanceTypes(soon(t), hangzhou, ecs.TypeQuery{IDs: []string{"ecs.t6-c4m1.large"}, Family: "ecs.t6", MinCPU: 1, MaxCPU: 8, MinMemoryGiB: 0.5, MaxMemoryGiB: 32}, "t1", 5000)
	if err != nil {
		t.Fatal(err)
	}
	page.Next = tokenOf(page.Next)
	if diff := cmp.Diff(ecs.TypePage{Next: "t2", Types: []ecs.InstanceType{
		{ID: "ecs.gn7i-c8g1.2xlarge", Family: "ecs.gn7i", CPU: 8, MemoryMiB: 30720, GPUCount: 1, GPUModel: "NVIDIA A10", Architecture: "X86"},
		{ID: "ecs.t6-c4m1.large", Family: "ecs.t6", CPU: 2, MemoryMiB: 512, Architecture: "X86", BaselineCredit: 10},
	}}, page); diff != "" {
		t.Error(diff)
	}
	wants(t, endpoint.of("DescribeInstanceTypes")[0], map[string]string{
		"NextToken": "t1", "MaxResults": "1600", "InstanceTypes.1": "ecs.t6-c4m1.large", "InstanceTypeFamily": "ecs.t6",
		"MinimumCpuCoreCount": "1", "MaximumCpuCoreCount": "8", "MinimumMemorySize": "0.5", "MaximumMemorySize": "32",
	})
}

func TestSpotPrices_AllPages(t *testing.T) {
	at := time.Date(2026, 11, 20, 4, 0, 0, 0, time.UTC)
	endpoint, edge := document(t, func(_ int, q url.Values) (int, string) {
		switch q.Get("Offset") {
		case "":
			return accepted(`"NextOffset":2,"SpotPrices":{"SpotPriceType":[
				{"ZoneId":"cn-hangzhou-h","InstanceType":"ecs.g7.large","Timestamp":"2026-11-20T04:00:00Z","SpotPrice":0.097,"OriginPrice":0.71,"NetworkType":"vpc","IoOptimized":"optimized"},
				{"ZoneId":"cn-hangzhou-i","InstanceType":"ecs.g7.large","Timestamp":"2026-11-20T05:00Z","SpotPrice":"0.1","OriginPrice":7.1E-1}]},"Currency":"CNY"`)
		case "2":
			return accepted(`"Currency":"CNY","NextOffset":0,"SpotPrices":{"SpotPriceType":[]}`)
		}
		return refused(400, "InvalidParams.Offset", "The specified parameter Offset is not valid.")
	})
	q := ecs.SpotPriceQuery{InstanceType: "ecs.g7.large", ZoneID: "cn-hangzhou-h", NetworkType: "vpc", OSType: "linux", ProtectedFor: -1, Window: ecs.Window{After: at, Before: at.Add(time.Hour)}}
	page, err := edge.SpotPrices(soon(t), hangzhou, q, 0)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(ecs.SpotPricePage{NextOffset: 2, Prices: []ecs.SpotPrice{
		{ZoneID: "cn-hangzhou-h", InstanceType: "ecs.g7.large", Time: at, Price: yuan(0, 97_000_000), ListPrice: yuan(0, 710_000_000)},
		{ZoneID: "cn-hangzhou-i", InstanceType: "ecs.g7.large", Time: at.Add(time.Hour), Price: yuan(0, 100_000_000), ListPrice: yuan(0, 710_000_000)},
	}}, page); diff != "" {
		t.Error(diff)
	}
	q.ProtectedFor = 0
	if page, err = edge.SpotPrices(soon(t), hangzhou, q, 2); err != nil || page.NextOffset != 0 || len(page.Prices) != 0 {
		t.Errorf("the last page: %+v, %v", page, err)
	}
	if _, err = edge.SpotPrices(soon(t), hangzhou, q, 9); reasonOf(t, err) != ecs.ReasonInvalidField {
		t.Errorf("a wrong offset: %v", err)
	}
	asked := endpoint.of("DescribeSpotPriceHistory")
	wants(t, asked[0], map[string]string{
		"InstanceType": "ecs.g7.large", "ZoneId": "cn-hangzhou-h", "NetworkType": "vpc", "OSType": "linux", "Offset": "", "SpotDuration": "",
		"StartTime": "2026-11-20T04:00:00Z", "EndTime": "2026-11-20T05:00:00Z",
	})
	wants(t, asked[1], map[string]string{"Offset": "2", "SpotDuration": "0"})
}

// A page that leads back would be read for ever; a price without a currency is
// no price.
func TestSpotPrices_Untrusted(t *testing.T) {
	_, edge := document(t, func(int, url.Values) (int, string) { return accepted(`"Currency":"CNY","NextOffset":100`) })
	if page, err := edge.SpotPrices(soon(t), hangzhou, ecs.SpotPriceQuery{InstanceType: "ecs.g7.large"}, 100); err != nil || page.NextOffset != 0 {
		t.Errorf("%+v, %v", page, err)
	}
	synctest.Test(t, func(t *testing.T) {
		edge, _ := overPipes(t, documentWith(func(int, url.Values) (int, string) {
			return accepted(`"SpotPrices":{"SpotPriceType":[{"ZoneId":"z","SpotPrice":0.1}]}`)
		}), cloud.Config{})
		if page, err := edge.SpotPrices(t.Context(), hangzhou, ecs.SpotPriceQuery{InstanceType: "ecs.g7.large"}, 0); err == nil {
			t.Errorf("%+v of no currency", page)
		}
	})
}

func TestSpotAdvice(t *testing.T) {
	endpoint, edge := document(t, func(int, url.Values) (int, string) {
		return accepted(`"RegionId":"cn-hangzhou","AvailableSpotZones":{"AvailableSpotZone":[{"AvailableSpotResources":{"AvailableSpotResource":[
			{"InstanceType":"ecs.g7.large","AverageSpotDiscount":14,"InterruptionRate":2.7,"InterruptRateDesc":"0-3%"}]},"ZoneId":"cn-hangzhou-h"}]}`)
	})
	advice, err := edge.SpotAdvice(soon(t), hangzhou, ecs.SpotAdviceQuery{InstanceTypes: []string{"ecs.g7.large"}, ZoneID: "cn-hangzhou-h"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]ecs.SpotAdvice{{ZoneID: "cn-hangzhou-h", InstanceType: "ecs.g7.large", AverageDiscountPercent: 14, InterruptionRatePercent: 2.7, RawInterruptionRate: "0-3%"}}, advice); diff != "" {
		t.Error(diff)
	}
	_, _ = edge.SpotAdvice(soon(t), hangzhou, ecs.SpotAdviceQuery{TypeFamily: "ecs.g7", MinCPU: 2, MinMemoryGiB: 4})
	_, _ = edge.SpotAdvice(soon(t), hangzhou, ecs.SpotAdviceQuery{CPU: 2, MemoryGiB: 7.5})
	asked := endpoint.of("DescribeSpotAdvice")
	wants(t, asked[0], map[string]string{"InstanceTypes.1": "ecs.g7.large", "ZoneId": "cn-hangzhou-h", "Cores": "", "MinCores": ""})
	wants(t, asked[1], map[string]string{"InstanceTypeFamily": "ecs.g7", "MinCores": "2", "MinMemory": "4", "Cores": ""})
	wants(t, asked[2], map[string]string{"Cores": "2", "Memory": "7.5"})
}
