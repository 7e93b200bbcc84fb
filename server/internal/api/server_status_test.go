package api

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/autorenew"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/notify"
	"github.com/ecsd-io/ecsd/server/internal/outbox"
	"github.com/ecsd-io/ecsd/server/internal/readiness"
	"github.com/ecsd-io/ecsd/server/internal/renewal"
	"github.com/ecsd-io/ecsd/server/internal/spending"
	"github.com/ecsd-io/ecsd/server/internal/watch"
)

// noSpending is a database that cannot be read.
type noSpending struct{ Spending }

var errNoStore = errors.New("the database does not respond")

func (noSpending) Limits(context.Context, string) ([]spending.Limit, ledger.Freeze, error) {
	return nil, ledger.Freeze{}, errNoStore
}

// If the database cannot be read, the status shows that, and what memory has.
func TestGetServerStatus_StoreUnavailable(t *testing.T) {
	began := time.Now().Add(-time.Minute)
	s := &accessService{
		spending: noSpending{}, regions: []string{"cn-shanghai", "cn-hangzhou"},
		status: Status{
			Version: "v1", Start: began,
			Report: func() readiness.Report {
				return readiness.Report{Parts: map[string]readiness.PartReport{"store": {Since: began, FailedChecks: 3, Error: "postgres://user@host"}, "cloud": {Ready: true, Since: began}}}
			},
			Regions: func() map[string]watch.RegionView {
				return map[string]watch.RegionView{
					"cn-hangzhou": {Observed: began, Instances: 7},
					"cn-shanghai": {Cause: ecs.Errorf(ecs.ReasonCloudUnreachable, "no route"), Since: began},
				}
			},
			Rates: func() []RateUse {
				return []RateUse{{Action: "RenewInstance", RegionID: "cn-hangzhou", Granted: 2}, {Action: "DescribeInstances", RegionID: "cn-hangzhou", Granted: 5, Limit: 10, Waiting: 1}}
			},
			Plans: func(string) []renewal.Pricing {
				return []renewal.Pricing{{RequestID: "job", Count: 10_000, Priced: 3210}}
			},
			AutoRenewals: func(context.Context) (map[string]autorenew.Check, error) { return nil, errNoStore },
			Load:         func(context.Context) (ledger.Load, error) { return ledger.Load{}, errNoStore },
			Receivers:    func(context.Context) ([]notify.Status, error) { return nil, errNoStore },
		},
	}
	got, err := s.GetServerStatus(t.Context(), &ecsdv1.GetServerStatusRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if got.GetReady() {
		t.Error("it is ready without a database")
	}
	if p := got.GetParts(); len(p) != 2 || p[0].GetName() != "cloud" || !p[0].GetReady() || p[1].GetName() != "store" || p[1].GetReady() || p[1].GetFailedChecks() != 3 {
		t.Errorf("parts %v", p)
	}
	if r := got.GetRegions(); len(r) != 2 || r[0].GetRegionId() != "cn-shanghai" || r[0].GetDegradedReason() != "CLOUD_UNREACHABLE" || r[0].GetObservedTime() != nil {
		t.Errorf("the degraded region: %v", r)
	} else if r[1].GetInstanceCount() != 7 || r[1].GetDegradedReason() != "" || !r[1].GetObservedTime().AsTime().Equal(began) || r[1].GetAutoRenewals() != nil {
		t.Errorf("the other region: %v", r[1])
	}
	if b := got.GetRateBudgets(); len(b) != 2 || b[0].GetAction() != "DescribeInstances" || b[0].GetUsedCount() != 5 || b[0].GetLimit() != 10 || b[0].GetWaitingCount() != 1 {
		t.Errorf("rate budgets %v", b)
	}
	if p := got.GetRenewalPlans(); len(p) != 1 || p[0].GetRequestId() != "job" || p[0].GetRenewalCount() != 10_000 || p[0].GetPricedCount() != 3210 {
		t.Errorf("plans %v", p)
	}
	if got.GetNotificationReceivers() != nil || got.GetAttention() != nil || got.GetSpendingFreeze() != nil {
		t.Errorf("without a database: attention %v, freeze %v; want both unset", got.GetAttention(), got.GetSpendingFreeze())
	}
}

// A receiver shows why and since when its messages wait.
func TestReceiverProto(t *testing.T) {
	at := func(day int) time.Time { return time.Date(2026, 11, day, 0, 0, 0, 0, time.UTC) }
	got := receiverProto(notify.Status{Kind: notify.DingTalk, Receiver: outbox.Receiver{
		Name: "ops", Failures: 2, Pending: 3, LastError: "HTTP status 503", Oldest: at(1), LastErrorTime: at(2), LastSuccessTime: at(3), NextTime: at(4),
	}})
	want := &ecsdv1.NotificationReceiver{
		Name: "ops", Kind: "dingtalk", FailedSends: 2, PendingCount: 3, LastError: "HTTP status 503", OldestTime: timestamppb.New(at(1)),
		LastErrorTime: timestamppb.New(at(2)), LastSuccessTime: timestamppb.New(at(3)), NextSendTime: timestamppb.New(at(4)),
	}
	if !proto.Equal(got, want) {
		t.Errorf("receiver %v, want %v", got, want)
	}
}

// Every component that may need attention is in the status.
func TestAttention(t *testing.T) {
	oldest := time.Date(2026, 11, 2, 3, 4, 5, 0, time.UTC)
	got := attentionProto(ledger.Load{
		Counts: []ledger.Count{
			{State: ledger.NeedsAttention, Reason: ecs.ReasonOutcomeUnknown, Count: 2}, {State: ledger.NeedsAttention, Count: 1},
			{State: ledger.Unknown, Count: 4}, {State: ledger.Planned, Count: 8},
		},
		Reserved: []ecs.Money{{CurrencyCode: "USD", Units: 3}, {CurrencyCode: "CNY", Units: 5}}, Oldest: oldest,
		Modifications: map[ledger.ModificationState]int64{ledger.ModificationNeedsAttention: 16, ledger.ModificationVerifying: 32},
	})
	if got.GetRenewalCount() != 3 || got.GetUnknownCount() != 4 || got.GetModificationCount() != 16 || !got.GetOldestOrderTime().AsTime().Equal(oldest) {
		t.Errorf("attention %v", got)
	}
	var currencies []string
	for _, m := range got.GetReserved() {
		currencies = append(currencies, m.GetCurrencyCode())
	}
	if !slices.Equal(currencies, []string{"CNY", "USD"}) {
		t.Errorf("reserved in %v", currencies)
	}
}
