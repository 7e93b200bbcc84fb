package main

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// A disk fills up while the server runs. A payment or deletion whose intent
// cannot be written is refused before it is sent; calls that need no database
// still work; when there is space again, the same request is paid once, without
// a restart.
func TestServe_FullDisk(t *testing.T) {
	database := filepath.Join(t.TempDir(), "ecsd.db")
	p := start(t, append(free[:len(free):len(free)], "--database=sqlite:"+database)...)
	conn, err := grpc.NewClient(p.at["gRPC"], grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	instances, renewals := ecsdv1.NewInstanceServiceClient(conn), ecsdv1.NewRenewalServiceClient(conn)
	list, err := instances.ListInstances(t.Context(), &ecsdv1.ListInstancesRequest{
		Filter: &ecsdv1.InstanceFilter{ChargeTypes: []ecsdv1.ChargeType{ecsdv1.ChargeType_CHARGE_TYPE_SUBSCRIPTION}}, PageSize: 1,
	}, grpc.WaitForReady(true))
	if err != nil {
		t.Fatal(err)
	}
	renew := &ecsdv1.RenewInstanceRequest{
		InstanceId: list.GetInstances()[0].GetInstanceId(),
		RequestId:  "0f1c8a52-6c0e-4ae3-9a35-6d1a1f3b7c11",
		Period:     &ecsdv1.Period{Count: 1, Unit: ecsdv1.PeriodUnit_PERIOD_UNIT_MONTH},
		PriceLimit: &ecsdv1.RenewInstanceRequest_AnyPrice{AnyPrice: true},
	}
	ledger := p.at["simulator"] + "/_simulator/ledger"

	unlimited := unix.Rlimit{Cur: unix.RLIM_INFINITY, Max: unix.RLIM_INFINITY}
	full := unix.Rlimit{Cur: 4096, Max: unix.RLIM_INFINITY}
	if err := unix.Prlimit(p.command.Process.Pid, unix.RLIMIT_FSIZE, &full, nil); err != nil {
		t.Fatal(err)
	}
	id, period := renew.GetInstanceId(), renew.GetPeriod()
	spec := &ecsdv1.InstanceSpec{ImageId: "ubuntu_24_04_x64_20G_alibase_20260119.vhd", InstanceType: "ecs.g7.large"}
	for name, call := range map[string]func() error{
		"RenewInstance": func() error { _, err := renewals.RenewInstance(t.Context(), renew); return err },
		"CreateRenewalJob": func() error {
			_, err := renewals.CreateRenewalJob(t.Context(), &ecsdv1.CreateRenewalJobRequest{
				RequestId:  "0f1c8a52-6c0e-4ae3-9a35-6d1a1f3b7c12",
				Selection:  &ecsdv1.RenewalSelection{By: &ecsdv1.RenewalSelection_Instances{Instances: &ecsdv1.NamedInstances{InstanceIds: []string{id}}}},
				Term:       &ecsdv1.CreateRenewalJobRequest_Period{Period: period},
				PriceLimit: &ecsdv1.CreateRenewalJobRequest_AnyPrice{AnyPrice: true},
			})
			return err
		},
		"RunInstances": func() error {
			_, err := instances.RunInstances(t.Context(), &ecsdv1.RunInstancesRequest{
				RequestId: "0f1c8a52-6c0e-4ae3-9a35-6d1a1f3b7c13", Spec: spec, Count: 1,
			})
			return err
		},
		"CreateInstance": func() error {
			_, err := instances.CreateInstance(t.Context(), &ecsdv1.CreateInstanceRequest{
				RequestId: "0f1c8a52-6c0e-4ae3-9a35-6d1a1f3b7c14", Spec: spec,
			})
			return err
		},
		"ReleaseInstances": func() error {
			_, err := instances.ReleaseInstances(t.Context(), &ecsdv1.ReleaseInstancesRequest{
				RequestId: "0f1c8a52-6c0e-4ae3-9a35-6d1a1f3b7c15", InstanceIds: []string{id}, Force: true, AllowUnexpiredSubscription: true,
			})
			return err
		},
	} {
		err := call()
		var reason string
		var delay time.Duration
		for _, detail := range status.Convert(err).Details() {
			switch d := detail.(type) {
			case *errdetails.ErrorInfo:
				reason = d.GetReason()
			case *errdetails.RetryInfo:
				delay = d.GetRetryDelay().AsDuration()
			}
		}
		if status.Code(err) != codes.Unavailable || reason != "STORE_UNAVAILABLE" || delay <= 0 {
			t.Errorf("%s whose intent could not be written: %v, reason %s, delay %v", name, err, reason, delay)
		}
	}
	await(t, "the log names the cause", func() bool { return strings.Contains(p.log.String(), `"cause":"write renewal`) })
	stats := request(t, http.MethodGet, p.at["simulator"]+"/_simulator/stats", "")
	for _, action := range []string{"RenewInstance", "RunInstances", "CreateInstance", "DeleteInstances"} {
		if strings.Contains(stats, `"`+action+`"`) {
			t.Errorf("%s was sent: %s", action, stats)
		}
	}
	if _, err := instances.ListInstances(t.Context(), &ecsdv1.ListInstancesRequest{}); err != nil {
		t.Errorf("a list, which needs no database: %v", err)
	}
	await(t, "readyz says that the store is not ready", func() bool {
		answer, err := http.Get(p.at["admin"] + "/readyz")
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		return answer.StatusCode == http.StatusServiceUnavailable
	})
	if err := unix.Prlimit(p.command.Process.Pid, unix.RLIMIT_FSIZE, &unlimited, nil); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	asked := make(chan struct{})
	go func() {
		defer close(asked)
		_, _ = renewals.RenewInstance(ctx, renew) // its caller does not wait for the new expiry to show
	}()
	await(t, "there is an order when the disk has space again", func() bool {
		return strings.Count(request(t, http.MethodGet, ledger, ""), "order_id") == 1
	})
	cancel()
	<-asked
	p.signal(t, os.Interrupt)
	if err := p.command.Wait(); err != nil {
		t.Errorf("%v\n%s", err, p.log)
	}
}
