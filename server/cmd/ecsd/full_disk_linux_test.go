package main

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// A disk that fills up while the server runs: a renewal whose intent cannot be
// written is not paid and says so, what needs no database goes on, and when
// there is room again the same request is paid, once and without a restart.
func TestDiskFillsUp(t *testing.T) {
	database := filepath.Join(t.TempDir(), "ecsd.db")
	p := start(t, append(free[:len(free):len(free)], "--database=sqlite:"+database)...)
	conn, err := grpc.NewClient(p.at["gRPC"], grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	instances, renewals := ecsdv1.NewInstanceServiceClient(conn), ecsdv1.NewRenewalServiceClient(conn)
	list, err := instances.ListInstances(t.Context(), &ecsdv1.ListInstancesRequest{
		Filter: &ecsdv1.InstanceFilter{ChargeType: ecsdv1.ChargeType_CHARGE_TYPE_SUBSCRIPTION}, PageSize: 1,
	}, grpc.WaitForReady(true))
	if err != nil {
		t.Fatal(err)
	}
	renew := &ecsdv1.RenewInstanceRequest{
		InstanceId: list.GetInstances()[0].GetInstanceId(), RequestId: "0f1c8a52-6c0e-4ae3-9a35-6d1a1f3b7c11",
		Period: &ecsdv1.Period{Count: 1, Unit: ecsdv1.PeriodUnit_PERIOD_UNIT_MONTH},
	}
	ledger := p.at["simulator"] + "/_simulator/ledger"

	room := unix.Rlimit{Cur: unix.RLIM_INFINITY, Max: unix.RLIM_INFINITY}
	full := unix.Rlimit{Cur: 4096, Max: unix.RLIM_INFINITY}
	if err := unix.Prlimit(p.command.Process.Pid, unix.RLIMIT_FSIZE, &full, nil); err != nil {
		t.Fatal(err)
	}
	_, err = renewals.RenewInstance(t.Context(), renew)
	if status.Code(err) != codes.Internal {
		t.Errorf("a renewal whose intent could not be written: %v", err)
	}
	await(t, "the log tells the cause", func() bool { return strings.Contains(p.log.String(), `"cause":"write renewal`) })
	if orders := request(t, http.MethodGet, ledger, ""); strings.Contains(orders, "order_id") {
		t.Errorf("it was paid: %s", orders)
	}
	if _, err := instances.ListInstances(t.Context(), &ecsdv1.ListInstancesRequest{}); err != nil {
		t.Errorf("a list, which needs no database: %v", err)
	}
	if err := unix.Prlimit(p.command.Process.Pid, unix.RLIMIT_FSIZE, &room, nil); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	asked := make(chan struct{})
	go func() {
		defer close(asked)
		_, _ = renewals.RenewInstance(ctx, renew) // its caller does not wait for the new expiry to show
	}()
	await(t, "there is an order when there is room again", func() bool {
		return strings.Count(request(t, http.MethodGet, ledger, ""), "order_id") == 1
	})
	cancel()
	<-asked
	p.signal(t, os.Interrupt)
	if err := p.command.Wait(); err != nil {
		t.Errorf("%v\n%s", err, p.log)
	}
}
