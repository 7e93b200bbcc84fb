package simulator_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	"github.com/aliyun/alibaba-cloud-sdk-go/services/ecs"
	"github.com/google/go-cmp/cmp"

	"github.com/ecsd-io/ecsd/simulator"
)

// The vendor's Go SDK works with every action.
func TestGoSDK(t *testing.T) {
	c := newCloud(t, simulator.Config{})
	expiry := time.Date(2026, 11, 27, 16, 0, 0, 0, time.UTC)
	ids := c.seed(simulator.Seed{Count: 3, ExpireTime: &expiry, NamePrefix: "web-prod"})

	t.Run("DescribeRegions", func(t *testing.T) {
		request := ecs.CreateDescribeRegionsRequest()
		request.AcceptLanguage = "en-US"
		response := ecs.CreateDescribeRegionsResponse()
		c.do(request, response)
		var got []string
		for _, r := range response.Regions.Region {
			got = append(got, r.RegionId+" "+r.LocalName+" "+r.RegionEndpoint+" "+r.Status)
		}
		want := []string{
			"cn-hangzhou China (Hangzhou) ecs-cn-hangzhou.aliyuncs.com available",
			"cn-shanghai China (Shanghai) ecs.cn-shanghai.aliyuncs.com available",
			"ap-southeast-1 Singapore ecs.ap-southeast-1.aliyuncs.com available",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("regions (-want +got):\n%s", diff)
		}
	})
	t.Run("DescribeInstances", func(t *testing.T) {
		request := ecs.CreateDescribeInstancesRequest()
		request.Filter3Key, request.Filter3Value = "ExpiredStartTime", "2026-11-27T00:00Z"
		request.Filter4Key, request.Filter4Value = "ExpiredEndTime", "2026-11-28T00:00Z"
		response := ecs.CreateDescribeInstancesResponse()
		c.do(request, response)
		if response.TotalCount != 3 || len(response.Instances.Instance) != 3 {
			t.Fatalf("got %d of %d instances, want 3 of 3", len(response.Instances.Instance), response.TotalCount)
		}
		i := response.Instances.Instance[0]
		if i.InstanceId != ids[0] || i.ExpiredTime != "2026-11-27T16:00Z" || i.InstanceName != "web-prod-001" || i.Cpu != 2 || i.Memory != 8192 {
			t.Errorf("got instance %+v", i)
		}
	})
	t.Run("DescribeInstanceStatus", func(t *testing.T) {
		request := ecs.CreateDescribeInstanceStatusRequest()
		request.InstanceId = &[]string{ids[1], "i-unknown"}
		response := ecs.CreateDescribeInstanceStatusResponse()
		c.do(request, response)
		want := []ecs.InstanceStatus{{InstanceId: ids[1], Status: "Running"}}
		if diff := cmp.Diff(want, response.InstanceStatuses.InstanceStatus); diff != "" || response.TotalCount != 1 {
			t.Errorf("total %d, statuses (-want +got):\n%s", response.TotalCount, diff)
		}
	})
	t.Run("DescribeRenewalPrice", func(t *testing.T) {
		request := ecs.CreateDescribeRenewalPriceRequest()
		request.ResourceId, request.Period, request.PriceUnit = ids[0], "1", "Year"
		response := ecs.CreateDescribeRenewalPriceResponse()
		c.do(request, response)
		p := response.PriceInfo.Price
		if p.Currency != "CNY" || p.OriginalPrice != 3124.8 || p.TradePrice != 2656.08 || p.DiscountPrice != 468.72 {
			t.Errorf("got price %+v", p)
		}
	})
	t.Run("RenewInstance", func(t *testing.T) {
		order, code := c.renew(ids[0], "1", "token-1")
		if order == "" || code != "" {
			t.Errorf("got order %q, code %q", order, code)
		}
	})
	t.Run("auto-renewal", func(t *testing.T) {
		modify := ecs.CreateModifyInstanceAutoRenewAttributeRequest()
		modify.InstanceId, modify.RenewalStatus = ids[0]+","+ids[1], "AutoRenewal"
		modify.Duration, modify.PeriodUnit = "2", "Month"
		c.do(modify, ecs.CreateModifyInstanceAutoRenewAttributeResponse())
		describe := ecs.CreateDescribeInstanceAutoRenewAttributeRequest()
		describe.InstanceId = ids[1] + "," + ids[2]
		response := ecs.CreateDescribeInstanceAutoRenewAttributeResponse()
		c.do(describe, response)
		want := []ecs.InstanceRenewAttribute{
			{InstanceId: ids[1], AutoRenewEnabled: true, RenewalStatus: "AutoRenewal", Duration: 2, PeriodUnit: "Month"},
			{InstanceId: ids[2], AutoRenewEnabled: false, RenewalStatus: "Normal", Duration: 0, PeriodUnit: "Month"},
		}
		if diff := cmp.Diff(want, response.InstanceRenewAttributes.InstanceRenewAttribute); diff != "" {
			t.Errorf("settings (-want +got):\n%s", diff)
		}
	})
	t.Run("TagResources", func(t *testing.T) {
		request := ecs.CreateTagResourcesRequest()
		request.ResourceType = "instance"
		request.ResourceId = &[]string{ids[0]}
		request.Tag = &[]ecs.TagResourcesTag{{Key: "team", Value: "订单 & *~+/="}, {Key: "env", Value: "prod"}}
		c.do(request, ecs.CreateTagResourcesResponse())
		list := ecs.CreateDescribeInstancesRequest()
		list.Tag = &[]ecs.DescribeInstancesTag{{Key: "team", Value: "订单 & *~+/="}}
		list.MaxResults = requests.NewInteger(100)
		response := ecs.CreateDescribeInstancesResponse()
		c.do(list, response)
		if n := len(response.Instances.Instance); n != 1 || response.Instances.Instance[0].InstanceId != ids[0] {
			t.Errorf("got %d instances with the tag", n)
		}
	})
}

