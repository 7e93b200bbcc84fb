package lifecycle

import (
	"context"
	"slices"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// AllocatePublicIPAddress gives an instance its one public address, and
// returns it with the instance as the cloud then shows it. The address works
// after the next start or reboot. Where validateOnly is set none is given: the
// address is "" and the instance as it is.
func (l *Lifecycle) AllocatePublicIPAddress(ctx context.Context, regionID, instanceID string, validateOnly bool) (string, ecs.Instance, error) {
	ctx = call.InLane(ctx, call.Write)
	before := l.cloud.Instances(ctx, regionID, []string{instanceID})[0]
	if before.Err != nil {
		return "", ecs.Instance{}, before.Err
	}
	if held := before.Value.Network.PublicIPAddresses; len(held) > 0 {
		e := ecs.Errorf(ecs.ReasonPublicIPAllocated, "instance %s already has the public address %s; an instance has one", instanceID, held[0])
		e.Facts = map[string]string{"public_ip_address": held[0]}
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
