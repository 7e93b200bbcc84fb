package watch_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
	"github.com/ecsd-io/ecsd/test/lib/promise"
)

// TestWatch_ServerKilled watches a server that is killed and stopped repeatedly while the fleet changes and the cloud fails.
// Nothing is lost, nothing is reported twice, and at the end every watcher has the true state.
func TestWatch_ServerKilled(t *testing.T) {
	t.Parallel()
	sim, endpoint := newCloud(t)
	ids, err := sim.Seed(simulator.Seed{Count: 30, ChargeType: "PostPaid"})
	if err != nil {
		t.Fatal(err)
	}
	server := newProcess(t, endpoint, "sqlite:"+filepath.Join(t.TempDir(), "ecsd.db"))
	recorders := []*recorder{
		newRecorder(ecsdv1.WatchDelivery_WATCH_DELIVERY_EVERY_CHANGE, server.Address),
		newRecorder(ecsdv1.WatchDelivery_WATCH_DELIVERY_LATEST, server.Address),
		newRecorder(ecsdv1.WatchDelivery_WATCH_DELIVERY_LATEST, server.Address),
		newRecorder(ecsdv1.WatchDelivery_WATCH_DELIVERY_EVERY_CHANGE, server.Address),
	}
	recorders[2].life, recorders[2].pause = 1500*time.Millisecond, 20*time.Millisecond
	recorders[3].life = 700 * time.Millisecond
	stop := begin(t, recorders)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	misbehave(t, sim, server, ids, rand.New(rand.NewPCG(seed, 0)))
	server.polled(time.Now())
	time.Sleep(2 * heartbeat)
	stop()
	check(t, server.Address, sim, recorders)
}

// misbehave disturbs the fleet, the cloud and the server for some seconds. A throttle has a short retry delay;
// otherwise the rest of a minute would be lost. No fault is left at the end: a failing region is polled at intervals
// of up to 30 s, so a slow machine would otherwise work off faults for minutes.
func misbehave(t *testing.T, sim *simulator.Simulator, server *process, ids []string, random *rand.Rand) {
	defer sim.ClearFaults()
	for n := range 60 {
		id := ids[random.IntN(len(ids))]
		name := fmt.Sprintf("name-%d", n)
		// A released instance cannot be changed.
		_ = sim.Change(id, control.Change{InstanceName: &name})
		switch random.IntN(12) {
		case 0:
			server.Stop(syscall.SIGKILL)
			server.Start()
		case 1:
			server.Stop(syscall.SIGTERM)
			server.Start()
		case 2:
			_ = sim.Change(id, control.Change{Vanish: true})
		case 3:
			fault(t, sim, simulator.Fault{Kind: control.Throttled, RetryAfter: control.Duration(300 * time.Millisecond), Count: 2})
		case 4:
			fault(t, sim, simulator.Fault{Kind: control.Slow, Delay: control.Duration(2 * time.Second), Count: 2})
		case 5:
			fault(t, sim, simulator.Fault{Kind: control.Reset, Count: 2})
		case 6:
			fault(t, sim, simulator.Fault{Kind: control.Omitted, InstanceID: ids[random.IntN(len(ids))], Count: 1})
		}
		time.Sleep(time.Duration(random.IntN(300)) * time.Millisecond)
	}
}

func fault(t *testing.T, sim *simulator.Simulator, f simulator.Fault) {
	t.Helper()
	f.Action = "DescribeInstances"
	if _, err := sim.AddFault(f); err != nil {
		t.Error(err)
	}
}

// check checks the reports against the server's own history, and its end against the cloud.
func check(t *testing.T, address string, sim *simulator.Simulator, recorders []*recorder) {
	t.Helper()
	found, err := history(t.Context(), address, recorders[0])
	if err != nil {
		t.Fatal(err)
	}
	for n, r := range recorders {
		received := 0
		for _, s := range r.report.Streams {
			received += len(s.Messages)
		}
		t.Logf("watcher %d: %d streams, %d messages, up to revision %d", n, len(r.report.Streams), received, r.at)
		for _, broken := range promise.Check(found, r.report) {
			t.Errorf("watcher %d: %s", n, broken)
		}
	}
	last := found.At(found[len(found)-1].Number)
	there := sim.Instances(simulator.InstanceFilter{})
	for _, i := range there {
		if want := "INSTANCE_STATUS_RUNNING " + i.InstanceName; i.Status == "Running" && last[i.InstanceID] != want {
			t.Errorf("the watches end with %s %q, the cloud with %q", i.InstanceID, last[i.InstanceID], want)
		}
	}
	if len(last) != len(there) {
		t.Errorf("the watches end with %d instances, the cloud with %d", len(last), len(there))
	}
}
