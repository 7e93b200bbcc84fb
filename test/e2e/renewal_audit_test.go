package e2e_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server"
	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
)

// Every charge is explained: the selection as it was sent, the notes, the name of the instance, who decided, and the
// order, by which the audit finds it.
func TestAudit_ExplainsCharges(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, func(c *server.Config) {
		c.RenewalSettle, c.RenewalTrust, c.Rates = time.Second, time.Second, []server.Rate{{Action: "RenewInstance", PerMinute: 600}}
	})
	expire := time.Now().Add(3 * 24 * time.Hour).UTC().Truncate(time.Minute)
	ids := w.seed(simulator.Seed{Count: 2, ExpireTime: &expire, NamePrefix: "web"})
	ctx := within(t, 90*time.Second)
	began := time.Now().Add(-time.Second)
	request := &ecsdv1.CreateRenewalJobRequest{
		RequestId: uuid.NewString(), Term: forOneMonth, PriceLimit: anyTotal, Note: "CC-4711",
		Selection: inWindow(&ecsdv1.ExpiryWindow{
			End:       &ecsdv1.ExpiryWindow_ExpireEndTime{ExpireEndTime: timestamppb.New(expire.Add(time.Hour))},
			RegionIds: []string{hangzhou}, IncludeExpired: proto.Bool(false), Filter: &ecsdv1.InstanceFilter{InstanceName: "web-*"},
		}),
	}
	job, last := watched(t, w, request)
	if job.GetNote() != "CC-4711" || job.GetSelection() != nil {
		t.Errorf("the watched job is %v, want its note, and no selection", job)
	}
	got, err := w.renewals.GetRenewalJob(ctx, &ecsdv1.GetRenewalJobRequest{JobId: job.GetJobId()})
	if err != nil || !proto.Equal(got.GetJob().GetSelection(), request.GetSelection()) {
		t.Errorf("the selection is %v (%v), want %v", got.GetJob().GetSelection(), err, request.GetSelection())
	}
	if account := got.GetJob().GetAccountId(); account == "" || last[ids[0]].GetAccountId() != account {
		t.Errorf("the account of the job is %q, that of a renewal %q", account, last[ids[0]].GetAccountId())
	}
	other := proto.CloneOf(request)
	other.Note = "CC-4712"
	_, err = w.renewals.CreateRenewalJob(ctx, other)
	wantError(t, err, codes.AlreadyExists, "REQUEST_ID_REUSED")

	paid, err := w.renewals.ListRenewals(ctx, &ecsdv1.ListRenewalsRequest{PaymentStartTime: timestamppb.New(began), PaymentEndTime: timestamppb.New(time.Now().Add(time.Minute))})
	if err != nil || len(paid.GetRenewals()) != 2 {
		t.Fatalf("the payments are %v (%v), want 2", paid, err)
	}
	for _, r := range paid.GetRenewals() {
		if r.GetNote() != "CC-4711" || !strings.HasPrefix(r.GetInstanceName(), "web-00") {
			t.Errorf("a charge of note %q for the instance %q, want CC-4711 and web-00N", r.GetNote(), r.GetInstanceName())
		}
		found, err := w.renewals.ListRenewals(ctx, &ecsdv1.ListRenewalsRequest{OrderId: r.GetOrderId()})
		if err != nil || len(found.GetRenewals()) != 1 || found.GetRenewals()[0].GetRenewalId() != r.GetRenewalId() {
			t.Errorf("order %s is of %v (%v), want renewal %s", r.GetOrderId(), found, err, r.GetRenewalId())
		}
	}
	none, err := w.renewals.ListRenewals(ctx, &ecsdv1.ListRenewalsRequest{PaymentEndTime: timestamppb.New(began)})
	if err != nil || len(none.GetRenewals()) != 0 {
		t.Errorf("payments before the job: %v (%v)", none, err)
	}

	// The outcome of a renewal stays unknown, and an operator decides.
	w.fault(simulator.Fault{Kind: control.Reset, Action: "RenewInstance"})
	doubtful := w.seed(simulator.Seed{ExpireTime: &expire})[0]
	_, _ = w.renewals.RenewInstance(within(t, 5*time.Second), &ecsdv1.RenewInstanceRequest{
		InstanceId: doubtful, Period: oneMonth, RequestId: uuid.NewString(), PriceLimit: anyPrice, Note: "OPS-1",
	})
	var renewal *ecsdv1.Renewal
	w.wait("a decision is needed", func() bool {
		page, err := w.renewals.ListRenewals(ctx, &ecsdv1.ListRenewalsRequest{InstanceId: doubtful})
		if err != nil || len(page.GetRenewals()) != 1 {
			return false
		}
		renewal = page.GetRenewals()[0]
		return renewal.GetState() == ecsdv1.RenewalState_RENEWAL_STATE_NEEDS_ATTENTION
	})
	resolved, err := w.renewals.ResolveRenewal(ctx, &ecsdv1.ResolveRenewalRequest{
		RenewalId: renewal.GetRenewalId(), Resolution: ecsdv1.RenewalResolution_RENEWAL_RESOLUTION_MARK_NOT_PAID, Note: "OPS-2: no order in the console",
	})
	if err != nil || len(resolved.GetRenewal().GetDecisions()) != 1 {
		t.Fatalf("the decision: %v (%v)", resolved, err)
	}
	if d := resolved.GetRenewal().GetDecisions()[0]; d.GetNote() != "OPS-2: no order in the console" || d.GetDecideTime() == nil ||
		d.GetResolution() != ecsdv1.RenewalResolution_RENEWAL_RESOLUTION_MARK_NOT_PAID || resolved.GetRenewal().GetNote() != "OPS-1" {
		t.Errorf("the decision is %v of %v", d, resolved.GetRenewal())
	}
}
