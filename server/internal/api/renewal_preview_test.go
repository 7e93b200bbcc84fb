package api

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/renewal"
)

// planner makes the same plan for every request, and keeps one.
type planner struct {
	Renewals
	job   renewal.Job
	plan  renewal.Plan
	plans int
	kept  [][]byte
}

func (p *planner) Preview(context.Context, renewal.JobRequest) (renewal.Job, renewal.Plan, error) {
	p.plans++
	return p.job, p.plan, nil
}

func (p *planner) Keep(_ context.Context, parts [][]byte) (string, error) {
	p.kept = parts
	return "kept", nil
}

func (p *planner) Kept(_ context.Context, id string, part int) ([]byte, error) {
	if id != "kept" || part >= len(p.kept) {
		return nil, ecs.ErrNoRecord
	}
	return p.kept[part], nil
}

func previewOf(size int) *ecsdv1.PreviewRenewalsRequest {
	return &ecsdv1.PreviewRenewalsRequest{PageSize: int32(size), Job: &ecsdv1.CreateRenewalJobRequest{
		Selection: byID("", "i-1"), Term: months(1), PriceLimit: anyTotal,
	}}
}

// pages reads all pages, each below the limit of bytes, and returns the first
// and all renewals.
func pages(t *testing.T, renewals ecsdv1.RenewalServiceClient, request *ecsdv1.PreviewRenewalsRequest) (first *ecsdv1.PreviewRenewalsResponse, all []*ecsdv1.Renewal) {
	t.Helper()
	for number := 0; number == 0 || request.PageToken != ""; number++ {
		page, err := renewals.PreviewRenewals(t.Context(), request)
		if err != nil {
			t.Fatalf("page %d: %v", number, err)
		}
		if n := proto.Size(page); n > maxPageBytes+4<<10 {
			t.Errorf("page %d has %d bytes", number, n)
		}
		switch {
		case number == 0:
			first = page
		case page.GetJob() != nil || page.GetPlan() != nil:
			t.Errorf("page %d has a job or a plan", number)
		}
		if len(page.GetRenewals()) == 0 && page.GetNextPageToken() != "" {
			t.Fatalf("page %d is empty, and not the last", number)
		}
		all = append(all, page.GetRenewals()...)
		request.PageToken = page.GetNextPageToken()
	}
	return first, all
}

func planOf(size int, message string) renewal.Plan {
	plan := renewal.Plan{Total: ecs.Money{CurrencyCode: "CNY", Units: 100}, Everything: ecs.Money{CurrencyCode: "CNY", Units: 300}, LeftOut: 4}
	for n := range size {
		plan.Renewals = append(plan.Renewals, ledger.Renewal{
			InstanceID: fmt.Sprintf("i-%d", n), State: ledger.Skipped, Failure: ledger.Failure{Reason: ecs.ReasonAlreadyRenewed, Message: message},
		})
	}
	return plan
}

// A plan of any size comes whole, in its order, computed once.
func TestPreviewRenewals_Pages(t *testing.T) {
	for name, c := range map[string]struct {
		plan renewal.Plan
		size int
	}{
		"one page":              {planOf(100, "paid"), 100},
		"pages of seven":        {planOf(100, "paid"), 7},
		"10,000 in the largest": {planOf(10_000, strings.Repeat("m", 200)), 1000},
		"10,000, uneven":        {planOf(10_000, strings.Repeat("m", 200)), 333},
		"pages full of bytes":   {planOf(3000, strings.Repeat("m", 4000)), 1000},
	} {
		p := &planner{plan: c.plan}
		first, all := pages(t, ecsdv1.NewRenewalServiceClient(dialComponents(t, Components{Renewals: p, RenewalPreviews: p})), previewOf(c.size))
		if plan := first.GetPlan(); plan.GetTotalPrice().GetUnits() != 100 || plan.GetTotalPriceWithoutBudget().GetUnits() != 300 || plan.GetExpiredLeftOutCount() != 4 {
			t.Errorf("%s: the plan is %v", name, plan)
		}
		if len(all) != len(c.plan.Renewals) {
			t.Fatalf("%s: %d renewals, want %d", name, len(all), len(c.plan.Renewals))
		}
		for i, r := range all {
			if r.GetInstanceId() != c.plan.Renewals[i].InstanceID {
				t.Fatalf("%s: renewal %d is of %s, want %s", name, i, r.GetInstanceId(), c.plan.Renewals[i].InstanceID)
			}
		}
		if p.plans != 1 {
			t.Errorf("%s: planned %d times, want once", name, p.plans)
		}
		if kept := len(p.kept) > 0; kept != (len(all) > c.size) {
			t.Errorf("%s: the plan is stored: %t", name, kept)
		}
	}
}

