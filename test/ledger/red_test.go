package ledger_test

import (
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
)

// The comparison finds a double charge: an order with a lost response is sent again if the cloud shows its expiry later
// than the settle window. Without its token it is then charged twice.
func TestComparison_DoubleCharge(t *testing.T) {
	t.Parallel()
	for name, forgets := range map[string]bool{"with its token": false, "without": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, func(s *simulator.Config) { s.RenewLag = 15 * time.Second })
			c.forgets.Store(forgets)
			ids := c.seed(t, 4)
			c.fault(t, simulator.Fault{Action: "RenewInstance", InstanceID: ids[0], Kind: control.LostReply, Count: 1})
			server := newServer(t, c, "sqlite:"+filepath.Join(t.TempDir(), "ecsd.db"))
			caller := dial(t, server.Address)
			job := caller.create(ids, nil)
			caller.ended(job, 40*time.Second)
			v := compare(c.Ledger(simulator.LedgerFilter{}), caller.renewals(job))
			t.Log(v)
			if doubles := len(v.double); forgets != (doubles == 1) || len(v.missed)+len(v.unexplained) > 0 {
				t.Errorf("the comparison says %s", v)
			}
		})
	}
}

// It also finds missed renewals and unexplained charges.
func TestComparison_MissedAndUnexplained(t *testing.T) {
	t.Parallel()
	c := newCloud(t, nil)
	ids := c.seed(t, 3)
	server := newServer(t, c, "sqlite:"+filepath.Join(t.TempDir(), "ecsd.db"))
	caller := dial(t, server.Address)
	job := caller.create(ids[:2], nil)
	caller.ended(job, 40*time.Second)
	server.Stop(syscall.SIGTERM)
	server.Start()
	bill, ours := c.Ledger(simulator.LedgerFilter{}), caller.renewals(job)
	if v := compare(bill, ours); !v.clean() || v.charges != 2 {
		t.Errorf("with nothing wrong the comparison says %s", v)
	}
	if v := compare(bill[1:], ours); len(v.missed) != 1 {
		t.Errorf("with a charge that was never made it says %s", v)
	}
	c.renewByHand(t, ids[2])
	if v := compare(c.Ledger(simulator.LedgerFilter{}), ours); len(v.unexplained) != 1 {
		t.Errorf("with an unexplained charge it says %s", v)
	}
}
