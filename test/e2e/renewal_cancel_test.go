package e2e_test

import (
	"errors"
	"io"
	"testing"
	"time"

	"github.com/google/uuid"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
)

// A job is cancelled in the middle: unsent renewals are not sent, sent ones are completed, and every charge has its
// renewal.
func TestRenewalJob_Cancelled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, nil)
	ids := w.seed(simulator.Seed{Count: 80})
	w.fault(simulator.Fault{Action: "RenewInstance", Kind: control.Slow, When: control.Before, Delay: control.Duration(2 * time.Second)})
	ctx := within(t, 60*time.Second)
	created, err := w.renewals.CreateRenewalJob(ctx, &ecsdv1.CreateRenewalJobRequest{
		RequestId:  uuid.NewString(),
		Selection:  byID(ids),
		Term:       forOneMonth,
		PriceLimit: anyTotal,
	})
	if err != nil {
		t.Fatal(err)
	}
	jobID := created.GetJob().GetJobId()
	w.wait("an order is on its way", func() bool { return w.sim.Stats().Actions["RenewInstance"].Calls > 0 })
	cancelled, err := w.renewals.CancelRenewalJob(ctx, &ecsdv1.CancelRenewalJobRequest{JobId: jobID})
	if err != nil {
		t.Fatal(err)
	}
	if state := cancelled.GetJob().GetState(); state != ecsdv1.RenewalJobState_RENEWAL_JOB_STATE_RUNNING {
		t.Errorf("with orders on their way the job is %s", state)
	}
	job, last := watchJob(t, w, jobID, "")
	if job.GetState() != ecsdv1.RenewalJobState_RENEWAL_JOB_STATE_CANCELLED || len(last) != len(ids) {
		t.Errorf("the job ended as %v with %d renewals", job, len(last))
	}
	orders := map[string]string{}
	for _, o := range w.sim.Ledger(simulator.LedgerFilter{}) {
		if orders[o.InstanceID] != "" {
			t.Errorf("%s was charged twice", o.InstanceID)
		}
		orders[o.InstanceID] = o.OrderID
	}
	renewed, skipped := 0, 0
	for id, r := range last {
		switch {
		case r.GetState() == ecsdv1.RenewalState_RENEWAL_STATE_RENEWED && r.GetOrderId() != "" && r.GetOrderId() == orders[id]:
			renewed++
		case r.GetState() == ecsdv1.RenewalState_RENEWAL_STATE_SKIPPED && r.GetReason() == "JOB_CANCELLED" && orders[id] == "":
			skipped++
		default:
			t.Errorf("charged as %q: %v", orders[id], r)
		}
	}
	if renewed == 0 || skipped == 0 {
		t.Errorf("%d were renewed and %d were not, want some of each", renewed, skipped)
	}
	again, err := w.renewals.CancelRenewalJob(ctx, &ecsdv1.CancelRenewalJobRequest{JobId: jobID})
	if err != nil || again.GetJob().GetState() != ecsdv1.RenewalJobState_RENEWAL_JOB_STATE_CANCELLED {
		t.Errorf("cancelled again: %v (%v)", again, err)
	}
}

// watchJob watches a job to its end, from a token on. It returns the job and the last reported state of each renewal,
// by instance.
func watchJob(t *testing.T, w *world, jobID, token string) (job *ecsdv1.RenewalJob, last map[string]*ecsdv1.Renewal) {
	t.Helper()
	stream, err := w.renewals.WatchRenewalJob(within(t, 100*time.Second), &ecsdv1.WatchRenewalJobRequest{JobId: jobID, ResumeToken: token})
	if err != nil {
		t.Fatal(err)
	}
	last = map[string]*ecsdv1.Renewal{}
	for {
		step, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return job, last
		}
		if err != nil {
			t.Fatal(err)
		}
		job = step.GetJob()
		for _, r := range step.GetRenewals() {
			last[r.GetInstanceId()] = r
		}
	}
}
