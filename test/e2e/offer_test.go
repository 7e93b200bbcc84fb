package e2e_test

import (
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/google/uuid"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/simulator"
)

const g7 = "ecs.g7.large"

// The zones that sell spot, their prices over 30 days, and their uptime.
func TestSpotMarket(t *testing.T) {
	t.Parallel()
	w := newWorld(t, atOnce(), nil)
	ctx := within(t, 60*time.Second)
	sold, err := w.spot.ListSpotZones(ctx, &ecsdv1.ListSpotZonesRequest{InstanceTypes: []string{g7}})
	if err != nil || len(sold.GetZones()) == 0 {
		t.Fatalf("zones: %v (%v)", sold, err)
	}
	for _, zone := range sold.GetZones() {
		if !slices.Equal(zone.GetInstanceTypes(), []string{g7}) || zone.GetZoneId() == "" || zone.GetLocalName() == "" {
			t.Errorf("zone %v", zone)
		}
	}
	every, err := w.spot.ListSpotZones(ctx, &ecsdv1.ListSpotZonesRequest{})
	if err != nil || len(every.GetZones()) < len(sold.GetZones()) || len(every.GetZones()[0].GetInstanceTypes()) < 2 {
		t.Errorf("zones of any type: %v (%v)", every, err)
	}

	prices, err := w.spot.ListSpotPrices(ctx, &ecsdv1.ListSpotPricesRequest{InstanceType: g7})
	if err != nil || len(prices.GetZones()) != len(sold.GetZones()) {
		t.Fatalf("prices of %d zones: %v (%v)", len(sold.GetZones()), prices, err)
	}
	var cheapest *ecsdv1.SpotPrices
	for _, zone := range prices.GetZones() {
		wantSummary(t, zone)
		if cheapest == nil || micros(zone.GetSummary().GetLatestPrice()) < micros(cheapest.GetSummary().GetLatestPrice()) {
			cheapest = zone
		}
		if first := zone.GetPoints()[0].GetTime().AsTime(); time.Since(first) < 29*24*time.Hour {
			t.Errorf("%s: the history begins at %s", zone.GetZoneId(), first)
		}
	}
	if prices.GetCheapestZoneId() != cheapest.GetZoneId() {
		t.Errorf("the cheapest zone is said to be %s, and is %s", prices.GetCheapestZoneId(), cheapest.GetZoneId())
	}
	hours := &ecsdv1.ListSpotPricesRequest{
		InstanceType: g7, ZoneIds: []string{cheapest.GetZoneId()}, SummaryOnly: true,
		StartTime: timestamppb.New(time.Now().Add(-48 * time.Hour)), EndTime: timestamppb.New(time.Now().Add(-24 * time.Hour)),
		NetworkType: ecsdv1.NetworkType_NETWORK_TYPE_VPC, OsType: ecsdv1.OsType_OS_TYPE_LINUX,
	}
	short, err := w.spot.ListSpotPrices(ctx, hours)
	if err != nil || len(short.GetZones()) != 1 || len(short.GetZones()[0].GetPoints()) > 0 || short.GetZones()[0].GetSummary().GetPointCount() == 0 ||
		short.GetZones()[0].GetSummary().GetPointCount() >= cheapest.GetSummary().GetPointCount() {
		t.Errorf("the summary of a day: %v (%v)", short, err)
	}

	advice, err := w.spot.ListSpotAdvice(ctx, &ecsdv1.ListSpotAdviceRequest{
		Selection: &ecsdv1.ListSpotAdviceRequest_Types{Types: &ecsdv1.InstanceTypeNames{InstanceTypes: []string{g7}}},
	})
	if err != nil || len(advice.GetAdvice()) == 0 {
		t.Fatalf("advice: %v (%v)", advice, err)
	}
	for _, a := range advice.GetAdvice() {
		if a.GetInstanceType() != g7 || a.GetZoneId() == "" || a.GetAveragePricePercent() <= 0 || a.GetProviderInterruptionRate() == "" {
			t.Errorf("advice %v", a)
		}
	}
	bySize, err := w.spot.ListSpotAdvice(ctx, &ecsdv1.ListSpotAdviceRequest{
		Selection: &ecsdv1.ListSpotAdviceRequest_Size{Size: &ecsdv1.InstanceSize{Cpu: 2, MemoryMib: 8192}},
	})
	if err != nil || len(bySize.GetAdvice()) == 0 {
		t.Errorf("advice by size: %v (%v)", bySize, err)
	}
}

