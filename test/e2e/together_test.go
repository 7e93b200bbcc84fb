package e2e_test

import (
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server"
	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
)

// Concurrent callers with one request_id get the same renewal, and one order is paid.
func TestRenewInstance_ConcurrentSameRequestID(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, nil)
	request := &ecsdv1.RenewInstanceRequest{InstanceId: w.seed(simulator.Seed{})[0], Period: oneMonth, RequestId: uuid.NewString(), PriceLimit: anyPrice}
	ctx := within(t, 2*time.Minute)
	answers := make([]*ecsdv1.RenewInstanceResponse, 20)
	var callers sync.WaitGroup
	for i := range answers {
		callers.Go(func() {
			var err error
			if answers[i], err = w.renewals.RenewInstance(ctx, request); err != nil {
				t.Errorf("caller %d: %v", i, err)
			}
		})
	}
	callers.Wait()
	for i := range answers {
		if diff := cmp.Diff(answers[0], answers[i], sameAnswer); diff != "" {
			t.Errorf("callers 0 and %d (-0 +%d):\n%s", i, i, diff)
		}
	}
	if orders := w.sim.Ledger(simulator.LedgerFilter{}); len(orders) != 1 {
		t.Errorf("the ledger has %v, want one order", orders)
	}
}

// Of five concurrent requests for one instance each pays at most one order. A request that does not pay returns the
// reason: another renewal is in progress, or was paid since the plan.
func TestRenewInstance_ConcurrentRequestIDs(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, nil)
	id := w.seed(simulator.Seed{})[0]
	ctx := within(t, 2*time.Minute)
	var renewed, refused sync.Map
	var callers sync.WaitGroup
	for range 5 {
		callers.Go(func() {
			answer, err := w.renewals.RenewInstance(ctx, &ecsdv1.RenewInstanceRequest{InstanceId: id, Period: oneMonth, RequestId: uuid.NewString(), PriceLimit: anyPrice})
			if err != nil {
				switch status.Code(err) {
				case codes.FailedPrecondition:
					wantError(t, err, codes.FailedPrecondition, "ALREADY_RENEWED")
				default:
					wantError(t, err, codes.Aborted, "RENEWAL_IN_PROGRESS")
				}
				refused.Store(err, true)
				return
			}
			renewed.Store(answer.GetRenewal().GetOrderId(), true)
		})
	}
	callers.Wait()
	count := func(m *sync.Map) (n int) {
		m.Range(func(any, any) bool { n++; return true })
		return n
	}
	orders := w.sim.Ledger(simulator.LedgerFilter{})
	if len(orders) != count(&renewed) || len(orders)+count(&refused) != 5 || len(orders) == 0 {
		t.Errorf("5 requests: %d renewed, %d refused, the ledger has %v", count(&renewed), count(&refused), orders)
	}
	for _, order := range orders {
		if _, known := renewed.Load(order.OrderID); !known {
			t.Errorf("order %s is in no response", order.OrderID)
		}
	}
}

// Concurrent calls of every method, with a cloud that fails now and then, find no defect of the server: no INTERNAL, no
// UNKNOWN, no race, and every order belongs to one request.
func TestMethods_Concurrent(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{Seed: 7}, func(c *server.Config) {
		c.RenewalSettle = 3 * time.Second // orders with an unknown outcome settle within the test
	})
	ids := w.seed(simulator.Seed{Count: 40})
	w.seed(simulator.Seed{Count: 40, RegionID: shanghai, ChargeType: "PostPaid"})
	for _, kind := range []control.Kind{control.Failed, control.Reset, control.Cut, control.LostReply, control.HTML} {
		w.fault(simulator.Fault{Kind: kind, Probability: 0.01})
	}
	ctx := within(t, 60*time.Second)
	calls := []func(i int) error{
		func(i int) error {
			_, err := w.instances.GetInstance(ctx, &ecsdv1.GetInstanceRequest{InstanceId: ids[i%len(ids)]})
			return err
		},
		func(i int) error {
			_, err := w.instances.BatchGetInstances(ctx, &ecsdv1.BatchGetInstancesRequest{InstanceIds: ids[i%20 : 20+i%20]})
			return err
		},
		func(int) error {
			_, err := w.instances.ListInstances(ctx, &ecsdv1.ListInstancesRequest{PageSize: 30})
			return err
		},
		func(int) error {
			_, err := w.renewals.ListExpiringInstances(ctx, &ecsdv1.ListExpiringInstancesRequest{WindowEnd: &ecsdv1.ListExpiringInstancesRequest_Within{Within: durationpb.New(100 * 24 * time.Hour)}})
			return err
		},
		func(i int) error {
			_, err := w.renewals.QuoteRenewals(ctx, &ecsdv1.QuoteRenewalsRequest{InstanceIds: ids[i%len(ids) : i%len(ids)+1], Period: oneMonth})
			return err
		},
		func(i int) error {
			_, err := w.renewals.SetAutoRenew(ctx, &ecsdv1.SetAutoRenewRequest{
				InstanceIds: ids[i%len(ids) : i%len(ids)+1], Status: ecsdv1.AutoRenewStatus_AUTO_RENEW_STATUS_AUTO_RENEWAL, Period: oneMonth,
			})
			return err
		},
		func(int) error { _, err := w.catalog.ListRegions(ctx, &ecsdv1.ListRegionsRequest{}); return err },
		func(i int) error {
			_, err := w.renewals.RenewInstance(ctx, &ecsdv1.RenewInstanceRequest{InstanceId: ids[i], Period: oneMonth, RequestId: uuid.NewString(), PriceLimit: anyPrice})
			return err
		},
	}
	const rounds = 10
	var callers sync.WaitGroup
	for kind, call := range calls {
		for i := range rounds {
			callers.Go(func() {
				switch err := call(i); status.Code(err) {
				case codes.OK, codes.Unavailable, codes.Aborted:
				default:
					t.Errorf("call %d of kind %d: %v", i, kind, err)
				}
			})
		}
	}
	callers.Wait()
	seen := map[string]bool{}
	for _, order := range w.sim.Ledger(simulator.LedgerFilter{}) {
		if seen[order.InstanceID] {
			t.Errorf("%s was paid twice", order.InstanceID)
		}
		seen[order.InstanceID] = true
	}
}
