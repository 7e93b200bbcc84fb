package watch_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
)

// TestWatch_NetworkCut watches over a network that breaks or falls silent repeatedly while the fleet changes, beside a client
// that never reads. Nothing is lost, nothing is reported twice, and at the end every watcher has the true state.
func TestWatch_NetworkCut(t *testing.T) {
	t.Parallel()
	sim, endpoint := newCloud(t)
	ids, err := sim.Seed(simulator.Seed{Count: 30, ChargeType: "PostPaid"})
	if err != nil {
		t.Fatal(err)
	}
	server := newProcess(t, endpoint, "sqlite:"+filepath.Join(t.TempDir(), "ecsd.db"))
	network := newProxy(t, server.Address)
	neverReads(t, server.Address)
	recorders := []*recorder{
		newRecorder(ecsdv1.WatchDelivery_WATCH_DELIVERY_EVERY_CHANGE, network.address),
		newRecorder(ecsdv1.WatchDelivery_WATCH_DELIVERY_LATEST, network.address),
		newRecorder(ecsdv1.WatchDelivery_WATCH_DELIVERY_LATEST, network.address),
	}
	recorders[2].pause = 20 * time.Millisecond
	stop := begin(t, recorders)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for n := range 60 {
		name := fmt.Sprintf("name-%d", n)
		// A released instance cannot be changed.
		_ = sim.Change(ids[random.IntN(len(ids))], control.Change{InstanceName: &name})
		switch random.IntN(8) {
		case 0:
			network.set(true, false)
		case 1:
			network.set(false, true)
		case 2:
			_ = sim.Change(ids[random.IntN(len(ids))], control.Change{Vanish: true})
		default:
			network.set(false, false)
		}
		time.Sleep(time.Duration(random.IntN(300)) * time.Millisecond)
	}
	// Silent for longer than any client waits.
	network.set(false, true)
	time.Sleep(patience + heartbeat)
	network.set(false, false)
	server.polled(time.Now())
	time.Sleep(3 * heartbeat)
	stop()
	check(t, server.Address, sim, recorders)
	for n, r := range recorders {
		if len(r.report.Streams) < 3 {
			t.Errorf("watcher %d was cut off %d times; the network was there too often", n, len(r.report.Streams)-1)
		}
	}
}

// neverReads starts a watch of everything and reads nothing from it.
func neverReads(t *testing.T, address string) {
	t.Helper()
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if _, err := ecsdv1.NewInstanceServiceClient(conn).WatchInstances(t.Context(), &ecsdv1.WatchInstancesRequest{}); err != nil {
		t.Fatal(err)
	}
}
