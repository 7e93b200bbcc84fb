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
	"github.com/ecsd-io/ecsd/test/lib/postgres"
	"github.com/ecsd-io/ecsd/test/lib/program"
)

// The long run is one command:
//
//	go test ./test/ledger -run RandomKills -renewals 10000 -timeout 2h -v
var (
	renewals = flag.Int("renewals", 150, "how many renewals each test under random kills makes")
	seed     = flag.Uint64("seed", 0, "the seed of the random kills; 0 draws one")
)

// TestPayments_RandomKills kills a server at random times, with a cloud that fails at random, until a job has ended.
func TestPayments_RandomKills(t *testing.T) {
	t.Parallel()
	c := newCloud(t, nil)
	server := newServer(t, c, engines["sqlite"](t), "--rate", "RenewInstance=300/1m")
	holdsUnder(t, c, []*program.Process{server}, []harm{kill(server)})
}

// TestPayments_RandomKillsWithTheBill does the same with a bill that can be read, and without manual renewals, whose orders
// nothing tells from those of ecsd: at the end every charge has its order ID.
func TestPayments_RandomKillsWithTheBill(t *testing.T) {
	t.Parallel()
	c := newCloud(t, nil)
	c.alone = true
	server := newServer(t, c, engines["sqlite"](t), "--rate", "RenewInstance=300/1m", "--billing")
	holdsUnder(t, c, []*program.Process{server}, []harm{kill(server)})
	caller := dial(t, server.Address)
	named := func() bool {
		return compare(c.Ledger(simulator.LedgerFilter{}), caller.renewals("")).unnamed == 0
	}
	t.Logf("every charge has its order ID after %s more", within(t, time.Minute, named).Round(time.Second))
	if v := compare(c.Ledger(simulator.LedgerFilter{}), caller.renewals("")); !v.clean() {
		t.Errorf("the comparison says %s", v)
	}
}

// TestPayments_RandomKillsOfReplicas does the same with three servers on one database. Some are not killed but stopped, or cut
// off from the database, for so long that another one takes over their work; then they continue.
func TestPayments_RandomKillsOfReplicas(t *testing.T) {
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
	holdsUnder(t, c, servers, harms...)
}

// drawSeed returns the seed of a test, and logs it.
func drawSeed(t *testing.T) uint64 {
	t.Helper()
	drawn := *seed
	if drawn == 0 {
		drawn = rand.Uint64()
	}
	t.Logf("seed %d", drawn)
	return drawn
}

// harm disturbs a server at random.
type harm func(ctx context.Context, random *rand.Rand)

// kill kills a server and restarts it. meanwhile runs while it is dead.
func kill(server *program.Process, meanwhile ...func()) harm {
	return func(ctx context.Context, random *rand.Rand) {
		server.Stop(syscall.SIGKILL)
		for _, run := range meanwhile {
			run()
		}
		pause(ctx, time.Duration(random.IntN(1500))*time.Millisecond)
		server.Start()
	}
}

// disturb does harms until stop, which waits for them and returns their count: one of each list after another, at random,
// each after a random life.
func disturb(ctx context.Context, drawn uint64, minLife, maxLife time.Duration, lists ...[]harm) (stop func() int64) {
	ctx, cancel := context.WithCancel(ctx)
	var done atomic.Int64
	var doers sync.WaitGroup
	for n, some := range lists {
		random := rand.New(rand.NewPCG(drawn, uint64(n)))
		doers.Go(func() {
			for pause(ctx, minLife+time.Duration(random.Int64N(int64(maxLife-minLife)))) {
				some[random.IntN(len(some))](ctx, random)
				done.Add(1)
			}
		})
	}
	return func() int64 {
		cancel()
		doers.Wait()
		return done.Load()
	}
}

func stop(server *program.Process) harm {
	return func(ctx context.Context, random *rand.Rand) {
		server.Signal(syscall.SIGSTOP)
		pause(ctx, time.Duration(random.IntN(45))*time.Second)
		server.Signal(syscall.SIGCONT)
	}
}

// fails interrupts the cable for a while, with or without an error.
func (k *cable) fails(ctx context.Context, random *rand.Rand) {
	if random.IntN(2) == 0 {
		k.hangUp()
	}
	k.silent(ctx, time.Duration(random.IntN(45))*time.Second)
}

