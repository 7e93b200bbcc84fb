package e2e_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server"
	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
)

// A job over a window charges exactly what its dry run reports, to the last unit of its budget, and a retry pays
// nothing more.
func TestRenewalJob(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, nil)
	soon, late := time.Now().Add(3*24*time.Hour).UTC().Truncate(time.Minute), time.Now().Add(60*24*time.Hour).UTC()
	for range 5 {
		w.seed(simulator.Seed{ExpireTime: &soon})
	}
	w.seed(simulator.Seed{ExpireTime: &late})
	ctx := within(t, 60*time.Second)
	request := &ecsdv1.CreateRenewalJobRequest{
		RequestId: uuid.NewString(), Selection: inNext(14 * 24 * time.Hour), Term: forOneMonth, PriceLimit: anyTotal, ValidateOnly: true,
	}
	plan, err := w.renewals.PreviewRenewals(ctx, &ecsdv1.PreviewRenewalsRequest{Job: request})
	if err != nil || len(plan.GetRenewals()) != 5 {
		t.Fatalf("the rehearsal: %v (%v)", plan, err)
	}
	if orders := w.sim.Ledger(simulator.LedgerFilter{}); len(orders) != 0 {
		t.Fatalf("a rehearsal cost %v", orders)
	}
	// One unit less than the total: one of the five does not fit.
	budget := plan.GetJob().GetReserved()
	budget.Units--
	request.ValidateOnly, request.PriceLimit = false, upTo(budget)
	job, last := watched(t, w, request)
	if job.GetState() != ecsdv1.RenewalJobState_RENEWAL_JOB_STATE_PARTIAL || len(last) != 5 {
		t.Errorf("the job ended as %v with %d renewals", job, len(last))
	}
	orders := w.sim.Ledger(simulator.LedgerFilter{})
	if len(orders) != 4 {
		t.Errorf("%d charges, want 4: %v", len(orders), orders)
	}
	for _, o := range orders {
		r := last[o.InstanceID]
		if r.GetState() != ecsdv1.RenewalState_RENEWAL_STATE_RENEWED || r.GetOrderId() != o.OrderID {
			t.Errorf("charge %v, our ledger has %v", o, r)
		}
		delete(last, o.InstanceID)
	}
	for _, r := range last {
		if r.GetState() != ecsdv1.RenewalState_RENEWAL_STATE_SKIPPED || r.GetReason() != "BUDGET_EXCEEDED" {
			t.Errorf("without a charge: %v", r)
		}
	}
	again, err := w.renewals.CreateRenewalJob(ctx, request)
	if err != nil || again.GetJob().GetJobId() != job.GetJobId() {
		t.Errorf("retry: %v (%v)", again, err)
	}
	_, err = w.renewals.CancelRenewalJob(ctx, &ecsdv1.CancelRenewalJobRequest{JobId: job.GetJobId()})
	wantError(t, err, codes.FailedPrecondition, "JOB_FINISHED")
	request.Term = &ecsdv1.CreateRenewalJobRequest_Period{Period: &ecsdv1.Period{Count: 2, Unit: ecsdv1.PeriodUnit_PERIOD_UNIT_MONTH}}
	_, err = w.renewals.CreateRenewalJob(ctx, request)
	wantError(t, err, codes.AlreadyExists, "REQUEST_ID_REUSED")

	var listed int
	for token := ""; ; {
		page, err := w.renewals.ListRenewals(ctx, &ecsdv1.ListRenewalsRequest{JobId: job.GetJobId(), PageSize: 2, PageToken: token})
		if err != nil {
			t.Fatal(err)
		}
		listed += len(page.GetRenewals())
		if token = page.GetNextPageToken(); token == "" {
			break
		}
	}
	jobs, err := w.renewals.ListRenewalJobs(ctx, &ecsdv1.ListRenewalJobsRequest{})
	if err != nil || listed != 5 || len(jobs.GetJobs()) != 1 {
		t.Errorf("lists: %d renewals, %v (%v)", listed, jobs, err)
	}
	_, err = w.renewals.ResolveRenewal(ctx, &ecsdv1.ResolveRenewalRequest{
		RenewalId: orderOf(t, w, job.GetJobId()), Resolution: ecsdv1.RenewalResolution_RENEWAL_RESOLUTION_TRY_AGAIN,
	})
	wantError(t, err, codes.FailedPrecondition, "RENEWAL_SETTLED")
	if n := len(w.sim.Ledger(simulator.LedgerFilter{})); n != 4 {
		t.Errorf("%d charges at the end, want 4", n)
	}
}

// orderOf returns a renewal of the job.
func orderOf(t *testing.T, w *world, jobID string) string {
	t.Helper()
	page, err := w.renewals.ListRenewals(within(t, 10*time.Second), &ecsdv1.ListRenewalsRequest{JobId: jobID, PageSize: 1})
	if err != nil || len(page.GetRenewals()) != 1 {
		t.Fatalf("a page of one: %v (%v)", page, err)
	}
	return page.GetRenewals()[0].GetRenewalId()
}

