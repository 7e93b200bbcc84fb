package watch_test

import (
	"path/filepath"
	"syscall"
	"testing"
	"time"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
	"github.com/ecsd-io/ecsd/test/lib/promise"
)

// TestWarm_AfterKill kills a server and restarts it while the cloud does not respond: the database suffices for the
// whole snapshot, which is not labeled as newer than it is.
func TestWarm_AfterKill(t *testing.T) {
	t.Parallel()
	sim, endpoint := newCloud(t)
	const instances = 250
	if _, err := sim.Seed(simulator.Seed{Count: instances, ChargeType: "PostPaid"}); err != nil {
		t.Fatal(err)
	}
	server := newProcess(t, endpoint, "sqlite:"+filepath.Join(t.TempDir(), "ecsd.db"))
	server.polled(time.Time{})
	server.Stop(syscall.SIGKILL)
	killed := time.Now()
	if _, err := sim.AddFault(simulator.Fault{Action: "DescribeInstances", Kind: control.Slow, Delay: control.Duration(time.Minute)}); err != nil {
		t.Fatal(err)
	}
	server.Start()
	r := newRecorder(ecsdv1.WatchDelivery_WATCH_DELIVERY_LATEST, server.Address)
	r.life = 2 * heartbeat
	if err := r.stream(t.Context(), server.Address); err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{}
	var complete promise.Message
	for _, m := range r.report.Streams[0].Messages {
		switch m.Kind {
		case promise.Snapshot:
			shown[m.ID] = true
		case promise.SnapshotComplete:
			complete = m
		}
	}
	if len(shown) != instances || complete.Observed.IsZero() || complete.Observed.After(killed) {
		t.Errorf("%d of %d instances, observed %s, killed at %s", len(shown), instances, complete.Observed, killed)
	}
}
