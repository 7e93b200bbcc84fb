package e2e_test

import (
	"errors"
	"io"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc/codes"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/simulator"
)

// A job with a target day of the month is priced, paid and verified by that day, whatever the day of each instance. The
// cloud rejects a day other than the account's, at no cost.
func TestRenewalJob_UntilDay(t *testing.T) {
	t.Parallel()
	const day = 12
	w := newWorld(t, simulator.Config{RenewDay: day}, nil)
	china := time.FixedZone("UTC+8", 8*60*60)
	for _, days := range []int{3, 9, 20} {
		expire := time.Now().AddDate(0, 0, days).UTC().Truncate(time.Minute)
		w.seed(simulator.Seed{ExpireTime: &expire})
	}
	ctx := within(t, 60*time.Second)
	request := &ecsdv1.CreateRenewalJobRequest{
		RequestId:    uuid.NewString(),
		Selection:    inNext(30 * 24 * time.Hour),
		Term:         &ecsdv1.CreateRenewalJobRequest_TargetExpireDay{TargetExpireDay: day},
		ValidateOnly: true,
		PriceLimit:   anyTotal,
	}
	plan, err := w.renewals.PreviewRenewals(ctx, &ecsdv1.PreviewRenewalsRequest{Job: request})
	if err != nil || len(plan.GetRenewals()) != 3 || plan.GetJob().GetTargetExpireDay() != day || plan.GetJob().GetPeriod() != nil {
		t.Fatalf("the rehearsal: %v (%v)", plan, err)
	}
	request.PriceLimit, request.ValidateOnly = upTo(plan.GetJob().GetReserved()), false
	job, last := watched(t, w, request)
	if job.GetState() != ecsdv1.RenewalJobState_RENEWAL_JOB_STATE_SUCCEEDED || job.GetTargetExpireDay() != day {
		t.Errorf("the job ended as %v", job)
	}
	for _, planned := range plan.GetRenewals() {
		r := last[planned.GetInstanceId()]
		after := r.GetExpireTimeAfter().AsTime()
		if r.GetTargetExpireDay() != day || r.GetPeriod() != nil || after.In(china).Day() != day ||
			after.Before(r.GetExpireTimeBefore().AsTime().AddDate(0, 0, 28)) || !after.Equal(planned.GetExpireTimeAfter().AsTime()) {
			t.Errorf("planned %v, became %v", planned, r)
		}
		i, err := w.sim.Instance(r.GetInstanceId())
		if err != nil || !i.ExpireTime.Equal(after) {
			t.Errorf("the cloud has %v (%v), the ledger %v", i.ExpireTime, err, after)
		}
	}
	paid := len(w.sim.Ledger(simulator.LedgerFilter{}))

	request.Term = &ecsdv1.CreateRenewalJobRequest_TargetExpireDay{TargetExpireDay: day + 1}
	_, err = w.renewals.CreateRenewalJob(ctx, request)
	wantError(t, err, codes.AlreadyExists, "REQUEST_ID_REUSED")
	request.RequestId, request.Selection = uuid.NewString(), inNext(90*24*time.Hour)
	job, last = watched(t, w, request)
	if job.GetState() != ecsdv1.RenewalJobState_RENEWAL_JOB_STATE_FAILED || len(last) != 3 {
		t.Errorf("a day that is not the account's ended as %v", job)
	}
	for _, r := range last {
		if r.GetState() != ecsdv1.RenewalState_RENEWAL_STATE_FAILED || r.GetReason() != "INVALID_FIELD" {
			t.Errorf("a day that is not the account's: %v", r)
		}
	}
	if n := len(w.sim.Ledger(simulator.LedgerFilter{})); paid != 3 || n != 3 {
		t.Errorf("%d charges, then %d, want 3 in all", paid, n)
	}
}

// watched creates a job and returns the final state of the job and of each of its renewals.
func watched(t *testing.T, w *world, request *ecsdv1.CreateRenewalJobRequest) (*ecsdv1.RenewalJob, map[string]*ecsdv1.Renewal) {
	t.Helper()
	ctx := within(t, 60*time.Second)
	created, err := w.renewals.CreateRenewalJob(ctx, request)
	if err != nil {
		t.Fatal(err)
	}
	stream, err := w.renewals.WatchRenewalJob(ctx, &ecsdv1.WatchRenewalJobRequest{JobId: created.GetJob().GetJobId()})
	if err != nil {
		t.Fatal(err)
	}
	job, last := created.GetJob(), map[string]*ecsdv1.Renewal{}
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