// Invalid jobs are rejected, and nothing is stored.
func TestRenewalJob_Invalid(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, func(c *server.Config) { c.Limits.JobSize = 3 })
	later := control.Duration(60 * 24 * time.Hour)
	ids := w.seed(simulator.Seed{Count: 4, ExpireAfter: &later})
	now := time.Now()
	period := func(months int32) *ecsdv1.CreateRenewalJobRequest_Period {
		return &ecsdv1.CreateRenewalJobRequest_Period{Period: &ecsdv1.Period{Count: months, Unit: ecsdv1.PeriodUnit_PERIOD_UNIT_MONTH}}
	}
	day := func(day int32) *ecsdv1.CreateRenewalJobRequest_TargetExpireDay {
		return &ecsdv1.CreateRenewalJobRequest_TargetExpireDay{TargetExpireDay: day}
	}
	for name, c := range map[string]struct {
		change func(*ecsdv1.CreateRenewalJobRequest)
		code   codes.Code
		reason string
	}{
		"no limit":               {func(q *ecsdv1.CreateRenewalJobRequest) { q.PriceLimit = nil }, codes.InvalidArgument, "INVALID_FIELD"},
		"any price, denied":      {func(q *ecsdv1.CreateRenewalJobRequest) { q.PriceLimit = &ecsdv1.CreateRenewalJobRequest_AnyPrice{} }, codes.InvalidArgument, "INVALID_FIELD"},
		"no budget unit":         {func(q *ecsdv1.CreateRenewalJobRequest) { q.PriceLimit = upTo(&ecsdv1.Money{Units: 5}) }, codes.InvalidArgument, "INVALID_FIELD"},
		"an empty window":        {func(*ecsdv1.CreateRenewalJobRequest) {}, codes.FailedPrecondition, "NOTHING_TO_RENEW"},
		"no selection":           {func(q *ecsdv1.CreateRenewalJobRequest) { q.Selection = nil }, codes.InvalidArgument, "INVALID_FIELD"},
		"no instances":           {func(q *ecsdv1.CreateRenewalJobRequest) { q.Selection = byID(nil) }, codes.InvalidArgument, "INVALID_FIELD"},
		"no end of the window":   {func(q *ecsdv1.CreateRenewalJobRequest) { q.Selection = inWindow(&ecsdv1.ExpiryWindow{}) }, codes.InvalidArgument, "INVALID_FIELD"},
		"a period not sold":      {func(q *ecsdv1.CreateRenewalJobRequest) { q.Term = period(11) }, codes.InvalidArgument, "PERIOD_NOT_SOLD"},
		"a region not served":    {func(q *ecsdv1.CreateRenewalJobRequest) { q.Selection.GetWindow().RegionIds = []string{"cn-atlantis"} }, codes.InvalidArgument, "UNKNOWN_REGION"},
		"neither period nor day": {func(q *ecsdv1.CreateRenewalJobRequest) { q.Term = nil }, codes.InvalidArgument, "INVALID_FIELD"},
		"a day no month has":     {func(q *ecsdv1.CreateRenewalJobRequest) { q.Term = day(29) }, codes.InvalidArgument, "INVALID_FIELD"},
		"day 0":                  {func(q *ecsdv1.CreateRenewalJobRequest) { q.Term = day(0) }, codes.InvalidArgument, "INVALID_FIELD"},
		"a day below":            {func(q *ecsdv1.CreateRenewalJobRequest) { q.Term = day(-1) }, codes.InvalidArgument, "INVALID_FIELD"},
		"a budget in another currency": {func(q *ecsdv1.CreateRenewalJobRequest) {
			q.Selection, q.PriceLimit = byID(ids[:2]), upTo(&ecsdv1.Money{CurrencyCode: "USD", Units: 500})
		}, codes.FailedPrecondition, "CURRENCY_MISMATCH"},
		"a window that ends first": {func(q *ecsdv1.CreateRenewalJobRequest) {
			q.Selection = inWindow(&ecsdv1.ExpiryWindow{
				ExpireStartTime: timestamppb.New(now.Add(time.Hour)), End: &ecsdv1.ExpiryWindow_ExpireEndTime{ExpireEndTime: timestamppb.New(now)},
			})
		}, codes.InvalidArgument, "INVALID_FIELD"},
		"too many ids":           {func(q *ecsdv1.CreateRenewalJobRequest) { q.Selection = byID(ids) }, codes.InvalidArgument, "JOB_TOO_LARGE"},
		"too many in the window": {func(q *ecsdv1.CreateRenewalJobRequest) { q.Selection = inNext(90 * 24 * time.Hour) }, codes.InvalidArgument, "JOB_TOO_LARGE"},
		"a budget for no price": {func(q *ecsdv1.CreateRenewalJobRequest) {
			q.Term = &ecsdv1.CreateRenewalJobRequest_Period{Period: &ecsdv1.Period{Count: 1, Unit: ecsdv1.PeriodUnit_PERIOD_UNIT_WEEK}}
			q.PriceLimit = upTo(&ecsdv1.Money{CurrencyCode: "CNY", Units: 5})
		}, codes.FailedPrecondition, "PRICE_UNAVAILABLE"},
	} {
		t.Run(name, func(t *testing.T) {
			q := &ecsdv1.CreateRenewalJobRequest{
				RequestId: uuid.NewString(), Selection: inNext(7 * 24 * time.Hour), Term: period(1), PriceLimit: anyTotal,
			}
			c.change(q)
			for _, q.ValidateOnly = range []bool{true, false} {
				_, err := w.renewals.CreateRenewalJob(within(t, 20*time.Second), q)
				wantError(t, err, c.code, c.reason)
			}
		})
	}
	_, err := w.renewals.CreateRenewalJob(within(t, 20*time.Second), &ecsdv1.CreateRenewalJobRequest{
		Selection: inNext(90 * 24 * time.Hour), Term: period(1), PriceLimit: anyTotal,
	})
	wantError(t, err, codes.InvalidArgument, "INVALID_FIELD") // a request_id, which a dry run does not need
	jobs, err := w.renewals.ListRenewalJobs(within(t, 10*time.Second), &ecsdv1.ListRenewalJobsRequest{})
	if err != nil || len(jobs.GetJobs()) != 0 {
		t.Errorf("rejected jobs are stored: %v (%v)", jobs, err)
	}
	if orders := w.sim.Ledger(simulator.LedgerFilter{}); len(orders) != 0 {
		t.Errorf("rejected jobs are paid: %v", orders)
	}
	_, err = w.renewals.GetRenewalJob(within(t, 10*time.Second), &ecsdv1.GetRenewalJobRequest{JobId: "nobody"})
	wantError(t, err, codes.NotFound, "JOB_NOT_FOUND")
}

