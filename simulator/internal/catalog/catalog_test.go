package catalog_test

import (
	"slices"
	"testing"

	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
)

// A seeded fleet may have any type; the list has the types on sale.
func TestInstanceTypes(t *testing.T) {
	for _, c := range []struct {
		id, family  string
		cpu, memory int
	}{
		{"ecs.g7.large", "ecs.g7", 2, 8192},
		{"ecs.t6-c1m1.large", "ecs.t6", 2, 2048},
		{"ecs.gn7i-c8g1.2xlarge", "ecs.gn7i", 8, 30720},
		// Invented.
		{"ecs.x9.small", "ecs.x9", 1, 4096},
		{"ecs.x9.xlarge", "ecs.x9", 4, 16384},
		{"ecs.x9-c1m2.8xlarge", "ecs.x9", 32, 131072},
	} {
		got := catalog.InventInstanceType(c.id)
		if got == nil || got.ID != c.id || got.Family != c.family || got.CPU != c.cpu || got.MemoryMiB != c.memory || got.Month <= 0 {
			t.Errorf("%s: %+v", c.id, got)
		}
		if sold, made := catalog.FindInstanceType(c.id), c.family == "ecs.x9"; made != (sold == nil) {
			t.Errorf("%s is sold: %+v", c.id, sold)
		}
	}
	for _, id := range []string{"", "ecs", "ecs.", "ecs.g7", "ecs.g7.", "ecs..large", "ecs.-c1.large", "g7.large", "rds.g7.large"} {
		if got := catalog.InventInstanceType(id); got != nil {
			t.Errorf("%q: %+v", id, got)
		}
	}
	// An invented type is always the same.
	if a, b := catalog.InventInstanceType("ecs.x9.large"), catalog.InventInstanceType("ecs.x9.large"); *a != *b {
		t.Errorf("%+v and %+v", a, b)
	}
}

// The first zone sells the whole catalog. In the other zones some types are sold out or not sold, but each type is
// available somewhere in the region.
func TestStock(t *testing.T) {
	counts := map[catalog.Stock]int{}
	for _, r := range catalog.Regions {
		for _, kind := range catalog.InstanceTypes {
			if !catalog.StockOf(r, r.Zones[0], kind).Buyable() {
				t.Errorf("%s has no %s", r.Zones[0], kind.ID)
			}
			for _, z := range r.Zones {
				stock := catalog.StockOf(r, z, kind)
				counts[stock]++
				if sold := slices.Contains(catalog.Sold(r, z), kind); sold != (stock != catalog.NotSold) {
					t.Errorf("%s in %s: sold %v, stock %d", kind.ID, z, sold, stock)
				}
			}
		}
		if catalog.StockOf(r, "elsewhere", catalog.InstanceTypes[0]) != catalog.NotSold {
			t.Errorf("%s sells in a zone that it does not have", r.ID)
		}
	}
	for _, stock := range []catalog.Stock{catalog.NotSold, catalog.WithoutStock, catalog.ClosedWithStock, catalog.WithStock} {
		if counts[stock] == 0 {
			t.Errorf("nothing is %s (%d)", stock.Category(), stock)
		}
	}
}

// Months and years agree with the older price table, and an hour is expensive.
func TestBill(t *testing.T) {
	for _, kind := range catalog.InstanceTypes {
		for _, p := range []struct {
			count int
			unit  catalog.Unit
		}{{1, catalog.Month}, {9, catalog.Month}, {1, catalog.Year}, {5, catalog.Year}, {2, catalog.Week}} {
			want := catalog.PriceOf(kind, p.count, p.unit)
			got := catalog.Total(catalog.Bill(catalog.Setup{Type: kind}, p.count, p.unit))
			if got.List != want.List*10 || got.Trade != want.Trade*10 {
				t.Errorf("%s for %d %s: %+v, want ten times %+v", kind.ID, p.count, p.unit, got, want)
			}
		}
		if month := catalog.HourOf(kind) * 720; month <= kind.Month*10 {
			t.Errorf("%s: 720 hours for %d, a month for %d", kind.ID, month, kind.Month*10)
		}
	}
	essd := catalog.FindDiskCategory("cloud_essd")
	lines := catalog.Bill(catalog.Setup{
		Type: catalog.FindInstanceType("ecs.g7.large"), SystemDisk: &catalog.Disk{Category: essd, GiB: 40},
		DataDisks: []catalog.Disk{{Category: essd, Level: "PL3", GiB: 2000}}, Bandwidth: 7,
	}, 1, catalog.Month)
	want := []catalog.Line{
		{Resource: "instanceType", Amount: catalog.Amount{List: 260_400, Trade: 260_400}},
		{Resource: "systemDisk", Amount: catalog.Amount{List: 40_000, Trade: 40_000}},
		{Resource: "dataDisk", Amount: catalog.Amount{List: 8_000_000, Trade: 8_000_000}},
		{Resource: "bandwidth", Amount: catalog.Amount{List: 275_000, Trade: 275_000}},
	}
	if !slices.Equal(lines, want) {
		t.Errorf("got %+v, want %+v", lines, want)
	}
	if got := catalog.Total(lines).Times(3); got.Trade != 25_726_200 {
		t.Errorf("three of them: %+v", got)
	}
}

func TestDiskSizes(t *testing.T) {
	for _, c := range []struct {
		category, level string
		gib             int
		sold, fits      bool
	}{
		{"cloud_essd", "", 20, true, true},
		{"cloud_essd", "", 19, true, false}, // PL1 by default
		{"cloud_essd", "PL0", 1, true, true},
		{"cloud_essd", "PL2", 460, true, false},
		{"cloud_essd", "PL3", 1261, true, true},
		{"cloud_essd", "PL4", 2000, false, false},
		{"cloud_ssd", "", 20, true, true},
		{"cloud_ssd", "PL1", 20, false, false}, // has no levels
	} {
		d := catalog.Disk{Category: catalog.FindDiskCategory(c.category), Level: c.level, GiB: c.gib}
		if sold, fits := d.LevelSold(); sold != c.sold || fits != c.fits {
			t.Errorf("%s %s of %d GiB: %v, %v", c.category, c.level, c.gib, sold, fits)
		}
	}
	if catalog.FindDiskCategory("floppy") != nil {
		t.Error("floppy disks are sold")
	}
}

func TestZoneName(t *testing.T) {
	for _, c := range []struct{ region, zone, language, want string }{
		{"cn-hangzhou", "cn-hangzhou-h", "", "华东1 可用区H"},
		{"cn-hangzhou", "cn-hangzhou-h", "en-US", "Hangzhou Zone H"},
		{"cn-hangzhou", "cn-hangzhou-h", "ja", "中国 (杭州) ゾーンH"},
		{"ap-southeast-1", "ap-southeast-1a", "en-US", "Singapore Zone A"},
		{"ap-southeast-1", "ap-southeast-1a", "zh-CN", "新加坡 可用区A"},
	} {
		if got := catalog.FindRegion(c.region).ZoneName(c.zone, c.language); got != c.want {
			t.Errorf("%s in %q: %s", c.zone, c.language, got)
		}
	}
}
