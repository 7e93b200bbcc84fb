package simulator_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/ecsd-io/ecsd/simulator"
)

// An instance joins and leaves security groups of its VPC, and stays in one.
func TestSecurityGroup_JoinedAndLeft(t *testing.T) {
	c := newCloud(t, simulator.Config{})
	network, err := c.Network("")
	if err != nil {
		t.Fatal(err)
	}
	first, second := network.SecurityGroupIDs[0], network.SecurityGroupIDs[1]
	id := c.seed(simulator.Seed{})[0]
	locked := c.seed(simulator.Seed{LockReason: "security"})[0]
	starting := c.seed(simulator.Seed{Status: "Starting"})[0]
	vpc := decoded[created](c, "CreateVpc", nil).VPCID
	foreign := decoded[created](c, "CreateSecurityGroup", values{"VpcId": vpc}).SecurityGroupID
	for _, r := range []struct {
		action, instance, group, want string
		groups                        []string
	}{
		{"JoinSecurityGroup", id, second, "200 ", []string{first, second}},
		{"JoinSecurityGroup", id, second, "403 InvalidInstanceId.AlreadyExists", []string{first, second}},
		{"JoinSecurityGroup", id, foreign, "400 InvalidInstanceId.Mismatch", []string{first, second}},
		{"JoinSecurityGroup", id, "sg-none", "404 InvalidSecurityGroupId.NotFound", []string{first, second}},
		{"JoinSecurityGroup", "i-none", second, "404 InvalidInstanceId.NotFound", []string{first, second}},
		{"JoinSecurityGroup", locked, second, "403 InstanceLockedForSecurity", []string{first, second}},
		{"JoinSecurityGroup", starting, second, "403 IncorrectInstanceStatus", []string{first, second}},
		{"JoinSecurityGroup", "", second, "400 MissingParameter", []string{first, second}},
		{"LeaveSecurityGroup", id, first, "200 ", []string{second}},
		{"LeaveSecurityGroup", id, first, "403 InstanceNotInSecurityGroup", []string{second}},
		{"LeaveSecurityGroup", id, second, "403 InstanceLastSecurityGroup", []string{second}},
	} {
		a := c.call(r.action, values{"InstanceId": r.instance, "SecurityGroupId": r.group, "RegionId": "-"})
		if got := fmt.Sprintf("%d %s", a.status, a.code()); got != r.want {
			t.Errorf("%s %s %s: %s, want %s", r.action, r.instance, r.group, got, r.want)
		}
		if got := c.described(id)[0].SecurityGroupIds.SecurityGroupId; !slices.Equal(got, r.groups) {
			t.Errorf("%s %s: groups %v, want %v", r.action, r.group, got, r.groups)
		}
	}
	for n := range 4 {
		group := decoded[created](c, "CreateSecurityGroup", values{"VpcId": network.VPCID, "SecurityGroupName": fmt.Sprintf("more-%d", n)}).SecurityGroupID
		c.must("JoinSecurityGroup", values{"InstanceId": id, "SecurityGroupId": group})
	}
	if a := c.call("JoinSecurityGroup", values{"InstanceId": id, "SecurityGroupId": first}); a.code() != "InstanceSecurityGroupLimitExceeded" {
		t.Errorf("the sixth group: %s", a.code())
	}
}
