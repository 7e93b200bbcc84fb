package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
	"github.com/ecsd-io/ecsd/test/lib/postgres"
)

// upgraded is the number of instances that a job renews while ecsd is upgraded.
const upgraded = 40

// previous builds the earlier ecsd.
var previous = sync.OnceValues(func() (string, error) {
	out, err := exec.Command("../../tools/previous").Output()
	var failure *exec.ExitError
	if errors.As(err, &failure) {
		err = fmt.Errorf("%w\n%s", err, failure.Stderr)
	}
	return strings.TrimSpace(string(out)), err
})

// The process of the earlier program ends in the middle of a job, by a signal or a crash, and this ecsd starts on its
// file. Each instance is charged once, and each charge has its renewal.
func TestUpgrade_SQLite(t *testing.T) {
	old := previousProgram(t)
	t.Parallel()
	for name, signal := range map[string]syscall.Signal{"stopped": syscall.SIGTERM, "killed": syscall.SIGKILL} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, nil)
			failAfterwards(t, c)
			ids, database := c.seed(t, upgraded), engines["sqlite"](t)
			server := startServer(t, old, c, database)
			createByCommand(t, old, server.Address, ids)
			c.slowPrices(t)
			c.chargedSome(t, upgraded/8)
			server.Stop(signal)
			c.ClearFaults()
			failAfterwards(t, c)
			left := upgraded - len(c.Ledger(simulator.LedgerFilter{}))
			checkUpgrade(t, c, ids, dial(t, newServer(t, c, database).Address))
			if t.Logf("%d instances were left to this ecsd", left); left == 0 {
				t.Error("the job was over before the upgrade")
			}
		})
	}
}

// Two replicas of the earlier program work on a job. A replica of this ecsd starts beside them, which extends the schema,
// and a second job begins there. Then the old replicas are replaced, one by a stop and one by a crash. The old program
// cannot start again, as docs/database.md says of its schema.
func TestUpgrade_Replicas(t *testing.T) {
	old := previousProgram(t)
	t.Parallel()
	c := newCloud(t, nil)
	failAfterwards(t, c)
	ids, database := c.seed(t, 4*upgraded), postgres.Database(t)
	half, soon := ids[:len(ids)/2], c.renewedBefore(t, ids)
	first := startServer(t, old, c, database)
	second := startServer(t, old, c, database)
	createByCommand(t, old, first.Address, half)
	createByCommand(t, old, second.Address, ids[len(half):])
	c.slowPrices(t)
	c.chargedSome(t, upgraded/8)

	caller := dial(t, newServer(t, c, database).Address)
	beside := len(c.Ledger(simulator.LedgerFilter{}))
	repeated := caller.overlap(t.Context(), half, soon)
	c.chargedSome(t, beside+upgraded/8)
	first.Stop(syscall.SIGTERM)
	c.chargedSome(t, beside+upgraded/4)
	second.Stop(syscall.SIGKILL)
	left := len(ids) - len(c.Ledger(simulator.LedgerFilter{}))
	refusedStart(t, old, c, database)
	newServer(t, c, database)
	c.ClearFaults()

	caller.ended(repeated, time.Minute)
	checkUpgrade(t, c, ids, caller)
	if t.Logf("%d charges before this ecsd, %d left when the old replicas were gone", beside, left); left == 0 {
		t.Error("the jobs were over before the upgrade")
	}
}

// previousProgram returns the path of the earlier program.
func previousProgram(t *testing.T) string {
	t.Helper()
	path, err := previous()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// failAfterwards makes some outcomes unknown, so that the ledger has each kind of renewal during the upgrade. The connections
// do not break, because the earlier program sent a call again on another connection, with the same token.
func failAfterwards(t *testing.T, c *cloud) {
	t.Helper()
	c.fault(t, simulator.Fault{Action: "RenewInstance", Kind: control.Failed, When: control.After, Probability: 0.1})
	c.fault(t, simulator.Fault{Action: "RenewInstance", Kind: control.Failed, Probability: 0.1})
}

// slowPrices makes each price take seconds, so that a job is in progress during an upgrade.
func (c *cloud) slowPrices(t *testing.T) {
	t.Helper()
	c.fault(t, simulator.Fault{Action: "DescribeRenewalPrice", Kind: control.Slow, Delay: control.Duration(5 * time.Second)})
}

// createByCommand creates a job by the command of the program at path: its contract may differ from that of this client.
func createByCommand(t *testing.T, path, address string, ids []string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), path, append([]string{"renewals", "create", "--period", "1m", "--yes"}, ids...)...)
	cmd.Env = append(os.Environ(), "ECSD_ADDRESS="+address)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("create a job: %v\n%s", err, out)
	}
}

// refusedStart checks that the program at path refuses the schema of the database.
func refusedStart(t *testing.T, path string, c *cloud, database string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, path, "serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0",
		"--database", database, "--endpoint", c.endpoint, "--endpoint-scheme", "http").CombinedOutput()
	if err == nil || ctx.Err() != nil || !strings.Contains(string(out), "schema") {
		t.Errorf("the old program on the new schema: %v, %v\n%s", err, ctx.Err(), out)
	}
}

// chargedSome waits until the bill has count charges.
func (c *cloud) chargedSome(t *testing.T, count int) {
	t.Helper()
	within(t, 2*time.Minute, func() bool { return len(c.Ledger(simulator.LedgerFilter{})) >= count })
}

// checkUpgrade waits until all jobs have ended, and compares the ledger with the bill.
func checkUpgrade(t *testing.T, c *cloud, ids []string, caller client) {
	t.Helper()
	for _, job := range caller.evidence(c).jobs {
		caller.ended(job.GetJobId(), 3*time.Minute)
	}
	e := caller.evidence(c)
	t.Log(e.summary())
	e.sends = nil // the earlier program repeated a call within one attempt
	for _, f := range e.check() {
		t.Error(f)
	}
	charges := map[string]int{}
	for _, o := range e.bill {
		charges[o.InstanceID]++
	}
	for _, id := range ids {
		if charges[id] != 1 {
			t.Errorf("%d charges for %s, want one", charges[id], id)
		}
	}
}
