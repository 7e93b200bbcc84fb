package simulator_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	"github.com/aliyun/alibaba-cloud-sdk-go/services/ecs"
	"github.com/google/go-cmp/cmp"

	"github.com/ecsd-io/ecsd/simulator"
)

// list reads all pages of a request, by NextToken or by number.
func (c *cloud) list(byToken bool, ask func(*ecs.DescribeInstancesRequest)) []ecs.Instance {
	c.t.Helper()
	var all []ecs.Instance
	token := ""
	for page := 1; ; page++ {
		request := ecs.CreateDescribeInstancesRequest()
		ask(request)
		if byToken {
			request.MaxResults, request.NextToken = requests.NewInteger(50), token
		} else {
			request.PageSize, request.PageNumber = requests.NewInteger(50), requests.NewInteger(page)
		}
		response := ecs.CreateDescribeInstancesResponse()
		c.do(request, response)
		all = append(all, response.Instances.Instance...)
		if token = response.NextToken; byToken && token == "" || !byToken && len(all) >= response.TotalCount {
			return all
		}
		if len(response.Instances.Instance) == 0 {
			c.t.Fatalf("page %d is empty, and there is more", page)
		}
	}
}

func idsOf(instances []ecs.Instance) []string {
	ids := []string{}
	for _, i := range instances {
		ids = append(ids, i.InstanceId)
	}
	return ids
}

