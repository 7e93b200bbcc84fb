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
		{cloud.Config{Regions: regions, Endpoint: "user:s3cret@host"}, "without a user or password"},
		{cloud.Config{Regions: regions, RegionEndpoints: map[string]string{hangzhou: "ecs-vpc.cn-hangzhou.aliyuncs.com"}, VPC: true}, ""},
		{cloud.Config{Regions: regions, RegionEndpoints: map[string]string{hangzhou: "http://host"}}, "--endpoint-scheme http"},
		{cloud.Config{Regions: regions, RegionEndpoints: map[string]string{hangzhou: "host:0"}}, "from 1 to 65535"},
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
		if err != nil && strings.Contains(err.Error(), "s3cret") {
			t.Errorf("the error shows a password: %v", err)
		}
	}
}
