package api

import (
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/fingerprint"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/renewal"
)

func period(count int32, unit ecsdv1.PeriodUnit) *ecsdv1.Period {
	return &ecsdv1.Period{Count: count, Unit: unit}
}

func TestNormaliseJob_ListsHaveNoOrder(t *testing.T) {
	full := func() *ecsdv1.InstanceFilter {
		return &ecsdv1.InstanceFilter{
			Statuses: []ecsdv1.InstanceStatus{1, 2}, ZoneIds: []string{"a", "b"}, InstanceTypes: []string{"a", "b"},
			LockReasons: []ecsdv1.LockReason{1, 2}, AutoRenewStatuses: []ecsdv1.AutoRenewStatus{1, 2},
			PrivateIpAddresses: []string{"a", "b"}, PublicIpAddresses: []string{"a", "b"},
			Tags: []*ecsdv1.Tag{{Key: "a"}, {Key: "b"}},
		}
	}
	of := func(f *ecsdv1.InstanceFilter) string {
		return fingerprint.Of("CreateRenewalJob", &ecsdv1.CreateRenewalJobRequest{Filter: f}, "", normaliseJob)
	}
	base := of(full())
	fields := full().ProtoReflect().Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		if !f.IsList() || f.Name() == "charge_types" { // only SUBSCRIPTION is accepted
			continue
		}
		reversed := full()
		list := reversed.ProtoReflect().Mutable(f).List()
		if list.Len() != 2 {
			t.Errorf("%s is not in the test", f.Name())
			continue
		}
		a, b := list.Get(0), list.Get(1)
		list.Set(0, b)
		list.Set(1, a)
		if of(reversed) != base {
			t.Errorf("%s in other order is another request", f.Name())
		}
	}
}

func TestNormaliseJob_EqualMeanings(t *testing.T) {
	of := func(change func(*ecsdv1.CreateRenewalJobRequest)) string {
		req := &ecsdv1.CreateRenewalJobRequest{
			RequestId: "0f1c8a52-6c0e-4ae3-9a35-6d1a1f3b7c11", Within: durationpb.New(14 * 24 * time.Hour),
			Period: period(12, ecsdv1.PeriodUnit_PERIOD_UNIT_MONTH), RegionIds: []string{"cn-beijing", "cn-hangzhou"},
		}
		change(req)
		return fingerprint.Of("CreateRenewalJob", req, "", normaliseJob)
	}
	base := of(func(*ecsdv1.CreateRenewalJobRequest) {})
	for name, c := range map[string]struct {
		change func(*ecsdv1.CreateRenewalJobRequest)
		same   bool
	}{
		"a year":                 {func(r *ecsdv1.CreateRenewalJobRequest) { r.Period = period(1, ecsdv1.PeriodUnit_PERIOD_UNIT_YEAR) }, true},
		"a dry run":              {func(r *ecsdv1.CreateRenewalJobRequest) { r.ValidateOnly = true }, true},
		"expired, said":          {func(r *ecsdv1.CreateRenewalJobRequest) { r.IncludeExpired = proto.Bool(true) }, true},
		"regions in other order": {func(r *ecsdv1.CreateRenewalJobRequest) { r.RegionIds = []string{"cn-hangzhou", "cn-beijing"} }, true},
		"an empty filter":        {func(r *ecsdv1.CreateRenewalJobRequest) { r.Filter = &ecsdv1.InstanceFilter{} }, true},
		"subscriptions, said": {func(r *ecsdv1.CreateRenewalJobRequest) {
			r.Filter = &ecsdv1.InstanceFilter{ChargeTypes: []ecsdv1.ChargeType{ecsdv1.ChargeType_CHARGE_TYPE_SUBSCRIPTION}}
		}, true},
		"without expired": {func(r *ecsdv1.CreateRenewalJobRequest) { r.IncludeExpired = proto.Bool(false) }, false},
		"another period":  {func(r *ecsdv1.CreateRenewalJobRequest) { r.Period.Count = 9 }, false},
		"a budget": {func(r *ecsdv1.CreateRenewalJobRequest) {
			r.MaxTotalPrice = &ecsdv1.Money{CurrencyCode: "CNY", Units: 1}
		}, false},
		"another window": {func(r *ecsdv1.CreateRenewalJobRequest) { r.Within = durationpb.New(time.Hour) }, false},
		"a fixed window": {func(r *ecsdv1.CreateRenewalJobRequest) {
			r.Within, r.ExpireEndTime = nil, timestamppb.New(time.Unix(2_000_000_000, 0))
		}, false},
		"a filter": {func(r *ecsdv1.CreateRenewalJobRequest) { r.Filter = &ecsdv1.InstanceFilter{ZoneIds: []string{"a"}} }, false},
	} {
		if got := of(c.change); (got == base) != c.same {
			t.Errorf("%s: same fingerprint is %t, want %t", name, got == base, c.same)
		}
	}
}

