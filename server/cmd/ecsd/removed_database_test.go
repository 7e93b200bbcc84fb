//go:build unix

package main

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// The database is removed while ecsd runs: nothing is paid, since writes are
// lost, no new file is created, and readyz reports it.
func TestRenewInstance_DatabaseRemoved(t *testing.T) {
	database := filepath.Join(t.TempDir(), "ecsd.db")
	p := start(t, append(free[:len(free):len(free)], "--database=sqlite:"+database)...)
	conn, err := grpc.NewClient(p.at["gRPC"], grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	list, err := ecsdv1.NewInstanceServiceClient(conn).ListInstances(t.Context(), &ecsdv1.ListInstancesRequest{
		Filter: &ecsdv1.InstanceFilter{ChargeTypes: []ecsdv1.ChargeType{ecsdv1.ChargeType_CHARGE_TYPE_SUBSCRIPTION}}, PageSize: 2,
	}, grpc.WaitForReady(true))
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(database + "*")
	if err != nil || len(files) < 3 {
		t.Fatalf("the files of the database are %v, %v", files, err)
	}
	for _, file := range files {
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
	for i, instance := range list.GetInstances() {
		_, err := ecsdv1.NewRenewalServiceClient(conn).RenewInstance(t.Context(), &ecsdv1.RenewInstanceRequest{
			InstanceId: instance.GetInstanceId(),
			RequestId:  "0f1c8a52-6c0e-4ae3-9a35-6d1a1f3b7c2" + string(rune('0'+i)),
			Period:     &ecsdv1.Period{Count: 1, Unit: ecsdv1.PeriodUnit_PERIOD_UNIT_MONTH},
			PriceLimit: &ecsdv1.RenewInstanceRequest_AnyPrice{AnyPrice: true},
		})
		reason := ""
		for _, detail := range status.Convert(err).Details() {
			if info, ok := detail.(*errdetails.ErrorInfo); ok {
				reason = info.GetReason()
			}
		}
		if status.Code(err) != codes.Unavailable || reason != "STORE_UNAVAILABLE" {
			t.Errorf("renewal %d: got %v (%s), want STORE_UNAVAILABLE", i, err, reason)
		}
	}
	if bill := request(t, http.MethodGet, p.at["simulator"]+"/_simulator/ledger", ""); strings.Contains(bill, "order_id") {
		t.Errorf("something was paid: %s", bill)
	}
	if _, err := os.Stat(database); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("there is a new file: %v", err)
	}
	await(t, "readyz says that the store is not ready", func() bool {
		answer, err := http.Get(p.at["admin"] + "/readyz")
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		return answer.StatusCode == http.StatusServiceUnavailable
	})
	p.signal(t, os.Interrupt)
	_ = p.command.Wait()
}
