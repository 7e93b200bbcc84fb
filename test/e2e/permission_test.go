package e2e_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/durationpb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/simulator"
)

// The cloud returns 403 to a RAM user without permission, and returned an empty list until 2025-12-20. ecsd returns
// CLOUD_PERMISSION_DENIED for each kind of request, and pays nothing.
func TestDenied(t *testing.T) {
	for name, empty := range map[string]bool{"403": false, "empty lists": true} {
		t.Run(name, func(t *testing.T) { testDenied(t, empty) })
	}
}

func testDenied(t *testing.T, empty bool) {
	t.Setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", "deniedid")
	t.Setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "deniedsecret")
	key := simulator.AccessKey{ID: "deniedid", Secret: "deniedsecret", Denied: true, EmptyLists: empty}
	w := newWorld(t, simulator.Config{MoreKeys: []simulator.AccessKey{key}}, nil)
	ids := w.seed(simulator.Seed{Count: 2})
	ctx := within(t, 2*time.Minute)
	renew := &ecsdv1.RenewInstanceRequest{InstanceId: ids[0], Period: oneMonth, RequestId: uuid.NewString(), PriceLimit: anyPrice}
	for name, call := range map[string]func() error{
		"GetInstance": func() error {
			_, err := w.instances.GetInstance(ctx, &ecsdv1.GetInstanceRequest{InstanceId: ids[0]})
			return err
		},
		"ListInstances": func() error {
			_, err := w.instances.ListInstances(ctx, &ecsdv1.ListInstancesRequest{RegionIds: []string{hangzhou}})
			return err
		},
		"ListInstances of all regions": func() error {
			_, err := w.instances.ListInstances(ctx, &ecsdv1.ListInstancesRequest{})
			return err
		},
		"ListExpiringInstances": func() error {
			_, err := w.renewals.ListExpiringInstances(ctx, &ecsdv1.ListExpiringInstancesRequest{WindowEnd: &ecsdv1.ListExpiringInstancesRequest_Within{Within: durationpb.New(time.Hour)}})
			return err
		},
		"RenewInstance": func() error { _, err := w.renewals.RenewInstance(ctx, renew); return err },
	} {
		t.Run(name, func(t *testing.T) { wantError(t, call(), codes.PermissionDenied, "CLOUD_PERMISSION_DENIED") })
	}
	batch, err := w.instances.BatchGetInstances(ctx, &ecsdv1.BatchGetInstancesRequest{InstanceIds: ids})
	if err != nil {
		t.Fatal(err)
	}
	for _, result := range batch.GetResults() {
		if failed := result.GetError(); failed.GetReason() != "CLOUD_PERMISSION_DENIED" || codes.Code(failed.GetCode()) != codes.PermissionDenied {
			t.Errorf("a result of the batch is %v", result)
		}
	}
	if orders := w.sim.Ledger(simulator.LedgerFilter{}); len(orders) != 0 {
		t.Errorf("the ledger has %v", orders)
	}
}

// An empty list of an account with permission is an empty list. One dry run per list proves it; an earlier proof does
// not count, because the permission may have been removed since.
func TestEmptyList_IsProved(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, nil)
	w.sim.ResetStats()
	const lists = 5
	for range lists {
		answer, err := w.instances.ListInstances(within(t, 30*time.Second), &ecsdv1.ListInstancesRequest{RegionIds: []string{hangzhou}})
		if err != nil || len(answer.GetInstances()) != 0 || len(answer.GetUnreachableRegions()) != 0 || answer.GetNextPageToken() != "" {
			t.Fatalf("a list of nothing: %v (%v)", answer, err)
		}
	}
	// A poll may start in between, and share a dry run or make one.
	if calls := w.sim.Stats().Actions["DescribeInstances"].Calls; calls < 2*lists-1 || calls > 2*lists+2 {
		t.Errorf("%d empty lists took %d calls, want a dry run for each", lists, calls)
	}
}
