package e2e_test

import (
	"testing"
	"time"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/simulator"
)

// simulatedAccount is the account of the simulator.
const simulatedAccount = "1234567890123456"

// Every instance has the ID of its account, also in watches.
func TestAccountID_OnInstances(t *testing.T) {
	t.Parallel()
	sim := newCloud(t, simulator.Config{})
	ids, err := sim.Seed(simulator.Seed{})
	if err != nil {
		t.Fatal(err)
	}
	w := newService(t, sim, nil)
	ctx := within(t, 2*time.Minute)
	one, err := w.instances.GetInstance(ctx, &ecsdv1.GetInstanceRequest{InstanceId: ids[0]})
	if err != nil || one.GetInstance().GetAccountId() != simulatedAccount {
		t.Errorf("GetInstance: account %q (%v)", one.GetInstance().GetAccountId(), err)
	}
	all, err := w.instances.ListInstances(ctx, &ecsdv1.ListInstancesRequest{})
	if err != nil || len(all.GetInstances()) != 1 || all.GetInstances()[0].GetAccountId() != simulatedAccount {
		t.Errorf("ListInstances: %v (%v)", all, err)
	}
	stream, err := w.instances.WatchInstances(ctx, &ecsdv1.WatchInstancesRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for {
		message, err := stream.Recv()
		if err != nil {
			t.Fatal(err)
		}
		if snapshot := message.GetSnapshot(); snapshot != nil {
			if got := snapshot.GetInstances()[0].GetAccountId(); got != simulatedAccount {
				t.Errorf("WatchInstances: account %q", got)
			}
			return
		}
	}
}

// A server that cannot read its account serves without it.
func TestAccountID_NotReadable(t *testing.T) {
	t.Parallel()
	sim := newCloud(t, simulator.Config{})
	ids, err := sim.Seed(simulator.Seed{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sim.AddFault(simulator.Fault{Action: "GetCallerIdentity", Kind: "error", Code: "Forbidden.RAM", HTTPStatus: 403}); err != nil {
		t.Fatal(err)
	}
	w := newService(t, sim, nil)
	one, err := w.instances.GetInstance(within(t, 30*time.Second), &ecsdv1.GetInstanceRequest{InstanceId: ids[0]})
	if err != nil || one.GetInstance().GetInstanceId() != ids[0] || one.GetInstance().GetAccountId() != "" {
		t.Errorf("GetInstance: %v (%v), want the instance without an account", one, err)
	}
}
