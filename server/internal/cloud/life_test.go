package cloud_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/cloud"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
)

// sold is an order that the simulator sells.
func sold(t *testing.T, s *simulator.Simulator, token string) ecs.LaunchOrder {
	t.Helper()
	network, err := s.Network(hangzhou)
	if err != nil {
		t.Fatal(err)
	}
	return ecs.LaunchOrder{
		RegionID: hangzhou, Count: 2, ClientToken: token,
		Spec: ecs.InstanceSpec{
			ImageID: "ubuntu_24_04_x64_20G_alibase_20260101.vhd", Type: "ecs.g7.large", ChargeType: ecs.ChargePayAsYouGo,
			ZoneID: network.VSwitches[0].ZoneID, VSwitchID: network.VSwitches[0].VSwitchID, SecurityGroupIDs: network.SecurityGroupIDs[:1],
			Name: "life", SystemDisk: ecs.DiskSpec{Category: "cloud_essd", SizeGiB: 40}, DataDisks: []ecs.DiskSpec{{Category: "cloud_essd", SizeGiB: 100, KeepWithInstance: true}},
			Tags: []ecs.Tag{{Key: "team", Value: "web"}}, Password: "Secret-1+2/3", UserData: bytes.Repeat([]byte("#"), 32<<10),
		},
	}
}

// pass moves the simulated clock.
func pass(t *testing.T, s *simulator.Simulator, d time.Duration) {
	t.Helper()
	if _, err := s.Advance(d); err != nil {
		t.Fatal(err)
	}
}

// each fails the test for every result with an error.
func each[V any](t *testing.T, what string, results []ecs.Result[V]) {
	t.Helper()
	for _, r := range results {
		if r.Err != nil {
			t.Fatalf("%s of %s: %v", what, r.ID, r.Err)
		}
	}
}

// statusOf reads one instance.
func statusOf(t *testing.T, edge *cloud.Edge, id string, want ecs.Status) ecs.Instance {
	t.Helper()
	read := edge.Instances(soon(t), hangzhou, []string{id})[0]
	if read.Err != nil || read.Value.Status != want {
		t.Fatalf("%s is %s, %v, want status %d", id, read.Value.Raw.Status, read.Err, want)
	}
	return read.Value
}

