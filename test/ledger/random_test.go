package ledger_test

import (
	"context"
	"flag"
	"math/rand/v2"
	"sync"
	"sync/atomic"
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
//	go test ./test/ledger -run RandomKills -renewals 10000 -timeout 2h -v
var (
	renewals = flag.Int("renewals", 150, "how many renewals each test under random kills makes")
	seed     = flag.Uint64("seed", 0, "the seed of the random kills; 0 draws one")
)

// TestRandomKills kills a server at random, again and again, in front of a
// cloud that misbehaves at random, until a job is over.
func TestRandomKills(t *testing.T) {
	t.Parallel()
	c := newCloud(t, nil)
	server := newServer(t, c, engines["sqlite"](t), "--rate", "RenewInstance=300/1m")
	holdsUnder(t, c, server, []harm{kill(server)})
}

// TestRandomKillsOfReplicas does so with three servers on one database. Some
// are not killed but stopped, or cut off from the database, for so long that
// another one takes their work over, and then go on where they were.
func TestRandomKillsOfReplicas(t *testing.T) {
	t.Parallel()
	c := newCloud(t, nil)
	database := postgres.Database(t)
	var servers []*program.Process
	var harms [][]harm
	for range 3 {
		network := newCable(t, database)
		server := newServer(t, c, network.database, "--rate", "RenewInstance=1000/1m")
		servers = append(servers, server)
		harms = append(harms, []harm{kill(server), kill(server), kill(server), stop(server), network.fails})
	}
	holdsUnder(t, c, servers[0], harms...)
}

// harm is done to a server at random.
type harm func(ctx context.Context, random *rand.Rand)

func kill(server *program.Process) harm {
	return func(ctx context.Context, random *rand.Rand) {
		server.Stop(syscall.SIGKILL)
		pause(ctx, time.Duration(random.IntN(1500))*time.Millisecond)
		server.Start()
	}
}

func stop(server *program.Process) harm {
	return func(ctx context.Context, random *rand.Rand) {
		server.Signal(syscall.SIGSTOP)
		pause(ctx, time.Duration(random.IntN(45))*time.Second)
		server.Signal(syscall.SIGCONT)
	}
}

// fails cuts the cable for a while, with or without a word.
func (k *cable) fails(ctx context.Context, random *rand.Rand) {
	if random.IntN(2) == 0 {
		k.hangUp()
	}
	k.silent(ctx, time.Duration(random.IntN(45))*time.Second)
}

// holdsUnder has servers renew the instances of a cloud in one job, each under
// its harms, and compares in the end.
func holdsUnder(t *testing.T, c *cloud, asked *program.Process, harms ...[]harm) {
	drawn := *seed
	if drawn == 0 {
		drawn = rand.Uint64()
	}
	t.Logf("seed %d", drawn)
	ids := c.seed(t, *renewals)
	misbehave(t, c)
	caller := dial(t, asked.Address)
	job := caller.create(ids, nil)
	ctx, stop := context.WithCancel(t.Context())
	var done atomic.Int64
	var doers sync.WaitGroup
	for n, some := range harms {
		random := rand.New(rand.NewPCG(drawn, uint64(n)))
		doers.Go(func() {
			for pause(ctx, time.Duration(300+random.IntN(4000))*time.Millisecond) {
				some[random.IntN(len(some))](ctx, random)
				done.Add(1)
			}
		})
	}
	began := time.Now()
	// It goes on for as long as there is something to pay.
	for len(c.Ledger(simulator.LedgerFilter{})) < *renewals && time.Since(began) < time.Hour && pause(ctx, time.Second) {
		continue
	}
	pause(ctx, 10*time.Second)
	stop()
	doers.Wait()
	c.ClearFaults()
	caller.ended(job, 3*time.Minute)
	v := compare(c.Ledger(simulator.LedgerFilter{}), caller.renewals(job))
	t.Logf("%d renewals, %d kills and the like, %s: %s", *renewals, done.Load(), time.Since(began).Round(time.Second), v)
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
