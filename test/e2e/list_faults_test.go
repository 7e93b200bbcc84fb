package e2e_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/durationpb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server"
	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
)

// If the cloud lists in another order on each page, ecsd's lists still have every instance exactly once.
func TestLists_RandomOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, nil)
	expire := time.Now().Add(72 * time.Hour).UTC().Truncate(time.Minute)
	ids := w.seed(simulator.Seed{Count: 250, ExpireTime: &expire})
	w.fault(simulator.Fault{Kind: control.Reordered, Action: "DescribeInstances"})
	list := func(page func(token string) (ids []string, next string, err error)) []string {
		t.Helper()
		var all []string
		for token := ""; ; {
			more, next, err := page(token)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, more...)
			if token = next; token == "" {
				slices.Sort(all)
				return all
			}
		}
	}
	ctx := within(t, 60*time.Second)
	want := slices.Sorted(slices.Values(ids))
	if got := list(func(token string) (ids []string, next string, err error) {
		answer, err := w.instances.ListInstances(ctx, &ecsdv1.ListInstancesRequest{RegionIds: []string{hangzhou}, PageToken: token})
		for _, i := range answer.GetInstances() {
			ids = append(ids, i.GetInstanceId())
		}
		return ids, answer.GetNextPageToken(), err
	}); !slices.Equal(got, want) {
		t.Errorf("ListInstances has %d, want 250 different ones", len(got))
	}
	if got := list(func(token string) (ids []string, next string, err error) {
		answer, err := w.renewals.ListExpiringInstances(ctx, &ecsdv1.ListExpiringInstancesRequest{
			WindowEnd: &ecsdv1.ListExpiringInstancesRequest_Within{Within: durationpb.New(100 * time.Hour)}, PageToken: token,
		})
		for _, i := range answer.GetExpiringInstances() {
			ids = append(ids, i.GetInstance().GetInstanceId())
		}
		return ids, answer.GetNextPageToken(), err
	}); !slices.Equal(got, want) {
		t.Errorf("ListExpiringInstances has %d, want 250 different ones", len(got))
	}
}

// While reads show the cloud of minutes ago, a paid renewal is not verified, and a second request for the same expiry is
// not paid. When the reads are fresh, the first ends as renewed.
func TestRenew_StaleReads(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, nil)
	id := w.seed(simulator.Seed{})[0]
	w.fault(simulator.Fault{Kind: control.Stale, Delay: control.Duration(5 * time.Minute)})
	request := func() *ecsdv1.RenewInstanceRequest {
		return &ecsdv1.RenewInstanceRequest{InstanceId: id, Period: oneMonth, RequestId: uuid.NewString(), PriceLimit: anyPrice}
	}
	type outcome struct {
		renewal *ecsdv1.Renewal
		err     error
	}
	ended := make(chan outcome, 1)
	first, ctx := request(), within(t, 55*time.Second)
	go func() {
		answer, err := w.renewals.RenewInstance(ctx, first)
		ended <- outcome{answer.GetRenewal(), err}
	}()
	paid := func() int { return len(w.sim.Ledger(simulator.LedgerFilter{InstanceID: id, Action: "RenewInstance"})) }
	w.wait("the renewal is paid", func() bool { return paid() == 1 })
	_, err := w.renewals.RenewInstance(within(t, 20*time.Second), request())
	wantError(t, err, codes.Aborted, "RENEWAL_IN_PROGRESS")
	if paid() != 1 {
		t.Errorf("%d renewals of one expiry are paid", paid())
	}
	select {
	case got := <-ended:
		t.Fatalf("ended by stale reads: %v (%v)", got.renewal, got.err)
	default:
	}
	if _, err := w.sim.Advance(5 * time.Minute); err != nil {
		t.Fatal(err)
	}
	if got := <-ended; got.err != nil || got.renewal.GetState() != ecsdv1.RenewalState_RENEWAL_STATE_RENEWED {
		t.Errorf("with fresh reads: %v (%v)", got.renewal, got.err)
	}
	if _, err := w.renewals.RenewInstance(within(t, 20*time.Second), first); err != nil || paid() != 1 {
		t.Errorf("the request again: %v, %d are paid", err, paid())
	}
}

// If each page of a list leaves out an instance, a watch reports one removal: that of the released instance.
func TestWatch_PagesThatDropInstances(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, func(c *server.Config) { c.PollInterval = time.Second })
	ids := w.seed(simulator.Seed{Count: 120})
	ctx := within(t, 60*time.Second)
	stream, err := w.instances.WatchInstances(ctx, &ecsdv1.WatchInstancesRequest{RegionIds: []string{hangzhou}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := mark(stream); err != nil {
		t.Fatal(err)
	}
	w.fault(simulator.Fault{Kind: control.Omitted, Action: "DescribeInstances", RegionID: hangzhou})
	w.wait("six pages have dropped an instance", func() bool { return w.sim.Faults()[0].Struck >= 6 })
	if err := w.sim.Change(ids[7], simulator.Change{Vanish: true}); err != nil {
		t.Fatal(err)
	}
	for {
		m, err := stream.Recv()
		if err != nil {
			t.Fatal(err)
		}
		if gone := m.GetRemoved(); gone != nil {
			if got := gone.GetInstanceId(); got != ids[7] {
				t.Errorf("%s is reported as removed", got)
				continue
			}
			return
		}
	}
}
