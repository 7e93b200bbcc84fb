package lifecycle

import (
	"context"
	"slices"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// AllocatePublicIPAddress allocates the one public address of an instance, and
// returns it with the instance as the cloud then shows it. The address works
// after the next start or reboot. If validateOnly is set none is allocated: the
// address is "" and the instance is unchanged.
func (l *Lifecycle) AllocatePublicIPAddress(ctx context.Context, regionID, instanceID string, validateOnly bool) (string, ecs.Instance, error) {
	ctx = call.InLane(ctx, call.Write)
	before := l.instances(ctx, regionID, []string{instanceID})[0]
	if before.Err != nil {
		return "", ecs.Instance{}, before.Err
	}
	if e := unaddressable(before.Value); e != nil {
		return "", ecs.Instance{}, e.On(regionID, instanceID)
	}
	if validateOnly {
		return "", before.Value, nil
	}
	address, err := l.cloud.AllocatePublicIPAddress(ctx, regionID, instanceID)
	if err != nil && refusalOf(err).Effect == ecs.EffectNone {
		return "", ecs.Instance{}, err
	}
	l.touch(regionID, []string{instanceID})
	shown := l.readBack(ctx, regionID, []string{instanceID}, func(i ecs.Instance) string {
		if held := i.Network.PublicIPAddresses; len(held) == 0 || (address != "" && !slices.Contains(held, address)) {
			return "the cloud shows no such address"
		}
		return ""
	}, map[string]error{instanceID: err})[instanceID]
	if shown.Err != nil {
		return "", ecs.Instance{}, shown.Err
	}
	if address == "" {
		address = shown.Value.Network.PublicIPAddresses[0]
	}
	return address, shown.Value, nil
}

// unaddressable returns the reason why the cloud refuses an instance a public
// address, nil if there is none. The cloud has no dry run of the call.
func unaddressable(i ecs.Instance) *ecs.Error {
	held := i.Network.PublicIPAddresses
	switch {
	case i.LockedFor(ecs.LockSecurity):
		return ecs.Errorf(ecs.ReasonInstanceLocked, "instance %s is locked for security; it gets no public address before the lock is lifted", i.ID)
	case i.LockedFor(ecs.LockFinancial):
		return arrears(i, ecs.Errorf(ecs.ReasonInstanceExpired, "the subscription of instance %s has expired; renew it first, then it can get a public address", i.ID))
	case len(held) > 0:
		e := ecs.Errorf(ecs.ReasonPublicIPAllocated, "instance %s already has the public address %s; an instance has one", i.ID, held[0])
		e.Facts = map[string]string{"public_ip_address": held[0]}
		return e
	case i.Network.BandwidthOutMbps == 0:
		return ecs.Errorf(ecs.ReasonUnsupportedOperation, "instance %s has no bandwidth to the internet, without which the cloud gives no public address; "+
			"raise its outbound bandwidth in the cloud's console first, or launch one with spec.internet_max_bandwidth_out_mbps over 0", i.ID)
	case passing(i.Status):
		return inTransition(i, "cannot give a public address to")
	case i.Status != ecs.StatusRunning && i.Status != ecs.StatusStopped:
		return ecs.Errorf(ecs.ReasonIncorrectStatus, "instance %s is %s; only one that is Running or Stopped gets a public address", i.ID, i.Raw.Status)
	}
	return nil
}
