package e2e_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc/codes"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server"
	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
)

// Orders with an unknown outcome wait for an operator to resolve each: paid, not paid, or retry. Each decision takes
// effect once.
func TestRenewals_Resolved(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, func(c *server.Config) { c.RenewalSettle, c.RenewalTrust = time.Second, time.Second })
	ids := w.seed(simulator.Seed{Count: 3})
	paid, unpaid, again := ids[0], ids[1], ids[2]
	w.fault(simulator.Fault{Action: "RenewInstance", Kind: control.Reset})
	ctx := within(t, 100*time.Second)
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
	job, open := watchJob(t, w, jobID, "")
	if job.GetState() != ecsdv1.RenewalJobState_RENEWAL_JOB_STATE_NEEDS_ATTENTION || job.GetReserved().GetUnits() == 0 {
		t.Errorf("the job ended as %v, want NEEDS_ATTENTION with money reserved", job)
	}
	for id, r := range open {
		if r.GetState() != ecsdv1.RenewalState_RENEWAL_STATE_NEEDS_ATTENTION || r.GetReason() != "OUTCOME_UNKNOWN" {
			t.Fatalf("%s is %v, want NEEDS_ATTENTION", id, r)
		}
	}
	status, err := ecsdv1.NewAccessServiceClient(w.conn).GetServerStatus(ctx, &ecsdv1.GetServerStatusRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if a := status.GetAttention(); a.GetRenewalCount() != 3 || len(a.GetReserved()) != 1 || a.GetOldestOrderTime() == nil {
		t.Errorf("the status of the server has the attention %v, want 3 renewals with money reserved", a)
	}
	w.sim.ClearFaults()
	resolve := func(id, orderID string, decision ecsdv1.RenewalResolution) (*ecsdv1.Renewal, error) {
		answer, err := w.renewals.ResolveRenewal(ctx, &ecsdv1.ResolveRenewalRequest{
			RenewalId: open[id].GetRenewalId(), Resolution: decision, OrderId: orderID,
		})
		return answer.GetRenewal(), err
	}
	const (
		markPaid    = ecsdv1.RenewalResolution_RENEWAL_RESOLUTION_MARK_PAID
		markNotPaid = ecsdv1.RenewalResolution_RENEWAL_RESOLUTION_MARK_NOT_PAID
		tryAgain    = ecsdv1.RenewalResolution_RENEWAL_RESOLUTION_TRY_AGAIN
	)
	_, err = resolve(paid, "", ecsdv1.RenewalResolution_RENEWAL_RESOLUTION_UNSPECIFIED)
	wantError(t, err, codes.InvalidArgument, "INVALID_FIELD")
	_, err = resolve(unpaid, "order-1", markNotPaid)
	wantError(t, err, codes.InvalidArgument, "INVALID_FIELD")

	// The first is in the bill, and the cloud shows it.
	moved := open[paid].GetExpireTimeBefore().AsTime().AddDate(0, 2, 0)
	if err := w.sim.Change(paid, control.Change{ExpireTime: &moved}); err != nil {
		t.Fatal(err)
	}
	if r, err := resolve(paid, "order-1", markPaid); err != nil || r.GetOrderId() != "order-1" {
		t.Errorf("marked paid: %v (%v)", r, err)
	}
	if r, err := resolve(unpaid, "", markNotPaid); err != nil || r.GetState() != ecsdv1.RenewalState_RENEWAL_STATE_FAILED || r.GetReason() != "MARKED_NOT_PAID" {
		t.Errorf("marked not paid: %v (%v)", r, err)
	}
	if _, err := resolve(again, "", tryAgain); err != nil {
		t.Error(err)
	}
	for _, decision := range []ecsdv1.RenewalResolution{markPaid, markNotPaid, tryAgain} {
		for _, id := range ids {
			_, err = resolve(id, "", decision)
			wantError(t, err, codes.FailedPrecondition, "RENEWAL_SETTLED")
		}
	}
	job, last := watchJob(t, w, jobID, "")
	if job.GetState() != ecsdv1.RenewalJobState_RENEWAL_JOB_STATE_PARTIAL || job.GetReserved().GetUnits() != 0 {
		t.Errorf("the job ended as %v, want PARTIAL with nothing reserved", job)
	}
	orders := w.sim.Ledger(simulator.LedgerFilter{})
	if len(orders) != 1 || orders[0].InstanceID != again || last[again].GetOrderId() != orders[0].OrderID {
		t.Errorf("the bill has %v, the renewal that was tried again is %v", orders, last[again])
	}
	for id, want := range map[string]ecsdv1.RenewalState{
		paid:   ecsdv1.RenewalState_RENEWAL_STATE_RENEWED,
		unpaid: ecsdv1.RenewalState_RENEWAL_STATE_FAILED,
		again:  ecsdv1.RenewalState_RENEWAL_STATE_RENEWED,
	} {
		if last[id].GetState() != want {
			t.Errorf("%s ended as %v, want %s", id, last[id], want)
		}
	}
	_, err = w.renewals.ResolveRenewal(ctx, &ecsdv1.ResolveRenewalRequest{RenewalId: "nobody", Resolution: markPaid})
	wantError(t, err, codes.NotFound, "RENEWAL_NOT_FOUND")
}
