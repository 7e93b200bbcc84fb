package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/ecsd-io/ecsd/simulator"
)

const (
	first  = "cn-hangzhou"
	second = "cn-shanghai"
)

// cloud is a simulator that listens on a free port.
type cloud struct {
	*simulator.Simulator
	address string
	seeded  int
	cancel  context.CancelFunc
	served  chan error
}

// startCloud starts a simulator with twelve instances in the first region, and one in the second, which the tests
// renew. Starts, stops and orders take no time, so that the tests wait for nothing; new instances are missing from lists by
// filter, as by default.
func startCloud(ctx context.Context) (*cloud, error) {
	s, err := simulator.New(simulator.Config{
		StartLatency: -1, StopLatency: -1, RenewLag: -1, OrderLag: -1,
		Rates: []simulator.Rate{{Action: "RenewInstance", Calls: 500, Window: time.Minute}},
	})
	if err != nil {
		return nil, err
	}
	c := &cloud{Simulator: s, served: make(chan error, 1)}
	for _, seed := range []simulator.Seed{
		{Count: 12, NamePrefix: "web", RegionID: first}, {Count: 1, NamePrefix: "renewed", RegionID: second},
	} {
		ids, err := s.Seed(seed)
		if err != nil {
			return nil, err
		}
		c.seeded += len(ids)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	c.address = listener.Addr().String()
	ctx, c.cancel = context.WithCancel(ctx)
	go func() { c.served <- s.Serve(ctx, listener) }()
	return c, nil
}

func (c *cloud) stop() error {
	c.cancel()
	return <-c.served
}

// check compares the simulator's state with the tests' calls: one order per renewal, in the second region; every created
// instance is deleted; one call was rejected, the one that tests the error.
func (c *cloud) check(renewals int) error {
	var problems []error
	orders := c.Ledger(simulator.LedgerFilter{Action: "RenewInstance"})
	if len(orders) != renewals {
		problems = append(problems, fmt.Errorf("%d renewals in the ledger, want %d", len(orders), renewals))
	}
	for _, o := range orders {
		if o.RegionID != second || o.Amount <= 0 || o.ClientToken == "" {
			problems = append(problems, fmt.Errorf("order %+v: want a charge in %s with a client token", o, second))
		}
	}
	if left := len(c.Instances(simulator.InstanceFilter{})); left != c.seeded {
		problems = append(problems, fmt.Errorf("%d instances, want the %d from before", left, c.seeded))
	}
	if stats := c.Stats(); stats.Failed != 1 || stats.Throttled != 0 {
		problems = append(problems, fmt.Errorf("%d rejected calls, want 1: %+v", stats.Failed, stats.Actions))
	}
	return errors.Join(problems...)
}
