package e2e_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server"
	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
)

// A draining server first reports it in its health status, then finishes calls in progress, and rejects new ones.
func TestDrain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, nil)
	id := w.seed(simulator.Seed{})[0]
	watch, err := grpc_health_v1.NewHealthClient(w.dial()).Watch(within(t, 30*time.Second), &grpc_health_v1.HealthCheckRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if now, err := watch.Recv(); err != nil || now.GetStatus() != grpc_health_v1.HealthCheckResponse_SERVING {
		t.Fatalf("health before: %v (%v)", now, err)
	}
	w.fault(simulator.Fault{Action: "DescribeInstances", Kind: control.Slow, When: control.Before, Delay: control.Duration(3 * time.Second), Count: 1})
	inProgress := make(chan error, 1)
	go func() {
		_, err := w.instances.GetInstance(t.Context(), &ecsdv1.GetInstanceRequest{InstanceId: id})
		inProgress <- err
	}()
	w.waitForFault()
	w.stop()
	if now, err := watch.Recv(); err != nil || now.GetStatus() != grpc_health_v1.HealthCheckResponse_NOT_SERVING {
		t.Errorf("health while draining: %v (%v)", now, err)
	}
	_, err = watch.Recv()
	wantError(t, err, codes.Unavailable, "SERVER_DRAINING")
	if code, body := w.get("/readyz"); code != 503 {
		t.Errorf("/readyz while draining: %d %s", code, body)
	}
	if _, err := ecsdv1.NewCatalogServiceClient(w.dial()).ListRegions(t.Context(), &ecsdv1.ListRegionsRequest{}); status.Code(err) != codes.Unavailable {
		t.Errorf("a new call while draining got %v", err)
	}
	if err := <-inProgress; err != nil {
		t.Errorf("the call in progress was cut: %v", err)
	}
}

// A client that does not read its watch does not delay the shutdown for the whole grace period, and clients that read
// get their last checkpoint.
func TestDrain_ClientsThatDoNotRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, func(c *server.Config) { c.ShutdownGrace = time.Minute })
	w.seed(simulator.Seed{Count: 500}) // more than a stream's flow control window
	if _, err := w.instances.WatchInstances(within(t, time.Minute), &ecsdv1.WatchInstancesRequest{}); err != nil {
		t.Fatal(err)
	}
	reading, err := w.instances.WatchInstances(within(t, time.Minute), &ecsdv1.WatchInstancesRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := mark(reading); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		last := ""
		for {
			m, err := reading.Recv()
			if err != nil {
				if last == "" {
					t.Error("the watch ended without a checkpoint")
				}
				ended <- err
				return
			}
			last = m.GetCheckpoint().GetResumeToken()
		}
	}()
	began := time.Now()
	if err := w.finish(); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("the server took %v to end", took)
	}
	wantError(t, <-ended, codes.Unavailable, "SERVER_DRAINING")
}

// At the end of the grace period the remaining calls are cut, and the server ends.
func TestDrain_GraceEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, func(c *server.Config) { c.ShutdownGrace = 100 * time.Millisecond })
	id := w.seed(simulator.Seed{})[0]
	w.fault(simulator.Fault{Action: "DescribeInstances", Kind: control.Slow, Delay: control.Duration(time.Minute)})
	inProgress := make(chan error, 1)
	go func() {
		_, err := w.instances.GetInstance(t.Context(), &ecsdv1.GetInstanceRequest{InstanceId: id})
		inProgress <- err
	}()
	w.waitForFault()
	began := time.Now()
	if err := w.finish(); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("the server took %v to end", took)
	}
	if err := <-inProgress; err == nil {
		t.Error("the call that was cut got no error")
	}
}

// If the server ends after it paid for a renewal, the next one resumes the renewal and does not pay again.
func TestRenewInstance_Drain(t *testing.T) {
	t.Parallel()
	database := "sqlite:" + t.TempDir() + "/ecsd.db"
	settings := func(c *server.Config) { c.Database, c.ShutdownGrace = database, 100*time.Millisecond }
	sim := newCloud(t, simulator.Config{ByHand: true, Start: time.Now(), RenewLag: time.Hour})
	w := newService(t, sim, settings)
	request := &ecsdv1.RenewInstanceRequest{InstanceId: w.seed(simulator.Seed{})[0], Period: oneMonth, RequestId: uuid.NewString(), PriceLimit: anyPrice}
	inProgress := make(chan error, 1)
	go func() {
		_, err := w.renewals.RenewInstance(within(t, 30*time.Second), request)
		inProgress <- err
	}()
	w.wait("the order is paid", func() bool { return len(sim.Ledger(simulator.LedgerFilter{})) == 1 })
	if err := w.finish(); err != nil {
		t.Error(err)
	}
	if err := <-inProgress; err == nil {
		t.Error("the caller of a renewal that was cut got no error")
	}
	if _, err := sim.Advance(2 * time.Hour); err != nil {
		t.Fatal(err)
	}
	w = newService(t, sim, settings)
	answer, err := w.renewals.RenewInstance(within(t, 30*time.Second), request)
	if err != nil || answer.GetRenewal().GetState() != ecsdv1.RenewalState_RENEWAL_STATE_RENEWED {
		t.Errorf("asked of the next server: %v (%v)", answer, err)
	}
	if orders := sim.Ledger(simulator.LedgerFilter{}); len(orders) != 1 {
		t.Errorf("the ledger has %v, want one order", orders)
	}
}