// wantSummary checks a summary against its points.
func wantSummary(t *testing.T, zone *ecsdv1.SpotPrices) {
	t.Helper()
	points, summary := zone.GetPoints(), zone.GetSummary()
	if len(points) == 0 || int(summary.GetPointCount()) != len(points) {
		t.Fatalf("%s: %d points, and the summary says %d", zone.GetZoneId(), len(points), summary.GetPointCount())
	}
	low, high, sum := micros(points[0].GetPrice()), micros(points[0].GetPrice()), 0.0
	for i, p := range points {
		if i > 0 && p.GetTime().AsTime().Before(points[i-1].GetTime().AsTime()) {
			t.Errorf("%s: point %d is before the one before it", zone.GetZoneId(), i)
		}
		low, high, sum = min(low, micros(p.GetPrice())), max(high, micros(p.GetPrice())), sum+micros(p.GetPrice())
	}
	last := points[len(points)-1]
	share := micros(last.GetPrice()) / micros(last.GetListPrice()) * 100
	mean := sum / float64(len(points))
	if micros(summary.GetMinPrice()) != low || micros(summary.GetMaxPrice()) != high || micros(summary.GetLatestPrice()) != micros(last.GetPrice()) ||
		mean-micros(summary.GetMeanPrice()) > 1 || micros(summary.GetMeanPrice())-mean > 1 ||
		share-summary.GetListPricePercent() > 0.01 || summary.GetListPricePercent()-share > 0.01 {
		t.Errorf("%s: the summary is %v; the points say %v to %v, mean %v, last %v", zone.GetZoneId(), summary, low, high, mean, last)
	}
}

// micros returns an amount in millionths, for comparison.
func micros(m *ecsdv1.Money) float64 {
	return float64(m.GetUnits())*1e6 + float64(m.GetNanos())/1e3
}

// The offers of the cloud: zones, types by page, and their stock.
func TestOffers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, atOnce(), nil)
	ctx := within(t, 60*time.Second)
	zones, err := w.catalog.ListZones(ctx, &ecsdv1.ListZonesRequest{RegionId: shanghai})
	if err != nil || len(zones.GetZones()) == 0 {
		t.Fatalf("zones: %v (%v)", zones, err)
	}
	for _, zone := range zones.GetZones() {
		if zone.GetRegionId() != shanghai || len(zone.GetInstanceTypes()) == 0 || len(zone.GetDiskCategories()) == 0 {
			t.Errorf("zone %v", zone)
		}
	}
	whole, err := w.catalog.ListInstanceTypes(ctx, &ecsdv1.ListInstanceTypesRequest{})
	if err != nil || len(whole.GetInstanceTypes()) < 3 || whole.GetNextPageToken() != "" {
		t.Fatalf("types: %v (%v)", whole, err)
	}
	var paged []string
	request := &ecsdv1.ListInstanceTypesRequest{PageSize: 2}
	for more := true; more; more = request.PageToken != "" {
		page, err := w.catalog.ListInstanceTypes(ctx, request)
		if err != nil || len(page.GetInstanceTypes()) > 2 {
			t.Fatalf("a page of types: %v (%v)", page, err)
		}
		for _, kind := range page.GetInstanceTypes() {
			paged = append(paged, kind.GetInstanceType())
		}
		request.PageToken = page.GetNextPageToken()
	}
	if len(paged) != len(whole.GetInstanceTypes()) {
		t.Errorf("%d types page by page, %d at once", len(paged), len(whole.GetInstanceTypes()))
	}
	big, err := w.catalog.ListInstanceTypes(ctx, &ecsdv1.ListInstanceTypesRequest{MinCpu: 4, MaxMemoryMib: 16384})
	if err != nil || len(big.GetInstanceTypes()) == 0 {
		t.Fatalf("types of a size: %v (%v)", big, err)
	}
	for _, kind := range big.GetInstanceTypes() {
		if kind.GetCpu() < 4 || kind.GetMemoryMib() > 16384 || kind.GetInstanceTypeFamily() == "" {
			t.Errorf("type %v", kind)
		}
	}
	stock, err := w.catalog.ListStock(ctx, &ecsdv1.ListStockRequest{InstanceType: g7})
	if err != nil || len(stock.GetStock()) == 0 {
		t.Fatalf("stock: %v (%v)", stock, err)
	}
	for _, s := range stock.GetStock() {
		if s.GetInstanceType() != g7 || s.GetZoneId() == "" || s.GetStatus() == ecsdv1.StockStatus_STOCK_STATUS_UNSPECIFIED {
			t.Errorf("stock %v", s)
		}
	}
	if spot, err := w.catalog.ListStock(ctx, &ecsdv1.ListStockRequest{SpotStrategy: limited, Cpu: 2, MemoryMib: 8192}); err != nil || len(spot.GetStock()) == 0 {
		t.Errorf("spot stock by size: %v (%v)", spot, err)
	}
}

