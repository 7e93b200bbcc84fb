// Package sdk runs the vendor's current Go SDK, with its defaults, against the simulator.
package sdk

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/utils"
	ecs "github.com/alibabacloud-go/ecs-20140526/v7/client"
	"github.com/alibabacloud-go/tea/tea"
	"github.com/google/uuid"
)

const (
	first  = "cn-hangzhou"
	second = "cn-shanghai"
	tag    = "订单 & *~+/="
)

// cloud is the client of a program in the second region: an endpoint without TLS, and nothing about signatures.
type cloud struct {
	*ecs.Client
	t *testing.T
}

func newCloud(t *testing.T) cloud {
	t.Helper()
	client, err := ecs.NewClient(new(openapi.Config).SetAccessKeyId("testid").SetAccessKeySecret("testsecret").
		SetRegionId(second).SetEndpoint(os.Getenv("ECSD_SIMULATOR")).SetProtocol("http"))
	if err != nil {
		t.Fatal(err)
	}
	return cloud{client, t}
}

// must returns the body of a response.
func must[B any, R interface{ GetBody() B }](t *testing.T, response R, err error) B {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return response.GetBody()
}

type instance = ecs.DescribeInstancesResponseBodyInstancesInstance

func (c cloud) instances(region string, change ...func(*ecs.DescribeInstancesRequest)) []*instance {
	c.t.Helper()
	request := new(ecs.DescribeInstancesRequest).SetRegionId(region)
	for _, f := range change {
		f(request)
	}
	response, err := c.DescribeInstances(request)
	return must(c.t, response, err).Instances.Instance
}

// status returns the status of an instance, "" if it is gone.
func (c cloud) status(region, id string) string {
	c.t.Helper()
	for _, i := range c.instances(region, func(r *ecs.DescribeInstancesRequest) { r.SetInstanceIds(`["` + id + `"]`) }) {
		return *i.Status
	}
	return ""
}

// subscription returns the one instance of the second region.
func (c cloud) subscription() *instance {
	c.t.Helper()
	found := c.instances(second)
	if len(found) != 1 {
		c.t.Fatalf("%d instances in %s, want 1", len(found), second)
	}
	return found[0]
}

func TestList(t *testing.T) {
	c := newCloud(t)
	var names, want []string
	for n := 1; n <= 12; n++ {
		want = append(want, fmt.Sprintf("web-%03d", n))
	}
	request := new(ecs.DescribeInstancesRequest).SetRegionId(first).SetMaxResults(10)
	for range 3 {
		response, err := c.DescribeInstances(request)
		page := must(t, response, err)
		for _, i := range page.Instances.Instance {
			names = append(names, *i.InstanceName)
		}
		if *page.NextToken == "" {
			break
		}
		request.SetNextToken(*page.NextToken)
	}
	if !slices.Equal(names, want) {
		t.Errorf("listed %v, want %v", names, want)
	}
}

