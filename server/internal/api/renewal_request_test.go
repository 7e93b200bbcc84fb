package api

import (
	"slices"
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
	"github.com/ecsd-io/ecsd/server/internal/renewal"
)

func period(count int32, unit ecsdv1.PeriodUnit) *ecsdv1.Period {
	return &ecsdv1.Period{Count: count, Unit: unit}
}

const goodRequest = "0f1c8a52-6c0e-4ae3-9a35-6d1a1f3b7c11"

var (
	anyTotal = &ecsdv1.CreateRenewalJobRequest_AnyPrice{AnyPrice: true}
	anyPrice = &ecsdv1.RenewInstanceRequest_AnyPrice{AnyPrice: true}
)

func inWindow(w *ecsdv1.ExpiryWindow) *ecsdv1.RenewalSelection {
	return &ecsdv1.RenewalSelection{By: &ecsdv1.RenewalSelection_Window{Window: w}}
}

func byID(regionID string, ids ...string) *ecsdv1.RenewalSelection {
	return &ecsdv1.RenewalSelection{By: &ecsdv1.RenewalSelection_Instances{Instances: &ecsdv1.NamedInstances{RegionId: regionID, InstanceIds: ids}}}
}

func within(span time.Duration) *ecsdv1.ExpiryWindow_Within {
	return &ecsdv1.ExpiryWindow_Within{Within: durationpb.New(span)}
}

func upTo(units int64, nanos int32) *ecsdv1.CreateRenewalJobRequest_MaxTotalPrice {
	return &ecsdv1.CreateRenewalJobRequest_MaxTotalPrice{MaxTotalPrice: &ecsdv1.Money{CurrencyCode: "CNY", Units: units, Nanos: nanos}}
}

func months(count int32) *ecsdv1.CreateRenewalJobRequest_Period {
	return &ecsdv1.CreateRenewalJobRequest_Period{Period: period(count, ecsdv1.PeriodUnit_PERIOD_UNIT_MONTH)}
}