func TestPreviewRenewals_RecentRenewal(t *testing.T) {
	at := time.Unix(2_000_000_000, 0).UTC()
	plan := planOf(2, "")
	plan.Recent = map[string]ledger.Prior{"i-1": {ID: "r-0", RequestID: "q-0", State: ledger.Renewed, PaidTime: at, ExpireBefore: at.Add(-time.Hour)}}
	_, all := pages(t, ecsdv1.NewRenewalServiceClient(dialComponents(t, Components{Renewals: &planner{plan: plan}})), previewOf(10))
	if all[0].GetRecentRenewal() != nil {
		t.Errorf("i-0 has a recent renewal: %v", all[0].GetRecentRenewal())
	}
	wantFull(t, all[1].GetRecentRenewal().ProtoReflect())
}

// A request that has a job gets the job, and no plan.
func TestPreviewRenewals_OfAJob(t *testing.T) {
	p := &planner{job: renewal.Job{Job: ledger.Job{ID: "j-1"}}}
	first, all := pages(t, ecsdv1.NewRenewalServiceClient(dialComponents(t, Components{Renewals: p, RenewalPreviews: p})), previewOf(10))
	if first.GetJob().GetJobId() != "j-1" || first.GetPlan() != nil || len(all) != 0 {
		t.Errorf("got %v and %d renewals, want job j-1 alone", first, len(all))
	}
}

func TestPreviewRenewals_Tokens(t *testing.T) {
	p := &planner{plan: planOf(30, "")}
	renewals := ecsdv1.NewRenewalServiceClient(dialComponents(t, Components{Renewals: p, RenewalPreviews: p}))
	request := previewOf(10)
	page, err := renewals.PreviewRenewals(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*ecsdv1.PreviewRenewalsRequest){
		"of another request":  func(r *ecsdv1.PreviewRenewalsRequest) { r.Job.Term = months(2) },
		"of another limit":    func(r *ecsdv1.PreviewRenewalsRequest) { r.Job.PriceLimit = upTo(1, 0) },
		"changed":             func(r *ecsdv1.PreviewRenewalsRequest) { r.PageToken = "x" + r.PageToken },
		"of a forgotten plan": func(*ecsdv1.PreviewRenewalsRequest) { p.kept = nil },
	} {
		kept, bad := p.kept, previewOf(10)
		bad.PageToken = page.GetNextPageToken()
		change(bad)
		_, err := renewals.PreviewRenewals(t.Context(), bad)
		wantReason(t, name, err, codes.InvalidArgument, "INVALID_PAGE_TOKEN")
		p.kept = kept
	}
	_, err = renewals.PreviewRenewals(t.Context(), &ecsdv1.PreviewRenewalsRequest{})
	wantReason(t, "no job", err, codes.InvalidArgument, "INVALID_FIELD")
	bad := previewOf(10)
	bad.Job.Selection = byID("", "i 1")
	_, err = renewals.PreviewRenewals(t.Context(), bad)
	if err == nil || !strings.Contains(err.Error(), "job.selection.instances.instance_ids[0]") {
		t.Errorf("a bad ID: %v, want its path", err)
	}
}

func wantReason(t *testing.T, when string, err error, code codes.Code, reason string) {
	t.Helper()
	got := ""
	for _, detail := range status.Convert(err).Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok {
			got = info.GetReason()
		}
	}
	if status.Code(err) != code || got != reason {
		t.Errorf("%s: %v with reason %q, want %s with %s", when, err, got, code, reason)
	}
}
