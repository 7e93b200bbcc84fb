package main

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// polling starts another server, which finds changes within a second.
func (h *fixture) polling() *process {
	h.t.Helper()
	return start(h.t, "serve", "--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0", "--database=sqlite::memory:",
		"--endpoint="+strings.TrimPrefix(h.simulator, "http://"), "--endpoint-scheme=http", "--poll-interval=1s")
}

// The status has a line per part and region, in each format.
func TestStatus(t *testing.T) {
	t.Parallel()
	h := newFixture(t, 2)
	h.address = h.polling().at["gRPC"]
	await(t, "the regions are polled", func() bool { return !strings.Contains(h.command("status").out, "not read yet") })
	h.command("status").want(t, 0, "server     ready since", "store      ready since", "attention  nothing", "Spending is not frozen.", "REGION", "cn-hangzhou", "DescribeInstances")
	var status ecsdv1.GetServerStatusResponse
	if err := protojson.Unmarshal([]byte(h.command("status", "-o", "json").want(t, 0).out), &status); err != nil || len(status.GetRegions()) == 0 {
		t.Errorf("the JSON has the regions %v (%v)", status.GetRegions(), err)
	}
	h.command("status", "-o", "csv").want(t, 0, "region_id,degraded_reason,", "\ncn-hangzhou,")
	h.command("status", "--check").want(t, 0, "attention  nothing")
	h.command("status", "-o", "xml").want(t, exitUsage, "table", "json", "csv")

	request(t, "POST", h.simulator+"/_simulator/faults", `{"action": "DescribeInstances", "kind": "error", "code": "Forbidden.RAM"}`)
	await(t, "the region is degraded", func() bool {
		return strings.Contains(h.command("status").out, "attention  cn-hangzhou cannot be read: CLOUD_PERMISSION_DENIED")
	})
	h.command("status", "--check").want(t, 3, "cn-hangzhou cannot be read: CLOUD_PERMISSION_DENIED")
}
