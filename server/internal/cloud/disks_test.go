package cloud_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ecsd-io/ecsd/server/internal/cloud"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

func TestDisks(t *testing.T) {
	endpoint, edge := document(t, func(int, url.Values) (int, string) {
		return accepted(`"NextToken":"t2","TotalCount":0,"Disks":{"Disk":[
			{"DiskId":"d-1","DiskName":"root","RegionId":"cn-hangzhou","ZoneId":"cn-hangzhou-h","InstanceId":"i-1","Device":"/dev/xvda","Type":"system","Category":"cloud_essd","Status":"In_use",
			 "Size":40,"DiskChargeType":"PostPaid","DeleteWithInstance":true,"Encrypted":false,"PerformanceLevel":"PL1","CreationTime":"2026-11-20T04:00:00Z","ExpiredTime":"2999-09-08T16:00Z",
			 "Tags":{"Tag":[{"TagKey":"team","TagValue":"web"}]},"Attachments":{"Attachment":[{"InstanceId":"i-1","Device":"/dev/xvda"}]}},
			{"DiskId":"d-2","InstanceId":"","Type":"data","Status":"In_use","Size":"100","DiskChargeType":"PrePaid","ExpiredTime":"2027-01-01T16:00Z","Encrypted":"true",
			 "Attachments":{"Attachment":[{"Device":"/dev/xvdb","InstanceId":"i-2"},{"InstanceId":"i-3"}]}}]}`)
	})
	page, err := edge.Disks(soon(t), hangzhou, ecs.DiskQuery{IDs: []string{"d-1", "d-2"}, InstanceID: "i-1", Type: "system", RawStatuses: []string{"In_use"}}, "t1", 1000)
	if err != nil {
		t.Fatal(err)
	}
	page.Next = tokenOf(page.Next)
	if diff := cmp.Diff(ecs.DiskPage{Next: "t2", Disks: []ecs.Disk{
		{ID: "d-1", Name: "root", RegionID: hangzhou, ZoneID: "cn-hangzhou-h", InstanceID: "i-1", Device: "/dev/xvda", Type: "system", Category: "cloud_essd", RawStatus: "In_use",
			SizeGiB: 40, ChargeType: ecs.ChargePayAsYouGo, DeleteWithInstance: true, PerformanceLevel: "PL1", CreateTime: begin, Tags: []ecs.Tag{{Key: "team", Value: "web"}}},
		{ID: "d-2", InstanceID: "i-2", Type: "data", RawStatus: "In_use", SizeGiB: 100, ChargeType: ecs.ChargeSubscription, ExpireTime: time.Date(2027, 1, 1, 16, 0, 0, 0, time.UTC), Encrypted: true},
	}}, page); diff != "" {
		t.Error(diff)
	}
	wants(t, endpoint.of("DescribeDisks")[0], map[string]string{
		"DiskIds": `["d-1","d-2"]`, "InstanceId": "i-1", "DiskType": "system", "Status": "In_use", "NextToken": "t1", "MaxResults": "500", "DryRun": "", "PageSize": "",
	})
}

func TestSnapshots(t *testing.T) {
	endpoint, edge := document(t, func(int, url.Values) (int, string) {
		return accepted(`"NextToken":"","Snapshots":{"Snapshot":[
			{"SnapshotId":"s-1","SnapshotName":"before-release","Description":"d","RegionId":"cn-hangzhou","SourceDiskId":"d-1","SourceDiskType":"system","SourceDiskSize":"40","Status":"progressing","Progress":"42%",
			 "CreationTime":"2026-11-20T04:00:00Z","RetentionDays":7,"Tags":{"Tag":[{"Key":"team","Value":"web","TagKey":""}]}},
			{"SnapshotId":"s-2","Status":"accomplished","Progress":"100%"},{"SnapshotId":"s-3","Status":"odd","Progress":"soon"},{"SnapshotId":"s-4","Status":"failed","Progress":100}]}`)
	})
	page, err := edge.Snapshots(soon(t), hangzhou, ecs.SnapshotQuery{IDs: []string{"s-1"}, DiskID: "d-1", InstanceID: "i-1", States: []ecs.SnapshotState{ecs.SnapshotProgressing}}, "", 1)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(ecs.SnapshotPage{Snapshots: []ecs.Snapshot{
		{ID: "s-1", Name: "before-release", Description: "d", RegionID: hangzhou, DiskID: "d-1", DiskType: "system", SizeGiB: 40, State: ecs.SnapshotProgressing, RawState: "progressing", ProgressPercent: 42,
			CreateTime: begin, RetentionDays: 7, Tags: []ecs.Tag{{Key: "team", Value: "web"}}},
		{ID: "s-2", State: ecs.SnapshotAccomplished, RawState: "accomplished", ProgressPercent: 100},
		{ID: "s-3", RawState: "odd"},
		{ID: "s-4", State: ecs.SnapshotFailed, RawState: "failed", ProgressPercent: 100},
	}}, page); diff != "" {
		t.Error(diff)
	}
	wants(t, endpoint.of("DescribeSnapshots")[0], map[string]string{
		"SnapshotIds": `["s-1"]`, "DiskId": "d-1", "InstanceId": "i-1", "Status": "progressing", "NextToken": "", "MaxResults": "10",
	})
}

