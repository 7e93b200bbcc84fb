package ledger_test

import (
	"context"
	"flag"
	"math/rand/v2"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
	"github.com/ecsd-io/ecsd/test/postgres"
	"github.com/ecsd-io/ecsd/test/program"
)

// The long run is one command:
//
//	go test -run Random -renewals 10000 -timeout 2h -v ./test/ledger
var (
	renewals = flag.Int("renewals", 150, "how many renewals each test under random kills makes")
	seed     = flag.Uint64("seed", 0, "the seed of the random kills; 0 draws one")
)

// TestRandomKills kills a server at random, again and again, in front of a
// cloud that misbehaves at random, until a job is over.
func TestRandomKills(t *testing.T) {
	t.Parallel()
	c := newCloud(t, nil)
	server := newServer(t, c, engines["sqlite"](t))
	holdsUnderKills(t, c, []*program.Process{server}, syscall.SIGKILL)
}

// TestRandomKillsOfReplicas does so with three servers on one database. Some
// are not killed but stopped for so long that another one takes their work
// over, and then go on where they were.
func TestRandomKillsOfReplicas(t *testing.T) {
	t.Parallel()
	c := newCloud(t, nil)
	database := postgres.Database(t)
	var servers []*program.Process
	for range 3 {
		servers = append(servers, newServer(t, c, database))
	}
	holdsUnderKills(t, c, servers, syscall.SIGKILL, syscall.SIGKILL, syscall.SIGSTOP)
}

// holdsUnderKills has servers renew the instances of a cloud in one job, and
// compares in the end.
func holdsUnderKills(t *testing.T, c *cloud, servers []*program.Process, ends ...syscall.Signal) {
	drawn := *seed
	if drawn == 0 {
		drawn = rand.Uint64()
	}
	t.Logf("seed %d", drawn)
	random := rand.New(rand.NewPCG(drawn, 0))
	ids := c.seed(t, *renewals)
	misbehave(t, c)
	caller := dial(t, servers[0].Address)
	job := caller.create(ids, nil)
	ctx, stop := context.WithCancel(t.Context())
	kills := 0
	var killers sync.WaitGroup
	killers.Go(func() {
		for pause(ctx, time.Duration(300+random.IntN(2500))*time.Millisecond) {
			victim, end := servers[random.IntN(len(servers))], ends[random.IntN(len(ends))]
			kills++
			if end == syscall.SIGSTOP {
				victim.Signal(end)
				pause(ctx, time.Duration(random.IntN(45))*time.Second)
				victim.Signal(syscall.SIGCONT)
				continue
			}
			victim.Stop(end)
			pause(ctx, time.Duration(random.IntN(1500))*time.Millisecond)
			victim.Start()
		}
	})
	began := time.Now()
	// The kills go on for as long as there is something to pay.
	for len(c.Ledger(simulator.LedgerFilter{})) < *renewals && time.Since(began) < time.Hour && pause(ctx, time.Second) {
		continue
	}
	pause(ctx, 10*time.Second)
	stop()
	killers.Wait()
	c.ClearFaults()
	caller.ended(job, 3*time.Minute)
	v := compare(c.Ledger(simulator.LedgerFilter{}), caller.renewals(job))
	t.Logf("%d renewals, %d kills, %s: %s", *renewals, kills, time.Since(began).Round(time.Second), v)
	if !v.clean() {
		t.Errorf("the comparison says %s", v)
	}
}

// misbehave has the cloud lose, delay and refuse some of all calls.
func misbehave(t *testing.T, c *cloud) {
	for _, f := range []simulator.Fault{
		{Action: "RenewInstance", Kind: control.LostReply, Probability: 0.02},
		{Action: "RenewInstance", Kind: control.Reset, Probability: 0.02},
		{Action: "RenewInstance", Kind: control.Reset, When: control.After, Probability: 0.02},
		{Action: "RenewInstance", Kind: control.Failed, Probability: 0.02},
		{Action: "RenewInstance", Kind: control.Failed, When: control.After, Probability: 0.02},
		{Action: "RenewInstance", Kind: control.Poison, Probability: 0.01},
		{Action: "RenewInstance", Kind: control.Poison, When: control.After, Probability: 0.01},
		{Action: "RenewInstance", Kind: control.Throttled, RetryAfter: control.Duration(200 * time.Millisecond), Probability: 0.002},
		{Action: "RenewInstance", Kind: control.Slow, When: control.Before, Delay: control.Duration(time.Second), Probability: 0.02},
		{Action: "DescribeRenewalPrice", Kind: control.Failed, Probability: 0.01},
		{Action: "DescribeInstances", Kind: control.Reset, Probability: 0.05},
	} {
		c.fault(t, f)
	}
}

// pause waits, and says whether the test goes on.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
