package simulator_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aliyun/alibaba-cloud-sdk-go/services/ecs"
	"github.com/google/go-cmp/cmp"

	"github.com/ecsd-io/ecsd/simulator"
)

type eventList struct {
	TotalCount             int
	InstanceSystemEventSet struct {
		InstanceSystemEventType []ecs.InstanceSystemEventType
	}
}

// events lists the events that a request selects, as type, state and time.
func (c *cloud) events(params values) []string {
	c.t.Helper()
	got := []string{}
	for _, e := range decoded[eventList](c, "DescribeInstanceHistoryEvents", params).InstanceSystemEventSet.InstanceSystemEventType {
		got = append(got, fmt.Sprintf("%s %s %s", e.EventType.Name, e.EventCycleStatus.Name, e.NotBefore))
	}
	return got
}

// The expiry of a subscription is published as an event a week before, is executed, and taken back by a renewal.
func TestHistoryEvents_Expiry(t *testing.T) {
	c := newCloud(t, simulator.Config{RenewLag: -1, StopAfter: time.Hour})
	day := 24 * time.Hour
	expire := start.Add(10 * day)
	id := c.seed(simulator.Seed{ExpireTime: &expire})[0]
	c.seed(simulator.Seed{ChargeType: "PostPaid"})
	stop, release := "InstanceExpiration.Stop %s 2026-11-30T05:00:00Z", "InstanceExpiration.Delete Scheduled 2026-12-15T04:00:00Z"
	for _, step := range []struct {
		pass time.Duration
		want []string
	}{
		{2 * day, []string{}},
		{day + time.Hour, []string{fmt.Sprintf(stop, "Scheduled")}},
		{7 * day, []string{fmt.Sprintf(stop, "Executed")}},
		{9 * day, []string{release, fmt.Sprintf(stop, "Executed")}},
	} {
		c.advance(step.pass)
		if diff := cmp.Diff(step.want, c.events(nil)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.Now(), diff)
		}
	}
	for _, r := range []struct {
		params values
		count  int
	}{
		{values{"InstanceId": id}, 2},
		{values{"InstanceId": "i-other"}, 0},
		{values{"ResourceId.1": id}, 2},
		{values{"EventType": "InstanceExpiration.Stop"}, 1},
		{values{"InstanceEventType.1": "InstanceExpiration.Stop", "InstanceEventType.2": "InstanceExpiration.Delete"}, 2},
		{values{"EventCycleStatus": "Scheduled"}, 1},
		{values{"InstanceEventCycleStatus.1": "Executed", "EventCycleStatus": "Scheduled"}, 1},
		{values{"NotBefore.Start": "2026-12-01T00:00:00Z"}, 1},
		{values{"EventPublishTime.End": "2026-11-24T00:00:00Z"}, 1},
		{values{"ResourceType": "ddh"}, 0},
		{values{"Tag.1.Key": "none"}, 0},
		{values{"PageSize": "1"}, 1},
	} {
		if got := c.events(r.params); len(got) != r.count {
			t.Errorf("%v: %v, want %d", r.params, got, r.count)
		}
	}
	full := decoded[struct {
		InstanceFullStatusSet struct{ InstanceFullStatusType []ecs.InstanceFullStatusType }
	}](c, "DescribeInstancesFullStatus", values{"EventType": "InstanceExpiration.Delete"}).InstanceFullStatusSet.InstanceFullStatusType
	if len(full) != 1 || full[0].InstanceId != id || full[0].Status.Name != "Stopped" || len(full[0].ScheduledSystemEventSet.ScheduledSystemEventType) != 1 {
		t.Errorf("full status %+v", full)
	}
	if _, code := c.renew(id, "1", ""); code != "" {
		t.Fatal(code)
	}
	if got := c.events(nil); len(got) != 0 {
		t.Errorf("after a renewal %v", got)
	}
	for code, params := range map[string]values{
		"400 InvalidParameter":         {"EventCycleStatus": "Odd"},
		"404 InvalidRegionId.NotFound": {"RegionId": "mars"},
		"400 MissingParameter":         {"RegionId": "-"},
	} {
		if a := c.call("DescribeInstanceHistoryEvents", params); fmt.Sprintf("%d %s", a.status, a.code()) != code {
			t.Errorf("%v: %d %s, want %s", params, a.status, a.code(), code)
		}
	}
}