// The cloud takes one status. Several are compared here, so that no other status
// is in the page.
func TestDisks_SeveralStatuses(t *testing.T) {
	endpoint, edge := document(t, func(int, url.Values) (int, string) {
		return accepted(`"NextToken":"","Disks":{"Disk":[
			{"DiskId":"d-1","Status":"In_use"},{"DiskId":"d-2","Status":"Creating"},{"DiskId":"d-3","Status":"Available"}]},
			"Snapshots":{"Snapshot":[{"SnapshotId":"s-1","Status":"progressing"},{"SnapshotId":"s-2","Status":"accomplished"},{"SnapshotId":"s-3","Status":"failed"}]}`)
	})
	disks, err := edge.Disks(soon(t), hangzhou, ecs.DiskQuery{RawStatuses: []string{"In_use", "Available"}}, "", 10)
	if err != nil || len(disks.Disks) != 2 || disks.Disks[0].ID != "d-1" || disks.Disks[1].ID != "d-3" {
		t.Errorf("disks %v (%v), want d-1 and d-3", disks.Disks, err)
	}
	snapshots, err := edge.Snapshots(soon(t), hangzhou, ecs.SnapshotQuery{States: []ecs.SnapshotState{ecs.SnapshotFailed, ecs.SnapshotProgressing}}, "", 10)
	if err != nil || len(snapshots.Snapshots) != 2 || snapshots.Snapshots[0].ID != "s-1" || snapshots.Snapshots[1].ID != "s-3" {
		t.Errorf("snapshots %v (%v), want s-1 and s-3", snapshots.Snapshots, err)
	}
	for _, action := range []string{"DescribeDisks", "DescribeSnapshots"} {
		wants(t, endpoint.of(action)[0], map[string]string{"Status": ""})
	}
}

