package simulator_test

import (
	"context"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/internal/action"
)

// A version names one product.
func TestProducts_VersionsDiffer(t *testing.T) {
	seen := map[string]string{}
	for _, p := range action.Products() {
		if other, ok := seen[p.Version]; ok {
			t.Errorf("%s and %s have the version %s", other, p.Name, p.Version)
		}
		seen[p.Version] = p.Name
	}
}

// testdata/without_region.txt lists the actions whose request class has no RegionId in the vendor's SDK
// alibabacloud_ecs20140526 7.11.8: its clients cannot send one.
func TestRegion_NotDemandedOfCurrentSDKs(t *testing.T) {
	text, err := os.ReadFile("testdata/without_region.txt")
	if err != nil {
		t.Fatal(err)
	}
	without := strings.Fields(string(text))
	for _, p := range action.Products() {
		for name, a := range p.Actions {
			if p.Name == "Ecs" && slices.Contains(without, name) && !a.AnyRegion {
				t.Errorf("%s demands a RegionId", name)
			}
		}
	}
}

// callHost sends a request without RegionId to a host.
func (c *cloud) callHost(host, action string, params values) answer {
	c.t.Helper()
	all := values{"RegionId": "-"}
	for k, v := range params {
		all[k] = v
	}
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet,
		c.server.URL+"/?"+signed(http.MethodGet, action, all), http.NoBody)
	if err != nil {
		c.t.Fatal(err)
	}
	if host != "" {
		request.Host = host
	}
	return c.roundTrip(request)
}

// Clients of the current SDKs send no RegionId with these actions: their endpoint is the region. At an address without
// a region's name, the ID in the request decides.
func TestRegion_FromID(t *testing.T) {
	c := newCloud(t, simulator.Config{StartLatency: -1, StopLatency: -1})
	id := c.seed(simulator.Seed{RegionID: "cn-shanghai"})[0]
	hourly := c.seed(simulator.Seed{RegionID: "ap-southeast-1", ChargeType: "PostPaid"})[0]
	for _, r := range []struct {
		action string
		params values
	}{
		{"RenewInstance", values{"InstanceId": id, "Period": "1"}},
		{"StopInstance", values{"InstanceId": id}},
		{"StartInstance", values{"InstanceId": id}},
		{"RebootInstance", values{"InstanceId": id}},
		{"ModifyInstanceAttribute", values{"InstanceId": id, "InstanceName": "named"}},
		{"CreateSnapshot", values{"DiskId": "d-" + id[2:]}},
		{"ModifyInstanceAutoReleaseTime", values{"InstanceId": hourly}},
		{"DeleteInstance", values{"InstanceId": hourly, "Force": "true"}},
	} {
		if a := c.callHost("", r.action, r.params); a.status != http.StatusOK {
			t.Errorf("%s: %d %s", r.action, a.status, a.body)
		}
	}
	if orders := c.Ledger(simulator.LedgerFilter{InstanceID: id}); len(orders) != 1 || orders[0].RegionID != "cn-shanghai" {
		t.Errorf("orders %+v, want one in cn-shanghai", orders)
	}
	if a := c.callHost("", "StopInstance", values{"InstanceId": "i-unknown"}); a.code() != "InvalidInstanceId.NotFound" {
		t.Errorf("an unknown ID: %d %s", a.status, a.body)
	}
	if a := c.callHost("", "DescribeInstanceTypes", nil); a.status != http.StatusOK {
		t.Errorf("DescribeInstanceTypes: %d %s", a.status, a.body)
	}
}

// An endpoint with a region's name serves that region only.
func TestRegion_FromHost(t *testing.T) {
	c := newCloud(t, simulator.Config{StopLatency: -1})
	id := c.seed(simulator.Seed{RegionID: "cn-shanghai"})[0]
	first := c.seed(simulator.Seed{})[0]
	for _, r := range []struct{ host, id, code string }{
		{"ecs.cn-shanghai.aliyuncs.com", id, ""},
		{"ecs-vpc.cn-shanghai.aliyuncs.com", id, ""},
		{"ecs.cn-shanghai.localhost:8090", id, ""},
		{"ecs-cn-hangzhou.aliyuncs.com", first, ""},
		{"ecs-cn-hangzhou.aliyuncs.com", id, "InvalidInstanceId.NotFound"},
		{"ecs.cn-shanghai.aliyuncs.com", first, "InvalidInstanceId.NotFound"},
		{"ecs.us-west-1.aliyuncs.com", id, "InvalidRegionId.NotFound"}, // known, not served
		{"ecs.aliyuncs.com", id, ""},                                   // the central endpoint
	} {
		if a := c.callHost(r.host, "RenewInstance", values{"InstanceId": r.id, "Period": "1"}); a.code() != r.code {
			t.Errorf("%s, %s: got %d %s, want %q", r.host, r.id, a.status, a.body, r.code)
		}
	}
	if a := c.callHost("ecs.cn-shanghai.aliyuncs.com", "RenewInstance", values{"InstanceId": id, "Period": "1", "RegionId": "cn-hangzhou"}); a.code() != "InvalidInstanceId.NotFound" {
		t.Errorf("a RegionId in the request: got %d %s, want it to decide", a.status, a.body)
	}
}

// A renewal that is sent again with its token is the same request whether the region was in it or not.
func TestRegion_SameTokenWithAndWithout(t *testing.T) {
	c := newCloud(t, simulator.Config{})
	id := c.seed(simulator.Seed{RegionID: "cn-shanghai"})[0]
	request := values{"InstanceId": id, "Period": "1", "ClientToken": "token"}
	for _, region := range []string{"cn-shanghai", "-", "cn-shanghai"} {
		request["RegionId"] = region
		if a := c.callHost("", "RenewInstance", request); a.status != http.StatusOK {
			t.Errorf("RegionId %s: %d %s", region, a.status, a.body)
		}
	}
	if n := len(c.Ledger(simulator.LedgerFilter{})); n != 1 {
		t.Errorf("%d charges, want 1", n)
	}
	request["RegionId"] = "cn-hangzhou"
	if a := c.callHost("", "RenewInstance", request); a.code() != "IdempotenceParamNotMatch" {
		t.Errorf("another region: %d %s", a.status, a.body)
	}
}