// One pair of instances from their launch to their release, each step by the
// edge against the simulator.
func TestInstances_Life(t *testing.T) {
	sim, edge := simulated(t, simulator.Config{}, cloud.Config{})
	order := sold(t, sim, "life-1")
	dryRun := order
	dryRun.DryRun = true
	if launched, err := edge.RunInstances(soon(t), dryRun); err != nil || len(launched.InstanceIDs) != 0 || len(sim.Instances(simulator.InstanceFilter{})) != 0 {
		t.Fatalf("the dry run: %+v, %v", launched, err)
	}
	quote, err := edge.InstancePrice(soon(t), order)
	if err != nil || !quote.Price.Valid() {
		t.Fatalf("the price: %+v, %v", quote, err)
	}
	launched, err := edge.RunInstances(soon(t), order)
	if err != nil || len(launched.InstanceIDs) != 2 {
		t.Fatalf("the launch: %+v, %v", launched, err)
	}
	ids := launched.InstanceIDs
	if again, err := edge.RunInstances(soon(t), order); err != nil || fmt.Sprint(again) != fmt.Sprint(launched) {
		t.Fatalf("the launch again: %+v, %v, want %+v", again, err, launched)
	}
	pass(t, sim, time.Minute)
	instance := statusOf(t, edge, ids[0], ecs.StatusRunning)
	if instance.Type != order.Spec.Type || instance.ChargeType != ecs.ChargePayAsYouGo || len(instance.Tags) != 1 {
		t.Errorf("launched %+v", instance)
	}

	for _, r := range edge.StartInstances(soon(t), hangzhou, ids, false) {
		if reasonOf(t, r.Err) != ecs.ReasonIncorrectStatus {
			t.Errorf("start of what runs: %v", r.Err)
		}
	}
	each(t, "dry stop", edge.StopInstances(soon(t), hangzhou, ids, ecs.StopOptions{}, true))
	statusOf(t, edge, ids[0], ecs.StatusRunning)
	stop := edge.StopInstances(soon(t), hangzhou, ids, ecs.StopOptions{Force: true, Mode: ecs.StoppedKeepCharging}, false)
	each(t, "stop", stop)
	if v := stop[0].Value; v.Previous != ecs.StatusRunning || v.Current != ecs.StatusStopping {
		t.Errorf("stop: %+v", v)
	}
	pass(t, sim, time.Minute)
	statusOf(t, edge, ids[0], ecs.StatusStopped)
	each(t, "start", edge.StartInstances(soon(t), hangzhou, ids, false))
	pass(t, sim, time.Minute)
	statusOf(t, edge, ids[1], ecs.StatusRunning)
	each(t, "reboot", edge.RebootInstances(soon(t), hangzhou, ids, true, false))
	pass(t, sim, time.Minute)
	statusOf(t, edge, ids[1], ecs.StatusRunning)

	each(t, "tag", edge.TagInstances(soon(t), hangzhou, ids, []ecs.Tag{{Key: "stage", Value: "prod"}}))
	each(t, "untag", edge.UntagInstances(soon(t), hangzhou, ids, []string{"team"}))
	at := sim.Now().Add(24 * time.Hour)
	if err := edge.SetAutoReleaseTime(soon(t), hangzhou, ids[0], at); err != nil {
		t.Errorf("auto-release: %v", err)
	}
	if err := edge.SetDeletionProtection(soon(t), hangzhou, ids[0], true); err != nil {
		t.Errorf("protection: %v", err)
	}
	instance = statusOf(t, edge, ids[0], ecs.StatusRunning)
	if !instance.DeletionProtection || !instance.AutoReleaseTime.Equal(at.Truncate(time.Minute)) || len(instance.Tags) != 1 || instance.Tags[0] != (ecs.Tag{Key: "stage", Value: "prod"}) {
		t.Errorf("after the settings: %+v", instance)
	}
	if err := edge.SetAutoReleaseTime(soon(t), hangzhou, ids[0], time.Time{}); err != nil {
		t.Errorf("cancel: %v", err)
	}
	if instance = statusOf(t, edge, ids[0], ecs.StatusRunning); !instance.AutoReleaseTime.IsZero() {
		t.Errorf("after the cancel: %s", instance.AutoReleaseTime)
	}
	if _, err := edge.AllocatePublicIPAddress(soon(t), hangzhou, ids[0]); reasonOf(t, err) != ecs.ReasonUnsupportedOperation {
		t.Errorf("an address without bandwidth: %v", err)
	}

	released := edge.DeleteInstances(soon(t), hangzhou, ids, ecs.DeleteOptions{Force: true}, "life-2", false)
	if reasonOf(t, released[0].Err) != ecs.ReasonDeletionProtected || released[1].Err != nil {
		t.Fatalf("release: %v, %v", released[0].Err, released[1].Err)
	}
	if gone := edge.Instances(soon(t), hangzhou, ids); gone[0].Err != nil || reasonOf(t, gone[1].Err) != ecs.ReasonInstanceNotFound {
		t.Errorf("after the release: %v, %v", gone[0].Err, gone[1].Err)
	}
}

