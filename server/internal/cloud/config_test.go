package cloud_test

import (
	"strings"
	"testing"

	"github.com/ecsd-io/ecsd/server/internal/cloud"
)

func TestConfig_Checked(t *testing.T) {
	regions := []string{hangzhou}
	for _, c := range []struct {
		config cloud.Config
		names  string // the name that the error must contain, "" for none
	}{
		{cloud.Config{Regions: regions}, ""},
		{cloud.Config{Regions: regions, Endpoint: "127.0.0.1:8090", EndpointScheme: "http"}, ""},
		{cloud.Config{Regions: regions, Endpoint: "[::1]:8090"}, ""},
		{cloud.Config{Regions: regions, Endpoint: "ecs.internal"}, ""},
		{cloud.Config{}, "--region"},
		{cloud.Config{Regions: []string{"cn hangzhou"}}, "cn hangzhou"},
		{cloud.Config{Regions: regions, Endpoint: "http://127.0.0.1:8090"}, "--endpoint 127.0.0.1:8090 --endpoint-scheme http"},
		{cloud.Config{Regions: regions, Endpoint: "127.0.0.1:99999"}, "99999"},
		{cloud.Config{Regions: regions, Endpoint: "::1"}, "brackets"},
		{cloud.Config{Regions: regions, Endpoint: "host/path"}, "host/path"},
		{cloud.Config{Regions: regions, Endpoint: "user@host"}, "user@host"},
		{cloud.Config{Regions: regions, EndpointScheme: "ftp"}, "ftp"},
		{cloud.Config{Regions: regions, EndpointScheme: "http"}, "https only"},
		{cloud.Config{Regions: regions, Rates: map[string]int{"DescribeInstances": 0}}, "DescribeInstances"},
	} {
		edge, err := cloud.New(c.config)
		if c.names == "" {
			if err != nil {
				t.Errorf("%+v: %v", c.config, err)
				continue
			}
			_ = edge.Close()
			continue
		}
		if err == nil || !strings.Contains(err.Error(), c.names) {
			t.Errorf("%+v: got %v, want an error that names %q", c.config, err, c.names)
		}
	}
}

// TestEndpoints_KnownWithoutLookup: a bare SDK client calls the cloud's
// location service to find a region.
func TestEndpoints_KnownWithoutLookup(t *testing.T) {
	for region, want := range map[string]string{
		"cn-hangzhou": "ecs-cn-hangzhou.aliyuncs.com", "cn-beijing": "ecs.cn-beijing.aliyuncs.com", "eu-central-1": "ecs.eu-central-1.aliyuncs.com",
		"cn-brand-new": "ecs.cn-brand-new.aliyuncs.com",
	} {
		if host := (cloud.Config{}).Host(region); host != want {
			t.Errorf("%s is asked at %s, want %s", region, host, want)
		}
	}
	if host := (cloud.Config{Endpoint: "127.0.0.1:8090"}).Host("cn-hangzhou"); host != "127.0.0.1:8090" {
		t.Errorf("with an endpoint of one's own %s is asked", host)
	}
}
