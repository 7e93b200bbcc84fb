package cloud

import (
	"encoding/json"
	"testing"
	"time"

	sdkecs "github.com/aliyun/alibaba-cloud-sdk-go/services/ecs"
	"github.com/google/go-cmp/cmp"

	"github.com/ecsd-io/ecsd/server/internal/cloud/answer"
)

// TestPage_EqualsSDK holds the edge's own reader against the SDK's
// struct on the same bytes.
func TestPage_EqualsSDK(t *testing.T) {
	body := fullPage(t)
	got, err := answer.ReadInstances(body, time.Now(), nil)
	if err != nil {
		t.Fatal(err)
	}
	// The SDK's struct has both Cpu and CPU, which only its own JSON reader
	// distinguishes; encoding/json reads neither, and all the rest.
	var want struct {
		RequestId, NextToken string //nolint:revive // the cloud's spelling
		Instances            struct{ Instance []sdkecs.Instance }
	}
	if err := json.Unmarshal(body, &want); err != nil {
		t.Fatal(err)
	}
	if got.RequestID != want.RequestId || got.Next != want.NextToken || len(got.Instances) != 100 || len(want.Instances.Instance) != 100 {
		t.Fatalf("%d instances, want %d", len(got.Instances), len(want.Instances.Instance))
	}
	for i, w := range want.Instances.Instance {
		g := got.Instances[i]
		texts := func(all ...string) []string { return all }
		if diff := cmp.Diff(
			texts(w.InstanceId, w.InstanceName, w.RegionId, w.ZoneId, w.Status, w.InstanceChargeType, w.StoppedMode, w.InstanceType,
				w.InstanceTypeFamily, w.ImageId, w.OSName, w.VpcAttributes.VpcId, w.VpcAttributes.VSwitchId, w.EipAddress.IpAddress),
			texts(g.ID, g.Name, g.RegionID, g.ZoneID, g.Raw.Status, g.Raw.ChargeType, g.Raw.StoppedMode, g.Type,
				g.TypeFamily, g.ImageID, g.OSName, g.Network.VPCID, g.Network.VSwitchID, g.Network.EIPAddress),
		); diff != "" {
			t.Errorf("instance %d (-sdk +edge):\n%s", i, diff)
		}
		if g.MemoryMiB != int64(w.Memory) || g.DeletionProtection != w.DeletionProtection || g.ExpireTime.Format(filterTime) != w.ExpiredTime ||
			g.CreateTime.Format(filterTime) != w.CreationTime || len(g.Tags) != len(w.Tags.Tag) || len(g.SecurityGroupIDs) != len(w.SecurityGroupIds.SecurityGroupId) ||
			len(g.Network.PrivateIPAddresses) != len(w.VpcAttributes.PrivateIpAddress.IpAddress) || g.CPU == 0 {
			t.Errorf("instance %d: the SDK reads %+v, the edge %+v", i, w, g)
		}
	}
}