// Builds with one value per part of a filter stored fingerprints of its bytes.
func TestInstanceFilter_OneValueKeepsItsBytes(t *testing.T) {
	filter := &ecsdv1.InstanceFilter{
		Statuses:    []ecsdv1.InstanceStatus{ecsdv1.InstanceStatus_INSTANCE_STATUS_RUNNING},
		ChargeTypes: []ecsdv1.ChargeType{ecsdv1.ChargeType_CHARGE_TYPE_SUBSCRIPTION},
		ZoneIds:     []string{"z"}, InstanceTypes: []string{"t"},
		LockReasons: []ecsdv1.LockReason{ecsdv1.LockReason_LOCK_REASON_FINANCIAL},
	}
	got, err := proto.MarshalOptions{Deterministic: true}.Marshal(filter)
	if want := "\x18\x03\x20\x02\x4a\x01z\x52\x01t\x58\x01"; err != nil || string(got) != want {
		t.Errorf("the bytes are %x, want %x", got, want)
	}
}

func TestRenewFingerprint_EqualMeanings(t *testing.T) {
	of := func(change func(*ecsdv1.RenewInstanceRequest)) string {
		req := &ecsdv1.RenewInstanceRequest{
			RequestId: "0f1c8a52-6c0e-4ae3-9a35-6d1a1f3b7c11", InstanceId: "i-1", Period: period(12, ecsdv1.PeriodUnit_PERIOD_UNIT_MONTH),
		}
		change(req)
		return fingerprint.Of("RenewInstance", req, "cn-hangzhou", nil)
	}
	base := of(func(*ecsdv1.RenewInstanceRequest) {})
	if of(func(r *ecsdv1.RenewInstanceRequest) { r.Period = period(1, ecsdv1.PeriodUnit_PERIOD_UNIT_YEAR) }) != base {
		t.Error("12 months and 1 year are two requests")
	}
	if of(func(r *ecsdv1.RenewInstanceRequest) { r.RegionId = "cn-hangzhou" }) != base {
		t.Error("the default region and an empty one are two requests")
	}
	if of(func(r *ecsdv1.RenewInstanceRequest) { r.ExpectedExpireTime = timestamppb.Now() }) == base {
		t.Error("an expected expiry is the same request")
	}
}

func TestPlanResponse(t *testing.T) {
	at := time.Unix(2_000_000_000, 0).UTC()
	cny := func(units int64) ecs.Money { return ecs.Money{CurrencyCode: "CNY", Units: units} }
	plan := renewal.Plan{
		Renewals: []ledger.Renewal{{InstanceID: "i-2", State: ledger.Planned}, {InstanceID: "i-1", State: ledger.Planned}},
		Total:    cny(100), Everything: cny(300), LeftOut: 4,
		Recent: map[string]ledger.Prior{"i-1": {ID: "r-0", RequestID: "q-0", State: ledger.Renewed, PaidTime: at, ExpireBefore: at.Add(-time.Hour)}},
	}
	resp := planResponse(renewal.Job{}, plan)
	if ids := resp.Renewals[0].GetInstanceId() + " " + resp.Renewals[1].GetInstanceId(); ids != "i-2 i-1" {
		t.Errorf("the order is %s, want that of the plan", ids)
	}
	if p := resp.GetPlan(); p.GetTotalPrice().GetUnits() != 100 || p.GetTotalPriceWithoutBudget().GetUnits() != 300 || p.GetExpiredLeftOutCount() != 4 {
		t.Errorf("the plan is %v", p)
	}
	if resp.Renewals[0].GetRecentRenewal() != nil {
		t.Errorf("i-2 has a recent renewal: %v", resp.Renewals[0].GetRecentRenewal())
	}
	wantFull(t, resp.Renewals[1].GetRecentRenewal().ProtoReflect())
	if resp := planResponse(renewal.Job{Job: ledger.Job{ID: "j-1"}}, renewal.Plan{}); resp.GetPlan() != nil {
		t.Errorf("a job that was made before has the plan %v", resp.GetPlan())
	}
}

func TestStatus_Replayed(t *testing.T) {
	facts := map[string]string{"replayed": "true", "original_time": "2026-11-28T10:00:00Z"}
	for name, c := range map[string]struct {
		err  *ecs.Error
		want []string
		not  string
	}{
		"a refusal":   {&ecs.Error{Reason: ecs.ReasonInsufficientBalance, Message: "no money", Facts: facts}, []string{"no money", "first returned at 2026-11-28T10:00:00Z", "use a new request_id"}, ""},
		"unknown":     {&ecs.Error{Reason: ecs.ReasonOutcomeUnknown, Message: "no response", Facts: facts, Effect: ecs.EffectUnknown}, []string{"first returned", "a second time"}, "use a new"},
		"a first one": {&ecs.Error{Reason: ecs.ReasonInsufficientBalance, Message: "no money"}, []string{"no money"}, "replayed"},
	} {
		message := status.Convert(StatusError(c.err)).Message()
		for _, text := range c.want {
			if !strings.Contains(message, text) {
				t.Errorf("%s: %q does not contain %q", name, message, text)
			}
		}
		if c.not != "" && strings.Contains(message, c.not) {
			t.Errorf("%s: %q contains %q", name, message, c.not)
		}
	}
}
