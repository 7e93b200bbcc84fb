package cloud_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/ecsd-io/ecsd/server/internal/cloud"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// Each service is called at the endpoint of the configuration, or at the
// cloud's own of the network and the site. No endpoint is looked up: a bare SDK
// client calls the cloud's location service to find one.
func TestEndpoint_OfEachService(t *testing.T) {
	const own = "ecs.example.com:8443"
	for name, c := range map[string]struct {
		config                         cloud.Config
		hangzhou, beijing, sts, orders string
	}{
		"public": {cloud.Config{},
			"ecs-cn-hangzhou.aliyuncs.com", "ecs.cn-beijing.aliyuncs.com", "sts.aliyuncs.com", "business.aliyuncs.com"},
		"public, international": {cloud.Config{Site: ecs.SiteInternational},
			"ecs-cn-hangzhou.aliyuncs.com", "ecs.cn-beijing.aliyuncs.com", "sts.aliyuncs.com", "business.ap-southeast-1.aliyuncs.com"},
		"VPC": {cloud.Config{VPC: true},
			"ecs-vpc.cn-hangzhou.aliyuncs.com", "ecs-vpc.cn-beijing.aliyuncs.com", "sts-vpc.cn-hangzhou.aliyuncs.com", "business.aliyuncs.com"},
		"a simulator": {cloud.Config{Endpoint: "127.0.0.1:8090"},
			"127.0.0.1:8090", "127.0.0.1:8090", "127.0.0.1:8090", "127.0.0.1:8090"},
		"a gateway": {cloud.Config{Endpoint: own}, own, own, own, own},
		"the cloud's own for all": {cloud.Config{Endpoint: "ECS-vpc.cn-beijing.aliyuncs.com:443"},
			"ECS-vpc.cn-beijing.aliyuncs.com:443", "ECS-vpc.cn-beijing.aliyuncs.com:443", "sts.aliyuncs.com", "business.aliyuncs.com"},
		"not the cloud's": {cloud.Config{Endpoint: "aliyuncs.com.example.com"},
			"aliyuncs.com.example.com", "aliyuncs.com.example.com", "aliyuncs.com.example.com", "aliyuncs.com.example.com"},
		"one region": {cloud.Config{RegionEndpoints: map[string]string{"cn-beijing": own}},
			"ecs-cn-hangzhou.aliyuncs.com", own, "sts.aliyuncs.com", "business.aliyuncs.com"},
		"the first region": {cloud.Config{RegionEndpoints: map[string]string{hangzhou: own}, VPC: true},
			own, "ecs-vpc.cn-beijing.aliyuncs.com", own, own},
		"one region and the others": {cloud.Config{Endpoint: "gateway.example.com", RegionEndpoints: map[string]string{"cn-beijing": own}},
			"gateway.example.com", own, "gateway.example.com", "gateway.example.com"},
	} {
		c.config.Regions, c.config.EndpointScheme = []string{hangzhou, "cn-beijing"}, "http"
		for service, got := range map[string][2]string{
			"ECS of the first region": {c.config.Host(hangzhou), c.hangzhou}, "ECS of the other": {c.config.Host("cn-beijing"), c.beijing},
			"STS": {c.config.STSHost(), c.sts}, "billing": {c.config.BillingHost(), c.orders},
			"quotas": {c.config.QuotasHost(), strings.NewReplacer("business.ap-southeast-1.aliyuncs", "quotas.aliyuncs", "business.aliyuncs", "quotas.aliyuncs").Replace(c.orders)},
		} {
			if got[0] != got[1] {
				t.Errorf("%s: %s is called at %s, want %s", name, service, got[0], got[1])
			}
			given := got[1] == c.config.Endpoint || got[1] == c.config.RegionEndpoints[hangzhou] || got[1] == c.config.RegionEndpoints["cn-beijing"]
			if scheme := c.config.SchemeOf(got[0]); given != (scheme == "http") {
				t.Errorf("%s: %s is called over %s at %s", name, service, scheme, got[0])
			}
		}
	}
	if host := (cloud.Config{Regions: []string{"cn-brand-new"}}).Host("cn-brand-new"); host != "ecs.cn-brand-new.aliyuncs.com" {
		t.Errorf("a region that the SDK does not know is called at %s", host)
	}
}

// Calls of a region arrive at its endpoint only.
func TestEndpoint_CallsGoToTheirRegion(t *testing.T) {
	var general, ofShanghai atomic.Int64
	count := func(n *atomic.Int64) string {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { n.Add(1); fine(w, r) }))
		t.Cleanup(server.Close)
		return strings.TrimPrefix(server.URL, "http://")
	}
	edge := newEdge(t, cloud.Config{
		Endpoint: count(&general), RegionEndpoints: map[string]string{shanghai: count(&ofShanghai)}, EndpointScheme: "http",
	})
	for _, region := range []string{hangzhou, shanghai, shanghai} {
		if _, err := edge.Zones(soon(t), region); err != nil {
			t.Fatal(err)
		}
	}
	if general.Load() != 1 || ofShanghai.Load() != 2 {
		t.Errorf("%d calls at the general endpoint and %d at that of %s, want 1 and 2", general.Load(), ofShanghai.Load(), shanghai)
	}
}
