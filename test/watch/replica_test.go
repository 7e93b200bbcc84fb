package watch_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
	"github.com/ecsd-io/ecsd/test/lib/postgres"
)

// takeover is the deadline for another replica to poll after the poller ended.
const takeover = 10 * time.Second

// TestWatch_Replicas runs three servers on one database. The one that polls is killed or stopped for a while, and watchers
// move from one server to the next with their tokens: another server takes over, nothing is lost, nothing is reported
// twice, and a stopped server cannot write old state.
func TestWatch_Replicas(t *testing.T) {
	t.Parallel()
	sim, endpoint := newCloud(t)
	ids, err := sim.Seed(simulator.Seed{Count: 30, ChargeType: "PostPaid"})
	if err != nil {
		t.Fatal(err)
	}
	database := postgres.Database(t)
	var replicas []*process
	var addresses []string
	for range 3 {
		replicas = append(replicas, newProcess(t, endpoint, database))
		addresses = append(addresses, replicas[len(replicas)-1].Address)
	}
	replicas[0].polled(time.Time{})
	recorders := []*recorder{
		newRecorder(ecsdv1.WatchDelivery_WATCH_DELIVERY_EVERY_CHANGE, addresses...),
		newRecorder(ecsdv1.WatchDelivery_WATCH_DELIVERY_LATEST, addresses...),
		newRecorder(ecsdv1.WatchDelivery_WATCH_DELIVERY_EVERY_CHANGE, addresses[2], addresses[0], addresses[1]),
	}
	recorders[1].life, recorders[2].life = 900*time.Millisecond, 1500*time.Millisecond
	stop := begin(t, recorders)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	change := func(n int) {
		for range n {
			name := fmt.Sprintf("name-%d", random.Uint32())
			if err := sim.Change(ids[random.IntN(len(ids))], control.Change{InstanceName: &name}); err != nil {
				t.Error(err)
			}
			time.Sleep(time.Duration(random.IntN(100)) * time.Millisecond)
		}
	}
	for _, end := range []syscall.Signal{syscall.SIGKILL, syscall.SIGSTOP} {
		change(20)
		poller := polling(t, replicas)
		others := others(replicas, poller)
		ended := time.Now()
		if end == syscall.SIGSTOP {
			poller.Signal(end)
		} else {
			poller.Stop(end)
		}
		change(10)
		others[0].polled(ended)
		if took := time.Since(ended); took > takeover {
			t.Errorf("after %s another one polls after %s, want %s", end, took, takeover)
		} else {
			t.Logf("after %s another one polls after %s", end, took)
		}
		if end == syscall.SIGSTOP {
			// Its polls from before the stop are old. They must not be written now.
			poller.Signal(syscall.SIGCONT)
		} else {
			poller.Start()
		}
		change(10)
	}
	replicas[0].polled(time.Now())
	time.Sleep(2 * heartbeat)
	stop()
	check(t, addresses[1], sim, recorders)
}

// polling returns the replica that lists the region, by its metrics.
func polling(t *testing.T, replicas []*process) *process {
	t.Helper()
	before := make([]string, len(replicas))
	for i, p := range replicas {
		before[i] = p.polls()
	}
	for giveUp := time.Now().Add(20 * time.Second); time.Now().Before(giveUp); time.Sleep(50 * time.Millisecond) {
		for i, p := range replicas {
			if now := p.polls(); now != before[i] {
				return p
			}
		}
	}
	t.Fatal("no replica polls")
	return nil
}

func others(all []*process, but *process) []*process {
	var some []*process
	for _, p := range all {
		if p != but {
			some = append(some, p)
		}
	}
	return some
}

// polls returns the metric lines that count listings.
func (p *process) polls() string {
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Second}
	answer, err := client.Get("http://" + p.Admin + "/metrics")
	if err != nil {
		return ""
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return ""
	}
	var polls []string
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "ecsd_watch_polls_total") {
			polls = append(polls, line)
		}
	}
	return strings.Join(polls, "")
}