// Disks of two regions are listed page by page and get snapshots, and the snapshots are listed.
func TestDisks(t *testing.T) {
	t.Parallel()
	w := newWorld(t, atOnce(), nil)
	ctx := within(t, 60*time.Second)
	ids := w.seed(simulator.Seed{Count: 3, ChargeType: payAsYouGo})
	w.seed(simulator.Seed{Count: 4, RegionID: shanghai})
	whole, err := w.disks.ListDisks(ctx, &ecsdv1.ListDisksRequest{})
	if err != nil || len(whole.GetDisks()) < 7 || whole.GetNextPageToken() != "" {
		t.Fatalf("disks: %v (%v)", whole, err)
	}
	var paged []string
	request := &ecsdv1.ListDisksRequest{PageSize: 2}
	for more := true; more; more = request.PageToken != "" {
		page, err := w.disks.ListDisks(ctx, request)
		if err != nil || len(page.GetDisks()) > 2 {
			t.Fatalf("a page of disks: %v (%v)", page, err)
		}
		for _, d := range page.GetDisks() {
			paged = append(paged, d.GetDiskId())
		}
		request.PageToken = page.GetNextPageToken()
	}
	slices.Sort(paged)
	if len(slices.Compact(paged)) != len(whole.GetDisks()) {
		t.Errorf("%d disks page by page, %d at once", len(paged), len(whole.GetDisks()))
	}
	system, err := w.disks.ListDisks(ctx, &ecsdv1.ListDisksRequest{
		InstanceId: ids[0], DiskType: ecsdv1.DiskType_DISK_TYPE_SYSTEM,
		Statuses: []ecsdv1.DiskStatus{ecsdv1.DiskStatus_DISK_STATUS_IN_USE, ecsdv1.DiskStatus_DISK_STATUS_DETACHING},
	})
	if err != nil || len(system.GetDisks()) != 1 {
		t.Fatalf("the system disk: %v (%v)", system, err)
	}
	disk := system.GetDisks()[0]
	if disk.GetInstanceId() != ids[0] || disk.GetRegionId() != hangzhou || disk.GetSizeGib() <= 0 || !disk.GetDeleteWithInstance() {
		t.Errorf("the system disk: %v", disk)
	}

	save := &ecsdv1.CreateSnapshotsRequest{
		DiskIds: []string{disk.GetDiskId(), "d-nobody"}, SnapshotName: "nightly", Description: "a test's",
		Retention: durationpb.New(7 * 24 * time.Hour), Tags: []*ecsdv1.Tag{{Key: "team", Value: "shop"}}, RequestId: uuid.NewString(), ValidateOnly: true,
	}
	check, err := w.disks.CreateSnapshots(ctx, save)
	if err != nil || check.GetResults()[0].GetError() != nil || check.GetResults()[1].GetError().GetReason() != "RESOURCE_NOT_FOUND" {
		t.Errorf("validate_only: %v (%v)", check, err)
	}
	save.ValidateOnly = false
	made, err := w.disks.CreateSnapshots(ctx, save)
	if err != nil {
		t.Fatal(err)
	}
	id := made.GetResults()[0].GetSnapshotId()
	if id == "" || made.GetResults()[1].GetError().GetReason() != "RESOURCE_NOT_FOUND" {
		t.Fatalf("snapshots: %v", made)
	}
	again, err := w.disks.CreateSnapshots(ctx, save)
	if err != nil || again.GetResults()[0].GetSnapshotId() != id {
		t.Errorf("the same request again: %v (%v)", again, err)
	}
	snapshots, err := w.disks.ListSnapshots(ctx, &ecsdv1.ListSnapshotsRequest{DiskId: disk.GetDiskId()})
	if err != nil || len(snapshots.GetSnapshots()) != 1 {
		t.Fatalf("snapshots: %v (%v)", snapshots, err)
	}
	s := snapshots.GetSnapshots()[0]
	if s.GetSnapshotId() != id || s.GetSnapshotName() != "nightly" || s.GetDiskId() != disk.GetDiskId() || s.GetRegionId() != hangzhou ||
		s.GetStatus() != ecsdv1.SnapshotStatus_SNAPSHOT_STATUS_ACCOMPLISHED || s.GetProgressPercent() != 100 ||
		s.GetRetention().AsDuration() != 7*24*time.Hour || len(s.GetTags()) != 1 {
		t.Errorf("snapshot %v", s)
	}
}