// holdsUnder lets servers renew the instances of a cloud, each under its harms. One job has all instances; other jobs,
// created at random times through random servers, repeat some of them, and some are renewed manually in the console. At
// the end it checks the evidence.
func holdsUnder(t *testing.T, c *cloud, servers []*program.Process, harms ...[]harm) {
	drawn := drawSeed(t)
	ids := c.seed(t, *renewals)
	soon := c.renewedBefore(t, ids)
	misbehave(t, c, "RenewInstance")
	var callers []client
	for _, server := range servers {
		callers = append(callers, dial(t, server.Address))
	}
	jobs := []string{callers[0].create(ids, nil)}
	stop := disturb(t.Context(), drawn, 300*time.Millisecond, 4300*time.Millisecond, harms...)
	random := rand.New(rand.NewPCG(drawn, 1000))
	// Random events happen while the prices of the first payments are late.
	meanwhile := func() time.Duration {
		return time.Duration(random.Float64() * float64(*renewals) / 15 * float64(time.Second))
	}
	var others sync.WaitGroup
	var mu sync.Mutex
	for n := range 4 {
		after, caller := meanwhile(), callers[random.IntN(len(callers))]
		from := random.IntN(len(ids) / 2)
		some, before := ids[from:from+len(ids)/2], soon
		if n < 2 { // these renew for a second period instances that were renewed before them
			some, before = ids[from:from+len(ids)/5], time.Time{}
		}
		others.Go(func() {
			pause(t.Context(), after)
			job := caller.overlap(t.Context(), some, before)
			mu.Lock()
			defer mu.Unlock()
			jobs = append(jobs, job)
		})
	}
	hands := len(ids) / 5
	if c.alone {
		hands = 0
	}
	for range hands {
		after, id := meanwhile(), ids[random.IntN(len(ids))]
		others.Go(func() {
			pause(t.Context(), after)
			c.renewByHand(t, id)
		})
	}
	began := time.Now()
	// The harms continue while the bill grows.
	for bill, grown := 0, began; time.Since(grown) < 10*time.Second && pause(t.Context(), time.Second); {
		if n := len(c.Ledger(simulator.LedgerFilter{})); n != bill {
			bill, grown = n, time.Now()
		}
	}
	done := stop()
	others.Wait()
	c.ClearFaults()
	// Late prices slow payments to some tens per second.
	patience := 4*time.Minute + time.Duration(*renewals)*50*time.Millisecond
	for _, job := range jobs {
		callers[0].ended(job, patience)
	}
	e := callers[0].evidence(c)
	t.Logf("%d kills and the like, %s: %s", done, time.Since(began).Round(time.Second), e.summary())
	for _, f := range e.check() {
		t.Error(f)
	}
}

// misbehave makes the cloud lose, delay and reject some of its calls, and the network deliver some paid calls twice and
// some prices late.
func misbehave(t *testing.T, c *cloud, paid ...string) {
	t.Helper()
	c.twice.Store(20)
	c.late.Store(50)
	for _, action := range paid {
		for _, f := range []simulator.Fault{
			{Kind: control.LostReply, Probability: 0.02},
			{Kind: control.Reset, Probability: 0.02},
			{Kind: control.Reset, When: control.After, Probability: 0.02},
			{Kind: control.Failed, Probability: 0.02},
			{Kind: control.Failed, When: control.After, Probability: 0.02},
			{Kind: control.Poison, Probability: 0.01},
			{Kind: control.Poison, When: control.After, Probability: 0.01},
			{Kind: control.Throttled, RetryAfter: control.Duration(200 * time.Millisecond), Probability: 0.002},
			{Kind: control.Slow, When: control.Before, Delay: control.Duration(time.Second), Probability: 0.02},
		} {
			f.Action = action
			c.fault(t, f)
		}
	}
	c.fault(t, simulator.Fault{Action: "DescribeRenewalPrice", Kind: control.Failed, Probability: 0.01})
	c.fault(t, simulator.Fault{Action: "DescribeInstances", Kind: control.Reset, Probability: 0.05})
}

// pause waits, and reports whether the test continues.
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
