package e2e_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/simulator"
)

// Bad input is INVALID_ARGUMENT with a violation that names the field and the allowed values. None of it reaches the
// cloud.
func TestBadInput(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, nil)
	good := "i-bp1aet7s13lfpjop0001"
	many := slices.Repeat([]string{good}, 1001)
	period := func(n int32, u ecsdv1.PeriodUnit) *ecsdv1.Period { return &ecsdv1.Period{Count: n, Unit: u} }
	now := timestamppb.Now()
	get := func(q *ecsdv1.GetInstanceRequest) func() error {
		return func() error { _, err := w.instances.GetInstance(t.Context(), q); return err }
	}
	batch := func(ids ...string) func() error {
		return func() error {
			_, err := w.instances.BatchGetInstances(t.Context(), &ecsdv1.BatchGetInstancesRequest{InstanceIds: ids})
			return err
		}
	}
	list := func(q *ecsdv1.ListInstancesRequest) func() error {
		return func() error { _, err := w.instances.ListInstances(t.Context(), q); return err }
	}
	changes := func(q *ecsdv1.ListChangesRequest) func() error {
		return func() error { _, err := w.instances.ListChanges(t.Context(), q); return err }
	}
	expiring := func(q *ecsdv1.ListExpiringInstancesRequest) func() error {
		return func() error { _, err := w.renewals.ListExpiringInstances(t.Context(), q); return err }
	}
	renew := func(q *ecsdv1.RenewInstanceRequest) func() error {
		return func() error { _, err := w.renewals.RenewInstance(t.Context(), q); return err }
	}
	w.seed(simulator.Seed{Count: 30})
	page, err := w.instances.ListInstances(t.Context(), &ecsdv1.ListInstancesRequest{PageSize: 10})
	if err != nil {
		t.Fatal(err)
	}
	w.sim.ResetStats()
	for _, c := range []struct {
		name   string
		call   func() error
		reason string // "" means INVALID_FIELD
		field  string
		says   string
	}{
		{"empty id", get(&ecsdv1.GetInstanceRequest{}), "", "instance_id", "1 to 64 letters"},
		{"malformed id", get(&ecsdv1.GetInstanceRequest{InstanceId: "web 1"}), "", "instance_id", "1 to 64 letters"},
		{"unknown region", get(&ecsdv1.GetInstanceRequest{RegionId: "mars-1", InstanceId: good}), "UNKNOWN_REGION", "region_id", hangzhou},
		{"no ids", batch(), "", "instance_ids", "1 to 1000"},
		{"too many ids", batch(many...), "", "instance_ids", "at most 1000"},
		{"an id twice", batch(good, good), "", "instance_ids[1]", "repeat"},
		{"a bad id among good ones", batch(good, "x_"), "", "instance_ids[1]", "1 to 64 letters"},
		{"negative page size", list(&ecsdv1.ListInstancesRequest{PageSize: -1}), "", "page_size", "1000"},
		{"forged page token", list(&ecsdv1.ListInstancesRequest{PageToken: "forged"}), "INVALID_PAGE_TOKEN", "page_token", ""},
		{
			"token of another request",
			list(&ecsdv1.ListInstancesRequest{PageToken: page.GetNextPageToken(), Filter: &ecsdv1.InstanceFilter{InstanceName: "x*"}}),
			"INVALID_PAGE_TOKEN", "page_token", "",
		},
		{"changes of a malformed id", changes(&ecsdv1.ListChangesRequest{InstanceIds: []string{"web 1"}}), "", "instance_ids[0]", "1 to 64 letters"},
		{"changes of too many ids", changes(&ecsdv1.ListChangesRequest{InstanceIds: many}), "", "instance_ids", "at most 1000"},
		{"changes of an unknown region", changes(&ecsdv1.ListChangesRequest{RegionIds: []string{"mars-1"}}), "UNKNOWN_REGION", "region_ids[0]", hangzhou},
		{"changes of no time", changes(&ecsdv1.ListChangesRequest{StartTime: now, EndTime: now}), "", "end_time", "after start_time"},
		{"changes after a forged page", changes(&ecsdv1.ListChangesRequest{PageToken: "forged"}), "INVALID_PAGE_TOKEN", "page_token", ""},
		{"changes after a page of another list", changes(&ecsdv1.ListChangesRequest{PageToken: page.GetNextPageToken()}), "INVALID_PAGE_TOKEN", "page_token", ""},
		{"unknown region of many", list(&ecsdv1.ListInstancesRequest{RegionIds: []string{hangzhou, "mars-1"}}), "UNKNOWN_REGION", "region_ids[1]", hangzhou},
		{
			"window backwards",
			list(&ecsdv1.ListInstancesRequest{Filter: &ecsdv1.InstanceFilter{ExpireStartTime: now, ExpireEndTime: timestamppb.New(now.AsTime().Add(-time.Hour))}}),
			"", "filter.expire_end_time", "later",
		},
		{"no window", expiring(&ecsdv1.ListExpiringInstancesRequest{}), "", "within", "expire_end_time"},
		{"window of nothing", expiring(&ecsdv1.ListExpiringInstancesRequest{WindowEnd: &ecsdv1.ListExpiringInstancesRequest_Within{Within: durationpb.New(0)}}), "", "within", "longer than 0"},
		{"no period", renew(&ecsdv1.RenewInstanceRequest{InstanceId: good, PriceLimit: anyPrice, RequestId: uuid.NewString()}), "", "period", "required"},
		{
			"eleven months", renew(&ecsdv1.RenewInstanceRequest{InstanceId: good, PriceLimit: anyPrice, RequestId: uuid.NewString(), Period: period(11, 2)}),
			"PERIOD_NOT_SOLD", "period.count", "12",
		},
		{
			"ten weeks", renew(&ecsdv1.RenewInstanceRequest{InstanceId: good, PriceLimit: anyPrice, RequestId: uuid.NewString(), Period: period(10, 1)}),
			"PERIOD_NOT_SOLD", "period.count", "4",
		},
		{"no request_id", renew(&ecsdv1.RenewInstanceRequest{InstanceId: good, PriceLimit: anyPrice, Period: oneMonth}), "", "request_id", "UUID"},
		{"malformed request_id", renew(&ecsdv1.RenewInstanceRequest{InstanceId: good, PriceLimit: anyPrice, Period: oneMonth, RequestId: "42"}), "", "request_id", "UUID"},
		{
			"auto-renew without a status", func() error {
				_, err := w.renewals.SetAutoRenew(t.Context(), &ecsdv1.SetAutoRenewRequest{InstanceIds: []string{good}})
				return err
			}, "", "status", "AUTO_RENEWAL",
		},
		{
			"a quote for no period", func() error {
				_, err := w.renewals.QuoteRenewals(t.Context(), &ecsdv1.QuoteRenewalsRequest{InstanceIds: []string{good}})
				return err
			}, "", "period", "required",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := c.call()
			reason := c.reason
			if reason == "" {
				reason = "INVALID_FIELD"
			}
			wantError(t, err, codes.InvalidArgument, reason)
			bad, _ := detail[*errdetails.BadRequest](err)
			for _, v := range bad.GetFieldViolations() {
				if v.GetField() == c.field && strings.Contains(v.GetDescription(), c.says) {
					return
				}
			}
			t.Errorf("no violation of %s that says %q in %v", c.field, c.says, bad.GetFieldViolations())
		})
	}
	if calls := w.sim.Stats().Actions; len(calls) > 0 && (calls["DescribeInstances"].Calls > 0 || calls["RenewInstance"].Calls > 0) {
		t.Errorf("bad input reached the cloud: %v", calls)
	}
}