// One instance, with the values of the list.
func TestDescribeInstanceAttribute(t *testing.T) {
	c := newCloud(t, simulator.Config{Instances: 20})
	for _, i := range c.Instances(simulator.InstanceFilter{RegionID: "cn-hangzhou"}) {
		listed := c.described(i.InstanceID)[0]
		got := decoded[ecs.DescribeInstanceAttributeResponse](c, "DescribeInstanceAttribute", values{"InstanceId": i.InstanceID, "RegionId": "-"})
		if got.InstanceName != listed.InstanceName || got.Status != listed.Status || got.ExpiredTime != listed.ExpiredTime || got.Memory != listed.Memory ||
			got.IoOptimized != "optimized" || got.SerialNumber != listed.SerialNumber || !slices.Equal(got.PublicIpAddress.IpAddress, listed.PublicIpAddress.IpAddress) ||
			got.VpcAttributes.VSwitchId != listed.VpcAttributes.VSwitchId || len(got.OperationLocks.LockReason) != len(listed.OperationLocks.LockReason) {
			t.Errorf("%s: %+v, listed %+v", i.InstanceID, got, listed)
		}
	}
	for code, params := range map[string]values{
		"404 InvalidInstanceId.NotFound": {"InstanceId": "i-none"},
		"400 MissingParameter":           {},
	} {
		if a := c.call("DescribeInstanceAttribute", params); fmt.Sprintf("%d %s", a.status, a.code()) != code {
			t.Errorf("%v: %d %s, want %s", params, a.status, a.code(), code)
		}
	}
}

// A snapshot is deleted, also while it is made; one that a disk was created from only by force.
func TestDeleteSnapshot(t *testing.T) {
	c := newCloud(t, simulator.Config{ListLag: -1, StartLatency: -1})
	id := c.run()[0]
	c.advance(time.Hour)
	disk := "d-" + id[len("i-"):]
	unfinished, code := c.snapshot(disk, "")
	if code != "" {
		t.Fatal(code)
	}
	remove := func(id string, more values) string {
		params := values{"SnapshotId": id, "RegionId": "-"}
		for k, v := range more {
			params[k] = v
		}
		a := c.call("DeleteSnapshot", params)
		return fmt.Sprintf("%d %s", a.status, a.code())
	}
	if got := remove(unfinished, nil); got != "200 " {
		t.Errorf("a snapshot in progress: %s", got)
	}
	source, code := c.snapshot(disk, "") // the cancelled one does not count
	if code != "" {
		t.Fatal(code)
	}
	c.advance(time.Hour)
	c.run(func(r *ecs.RunInstancesRequest) {
		r.DataDisk = &[]ecs.RunInstancesDataDisk{{Category: "cloud_essd", Size: "100", SnapshotId: source}}
	})
	for _, r := range []struct {
		id   string
		more values
		want string
		left int
	}{
		{source, nil, "403 SnapshotCreatedDisk", 1},
		{"s-unknown", nil, "200 ", 1},
		{source, values{"Force": "perhaps"}, "400 InvalidParameter", 1},
		{"", nil, "400 MissingParameter", 1},
		{source, values{"Force": "true"}, "200 ", 0},
	} {
		if got := remove(r.id, r.more); got != r.want {
			t.Errorf("%s %v: %s, want %s", r.id, r.more, got, r.want)
		}
		if got := len(c.snapshots(func(*ecs.DescribeSnapshotsRequest) {})); got != r.left {
			t.Errorf("%s %v: %d snapshots are left, want %d", r.id, r.more, got, r.left)
		}
	}
}
