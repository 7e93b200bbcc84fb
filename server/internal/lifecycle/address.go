package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

const actionAddress = "AllocatePublicIpAddress"

// address is an allocated public address and its instance.
type address struct {
	ip       string
	instance ecs.Instance
}

// AllocatePublicIPAddress allocates the one public address of an instance, and
// returns it with the instance as the cloud then shows it. The address works
// after the next start or reboot. If validateOnly is set none is allocated: the
// address is "" and the instance is unchanged. A retry of a request with an ID
// returns the address that the request allocated.
func (l *Lifecycle) AllocatePublicIPAddress(ctx context.Context, regionID, instanceID string, once Once, validateOnly bool) (string, ecs.Instance, error) {
	ctx = call.InLane(ctx, call.Write)
	if once.RequestID == "" || validateOnly {
		a, err := l.allocate(ctx, regionID, instanceID, validateOnly)
		return a.ip, a.instance, err
	}
	a, goesOn, err := l.addresses.Do(ctx, once.RequestID, once.Fingerprint, func(ctx context.Context, commit func() bool) (address, error) {
		if !commit() {
			return address{}, context.Canceled
		}
		a, err := l.allocateOnce(ctx, regionID, instanceID, once)
		return a, l.ended(err)
	})
	if err != nil && goesOn {
		return "", ecs.Instance{}, fmt.Errorf("the allocation continues; retry with the same request_id: %w", err)
	}
	return a.ip, a.instance, l.toCaller(err, regionID, once.RequestID)
}

// allocateOnce returns the address that the request allocated before, or
// allocates one. An instance has one address, so that a second call after a
// lost reply does no harm: an address that shows then is that of the request.
func (l *Lifecycle) allocateOnce(ctx context.Context, regionID, instanceID string, once Once) (address, error) {
	r, err := l.stored(ctx, once.key(actionAddress))
	if errors.Is(err, ecs.ErrNoRecord) {
		r = once.record(actionAddress, regionID, []ecs.RequestItem{{InstanceID: instanceID, State: ecs.ItemSent, Detail: "{}"}})
		err = write(ctx, func(ctx context.Context) error { return l.requests.CreateRequest(ctx, r) })
		if err == nil {
			return l.allocateStored(ctx, r, instanceID)
		}
		if errors.Is(err, ecs.ErrRequestIDTaken) {
			r, err = l.stored(ctx, once.key(actionAddress))
		}
	}
	if err != nil {
		return address{}, err
	}
	items, err := onceItems(r)
	if err != nil {
		return address{}, err
	}
	it := items[instanceID]
	if it == nil || it.state == ecs.ItemKept {
		r.Items = []ecs.RequestItem{{InstanceID: instanceID, State: ecs.ItemSent, Detail: "{}"}}
		if r, err = l.transition(ctx, r, ecs.RequestOpen); err != nil {
			return address{}, err
		}
		return l.allocateStored(ctx, r, instanceID)
	}
	now := l.instances(ctx, regionID, []string{instanceID})[0]
	switch held := now.Value.Network.PublicIPAddresses; {
	case now.Err != nil:
		return address{}, now.Err
	case it.state == ecs.ItemDone:
		return address{it.Address, now.Value}, nil
	case len(held) > 0:
		return l.allocated(ctx, r, instanceID, address{held[0], now.Value})
	}
	return l.allocateStored(ctx, r, instanceID)
}

// allocateStored allocates for a request with a stored intent.
func (l *Lifecycle) allocateStored(ctx context.Context, r ecs.RequestRecord, instanceID string) (address, error) {
	a, err := l.allocate(ctx, r.RegionID, instanceID, false)
	if err == nil {
		return l.allocated(ctx, r, instanceID, a)
	}
	if ecs.AsRefusal(err).Effect == ecs.EffectNone {
		r.Items = []ecs.RequestItem{{InstanceID: instanceID, State: ecs.ItemKept, Detail: "{}"}}
		if _, transitionErr := l.transition(ctx, r, ecs.RequestDeferred); transitionErr != nil && !errors.Is(transitionErr, ecs.ErrStateMoved) {
			return address{}, transitionErr
		}
	}
	return address{}, err
}

// allocated stores the outcome of a request.
func (l *Lifecycle) allocated(ctx context.Context, r ecs.RequestRecord, instanceID string, a address) (address, error) {
	row, err := onceItem{state: ecs.ItemDone, Address: a.ip}.row(instanceID)
	if err != nil {
		return address{}, err
	}
	r.Items = []ecs.RequestItem{row}
	if _, err := l.transition(ctx, r, ecs.RequestDone); err != nil && !errors.Is(err, ecs.ErrStateMoved) {
		return address{}, err
	}
	return a, nil
}

// allocate makes one call and reads the instance until its address shows.
func (l *Lifecycle) allocate(ctx context.Context, regionID, instanceID string, validateOnly bool) (address, error) {
	before := l.instances(ctx, regionID, []string{instanceID})[0]
	if before.Err != nil {
		return address{}, before.Err
	}
	if e := unaddressable(before.Value); e != nil {
		return address{}, e.On(regionID, instanceID)
	}
	if validateOnly {
		return address{instance: before.Value}, nil
	}
	ip, err := l.cloud.AllocatePublicIPAddress(ctx, regionID, instanceID)
	if err != nil && ecs.AsRefusal(err).Effect == ecs.EffectNone {
		return address{}, err
	}
	l.touch(regionID, []string{instanceID})
	shown := l.readBack(ctx, regionID, []string{instanceID}, func(i ecs.Instance) string {
		if held := i.Network.PublicIPAddresses; len(held) == 0 || (ip != "" && !slices.Contains(held, ip)) {
			return "the cloud shows no such address"
		}
		return ""
	}, map[string]error{instanceID: err})[instanceID]
	if shown.Err != nil {
		return address{}, shown.Err
	}
	if ip == "" {
		ip = shown.Value.Network.PublicIPAddresses[0]
	}
	return address{ip, shown.Value}, nil
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