func TestDisks_SnapshotsOverLife(t *testing.T) {
	sim, edge := simulated(t, simulator.Config{}, cloud.Config{})
	order := sold(t, sim, "disks-1")
	order.Count = 1
	launched, err := edge.CreateInstance(soon(t), order)
	if err != nil {
		t.Fatal(err)
	}
	pass(t, sim, time.Minute)
	statusOf(t, edge, launched.InstanceIDs[0], ecs.StatusStopped)
	each(t, "start", edge.StartInstances(soon(t), hangzhou, launched.InstanceIDs, false))
	pass(t, sim, 2*time.Hour)
	disks, err := edge.Disks(soon(t), hangzhou, ecs.DiskQuery{InstanceID: launched.InstanceIDs[0]}, "", 100)
	if err != nil || len(disks.Disks) != 2 {
		t.Fatalf("%+v, %v", disks, err)
	}
	for _, disk := range disks.Disks {
		if wantKept := disk.Type == "data"; disk.DeleteWithInstance == wantKept || disk.InstanceID != launched.InstanceIDs[0] || disk.SizeGiB < 40 {
			t.Errorf("%+v", disk)
		}
	}
	id, err := edge.CreateSnapshot(soon(t), ecs.SnapshotOrder{RegionID: hangzhou, DiskID: disks.Disks[0].ID, Name: "before", ClientToken: "snap-1"})
	if err != nil {
		t.Fatal(err)
	}
	state := func() ecs.Snapshot {
		page, err := edge.Snapshots(soon(t), hangzhou, ecs.SnapshotQuery{IDs: []string{id}}, "", 100)
		if err != nil || len(page.Snapshots) != 1 || page.Snapshots[0].DiskID != disks.Disks[0].ID {
			t.Fatalf("%+v, %v", page, err)
		}
		return page.Snapshots[0]
	}
	if s := state(); s.State != ecs.SnapshotProgressing {
		t.Errorf("at first %+v", s)
	}
	_, err = edge.CreateSnapshot(soon(t), ecs.SnapshotOrder{RegionID: hangzhou, DiskID: disks.Disks[0].ID, ClientToken: "snap-2"})
	if reasonOf(t, err) != ecs.ReasonOperationInProgress {
		t.Errorf("a second at the same time: %v", err)
	}
	pass(t, sim, time.Hour)
	if s := state(); s.State != ecs.SnapshotAccomplished || s.ProgressPercent != 100 {
		t.Errorf("at last %+v", s)
	}
}

// The figure of the whole surface: 1,000 ids in 10 calls, 10 bad ones in 30.
func TestInstances_Thousands(t *testing.T) {
	for _, bad := range []int{0, 10} {
		sim, edge := simulated(t, simulator.Config{}, cloud.Config{})
		ids := seed(t, sim, simulator.Seed{Count: 1000, ChargeType: "PostPaid", Status: "Stopped"})
		for i := range bad {
			if i%2 == 0 {
				ids[i*100] = fmt.Sprintf("i-gone%d", i)
			} else if err := sim.Change(ids[i*100], simulator.Change{DeletionProtection: yes(), Status: word("Running")}); err != nil {
				t.Fatal(err)
			}
		}
		for _, step := range []struct {
			name string
			do   func() (failed int)
		}{
			{"dry start", func() int { return failures(edge.StartInstances(soon(t), hangzhou, ids, true)) }},
			{"start", func() int { return failures(edge.StartInstances(soon(t), hangzhou, ids, false)) }},
			{"release", func() int {
				pass(t, sim, time.Minute)
				return failures(edge.DeleteInstances(soon(t), hangzhou, ids, ecs.DeleteOptions{Force: true}, "release", false))
			}},
		} {
			sim.ResetStats()
			if failed := step.do(); failed != bad {
				t.Errorf("%s: %d of 1,000 failed, want %d", step.name, failed, bad)
			}
			most := int64(10)
			if bad > 0 && step.name != "start" {
				most = 30
			}
			if got := sim.Stats().Calls; got > most {
				t.Errorf("%s with %d bad: %d calls, want at most %d", step.name, bad, got, most)
			} else {
				t.Logf("%s with %d bad: %d calls", step.name, bad, got)
			}
		}
	}
}

func failures[V any](results []ecs.Result[V]) (failed int) {
	for _, r := range results {
		if r.Err != nil {
			failed++
		}
	}
	return failed
}

func yes() *bool            { on := true; return &on }
func word(w string) *string { return &w }

