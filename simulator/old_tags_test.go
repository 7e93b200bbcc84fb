package simulator_test

import (
	"fmt"
	"testing"

	"github.com/aliyun/alibaba-cloud-sdk-go/services/ecs"
	"github.com/google/go-cmp/cmp"

	"github.com/ecsd-io/ecsd/simulator"
)

// tagCounts lists tags as key=value with the counts of instances, disks and images.
func (c *cloud) tagCounts(params values) []string {
	c.t.Helper()
	got := []string{}
	for _, t := range decoded[ecs.DescribeTagsResponse](c, "DescribeTags", params).Tags.Tag {
		got = append(got, fmt.Sprintf("%s=%s %d %d %d", t.TagKey, t.TagValue, t.ResourceTypeCount.Instance, t.ResourceTypeCount.Disk, t.ResourceTypeCount.Image))
	}
	return got
}

// The tag calls of the oldest SDKs change the same tags as the newer ones, and list each tag once.
func TestOldTags(t *testing.T) {
	c := newCloud(t, simulator.Config{})
	ids := c.seed(simulator.Seed{Count: 2, ChargeType: "PostPaid"})
	disk := "d-" + ids[0][len("i-"):]
	tag := func(action, kind, id string, tags ...string) {
		t.Helper()
		params := values{"ResourceType": kind, "ResourceId": id}
		for n := 0; n < len(tags); n += 2 {
			params[fmt.Sprintf("Tag.%d.Key", n/2+1)] = tags[n]
			if tags[n+1] != "-" {
				params[fmt.Sprintf("Tag.%d.Value", n/2+1)] = tags[n+1]
			}
		}
		c.must(action, params)
	}
	tag("AddTags", "instance", ids[0], "team", "a", "env", "test")
	tag("AddTags", "instance", ids[1], "team", "b")
	tag("AddTags", "disk", disk, "team", "a")
	tag("AddTags", "image", "aliyun_3_x64_20G_alibase_20260122.vhd", "team", "a")
	if got := c.described(ids[0])[0].Tags.Tag; len(got) != 2 || got[1].TagKey != "team" || got[1].TagValue != "a" {
		t.Errorf("the instance has %+v", got)
	}
	for _, r := range []struct {
		params values
		want   []string
	}{
		{nil, []string{"env=test 1 0 0", "team=a 1 1 1", "team=b 1 0 0"}},
		{values{"ResourceType": "disk"}, []string{"team=a 0 1 0"}},
		{values{"ResourceType": "volume"}, []string{}},
		{values{"ResourceId": ids[1]}, []string{"team=b 1 0 0"}},
		{values{"Tag.1.Key": "team"}, []string{"team=a 1 1 1", "team=b 1 0 0"}},
		{values{"Tag.1.Key": "team", "Tag.1.Value": "b"}, []string{"team=b 1 0 0"}},
		{values{"PageSize": "1", "PageNumber": "2"}, []string{"team=a 1 1 1"}},
	} {
		if diff := cmp.Diff(r.want, c.tagCounts(r.params)); diff != "" {
			t.Errorf("%v (-want +got):\n%s", r.params, diff)
		}
	}
	tag("RemoveTags", "instance", ids[0], "team", "other", "env", "-")
	tag("RemoveTags", "instance", ids[1], "team", "b")
	if diff := cmp.Diff([]string{"team=a 1 1 1"}, c.tagCounts(nil)); diff != "" {
		t.Errorf("after the removal (-want +got):\n%s", diff)
	}
	one := values{"ResourceType": "instance", "ResourceId": ids[0], "Tag.1.Key": "k", "Tag.1.Value": "v"}
	for _, r := range []struct {
		action string
		change values
		want   string
	}{
		{"AddTags", values{"ResourceType": "-"}, "400 MissingParameter"},
		{"AddTags", values{"ResourceId": "-"}, "400 MissingParameter"},
		{"AddTags", values{"Tag.1.Key": "-", "Tag.1.Value": "-"}, "400 MissingParameter"},
		{"AddTags", values{"Tag.1.Key": "-"}, "400 InvalidTag.Mismatch"},
		{"AddTags", values{"ResourceType": "cup"}, "404 InvalidResourceType.NotFound"},
		{"AddTags", values{"ResourceId": "i-none"}, "404 InvalidResourceId.NotFound"},
		{"AddTags", values{"Tag.1.Key": "acs:x"}, "400 InvalidTagKey.Malformed"},
		{"RemoveTags", values{"ResourceId": "i-none"}, "404 InvalidResourceId.NotFound"},
		{"RemoveTags", values{"Tag.1.Key": "-"}, "400 InvalidTag.Mismatch"},
		{"DescribeTags", values{"ResourceType": "cup"}, "404 InvalidResourceType.NotFound"},
		{"DescribeTags", values{"PageSize": "101"}, "400 InvalidParameter"},
	} {
		params := values{}
		for _, from := range []values{one, r.change} {
			for k, v := range from {
				params[k] = v
			}
		}
		if a := c.call(r.action, params); fmt.Sprintf("%d %s", a.status, a.code()) != r.want {
			t.Errorf("%s %v: %d %s, want %s", r.action, r.change, a.status, a.code(), r.want)
		}
	}
}
