package e2e_test

import (
	"context"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/status"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server"
	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
)

// A connection carries no more concurrent calls than the limit: another call waits in its client, and another
// connection has its own limit.
func TestStreamLimit(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, func(c *server.Config) { c.Limits.Streams = 1 })
	id := w.seed(simulator.Seed{})[0]
	w.fault(simulator.Fault{Action: "DescribeInstances", Kind: control.Slow, When: control.Before, Delay: control.Duration(time.Minute)})
	ctx, cancel := context.WithCancel(t.Context())
	first := make(chan error, 1)
	go func() {
		_, err := w.instances.GetInstance(ctx, &ecsdv1.GetInstanceRequest{InstanceId: id})
		first <- err
	}()
	w.waitForFault()
	_, err := w.catalog.ListRegions(within(t, 100*time.Millisecond), &ecsdv1.ListRegionsRequest{})
	if status.Code(err) != codes.DeadlineExceeded {
		t.Errorf("a second call on the connection got %v, want it to wait", err)
	}
	if _, err := ecsdv1.NewCatalogServiceClient(w.dial()).ListRegions(within(t, 30*time.Second), &ecsdv1.ListRegionsRequest{}); err != nil {
		t.Errorf("a call on another connection: %v", err)
	}
	cancel()
	if err := <-first; status.Code(err) != codes.Canceled {
		t.Errorf("the first call ended with %v, its caller cancelled it", err)
	}
	if _, err := w.catalog.ListRegions(within(t, 30*time.Second), &ecsdv1.ListRegionsRequest{}); err != nil {
		t.Errorf("a call after the first has ended: %v", err)
	}
}

// A connection that reaches its maximum age is replaced without losing a call.
func TestConnectionAge(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, func(c *server.Config) { c.Limits.ConnectionAge = 50 * time.Millisecond })
	ctx := within(t, 2*time.Minute)
	renewed := 0
	for state := connectivity.Ready; renewed < 3; {
		if _, err := w.catalog.ListRegions(ctx, &ecsdv1.ListRegionsRequest{}); err != nil {
			t.Fatalf("after %d connections: %v", renewed, err)
		}
		if now := w.conn.GetState(); now != state {
			state = now
			renewed++
		}
	}
}
