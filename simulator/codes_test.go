package simulator_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/responses"
	"github.com/aliyun/alibaba-cloud-sdk-go/services/ecs"

	"github.com/ecsd-io/ecsd/simulator"
)

// refusal sends a request and returns HTTP status and code of its error, "" for none.
func (c *cloud) refusal(action string, params values) string {
	c.t.Helper()
	request := &requests.RpcRequest{}
	request.InitWithApiInfo("Ecs", "2014-05-26", action, "", "")
	request.Method = requests.POST
	request.QueryParams["RegionId"] = "cn-hangzhou"
	for k, v := range params {
		request.QueryParams[k] = v
	}
	response := responses.NewCommonResponse()
	code := c.code(request, response)
	if code == "" {
		return ""
	}
	return strconv.Itoa(response.GetHttpStatus()) + " " + code
}

// The codes and statuses are those of the cloud's tables.
func TestCodes_OfTheTables(t *testing.T) {
	c := instant(t)
	id := c.seed(simulator.Seed{})[0]
	secured := c.seed(simulator.Seed{ChargeType: "PostPaid", LockReason: "security"})[0]
	launch := values{"ImageId": "ubuntu_24_04_x64_20G_alibase_20260119.vhd", "InstanceType": "ecs.g7.large"}
	prepaid := values{"InstanceChargeType": "PrePaid", "Period": "1"}
	tags := values{}
	for n := 1; n <= 21; n++ {
		tags[fmt.Sprintf("Tag.%d.Key", n)] = fmt.Sprintf("k%d", n)
	}
	join := func(sets ...values) values {
		all := values{}
		for _, s := range sets {
			for k, v := range s {
				all[k] = v
			}
		}
		return all
	}
	for _, test := range []struct {
		action string
		params values
		want   string
	}{
		{"RenewInstance", values{"InstanceId": id}, "400 InvalidPeriod.NotFound"},
		{"RenewInstance", values{"InstanceId": id, "Period": "1", "ExpectedRenewDay": "1"}, "400 InvalidExpectedRenewDay.Conflict"},
		{"RenewInstance", values{"InstanceId": id, "ExpectedRenewDay": "2"}, "400 InvalidExpectedRenewDay.ValueNotSupported"},
		{"DescribeRenewalPrice", values{"ResourceId": id, "Period": "1", "ExpectedRenewDay": "1"}, "400 InvalidExpectedRenewDay.Conflict"},
		{"ModifyInstanceChargeType", values{"InstanceIds": `["i-x"]`, "Period": "1"}, "404 InvalidInstanceId.NotFound"},
		{"ModifyInstanceChargeType", values{"InstanceIds": `["` + secured + `"]`, "Period": "1"}, "400 InvalidStatus.ValueNotSupported"},
		{"ListTagResources", values{"ResourceType": "instance"}, "403 BothEmpty.TagsAndResources"},
		{"ListTagResources", values{"ResourceType": "instance", "ResourceId.1": id, "NextToken": "x"}, "403 Invalid.NextToken"},
		{"CreateInstance", join(launch, values{"IoOptimized": "x"}), "400 InvalidIoOptimizedValue.ValueNotSupported"},
		{"RunInstances", join(launch, values{"IoOptimized": "x"}), "400 InvalidIoOptimize.ValueNotSupported"},
		{"CreateInstance", join(launch, tags), "403 QuotaExceed.Tags"},
		{"RunInstances", join(launch, tags), "400 InvalidTagCount"},
		{"RunInstances", join(launch, prepaid, values{"PeriodUnit": "Day"}), "400 InvalidPeriodType.ValueNotSupported"},
		{"CreateInstance", join(launch, prepaid, values{"PeriodUnit": "Day"}), "400 InvalidPeriodUnit.ValueNotSupported"},
		{"RunInstances", join(launch, values{"Period": "abc"}), "400 InvalidParameter"},
		{"RunInstances", join(launch, values{"AutoRenew": "abc"}), "400 InvalidParameter"},
		{"RunInstances", join(launch, values{"SpotDuration": "7"}), "400 InvalidSpotDuration"},
		{"RunInstances", join(launch, values{"SpotDuration": "-1"}), "400 InvalidParameter"},
	} {
		if got := c.refusal(test.action, test.params); got != test.want {
			t.Errorf("%s %v: %q, want %q", test.action, test.params, got, test.want)
		}
	}
}

// The literals of the documents of 2017 are known: their type, and their image.
func TestRunInstances_DocumentsOf2017(t *testing.T) {
	c := instant(t)
	if got := c.refusal("RunInstances", values{"ImageId": "ubuntu1404_64_40G_cloudinit_20160727.raw", "InstanceType": "ecs.s2.large"}); got != "" {
		t.Errorf("refused: %s", got)
	}
}

// An instance category is one of those that the cloud documents.
func TestDescribeInstanceTypes_Categories(t *testing.T) {
	documented := []string{
		"General-purpose", "Compute-optimized", "Memory-optimized", "Big data", "Local SSDs", "High Clock Speed", "Enhanced", "Shared",
		"Compute-optimized with GPU", "Visual Compute-optimized", "Heterogeneous Service", "Compute-optimized with FPGA",
		"Compute-optimized with NPU", "ECS Bare Metal", "High Performance Compute",
	}
	leaves("", instant(t).raw("DescribeInstanceTypes", nil), func(path string, v any) {
		if strings.HasSuffix(path, ".InstanceCategory") && !slices.Contains(documented, v.(string)) {
			t.Errorf("category %s", v)
		}
	})
}

// No field of DescribeInstances differs from another in case only, and times of disks and snapshots have seconds.
func TestFields_CaseAndSeconds(t *testing.T) {
	c := instant(t)
	id := c.run()[0]
	if _, err := c.snapshotOf("d-" + id[len("i-"):]); err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	leaves("", c.raw("DescribeInstances", nil), func(path string, _ any) {
		if other, ok := seen[strings.ToLower(path)]; ok && other != path {
			t.Errorf("%s and %s", path, other)
		}
		seen[strings.ToLower(path)] = path
	})
	for _, name := range []string{"DescribeDisks", "DescribeSnapshots"} {
		times := 0
		leaves("", c.raw(name, nil), func(path string, v any) {
			for _, field := range []string{".CreationTime", ".AttachedTime", ".LastModifiedTime"} {
				if text, ok := v.(string); ok && strings.HasSuffix(path, field) && text != "" {
					if _, err := time.Parse("2006-01-02T15:04:05Z", text); err != nil {
						t.Errorf("%s %s: %v", name, path, err)
					}
					times++
				}
			}
		})
		if times == 0 {
			t.Errorf("%s has no times", name)
		}
	}
}

// The error for a filter key names it.
func TestDescribeInstances_FilterKeyInMessage(t *testing.T) {
	c := instant(t)
	request := ecs.CreateDescribeInstancesRequest()
	request.QueryParams["Filter.1.Key"], request.QueryParams["Filter.1.Value"] = "Colour", "2026-11-20T00:00Z"
	if got := c.refused(request, ecs.CreateDescribeInstancesResponse()).Message(); got != "Invalid filter.Colour." {
		t.Errorf("message %q", got)
	}
}