// Offers of the simulator, with the figures of its own catalogue.
func TestOffers_Simulator(t *testing.T) {
	_, edge := simulated(t, simulator.Config{}, cloud.Config{})
	zones, err := edge.Zones(soon(t), hangzhou)
	if err != nil || len(zones) == 0 || len(zones[0].InstanceTypes) == 0 || len(zones[0].DiskCategories) == 0 {
		t.Fatalf("zones: %+v, %v", zones, err)
	}
	types, err := edge.InstanceTypes(soon(t), hangzhou, ecs.TypeQuery{MinCPU: 2, MaxCPU: 2}, "", 100)
	if err != nil || len(types.Types) == 0 {
		t.Fatalf("types: %+v, %v", types, err)
	}
	for _, kind := range types.Types {
		if kind.CPU != 2 || kind.MemoryMiB < 1024 || kind.Family == "" || kind.Architecture == "" {
			t.Errorf("type %+v", kind)
		}
	}
	stock, err := edge.Stock(soon(t), hangzhou, ecs.StockQuery{InstanceType: "ecs.g7.large", SpotStrategy: "SpotAsPriceGo"})
	if err != nil || len(stock) == 0 || stock[0].ZoneID == "" || stock[0].RawStatus == "" {
		t.Fatalf("stock: %+v, %v", stock, err)
	}
	advice, err := edge.SpotAdvice(soon(t), hangzhou, ecs.SpotAdviceQuery{InstanceTypes: []string{"ecs.g7.large"}})
	if err != nil || len(advice) == 0 || advice[0].ZoneID == "" {
		t.Fatalf("advice: %+v, %v", advice, err)
	}
	q := ecs.SpotPriceQuery{InstanceType: "ecs.g7.large", NetworkType: "vpc", ProtectedFor: -1, Window: ecs.Window{After: begin.Add(-30 * 24 * time.Hour), Before: begin}}
	prices, pages := 0, 0
	for offset := int32(0); ; {
		page, err := edge.SpotPrices(soon(t), hangzhou, q, offset)
		if err != nil {
			t.Fatal(err)
		}
		pages++
		prices += len(page.Prices)
		for _, p := range page.Prices {
			if !p.Price.Valid() || !p.ListPrice.Valid() || !q.Window.Contains(p.Time) && !p.Time.Equal(begin) || p.ZoneID == "" {
				t.Fatalf("price %+v", p)
			}
		}
		if offset = page.NextOffset; offset == 0 {
			break
		}
	}
	if prices == 0 || pages < 2 {
		t.Errorf("%d prices in %d pages", prices, pages)
	}
}

// The simulator executes each request and loses its response, once per action.
func TestLaunch_LostRepliesLaunchOnce(t *testing.T) {
	sim, edge := simulated(t, simulator.Config{}, cloud.Config{})
	order := sold(t, sim, "lost-1")
	for _, action := range []string{"RunInstances", "RebootInstances", "CreateSnapshot", "DeleteInstances"} {
		fault(t, sim, simulator.Fault{Action: action, Kind: control.LostReply, Count: 1})
	}
	launched, err := edge.RunInstances(soon(t), order)
	if made := sim.Instances(simulator.InstanceFilter{}); err != nil || len(launched.InstanceIDs) != 2 || len(made) != 2 {
		t.Fatalf("%+v, %v, and there are %d", launched, err, len(made))
	}
	pass(t, sim, 2*time.Hour)
	ids := launched.InstanceIDs
	for _, r := range edge.RebootInstances(soon(t), hangzhou, ids, false, false) {
		if e := ecs.AsError(r.Err); e == nil || e.Effect != ecs.EffectUnknown {
			t.Errorf("reboot of %s: %+v", r.ID, e)
		}
	}
	if n := calls(sim, "RebootInstances"); n != 1 {
		t.Errorf("%d reboots", n)
	}
	pass(t, sim, time.Minute)
	disks, err := edge.Disks(soon(t), hangzhou, ecs.DiskQuery{InstanceID: ids[0], Type: "system"}, "", 100)
	if err != nil || len(disks.Disks) != 1 {
		t.Fatalf("%+v, %v", disks, err)
	}
	if _, err := edge.CreateSnapshot(soon(t), ecs.SnapshotOrder{RegionID: hangzhou, DiskID: disks.Disks[0].ID, ClientToken: "lost-2"}); err != nil {
		t.Errorf("snapshot: %v", err)
	}
	if page, err := edge.Snapshots(soon(t), hangzhou, ecs.SnapshotQuery{DiskID: disks.Disks[0].ID}, "", 100); err != nil || len(page.Snapshots) != 1 {
		t.Errorf("%d snapshots, %v, want 1", len(page.Snapshots), err)
	}
	each(t, "release", edge.DeleteInstances(soon(t), hangzhou, ids, ecs.DeleteOptions{Force: true}, "lost-3", false))
	if left := sim.Instances(simulator.InstanceFilter{}); len(left) != 0 {
		t.Errorf("%d are left", len(left))
	}
}
