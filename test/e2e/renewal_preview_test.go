package e2e_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"google.golang.org/grpc/codes"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server"
	"github.com/ecsd-io/ecsd/simulator"
)

// All pages of a preview are of one plan, whatever changes meanwhile, and also from the server that continues after a
// restart. The job pays what its preview shows.
func TestPreviewRenewals_OnePlan(t *testing.T) {
	t.Parallel()
	database := "sqlite:" + filepath.Join(t.TempDir(), "ecsd.db")
	onDisk := func(c *server.Config) { c.Database = database }
	sim := newCloud(t, simulator.Config{})
	first := newService(t, sim, onDisk)
	soon := time.Now().Add(3 * 24 * time.Hour).UTC().Truncate(time.Minute)
	ids := first.seed(simulator.Seed{Count: 25, ExpireTime: &soon})
	ctx := within(t, 90*time.Second)
	request := &ecsdv1.PreviewRenewalsRequest{PageSize: 10, Job: &ecsdv1.CreateRenewalJobRequest{
		Selection: inNext(14 * 24 * time.Hour), Term: forOneMonth, PriceLimit: anyTotal,
	}}
	page, err := first.renewals.PreviewRenewals(ctx, request)
	if err != nil || len(page.GetRenewals()) != 10 {
		t.Fatalf("the first page: %v (%v)", page, err)
	}
	planned := page.GetRenewals()
	plan, job := page.GetPlan(), page.GetJob()
	if job.GetJobId() != "" || job.GetCounts()[0].GetCount() != 25 {
		t.Errorf("the job of the preview is %v, want 25 renewals and no ID", job)
	}
	// New instances appear, and the server restarts.
	first.seed(simulator.Seed{Count: 5, ExpireTime: &soon})
	if err := first.finish(); err != nil {
		t.Fatal(err)
	}
	second := newService(t, sim, onDisk)
	for page.GetNextPageToken() != "" {
		request.PageToken = page.GetNextPageToken()
		if page, err = second.renewals.PreviewRenewals(ctx, request); err != nil {
			t.Fatal(err)
		}
		planned = append(planned, page.GetRenewals()...)
	}
	var got []string
	for _, r := range planned {
		got = append(got, r.GetInstanceId())
	}
	if diff := cmp.Diff(map[string]bool{}, missing(ids, got)); diff != "" || len(got) != 25 {
		t.Errorf("%d renewals are planned, want the 25 of the first page (-want +got):\n%s", len(got), diff)
	}
	request.Job.Term = &ecsdv1.CreateRenewalJobRequest_Period{Period: &ecsdv1.Period{Count: 2, Unit: ecsdv1.PeriodUnit_PERIOD_UNIT_MONTH}}
	_, err = second.renewals.PreviewRenewals(ctx, request)
	wantError(t, err, codes.InvalidArgument, "INVALID_PAGE_TOKEN")
	if orders := sim.Ledger(simulator.LedgerFilter{}); len(orders) != 0 {
		t.Errorf("a preview cost %v", orders)
	}

	confirmed := &ecsdv1.CreateRenewalJobRequest{
		RequestId: uuid.NewString(), Selection: byID(got), Term: forOneMonth, PriceLimit: upTo(plan.GetTotalPrice()),
	}
	made, last := watched(t, second, confirmed)
	if made.GetState() != ecsdv1.RenewalJobState_RENEWAL_JOB_STATE_SUCCEEDED || !cmp.Equal(made.GetSpent().GetUnits(), plan.GetTotalPrice().GetUnits()) {
		t.Errorf("the job ended as %v, want SUCCEEDED for %v", made, plan.GetTotalPrice())
	}
	for _, r := range planned {
		if paid := last[r.GetInstanceId()]; paid.GetPrice().GetUnits() != r.GetPrice().GetUnits() || !paid.GetExpireTimeAfter().AsTime().Equal(r.GetExpireTimeAfter().AsTime()) {
			t.Errorf("planned %v, became %v", r, paid)
		}
	}
	again, err := second.renewals.PreviewRenewals(ctx, &ecsdv1.PreviewRenewalsRequest{Job: confirmed})
	if err != nil || again.GetJob().GetJobId() != made.GetJobId() || len(again.GetRenewals()) != 0 || again.GetPlan() != nil {
		t.Errorf("the preview of a request that has a job: %v (%v)", again, err)
	}
}

// missing returns the IDs that are not among others.
func missing(ids, others []string) map[string]bool {
	left := map[string]bool{}
	for _, id := range ids {
		left[id] = true
	}
	for _, id := range others {
		delete(left, id)
	}
	return left
}