func jsonOf(texts ...string) string {
	b, err := json.Marshal(texts)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// Both ways of paging return the same complete list.
func TestPaging_BothWays(t *testing.T) {
	c := newCloud(t, simulator.Config{Instances: simulator.DemoInstances})
	var want []string
	for _, i := range c.Instances(simulator.InstanceFilter{RegionID: "cn-hangzhou"}) {
		want = append(want, i.InstanceID)
	}
	for _, byToken := range []bool{true, false} {
		got := idsOf(c.list(byToken, func(*ecs.DescribeInstancesRequest) {}))
		if diff := cmp.Diff(want, got); diff != "" || len(got) < 101 {
			t.Errorf("by token %v: %d instances (-there +listed):\n%s", byToken, len(got), diff)
		}
	}
}

// The paging parameters and their combinations.
func TestPagingParameters(t *testing.T) {
	c := newCloud(t, simulator.Config{Instances: simulator.DemoInstances})
	for _, p := range []struct {
		name                         string
		number, size, results, token string
		want                         int // instances in the response
		total, more                  bool
	}{
		{name: "defaults", want: 10, total: true, more: true},
		{name: "the largest page", size: "100", want: 100, total: true, more: true},
		{name: "the last page", number: "2", size: "100", want: 49, total: true},
		{name: "behind the end", number: "50", size: "100", want: 0, total: true},
		{name: "few results", results: "3", want: 10, more: true},
		{name: "many results", results: "500", want: 100, more: true},
		{name: "results beat pages", results: "20", number: "50", size: "1", want: 20, more: true},
	} {
		t.Run(p.name, func(t *testing.T) {
			request := ecs.CreateDescribeInstancesRequest()
			request.PageNumber, request.PageSize = requests.Integer(p.number), requests.Integer(p.size)
			request.MaxResults, request.NextToken = requests.Integer(p.results), p.token
			response := ecs.CreateDescribeInstancesResponse()
			c.do(request, response)
			if got := len(response.Instances.Instance); got != p.want || (response.TotalCount > 100) != p.total || (response.NextToken != "") != p.more {
				t.Errorf("%d instances, total %d, next %q", got, response.TotalCount, response.NextToken)
			}
		})
	}
	for _, bad := range []func(*ecs.DescribeInstancesRequest){
		func(r *ecs.DescribeInstancesRequest) { r.PageNumber = "0" },
		func(r *ecs.DescribeInstancesRequest) { r.PageSize = "101" },
		func(r *ecs.DescribeInstancesRequest) { r.MaxResults = "many" },
		func(r *ecs.DescribeInstancesRequest) { r.NextToken = "mine" },
	} {
		request := ecs.CreateDescribeInstancesRequest()
		bad(request)
		if code := c.code(request, ecs.CreateDescribeInstancesResponse()); code != "InvalidParameter" {
			t.Errorf("%+v: %q", request.QueryParams, code)
		}
	}
}

// filterCase is one filter of DescribeInstances.
type filterCase struct {
	name string
	ask  func(*ecs.DescribeInstancesRequest)
	want func(ecs.Instance) bool
	// every is set if the whole fleet has the value.
	every bool
}

// filterCases returns the filters, with values that part of the fleet has.
func filterCases(all []ecs.Instance) []filterCase {
	having := func(has func(ecs.Instance) bool) ecs.Instance { return all[slices.IndexFunc(all, has)] }
	v6s := func(i ecs.Instance) []ecs.Ipv6Set { return i.NetworkInterfaces.NetworkInterface[0].Ipv6Sets.Ipv6Set }
	i := having(func(i ecs.Instance) bool { return len(i.PublicIpAddress.IpAddress) > 0 })
	public, private := i.PublicIpAddress.IpAddress[0], i.VpcAttributes.PrivateIpAddress.IpAddress[0]
	elastic := having(func(i ecs.Instance) bool { return i.EipAddress.IpAddress != "" }).EipAddress.IpAddress
	v6 := v6s(having(func(i ecs.Instance) bool { return len(v6s(i)) > 0 }))[0]
	at := func(from, to, value string) bool { return (from == "" || value >= from) && (to == "" || value <= to) }
	return []filterCase{
		{"InstanceIds", func(r *ecs.DescribeInstancesRequest) { r.InstanceIds = jsonOf(i.InstanceId, "i-unknown") }, func(o ecs.Instance) bool { return o.InstanceId == i.InstanceId }, false},
		{"VpcId", func(r *ecs.DescribeInstancesRequest) { r.VpcId = i.VpcAttributes.VpcId }, func(o ecs.Instance) bool { return o.VpcAttributes.VpcId == i.VpcAttributes.VpcId }, true},
		{"VSwitchId", func(r *ecs.DescribeInstancesRequest) { r.VSwitchId = i.VpcAttributes.VSwitchId }, func(o ecs.Instance) bool { return o.VpcAttributes.VSwitchId == i.VpcAttributes.VSwitchId }, false},
		{"ZoneId", func(r *ecs.DescribeInstancesRequest) { r.ZoneId = i.ZoneId }, func(o ecs.Instance) bool { return o.ZoneId == i.ZoneId }, false},
		{"InstanceNetworkType", func(r *ecs.DescribeInstancesRequest) { r.InstanceNetworkType = "vpc" }, func(o ecs.Instance) bool { return o.InstanceNetworkType == "vpc" }, true},
		{"SecurityGroupId", func(r *ecs.DescribeInstancesRequest) { r.SecurityGroupId = i.SecurityGroupIds.SecurityGroupId[0] }, func(o ecs.Instance) bool {
			return slices.Contains(o.SecurityGroupIds.SecurityGroupId, i.SecurityGroupIds.SecurityGroupId[0])
		}, false},
		{"InstanceChargeType", func(r *ecs.DescribeInstancesRequest) { r.InstanceChargeType = i.InstanceChargeType }, func(o ecs.Instance) bool { return o.InstanceChargeType == i.InstanceChargeType }, false},
		{"InternetChargeType", func(r *ecs.DescribeInstancesRequest) { r.InternetChargeType = "PayByTraffic" }, func(o ecs.Instance) bool { return o.InternetChargeType == "PayByTraffic" }, true},
		{"InstanceName", func(r *ecs.DescribeInstancesRequest) { r.InstanceName = "web-*" }, func(o ecs.Instance) bool { return strings.HasPrefix(o.InstanceName, "web-") }, false},
		{"ImageId", func(r *ecs.DescribeInstancesRequest) { r.ImageId = i.ImageId }, func(o ecs.Instance) bool { return o.ImageId == i.ImageId }, false},
		{"Status", func(r *ecs.DescribeInstancesRequest) { r.Status = "Stopped" }, func(o ecs.Instance) bool { return o.Status == "Stopped" }, false},
		{"LockReason", func(r *ecs.DescribeInstancesRequest) { r.LockReason = "security" }, func(o ecs.Instance) bool {
			return slices.ContainsFunc(o.OperationLocks.LockReason, func(l ecs.LockReason) bool { return l.LockReason == "security" })
		}, false},
		{"InstanceType", func(r *ecs.DescribeInstancesRequest) { r.InstanceType = i.InstanceType }, func(o ecs.Instance) bool { return o.InstanceType == i.InstanceType }, false},
		{"InstanceTypeFamily", func(r *ecs.DescribeInstancesRequest) { r.InstanceTypeFamily = i.InstanceTypeFamily }, func(o ecs.Instance) bool { return o.InstanceTypeFamily == i.InstanceTypeFamily }, false},
		{"KeyPairName", func(r *ecs.DescribeInstancesRequest) { r.KeyPairName = i.KeyPairName }, func(o ecs.Instance) bool { return o.KeyPairName == i.KeyPairName }, true},
		{"ResourceGroupId", func(r *ecs.DescribeInstancesRequest) { r.ResourceGroupId = "rg-acfmdata0000001" }, func(o ecs.Instance) bool { return o.ResourceGroupId == "rg-acfmdata0000001" }, false},
		{"Tag", func(r *ecs.DescribeInstancesRequest) {
			r.Tag = &[]ecs.DescribeInstancesTag{{Key: "env", Value: "prod"}, {Key: "team", Value: "platform"}}
		}, func(o ecs.Instance) bool { return tag(o, "env") == "prod" && tag(o, "team") == "platform" }, false},
		{"PublicIpAddresses", func(r *ecs.DescribeInstancesRequest) { r.PublicIpAddresses = jsonOf(public) }, func(o ecs.Instance) bool { return slices.Contains(o.PublicIpAddress.IpAddress, public) }, false},
		{"PrivateIpAddresses", func(r *ecs.DescribeInstancesRequest) { r.PrivateIpAddresses = jsonOf(private) }, func(o ecs.Instance) bool { return slices.Contains(o.VpcAttributes.PrivateIpAddress.IpAddress, private) }, false},
		{"EipAddresses", func(r *ecs.DescribeInstancesRequest) { r.EipAddresses = jsonOf(elastic) }, func(o ecs.Instance) bool { return o.EipAddress.IpAddress == elastic }, false},
		{"Ipv6Address", func(r *ecs.DescribeInstancesRequest) { r.Ipv6Address = &[]string{v6.Ipv6Address} }, func(o ecs.Instance) bool { return slices.Contains(v6s(o), v6) }, false},
		{"IoOptimized", func(r *ecs.DescribeInstancesRequest) { r.IoOptimized = requests.NewBoolean(true) }, func(o ecs.Instance) bool { return o.IoOptimized }, true},
		{"AdditionalAttributes", func(r *ecs.DescribeInstancesRequest) { r.AdditionalAttributes = &[]string{"META_OPTIONS"} }, func(ecs.Instance) bool { return true }, true},
		{"CreationStartTime", func(r *ecs.DescribeInstancesRequest) {
			r.Filter1Key, r.Filter1Value = "CreationStartTime", i.CreationTime
		}, func(o ecs.Instance) bool { return at(i.CreationTime, "", o.CreationTime) }, false},
		{"CreationEndTime", func(r *ecs.DescribeInstancesRequest) {
			r.Filter2Key, r.Filter2Value = "CreationEndTime", i.CreationTime
		}, func(o ecs.Instance) bool { return at("", i.CreationTime, o.CreationTime) }, false},
		{"ExpiredStartTime and ExpiredEndTime", func(r *ecs.DescribeInstancesRequest) {
			r.Filter3Key, r.Filter3Value = "ExpiredStartTime", "2026-11-25T00:00Z"
			r.Filter4Key, r.Filter4Value = "ExpiredEndTime", "2026-12-10T00:00Z"
		}, func(o ecs.Instance) bool { return at("2026-11-25T00:00Z", "2026-12-10T00:00Z", o.ExpiredTime) }, false},
		{"several at once", func(r *ecs.DescribeInstancesRequest) {
			r.Status, r.InstanceChargeType, r.InstanceName = "Running", "PrePaid", "*prod*"
		}, func(o ecs.Instance) bool {
			return o.Status == "Running" && o.InstanceChargeType == "PrePaid" && strings.Contains(o.InstanceName, "prod")
		}, false},
	}
}

func tag(i ecs.Instance, key string) string {
	for _, t := range i.Tags.Tag {
		if t.TagKey == key {
			return t.TagValue
		}
	}
	return ""
}

// Every filter of DescribeInstances returns, with both ways of paging, the same instances as a scan of the whole fleet.
func TestInstanceFilters(t *testing.T) {
	c := newCloud(t, simulator.Config{Instances: simulator.DemoInstances})
	fleet := c.list(true, func(*ecs.DescribeInstancesRequest) {})
	for _, f := range filterCases(fleet) {
		t.Run(f.name, func(t *testing.T) {
			var want []ecs.Instance
			for _, i := range fleet {
				if f.want(i) {
					want = append(want, i)
				}
			}
			if len(want) == 0 || (len(want) == len(fleet)) != f.every {
				t.Fatalf("%d of %d instances have the value, which proves nothing", len(want), len(fleet))
			}
			for _, byToken := range []bool{true, false} {
				if diff := cmp.Diff(idsOf(want), idsOf(c.list(byToken, f.ask))); diff != "" {
					t.Errorf("by token %v (-want +got):\n%s", byToken, diff)
				}
			}
		})
	}
}

// A value that no instance has returns an empty list. If the cloud has a fixed set of values, it rejects others.
func TestInstanceFilters_NoMatch(t *testing.T) {
	c := newCloud(t, simulator.Config{Instances: 40})
	for _, f := range []struct {
		param, value, code string
	}{
		{"InstanceIds", `[]`, ""},
		{"InstanceIds", `["i-unknown"]`, ""},
		{"InstanceIds", `i-unknown`, "InvalidParameter"},
		{"VpcId", "vpc-other", ""},
		{"VSwitchId", "vsw-other", ""},
		{"ZoneId", "cn-hangzhou-z", ""},
		{"SecurityGroupId", "sg-other", ""},
		{"InstanceNetworkType", "classic", ""},
		{"InstanceNetworkType", "ring", "InvalidNetworkType.NotFound"},
		{"InstanceChargeType", "Free", "InvalidInstanceChargeType.NotFound"},
		{"InternetChargeType", "PayByBandwidth", ""},
		{"InternetChargeType", "Free", "InvalidInternetChargeType.ValueNotSupported"},
		{"InstanceName", "web", ""},
		{"ImageId", "m-other", ""},
		{"Status", "Pending", ""},
		{"Status", "Asleep", "InvalidStatus.NotFound"},
		{"LockReason", "refunded", ""},
		{"LockReason", "lost", "InvalidLockReason.NotFound"},
		{"InstanceType", "ecs.other.large", ""},
		{"InstanceTypeFamily", "ecs.other", ""},
		{"KeyPairName", "other", ""},
		{"ResourceGroupId", "rg-other", ""},
		{"Tag.1.Key", "other", ""},
		{"Tag.1.Value", "prod", "InvalidTag.Mismatch"},
		{"PublicIpAddresses", `["192.0.2.1"]`, ""},
		{"PublicIpAddresses", `["here"]`, "InvalidParameter"},
		{"PrivateIpAddresses", `["192.0.2.1"]`, ""},
		{"EipAddresses", `["192.0.2.1"]`, ""},
		{"InnerIpAddresses", `["10.0.0.2"]`, ""},
		{"RdmaIpAddresses", `["10.0.0.2"]`, ""},
		{"Ipv6Address.1", "2001:db8::1", ""},
		{"IoOptimized", "false", ""},
		{"IoOptimized", "perhaps", "InvalidParameter"},
		{"HttpTokens", "required", ""},
		{"DryRun", "true", "DryRunOperation"},
		{"Filter.1.Key", "CreationStartTime", "InvalidFilterKey.NotFound"},
		{"Filter.1.Value", "2026-11-20T00:00Z", "InvalidFilterKey.NotFound"},
	} {
		request := &requests.RpcRequest{}
		request.InitWithApiInfo("Ecs", "2014-05-26", "DescribeInstances", "", "")
		request.Method = requests.POST
		request.QueryParams[f.param] = f.value
		response := ecs.CreateDescribeInstancesResponse()
		if code := c.code(request, response); code != f.code {
			t.Errorf("%s=%s: code %q, want %q", f.param, f.value, code, f.code)
		}
		if n := len(response.Instances.Instance); n != 0 {
			t.Errorf("%s=%s: %d instances", f.param, f.value, n)
		}
	}
}

// A listing by tag returns at most a thousand instances.
func TestListing_ByTagLimit(t *testing.T) {
	c := newCloud(t, simulator.Config{})
	c.seed(simulator.Seed{Count: 1010, Tags: map[string]string{"many": "yes"}})
	for _, byToken := range []bool{true, false} {
		got := c.list(byToken, func(r *ecs.DescribeInstancesRequest) {
			r.Tag = &[]ecs.DescribeInstancesTag{{Key: "many"}}
		})
		if len(got) != 1000 {
			t.Errorf("by token %v: %d instances", byToken, len(got))
		}
	}
}