// jobFingerprints returns the fingerprints of a request that is valid.
func jobFingerprints(t *testing.T, req *ecsdv1.CreateRenewalJobRequest) renewal.JobRequest {
	t.Helper()
	s := &renewalService{regions: newRegions([]string{"cn-hangzhou", "cn-beijing"})}
	var c check
	q := s.jobRequest(&c, req, false)
	if err := c.err(); err != nil {
		t.Fatal(err)
	}
	return q
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
		req := &ecsdv1.CreateRenewalJobRequest{Selection: inWindow(&ecsdv1.ExpiryWindow{Filter: f})}
		return fingerprint.Of("CreateRenewalJob", req, "", (&renewalService{}).normaliseJob)
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

func TestJobFingerprint_EqualMeanings(t *testing.T) {
	of := func(change func(*ecsdv1.CreateRenewalJobRequest)) string {
		req := &ecsdv1.CreateRenewalJobRequest{
			RequestId: goodRequest, Term: months(12), PriceLimit: anyTotal,
			Selection: inWindow(&ecsdv1.ExpiryWindow{RegionIds: []string{"cn-beijing", "cn-hangzhou"}, End: within(14 * 24 * time.Hour)}),
		}
		change(req)
		return jobFingerprints(t, req).Fingerprint
	}
	base := of(func(*ecsdv1.CreateRenewalJobRequest) {})
	for name, c := range map[string]struct {
		change func(*ecsdv1.CreateRenewalJobRequest)
		same   bool
	}{
		"a year": {func(r *ecsdv1.CreateRenewalJobRequest) {
			r.Term = &ecsdv1.CreateRenewalJobRequest_Period{Period: period(1, ecsdv1.PeriodUnit_PERIOD_UNIT_YEAR)}
		}, true},
		"a dry run":     {func(r *ecsdv1.CreateRenewalJobRequest) { r.ValidateOnly = true }, true},
		"expired, said": {func(r *ecsdv1.CreateRenewalJobRequest) { r.Selection.GetWindow().IncludeExpired = proto.Bool(true) }, true},
		"regions in other order": {func(r *ecsdv1.CreateRenewalJobRequest) {
			r.Selection.GetWindow().RegionIds = []string{"cn-hangzhou", "cn-beijing"}
		}, true},
		"an empty filter": {func(r *ecsdv1.CreateRenewalJobRequest) { r.Selection.GetWindow().Filter = &ecsdv1.InstanceFilter{} }, true},
		"subscriptions, said": {func(r *ecsdv1.CreateRenewalJobRequest) {
			r.Selection.GetWindow().Filter = &ecsdv1.InstanceFilter{ChargeTypes: []ecsdv1.ChargeType{ecsdv1.ChargeType_CHARGE_TYPE_SUBSCRIPTION}}
		}, true},
		"without expired": {func(r *ecsdv1.CreateRenewalJobRequest) { r.Selection.GetWindow().IncludeExpired = proto.Bool(false) }, false},
		"another period":  {func(r *ecsdv1.CreateRenewalJobRequest) { r.Term = months(9) }, false},
		"a limit":         {func(r *ecsdv1.CreateRenewalJobRequest) { r.PriceLimit = upTo(1, 0) }, false},
		"another window":  {func(r *ecsdv1.CreateRenewalJobRequest) { r.Selection.GetWindow().End = within(time.Hour) }, false},
		"a fixed window": {func(r *ecsdv1.CreateRenewalJobRequest) {
			r.Selection.GetWindow().End = &ecsdv1.ExpiryWindow_ExpireEndTime{ExpireEndTime: timestamppb.New(time.Unix(3_000_000_000, 0))}
		}, false},
		"a filter": {func(r *ecsdv1.CreateRenewalJobRequest) {
			r.Selection.GetWindow().Filter = &ecsdv1.InstanceFilter{SecurityGroupId: "sg-1"}
		}, false},
		"instances": {func(r *ecsdv1.CreateRenewalJobRequest) { r.Selection = byID("", "i-1") }, false},
	} {
		if got := of(c.change); (got == base) != c.same {
			t.Errorf("%s: same fingerprint is %t, want %t", name, got == base, c.same)
		}
	}
}

// The fingerprints are those of the build before requests had a selection, which
// are stored: a retry of such a request finds its job.
func TestJobFingerprint_OfTheFlatRequest(t *testing.T) {
	at := timestamppb.New(time.Unix(2_000_000_000, 0))
	day := &ecsdv1.CreateRenewalJobRequest_TargetExpireDay{TargetExpireDay: 12}
	for name, c := range map[string]struct {
		stored string
		req    *ecsdv1.CreateRenewalJobRequest
	}{
		"instances": {"v1:b0e0d030ef2bac12c81903220bb5335470eaccd240252921c26de33fdcb1a438", &ecsdv1.CreateRenewalJobRequest{
			Selection: byID("", "i-2", "i-1"), Term: months(1), PriceLimit: anyTotal,
		}},
		"instances of a region, to a day, with limits": {"v1:76378647ee8e3cb862bceb0a0ac89141bac4140ff996a6d2e7d9b3d647e68606", &ecsdv1.CreateRenewalJobRequest{
			Selection: byID("cn-beijing", "i-1"), Term: day, PriceLimit: upTo(5000, 500_000_000), OnlyIfExpiringBefore: at,
		}},
		"a span": {"v1:f7e0a743e7005992f405df2816c37c0a4c34f3422e736d81704f7b70cb999d28", &ecsdv1.CreateRenewalJobRequest{
			Selection: inWindow(&ecsdv1.ExpiryWindow{End: within(14 * 24 * time.Hour)}), Term: months(1), PriceLimit: anyTotal,
		}},
		"a span, with a limit and a filter": {"v1:3d60a7b040bd2c8036a9d13f2565065fd2969b4c2060dd7f3473347a1563f170", &ecsdv1.CreateRenewalJobRequest{
			Selection: inWindow(&ecsdv1.ExpiryWindow{
				RegionIds: []string{"cn-hangzhou", "cn-beijing"}, End: within(14 * 24 * time.Hour), IncludeExpired: proto.Bool(false),
				Filter: &ecsdv1.InstanceFilter{InstanceName: "web-*", Tags: []*ecsdv1.Tag{{Key: "b", Value: "2"}, {Key: "a", Value: "1"}}},
			}), Term: months(12), PriceLimit: upTo(5000, 500_000_000),
		}},
		"times, to a day": {"v1:84ec11821cfd1718f569ebe691c0f3435b806e6a266d9f3d782c53c910fd0e9b", &ecsdv1.CreateRenewalJobRequest{
			Selection: inWindow(&ecsdv1.ExpiryWindow{
				ExpireStartTime: at, End: &ecsdv1.ExpiryWindow_ExpireEndTime{ExpireEndTime: timestamppb.New(at.AsTime().Add(time.Hour))},
			}), Term: day, PriceLimit: upTo(5000, 500_000_000), OnlyIfExpiringBefore: at,
		}},
	} {
		c.req.RequestId = goodRequest
		if got := jobFingerprints(t, c.req).Earlier; !slices.Equal(got, []string{c.stored}) {
			t.Errorf("%s: %v, want %s", name, got, c.stored)
		}
	}
}

func TestRenewFingerprint_EqualMeanings(t *testing.T) {
	of := func(change func(*ecsdv1.RenewInstanceRequest)) string {
		req := &ecsdv1.RenewInstanceRequest{
			RequestId: goodRequest, InstanceId: "i-1", Period: period(12, ecsdv1.PeriodUnit_PERIOD_UNIT_MONTH), PriceLimit: anyPrice,
		}
		change(req)
		return fingerprint.Of("RenewInstance", req, "cn-hangzhou", normaliseRenew)
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
	if of(func(r *ecsdv1.RenewInstanceRequest) {
		r.PriceLimit = &ecsdv1.RenewInstanceRequest_MaxPrice{MaxPrice: &ecsdv1.Money{CurrencyCode: "CNY", Units: 1}}
	}) == base {
		t.Error("a limit is the same request")
	}
}

// The fingerprints are those of the build before any_price, which are stored.
func TestRenewFingerprint_OfTheBuildBefore(t *testing.T) {
	month, limit := period(1, ecsdv1.PeriodUnit_PERIOD_UNIT_MONTH), &ecsdv1.RenewInstanceRequest_MaxPrice{
		MaxPrice: &ecsdv1.Money{CurrencyCode: "CNY", Units: 5000, Nanos: 500_000_000},
	}
	for stored, req := range map[string]*ecsdv1.RenewInstanceRequest{
		"v1:a9526dc0912d94ed55a50f8903fe1f0ee6959b847114982cd9eb31155f451f0f": {InstanceId: "i-1", Period: month, PriceLimit: anyPrice},
		"v1:dd4853a3125f60979911417e14b7d51ee0599608c7728c560137d85f1b0e6543": {RegionId: "cn-beijing", InstanceId: "i-1", Period: month, PriceLimit: limit},
		"v1:0014eb060e3a242fbd5fae716093a52591ddc1b9fc4b67abe346d170b23ae0c5": {
			InstanceId: "i-1", Period: month, PriceLimit: limit, ExpectedExpireTime: timestamppb.New(time.Unix(2_000_000_000, 0)),
		},
	} {
		req.RequestId = goodRequest
		if got := fingerprint.Of("RenewInstance", req, "cn-hangzhou", normaliseRenew); got != stored {
			t.Errorf("%v: %s, want %s", req, got, stored)
		}
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
