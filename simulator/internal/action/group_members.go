package action

import (
	"slices"

	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
	"github.com/ecsd-io/ecsd/simulator/internal/seed"
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

// The errors of JoinSecurityGroup and LeaveSecurityGroup.
var (
	errJoinedAlready = wire.Refuse(403, "InvalidInstanceId.AlreadyExists",
		"The specified instance already exists in the specified security group.")
	errJoinMany = wire.Refuse(403, "InstanceSecurityGroupLimitExceeded",
		"Exceeding the allowed amount of security groups that an instance can be in.")
	errJoinOtherVPC = wire.Refuse(400, "InvalidInstanceId.Mismatch",
		"Specified instance and security group are not in the same VPC.")
	errLeaveLast = wire.Refuse(403, "InstanceLastSecurityGroup",
		"The specified security group is the last security group for the instance.")
	errLeaveNotIn = wire.Refuse(403, "InstanceNotInSecurityGroup",
		"The instance not in the group.")
)

// maxJoined is the maximum count of security groups per instance.
const maxJoined = 5

// changeMembership changes the security groups of an instance by one group. change returns nil if it is refused.
func changeMembership(w *World, c *Call, change func(have []string, g seed.Group, vpc string) ([]string, *wire.Error)) *wire.Error {
	if c.Denied {
		return errForbidden
	}
	for _, name := range []string{"InstanceId", "SecurityGroupId"} {
		if c.Params.Get(name) == "" {
			return wire.Missing(name)
		}
	}
	g, known := w.Nursery.Network(c.Region).Group(c.Params.Get("SecurityGroupId"))
	var refused *wire.Error
	_, err := w.Fleet.UpdateAll(c.Region.ID, []string{c.Params.Get("InstanceId")}, func(i *fleet.Instance) error {
		var groups []string
		switch {
		case !known:
			refused = errNoGroup
		case i.Locked(fleet.LockSecurity):
			refused = errSecurityLocked
		case i.Status != fleet.Running && i.Status != fleet.Stopped:
			refused = errStatus
		default:
			groups, refused = change(i.SecurityGroupIDs, g, i.VPCID)
		}
		if refused == nil {
			i.SecurityGroupIDs = groups
		}
		return nil
	})
	switch {
	case err != nil:
		return refusalFor(err)
	case refused != nil:
		return refused
	}
	c.open(c.Name).Close()
	return nil
}

func joinSecurityGroup(w *World, c *Call) *wire.Error {
	return changeMembership(w, c, func(have []string, g seed.Group, vpc string) ([]string, *wire.Error) {
		switch {
		case slices.Contains(have, g.ID):
			return nil, errJoinedAlready
		case g.VPCID != vpc:
			return nil, errJoinOtherVPC
		case len(have) >= maxJoined:
			return nil, errJoinMany
		}
		return append(slices.Clone(have), g.ID), nil
	})
}

func leaveSecurityGroup(w *World, c *Call) *wire.Error {
	return changeMembership(w, c, func(have []string, g seed.Group, _ string) ([]string, *wire.Error) {
		switch {
		case !slices.Contains(have, g.ID):
			return nil, errLeaveNotIn
		case len(have) == 1:
			return nil, errLeaveLast
		}
		return slices.DeleteFunc(slices.Clone(have), func(id string) bool { return id == g.ID }), nil
	})
}