func TestLife(t *testing.T) {
	c := newCloud(t)
	response, err := c.RunInstances(new(ecs.RunInstancesRequest).SetRegionId(first).SetInstanceName("created").
		SetImageId("centos_7_03_64_20G_alibase_20170818.vhd").SetInstanceType("ecs.g7.large").SetClientToken(uuid.NewString()))
	id := *must(t, response, err).InstanceIdSets.InstanceIdSet[0]
	for _, step := range []struct {
		name, want string
		call       func() error
	}{
		{"create", "Running", func() error { return nil }},
		{"stop", "Stopped", func() error {
			_, err := c.StopInstance(new(ecs.StopInstanceRequest).SetInstanceId(id))
			return err
		}},
		{"start", "Running", func() error {
			_, err := c.StartInstance(new(ecs.StartInstanceRequest).SetInstanceId(id))
			return err
		}},
		{"delete", "", func() error {
			_, err := c.DeleteInstance(new(ecs.DeleteInstanceRequest).SetInstanceId(id).SetForce(true))
			return err
		}},
	} {
		if err := step.call(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if got := c.status(first, id); got != step.want {
			t.Errorf("after %s: %q, want %q", step.name, got, step.want)
		}
	}
}

func TestRenew_InTheSecondRegion(t *testing.T) {
	c := newCloud(t)
	before := c.subscription()
	request := new(ecs.RenewInstanceRequest).SetInstanceId(*before.InstanceId).SetPeriod(1).SetPeriodUnit("Month").SetClientToken(uuid.NewString())
	var orders []string
	for range 2 {
		response, err := c.RenewInstance(request)
		orders = append(orders, *must(t, response, err).OrderId)
	}
	if orders[0] == "" || orders[0] != orders[1] {
		t.Errorf("orders %v, want the same token to be the same order", orders)
	}
	if after := c.subscription(); *after.ExpiredTime <= *before.ExpiredTime {
		t.Errorf("expires %s, before the renewal %s", *after.ExpiredTime, *before.ExpiredTime)
	}
}

func TestAutoRenew(t *testing.T) {
	c := newCloud(t)
	id := *c.subscription().InstanceId
	_, err := c.ModifyInstanceAutoRenewAttribute(new(ecs.ModifyInstanceAutoRenewAttributeRequest).SetRegionId(second).
		SetInstanceId(id).SetRenewalStatus("AutoRenewal").SetDuration(2).SetPeriodUnit("Month"))
	if err != nil {
		t.Fatal(err)
	}
	response, err := c.DescribeInstanceAutoRenewAttribute(new(ecs.DescribeInstanceAutoRenewAttributeRequest).SetRegionId(second).SetInstanceId(id))
	setting := must(t, response, err).InstanceRenewAttributes.InstanceRenewAttribute[0]
	if *setting.RenewalStatus != "AutoRenewal" || *setting.Duration != 2 || *setting.PeriodUnit != "Month" {
		t.Errorf("got %s", setting)
	}
}

func TestTags(t *testing.T) {
	c := newCloud(t)
	id := c.subscription().InstanceId
	_, err := c.TagResources(new(ecs.TagResourcesRequest).SetRegionId(second).SetResourceType("instance").SetResourceId([]*string{id}).
		SetTag([]*ecs.TagResourcesRequestTag{new(ecs.TagResourcesRequestTag).SetKey("team").SetValue(tag)}))
	if err != nil {
		t.Fatal(err)
	}
	response, err := c.ListTagResources(new(ecs.ListTagResourcesRequest).SetRegionId(second).SetResourceType("instance").SetResourceId([]*string{id}))
	tags := must(t, response, err).TagResources.TagResource
	if len(tags) != 1 || *tags[0].TagKey != "team" || *tags[0].TagValue != tag {
		t.Errorf("got %v", tags)
	}
	tagged := c.instances(second, func(r *ecs.DescribeInstancesRequest) {
		r.SetTag([]*ecs.DescribeInstancesRequestTag{new(ecs.DescribeInstancesRequestTag).SetKey("team").SetValue(tag)})
	})
	if len(tagged) != 1 || *tagged[0].InstanceId != *id {
		t.Errorf("%d instances have the tag, want 1", len(tagged))
	}
}

func TestTypes(t *testing.T) {
	response, err := newCloud(t).DescribeInstanceTypes(new(ecs.DescribeInstanceTypesRequest).SetInstanceTypeFamily("ecs.g7"))
	for _, kind := range must(t, response, err).InstanceTypes.InstanceType {
		if *kind.InstanceTypeId == "ecs.g7.large" && *kind.CpuCoreCount == 2 && *kind.MemorySize == 8 {
			return
		}
	}
	t.Error("no ecs.g7.large with 2 vCPUs and 8 GiB")
}

func TestSpotPrice(t *testing.T) {
	response, err := newCloud(t).DescribeSpotPriceHistory(new(ecs.DescribeSpotPriceHistoryRequest).SetRegionId(second).
		SetNetworkType("vpc").SetInstanceType("ecs.g7.large"))
	prices := must(t, response, err).SpotPrices.SpotPriceType
	if len(prices) == 0 {
		t.Fatal("no prices")
	}
	for _, p := range prices {
		if *p.SpotPrice <= 0 || *p.SpotPrice > *p.OriginPrice {
			t.Errorf("spot price %v of %v", *p.SpotPrice, *p.OriginPrice)
		}
	}
}

func TestError(t *testing.T) {
	_, err := newCloud(t).RenewInstance(new(ecs.RenewInstanceRequest).SetInstanceId("i-unknown").SetPeriod(1))
	var refused *tea.SDKError
	if !errors.As(err, &refused) {
		t.Fatalf("got %T %v, want an error of the SDK", err, err)
	}
	if *refused.Code != "InvalidInstanceId.NotFound" || tea.IntValue(refused.StatusCode) != 404 || !strings.Contains(*refused.Message, "does not exist") {
		t.Errorf("got %v", refused)
	}
}