func TestDisks_AllPages(t *testing.T) {
	const total = 1234
	_, edge := document(t, func(_ int, q url.Values) (int, string) {
		var from, limit int
		_, _ = fmt.Sscan(q.Get("NextToken"), &from)
		_, _ = fmt.Sscan(q.Get("MaxResults"), &limit)
		var disks []string
		for i := from; i < min(total, from+limit); i++ {
			disks = append(disks, fmt.Sprintf(`{"DiskId":"d-%d"}`, i))
		}
		next := ""
		if from+limit < total {
			next = fmt.Sprint(from + limit)
		}
		return accepted(fmt.Sprintf(`"NextToken":%q,"Disks":{"Disk":[%s]}`, next, strings.Join(disks, ",")))
	})
	seen, cursor, pages := make(map[string]bool), "", 0
	for pages < 10 {
		page, err := edge.Disks(soon(t), hangzhou, ecs.DiskQuery{}, cursor, 500)
		if err != nil {
			t.Fatal(err)
		}
		pages++
		for _, disk := range page.Disks {
			seen[disk.ID] = true
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	if len(seen) != total || pages != 3 {
		t.Errorf("%d disks in %d pages, want %d in 3", len(seen), pages, total)
	}
}

// The cloud returns an empty list to a caller without permission.
func TestPermission_EmptyListsChecked(t *testing.T) {
	for name, c := range map[string]struct {
		action string
		list   func(*cloud.Edge) error
	}{
		"disks": {"DescribeDisks", func(e *cloud.Edge) error {
			_, err := e.Disks(soon(t), hangzhou, ecs.DiskQuery{}, "", 100)
			return err
		}},
		"snapshots": {"DescribeSnapshots", func(e *cloud.Edge) error {
			_, err := e.Snapshots(soon(t), hangzhou, ecs.SnapshotQuery{}, "", 100)
			return err
		}},
	} {
		allowed := false
		endpoint, edge := document(t, func(_ int, q url.Values) (int, string) {
			switch {
			case q.Get("DryRun") == "":
				return accepted(`"NextToken":""`)
			case allowed:
				return refused(400, "DryRunOperation", "Request validation has been passed with DryRun flag set.")
			}
			return refused(403, "Forbidden.RAM", "User not authorized to operate on the specified resource.")
		})
		if err := c.list(edge); reasonOf(t, err) != ecs.ReasonCloudPermissionDenied {
			t.Errorf("%s without permission: %v", name, err)
		}
		allowed = true
		for range 2 {
			if err := c.list(edge); err != nil {
				t.Errorf("%s with permission: %v", name, err)
			}
		}
		// Three lists, and a dry run for each: none proves anything of a later one.
		if got := len(endpoint.of(c.action)); got != 6 || endpoint.calls() != 6 {
			t.Errorf("%s: %d calls, want 6", name, got)
		}
	}
}

func TestCreateSnapshot(t *testing.T) {
	order := ecs.SnapshotOrder{RegionID: hangzhou, DiskID: "d-1", Name: "before-release", Description: "d", RetentionDays: 7, Tags: []ecs.Tag{{Key: "team", Value: "web"}}, ClientToken: "snap-1"}
	endpoint, edge := document(t, func(n int, _ url.Values) (int, string) {
		if n == 1 {
			return 0, ""
		}
		return accepted(`"SnapshotId":"s-1"`)
	})
	if id, err := edge.CreateSnapshot(soon(t), order); err != nil || id != "s-1" {
		t.Fatalf("%q, %v", id, err)
	}
	for _, q := range endpoint.of("CreateSnapshot") {
		wants(t, q, map[string]string{"DiskId": "d-1", "SnapshotName": "before-release", "Description": "d", "RetentionDays": "7", "Tag.1.Key": "team", "Tag.1.Value": "web", "ClientToken": "snap-1"})
	}
	if endpoint.calls() != 2 {
		t.Errorf("%d calls, want 2", endpoint.calls())
	}
	spoiled := []ecs.SnapshotOrder{order, order, order}
	spoiled[0].ClientToken, spoiled[1].DiskID, spoiled[2].DiskID = "", "i 1", `d-1"`
	for i, want := range []ecs.Reason{ecs.ReasonClientTokenRejected, ecs.ReasonInvalidField, ecs.ReasonInvalidField} {
		if _, err := edge.CreateSnapshot(soon(t), spoiled[i]); reasonOf(t, err) != want {
			t.Errorf("%+v: %v, want %s", spoiled[i], err, want)
		}
	}
	if endpoint.calls() != 2 {
		t.Error("an order that cannot be sent was sent")
	}
}

func TestSnapshot_RefusedOrUnknown(t *testing.T) {
	order := ecs.SnapshotOrder{RegionID: hangzhou, DiskID: "d-1", ClientToken: "snap-1"}
	for code, want := range map[string]ecs.Reason{
		"IncorrectDiskStatus.CreatingSnapshot": ecs.ReasonOperationInProgress, "IncorrectDiskStatus.NeverUsed": ecs.ReasonIncorrectResource,
		"QuotaExceed.Snapshot": ecs.ReasonQuotaExceeded, "InvalidDiskId.NotFound": ecs.ReasonResourceNotFound, "CreateSnapshot.Failed": ecs.ReasonSnapshotFailed,
	} {
		endpoint, edge := document(t, func(int, url.Values) (int, string) { return refused(403, code, "refused") })
		_, err := edge.CreateSnapshot(soon(t), order)
		if e := ecs.AsError(err); e == nil || e.Reason != want || e.Effect != ecs.EffectNone || e.Facts["disk_id"] != "d-1" || endpoint.calls() != 1 {
			t.Errorf("%s: %+v after %d calls, want %s after 1", code, e, endpoint.calls(), want)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		edge, _ := overPipes(t, documentWith(func(int, url.Values) (int, string) { return accepted("") }), cloud.Config{})
		_, err := edge.CreateSnapshot(t.Context(), order)
		if e := ecs.AsError(err); e == nil || e.Reason != ecs.ReasonOutcomeUnknown || e.Effect != ecs.EffectUnknown {
			t.Errorf("an answer without an id: %+v", e)
		}
	})
}