// A request is the same request at any later time, however its window is given. It is another request if any of its
// times differs.
func TestRenewalJob_Retry(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, nil)
	expire := time.Now().Add(3 * 24 * time.Hour).UTC().Truncate(time.Minute)
	at := func(days int) *timestamppb.Timestamp {
		return timestamppb.New(time.Now().UTC().Truncate(time.Hour).AddDate(0, 0, days))
	}
	week := &ecsdv1.ExpiryWindow_Within{Within: durationpb.New(7 * 24 * time.Hour)}
	to := func(days int) *ecsdv1.ExpiryWindow_ExpireEndTime {
		return &ecsdv1.ExpiryWindow_ExpireEndTime{ExpireEndTime: at(days)}
	}
	for name, c := range map[string]struct {
		window, other *ecsdv1.ExpiryWindow
	}{
		"within":             {&ecsdv1.ExpiryWindow{End: week}, &ecsdv1.ExpiryWindow{End: week, ExpireStartTime: at(1)}},
		"within, from a day": {&ecsdv1.ExpiryWindow{End: week, ExpireStartTime: at(1)}, &ecsdv1.ExpiryWindow{End: week, ExpireStartTime: at(2)}},
		"to a day":           {&ecsdv1.ExpiryWindow{End: to(7)}, &ecsdv1.ExpiryWindow{End: to(8)}},
		"from day to day":    {&ecsdv1.ExpiryWindow{ExpireStartTime: at(1), End: to(7)}, &ecsdv1.ExpiryWindow{ExpireStartTime: at(2), End: to(7)}},
	} {
		t.Run(name, func(t *testing.T) {
			w.seed(simulator.Seed{ExpireTime: &expire}) // the jobs before may have renewed theirs
			asked := &ecsdv1.CreateRenewalJobRequest{RequestId: uuid.NewString(), Selection: inWindow(c.window), Term: forOneMonth, PriceLimit: anyTotal}
			other := &ecsdv1.CreateRenewalJobRequest{RequestId: asked.GetRequestId(), Selection: inWindow(c.other), Term: forOneMonth, PriceLimit: anyTotal}
			first, err := w.renewals.CreateRenewalJob(within(t, 20*time.Second), asked)
			if err != nil {
				t.Fatal(err)
			}
			again, err := w.renewals.CreateRenewalJob(within(t, 20*time.Second), asked)
			if err != nil || again.GetJob().GetJobId() != first.GetJob().GetJobId() {
				t.Errorf("retry: %v (%v)", again, err)
			}
			_, err = w.renewals.CreateRenewalJob(within(t, 20*time.Second), other)
			wantError(t, err, codes.AlreadyExists, "REQUEST_ID_REUSED")
		})
	}
}
