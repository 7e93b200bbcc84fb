package e2e_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/simulator"
)

// By default a window includes expired instances that can still be renewed. A window without them counts those that it
// leaves out.
func TestWindow_IncludesExpired(t *testing.T) {
	t.Parallel()
	day := 24 * time.Hour
	w := newWorld(t, simulator.Config{}, nil)
	expired, soon := time.Now().Add(-3*day).UTC().Truncate(time.Minute), time.Now().Add(3*day).UTC().Truncate(time.Minute)
	old := w.seed(simulator.Seed{ExpireTime: &expired})[0]
	running := w.seed(simulator.Seed{ExpireTime: &soon})[0]
	within14 := durationpb.New(14 * day)
	ctx := within(t, 60*time.Second)
	for name, c := range map[string]struct {
		request *ecsdv1.ListExpiringInstancesRequest
		want    []string
		leftOut int32
	}{
		"default":     {&ecsdv1.ListExpiringInstancesRequest{WindowEnd: &ecsdv1.ListExpiringInstancesRequest_Within{Within: within14}}, []string{old, running}, 0},
		"included":    {&ecsdv1.ListExpiringInstancesRequest{WindowEnd: &ecsdv1.ListExpiringInstancesRequest_Within{Within: within14}, IncludeExpired: proto.Bool(true)}, []string{old, running}, 0},
		"left out":    {&ecsdv1.ListExpiringInstancesRequest{WindowEnd: &ecsdv1.ListExpiringInstancesRequest_Within{Within: within14}, IncludeExpired: proto.Bool(false)}, []string{running}, 1},
		"by its time": {&ecsdv1.ListExpiringInstancesRequest{WindowEnd: &ecsdv1.ListExpiringInstancesRequest_Within{Within: within14}, ExpireStartTime: timestamppb.Now()}, []string{running}, 0},
	} {
		list, err := w.renewals.ListExpiringInstances(ctx, c.request)
		if err != nil {
			t.Fatal(name, err)
		}
		var got []string
		for _, i := range list.GetExpiringInstances() {
			got = append(got, i.GetInstance().GetInstanceId())
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: instances (-want +got):\n%s", name, diff)
		}
		if list.GetExpiredLeftOutCount() != c.leftOut {
			t.Errorf("%s: %d left out, want %d", name, list.GetExpiredLeftOutCount(), c.leftOut)
		}
	}
	plan := func(include *bool) []string {
		t.Helper()
		plan, err := w.renewals.PreviewRenewals(ctx, &ecsdv1.PreviewRenewalsRequest{Job: &ecsdv1.CreateRenewalJobRequest{
			Selection: inWindow(&ecsdv1.ExpiryWindow{End: &ecsdv1.ExpiryWindow_Within{Within: within14}, IncludeExpired: include}),
			Term:      forOneMonth, PriceLimit: anyTotal,
		}})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range plan.GetRenewals() {
			got = append(got, r.GetInstanceId())
		}
		return got
	}
	if diff := cmp.Diff([]string{old, running}, sorted(plan(nil), old)); diff != "" {
		t.Errorf("a plan by default (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{running}, plan(proto.Bool(false))); diff != "" {
		t.Errorf("a plan without what has expired (-want +got):\n%s", diff)
	}
	_, err := w.renewals.ListExpiringInstances(ctx, &ecsdv1.ListExpiringInstancesRequest{
		WindowEnd: &ecsdv1.ListExpiringInstancesRequest_Within{Within: within14}, ExpireStartTime: timestamppb.Now(), IncludeExpired: proto.Bool(true),
	})
	wantError(t, err, codes.InvalidArgument, "INVALID_FIELD")
}

// What is left out is counted on the first page only.
func TestWindow_LeftOutOnTheFirstPage(t *testing.T) {
	t.Parallel()
	day := 24 * time.Hour
	w := newWorld(t, simulator.Config{}, nil)
	expired, soon := time.Now().Add(-3*day).UTC().Truncate(time.Minute), time.Now().Add(3*day).UTC().Truncate(time.Minute)
	w.seed(simulator.Seed{ExpireTime: &expired, Count: 2})
	w.seed(simulator.Seed{ExpireTime: &soon, Count: 3})
	request := &ecsdv1.ListExpiringInstancesRequest{
		WindowEnd: &ecsdv1.ListExpiringInstancesRequest_Within{Within: durationpb.New(14 * day)}, IncludeExpired: proto.Bool(false), PageSize: 1,
	}
	var counts []int32
	for more := true; more; more = request.PageToken != "" {
		page, err := w.renewals.ListExpiringInstances(within(t, 30*time.Second), request)
		if err != nil {
			t.Fatal(err)
		}
		if len(page.GetExpiringInstances()) != 1 {
			t.Errorf("a page of %d, want 1", len(page.GetExpiringInstances()))
		}
		counts = append(counts, page.GetExpiredLeftOutCount())
		request.PageToken = page.GetNextPageToken()
	}
	if diff := cmp.Diff([]int32{2, 0, 0}, counts); diff != "" {
		t.Errorf("left out, per page (-want +got):\n%s", diff)
	}
}

// sorted returns the IDs sorted, with one ID first.
func sorted(ids []string, first string) []string {
	for i, id := range ids {
		if id == first {
			ids[0], ids[i] = ids[i], ids[0]
		}
	}
	return ids
}