// GET works as POST does.
func TestGoSDK_ByGet(t *testing.T) {
	c := newCloud(t, simulator.Config{})
	request := ecs.CreateDescribeRegionsRequest()
	request.Method = requests.GET
	response := ecs.CreateDescribeRegionsResponse()
	c.do(request, response)
	if len(response.Regions.Region) != 3 {
		t.Errorf("got %d regions", len(response.Regions.Region))
	}
}

// A renewal up to the account's unified expiration date has the price and the result of the cloud's own example. Any
// other day is rejected.
func TestRenewInstance_ExpectedRenewDay(t *testing.T) {
	c := newCloud(t, simulator.Config{RenewDay: 12, RenewLag: -1, Start: time.Date(2018, 10, 1, 0, 0, 0, 0, time.UTC)})
	until := time.Date(2018, 10, 17, 16, 0, 0, 0, time.UTC)
	id := c.seed(simulator.Seed{ExpireTime: &until, InstanceType: "ecs.sn2.medium"})[0]
	price := ecs.CreateDescribeRenewalPriceRequest()
	price.ResourceId, price.ExpectedRenewDay = id, "12"
	priced := ecs.CreateDescribeRenewalPriceResponse()
	c.do(price, priced)
	renew := func(day string, period requests.Integer) string {
		request := ecs.CreateRenewInstanceRequest()
		request.InstanceId, request.ExpectedRenewDay, request.Period = id, requests.Integer(day), period
		return c.code(request, ecs.CreateRenewInstanceResponse())
	}
	for _, wrong := range []struct {
		day, period requests.Integer
		want        string
	}{
		{"1", "", "InvalidExpectedRenewDay.ValueNotSupported"}, {"29", "", "InvalidParameter"}, {"x", "", "InvalidParameter"},
		{"12", "1", "InvalidExpectedRenewDay.Conflict"},
	} {
		if code := renew(string(wrong.day), wrong.period); code != wrong.want {
			t.Errorf("day %s, period %q: got %q, want %q", wrong.day, wrong.period, code, wrong.want)
		}
	}
	if code := renew("12", ""); code != "" {
		t.Fatal(code)
	}
	i, err := c.Instance(id)
	if err != nil || !i.ExpireTime.Equal(time.Date(2018, 12, 11, 16, 0, 0, 0, time.UTC)) {
		t.Errorf("expires %v (%v), want 12 December at 00:00 UTC+8", i.ExpireTime, err)
	}
	orders := c.Ledger(simulator.LedgerFilter{})
	if len(orders) != 1 || fmt.Sprintf("%.2f", priced.PriceInfo.Price.TradePrice) != orders[0].Amount.String() {
		t.Errorf("quoted %v, charged %v", priced.PriceInfo.Price.TradePrice, orders)
	}
	c.advance(80 * 24 * time.Hour)
	if code := renew("12", ""); code != "IncorrectInstanceStatus" {
		t.Errorf("what has expired: got %q, want a refusal", code)
	}
}
