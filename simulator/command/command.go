package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"time"

	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
)

// Command runs the simulator alone. Mount it in a kong command line.
type Command struct {
	Listen          string           `default:"127.0.0.1:8090" placeholder:"HOST:PORT" help:"Address of the API and the control interface; port 0 picks a free port. Default ${default}."`
	Instances       int              `default:"300" placeholder:"N" help:"Number of instances in the initial demo fleet. Default ${default}."`
	Seed            uint64           `default:"0" placeholder:"N" help:"Seed of the fleet's IDs, names and addresses, and of the randomness of faults. Default ${default}."`
	Regions         []string         `default:"cn-hangzhou,cn-shanghai,ap-southeast-1" placeholder:"ID,..." help:"Served regions. Default ${default}."`
	AccessKeyID     string           `name:"access-key-id" default:"testid" placeholder:"ID" help:"Access key that signs requests. Default ${default}."`
	AccessKeySecret string           `name:"access-key-secret" default:"testsecret" placeholder:"SECRET" help:"Secret of the access key. Default ${default}."`
	Balance         control.Amount   `default:"1000000" placeholder:"YUAN" help:"Balance of the account, in yuan (CNY). Default ${default}."`
	RenewLag        time.Duration    `default:"10s" placeholder:"DURATION" help:"Simulated time until a renewal is visible; 0 for none. Default ${default}."`
	OrderLag        time.Duration    `default:"3s" placeholder:"DURATION" help:"Simulated time from a charge until billing shows its order; 0 for none. Default ${default}."`
	StartLatency    time.Duration    `default:"5s" placeholder:"DURATION" help:"Simulated time from an instance's launch or start to Running; 0 for none. Default ${default}."`
	StopLatency     time.Duration    `default:"3s" placeholder:"DURATION" help:"Simulated time from Running to Stopped; 0 for none. Default ${default}."`
	ListLag         time.Duration    `default:"2s" placeholder:"DURATION" help:"Simulated time for which a new instance is missing from lists by filter; 0 for none. Default ${default}."`
	ListLagByID     bool             `name:"list-lag-by-id" help:"Apply --list-lag to lists by ID too. No document of the cloud mentions such a lag."`
	PageToken       bool             `default:"true" negatable:"" help:"DescribeInstances by page number returns a NextToken while more instances follow; unverified on the cloud. Turn off with --no-page-token or --page-token=false. Default ${default}."`
	SnapshotLatency time.Duration    `default:"10s" placeholder:"DURATION" help:"Simulated duration of a snapshot; 0 for none. Default ${default}."`
	BillingSchedule bool             `help:"Auto-renewal tries 3 days and 1 day before the expiry, on its day, and 6 and 14 days after it, as on the cloud's billing page, instead of daily from the ninth day before."`
	RenewDay        int              `default:"1" placeholder:"DAY" help:"The account's unified expiration date, 1 to 28: the only valid ExpectedRenewDay. Default ${default}."`
	Speed           float64          `default:"1" placeholder:"FACTOR" help:"Simulated seconds per second; at 0 only the control interface moves the clock. Default ${default}."`
	Rate            []simulator.Rate `placeholder:"ACTION=CALLS/WINDOW" help:"Throttle an action per region, such as RenewInstance=5/1m; * means every other action. Repeatable. Default: no throttling."`
	ControlHost     []string         `placeholder:"NAME" help:"Host name, beside localhost and IP addresses, under which clients may reach the control interface. Repeatable."`

	// Out receives the line with the address; nil means standard output.
	Out io.Writer `kong:"-"`
}

// Validate reports every invalid flag, before anything listens.
func (c *Command) Validate() error {
	problems := []error{c.config().Validate()}
	if _, port, err := net.SplitHostPort(c.Listen); err != nil {
		problems = append(problems, fmt.Errorf("--listen %q: want HOST:PORT, such as 127.0.0.1:8090", c.Listen))
	} else if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		problems = append(problems, fmt.Errorf("--listen %q: want a port from 0 (any free one) to 65535", c.Listen))
	}
	for _, f := range []struct {
		name  string
		value time.Duration
	}{
		{"--renew-lag", c.RenewLag}, {"--order-lag", c.OrderLag}, {"--start-latency", c.StartLatency},
		{"--stop-latency", c.StopLatency}, {"--list-lag", c.ListLag},
		{"--snapshot-latency", c.SnapshotLatency},
	} {
		if f.value < 0 {
			problems = append(problems, fmt.Errorf("%s %s: want 0 or longer", f.name, f.value))
		}
	}
	if c.Balance < 0 {
		problems = append(problems, fmt.Errorf("--balance %s: want 0 or more", c.Balance))
	}
	return errors.Join(problems...)
}

// Run listens, prints the address, and serves until ctx ends.
func (c *Command) Run(ctx context.Context) error {
	s, err := simulator.New(c.config())
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("simulator: cannot listen on --listen %s: %w", c.Listen, err)
	}
	out := c.Out
	if out == nil {
		out = os.Stdout
	}
	if _, err := fmt.Fprintf(out, "simulator: ECS API at http://%[1]s, control at http://%[1]s%[2]s\n", listener.Addr(), control.Prefix); err != nil {
		_ = listener.Close()
		return fmt.Errorf("simulator: print the address: %w", err)
	}
	return s.Serve(ctx, listener)
}

// config maps the flags, in which 0 means 0, to a Config, in which 0 means
// the default.
func (c *Command) config() simulator.Config {
	config := simulator.Config{
		Regions: c.Regions, Instances: c.Instances, Seed: c.Seed,
		AccessKeyID: c.AccessKeyID, AccessKeySecret: c.AccessKeySecret,
		Balance: c.Balance, BillingSchedule: c.BillingSchedule, ListLagByID: c.ListLagByID, NoPageToken: !c.PageToken, RenewDay: c.RenewDay, Speed: c.Speed, ByHand: c.Speed == 0, Rates: c.Rate,
		ControlHosts: c.ControlHost,
	}
	for _, f := range []struct {
		flag time.Duration
		into *time.Duration
	}{
		{c.RenewLag, &config.RenewLag},
		{c.OrderLag, &config.OrderLag},
		{c.StartLatency, &config.StartLatency},
		{c.StopLatency, &config.StopLatency},
		{c.ListLag, &config.ListLag},
		{c.SnapshotLatency, &config.SnapshotLatency},
	} {
		*f.into = f.flag
		if f.flag == 0 {
			*f.into = -1
		}
	}
	if c.Balance == 0 {
		config.Balance = -1
	}
	return config
}
