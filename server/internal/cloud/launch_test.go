package cloud_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/ecsd-io/ecsd/server/internal/cloud"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

const made = `"InstanceIdSets":{"InstanceIdSet":["i-bp1aaaa","i-bp1bbbb"]},"OrderId":"2026112100001","TradePrice":0.165`

func launchOrder() ecs.LaunchOrder {
	return ecs.LaunchOrder{
		RegionID: hangzhou, Count: 2, ClientToken: "run-1",
		Spec: ecs.InstanceSpec{
			ImageID: "ubuntu_24_04_x64_20G_alibase_20260101.vhd", Type: "ecs.g7.large", ZoneID: "cn-hangzhou-h", VSwitchID: "vsw-1",
			SecurityGroupIDs: []string{"sg-1"}, ChargeType: ecs.ChargePayAsYouGo,
		},
	}
}

func TestRunInstances_SendsWholeOrder(t *testing.T) {
	at := time.Date(2026, 11, 22, 10, 30, 59, 0, time.FixedZone("UTC+8", 8*3600))
	order := launchOrder()
	order.MinCount = 1
	s := &order.Spec
	s.SecurityGroupIDs = []string{"sg-1", "sg-2"}
	s.Name, s.HostName, s.Description, s.ResourceGroupID, s.PrivateIPAddress = "web[1,3]", "web", "a web server", "rg-1", "10.0.0.9"
	s.UniqueSuffix, s.DeletionProtection = true, true
	s.AutoReleaseTime = at
	s.Spot = &ecs.Spot{Strategy: "SpotWithPriceLimit", PriceLimit: "0.097", ProtectedFor: time.Hour, InterruptionBehavior: "Stop"}
	s.InternetBandwidthOutMbps, s.InternetChargeType = 5, "PayByTraffic"
	s.SystemDisk = ecs.DiskSpec{Name: "root", Category: "cloud_essd", SizeGiB: 40, PerformanceLevel: "PL1", Encrypted: true}
	s.DataDisks = []ecs.DiskSpec{{Category: "cloud_essd", SizeGiB: 100, KeepWithInstance: true}, {SnapshotID: "s-1", Name: "data", Encrypted: true}}
	s.Tags = []ecs.Tag{{Key: "team", Value: "web"}, {Key: "empty"}}
	s.KeyPairName, s.RAMRoleName = "ops", "reader"
	s.Password, s.UserData = "Secret-1+2/3", []byte("#!/bin/sh\necho hi\n")
	s.LaunchTemplateID, s.LaunchTemplateVersion = "lt-1", 3
	endpoint, edge := document(t, func(int, url.Values) (int, string) { return accepted(made) })
	launched, err := edge.RunInstances(soon(t), order)
	if err != nil || len(launched.InstanceIDs) != 2 || launched.InstanceIDs[1] != "i-bp1bbbb" || launched.OrderID != "2026112100001" {
		t.Fatalf("%+v, %v", launched, err)
	}
	wants(t, endpoint.of("RunInstances")[0], map[string]string{
		"RegionId": hangzhou, "ClientToken": "run-1", "DryRun": "", "Amount": "2", "MinAmount": "1",
		"ImageId": s.ImageID, "InstanceType": "ecs.g7.large", "ZoneId": "cn-hangzhou-h", "VSwitchId": "vsw-1",
		"SecurityGroupId": "", "SecurityGroupIds.1": "sg-1", "SecurityGroupIds.2": "sg-2",
		"InstanceName": "web[1,3]", "HostName": "web", "Description": "a web server", "ResourceGroupId": "rg-1", "PrivateIpAddress": "10.0.0.9",
		"UniqueSuffix": "true", "DeletionProtection": "true", "AutoReleaseTime": "2026-11-22T02:30:00Z",
		"InstanceChargeType": "PostPaid", "Period": "", "PeriodUnit": "", "AutoRenew": "", "AutoRenewPeriod": "",
		"SpotStrategy": "SpotWithPriceLimit", "SpotPriceLimit": "0.097", "SpotDuration": "1", "SpotInterruptionBehavior": "Stop",
		"InternetMaxBandwidthOut": "5", "InternetChargeType": "PayByTraffic",
		"SystemDisk.Category": "cloud_essd", "SystemDisk.Size": "40", "SystemDisk.DiskName": "root", "SystemDisk.PerformanceLevel": "PL1", "SystemDisk.Encrypted": "true",
		"DataDisk.1.Category": "cloud_essd", "DataDisk.1.Size": "100", "DataDisk.1.DeleteWithInstance": "false", "DataDisk.1.SnapshotId": "",
		"DataDisk.2.SnapshotId": "s-1", "DataDisk.2.DiskName": "data", "DataDisk.2.Encrypted": "true", "DataDisk.2.DeleteWithInstance": "", "DataDisk.2.Size": "",
		"Tag.1.Key": "team", "Tag.1.Value": "web", "Tag.2.Key": "empty", "KeyPairName": "ops", "RamRoleName": "reader",
		"Password": "Secret-1+2/3", "UserData": "IyEvYmluL3NoCmVjaG8gaGkK",
		"LaunchTemplateId": "lt-1", "LaunchTemplateVersion": "3", "LaunchTemplateName": "",
	})
}

func TestSubscription_Periods(t *testing.T) {
	for _, c := range []struct {
		period, again ecs.Period
		want          map[string]string
	}{
		{ecs.Period{Count: 1, Unit: ecs.Year}, ecs.Period{Count: 2, Unit: ecs.Month}, map[string]string{"Period": "12", "PeriodUnit": "Month", "AutoRenew": "true", "AutoRenewPeriod": "2"}},
		{ecs.Period{Count: 2, Unit: ecs.Week}, ecs.Period{Count: 1, Unit: ecs.Week}, map[string]string{"Period": "2", "PeriodUnit": "Week", "AutoRenewPeriod": "1"}},
		{ecs.Period{Count: 3, Unit: ecs.Month}, ecs.Period{}, map[string]string{"Period": "3", "PeriodUnit": "Month", "AutoRenew": "true", "AutoRenewPeriod": ""}},
	} {
		order := launchOrder()
		order.Spec.ChargeType, order.Spec.Period, order.Spec.AutoRenew, order.Spec.AutoRenewPeriod = ecs.ChargeSubscription, c.period, true, c.again
		endpoint, edge := document(t, func(int, url.Values) (int, string) { return accepted(made) })
		if _, err := edge.RunInstances(soon(t), order); err != nil {
			t.Fatal(err)
		}
		c.want["InstanceChargeType"] = "PrePaid"
		wants(t, endpoint.of("RunInstances")[0], c.want)
	}
}

func TestCreateInstance_SendsOrder(t *testing.T) {
	order := launchOrder()
	order.Count = 1
	order.Spec.Spot = &ecs.Spot{Strategy: "SpotAsPriceGo"}
	order.Spec.SystemDisk = ecs.DiskSpec{Category: "cloud_ssd", SizeGiB: 60}
	order.Spec.DataDisks = []ecs.DiskSpec{{SizeGiB: 20}}
	order.Spec.Tags = []ecs.Tag{{Key: "team", Value: "web"}}
	order.Spec.UserData = []byte("x")
	endpoint, edge := document(t, func(int, url.Values) (int, string) {
		return accepted(`"InstanceId":"i-bp1aaaa","OrderId":"","TradePrice":0.1`)
	})
	launched, err := edge.CreateInstance(soon(t), order)
	if err != nil || len(launched.InstanceIDs) != 1 || launched.InstanceIDs[0] != "i-bp1aaaa" || launched.OrderID != "" {
		t.Fatalf("%+v, %v", launched, err)
	}
	wants(t, endpoint.of("CreateInstance")[0], map[string]string{
		"ClientToken": "run-1", "SecurityGroupId": "sg-1", "SpotStrategy": "SpotAsPriceGo", "SpotPriceLimit": "", "SpotDuration": "0",
		"SystemDisk.Category": "cloud_ssd", "SystemDisk.Size": "60", "DataDisk.1.Size": "20", "Tag.1.Key": "team", "UserData": "eA==", "Amount": "",
	})
}

// An order that cannot be encoded exactly is refused, and nothing is sent.
func TestLaunch_OrdersThatCannotBeSent(t *testing.T) {
	month := ecs.Period{Count: 1, Unit: ecs.Month}
	for name, c := range map[string]struct {
		create bool
		spoil  func(*ecs.LaunchOrder)
		reason ecs.Reason
		field  string
	}{
		"no token":         {false, func(o *ecs.LaunchOrder) { o.ClientToken = "" }, ecs.ReasonClientTokenRejected, ""},
		"long token":       {false, func(o *ecs.LaunchOrder) { o.ClientToken = strings.Repeat("a", 65) }, ecs.ReasonClientTokenRejected, ""},
		"none":             {false, func(o *ecs.LaunchOrder) { o.Count = 0 }, ecs.ReasonInvalidField, "count"},
		"101":              {false, func(o *ecs.LaunchOrder) { o.Count = 101 }, ecs.ReasonInvalidField, "count"},
		"more at least":    {false, func(o *ecs.LaunchOrder) { o.MinCount = 3 }, ecs.ReasonInvalidField, "min_count"},
		"long user data":   {false, func(o *ecs.LaunchOrder) { o.Spec.UserData = make([]byte, 32<<10+1) }, ecs.ReasonInvalidField, "user_data"},
		"period of no use": {false, func(o *ecs.LaunchOrder) { o.Spec.Period = month }, ecs.ReasonInvalidField, "period"},
		"period not sold":  {false, func(o *ecs.LaunchOrder) { o.Spec.ChargeType = ecs.ChargeSubscription }, ecs.ReasonPeriodNotSold, ""},
		"units that differ": {false, func(o *ecs.LaunchOrder) {
			o.Spec.ChargeType, o.Spec.Period, o.Spec.AutoRenew, o.Spec.AutoRenewPeriod = ecs.ChargeSubscription, month, true, ecs.Period{Count: 1, Unit: ecs.Week}
		}, ecs.ReasonInvalidField, "auto_renew_period"},
		"price of letters": {false, func(o *ecs.LaunchOrder) { o.Spec.Spot = &ecs.Spot{Strategy: "SpotWithPriceLimit", PriceLimit: "1e3"} }, ecs.ReasonInvalidField, "spot.price_limit"},
		"fine price": {false, func(o *ecs.LaunchOrder) {
			o.Spec.Spot = &ecs.Spot{Strategy: "SpotWithPriceLimit", PriceLimit: "0.0001"}
		}, ecs.ReasonInvalidField, "spot.price_limit"},
		"limit of no use": {false, func(o *ecs.LaunchOrder) { o.Spec.Spot = &ecs.Spot{Strategy: "SpotAsPriceGo", PriceLimit: "1"} }, ecs.ReasonInvalidField, "spot.price_limit"},
		"two hours": {false, func(o *ecs.LaunchOrder) {
			o.Spec.Spot = &ecs.Spot{Strategy: "SpotAsPriceGo", ProtectedFor: 2 * time.Hour}
		}, ecs.ReasonInvalidField, "spot.protected_for"},
		"system disk of one":  {false, func(o *ecs.LaunchOrder) { o.Spec.SystemDisk.SnapshotID = "s-1" }, ecs.ReasonInvalidField, "system_disk.snapshot_id"},
		"kept system disk":    {false, func(o *ecs.LaunchOrder) { o.Spec.SystemDisk.KeepWithInstance = true }, ecs.ReasonInvalidField, "system_disk.keep_with_instance"},
		"two created":         {true, func(o *ecs.LaunchOrder) { o.Count = 2 }, ecs.ReasonInvalidField, "count"},
		"created for a time":  {true, func(o *ecs.LaunchOrder) { o.Spec.AutoReleaseTime = begin }, ecs.ReasonInvalidField, "auto_release_time"},
		"created of template": {true, func(o *ecs.LaunchOrder) { o.Spec.LaunchTemplateName = "web" }, ecs.ReasonInvalidField, "launch_template"},
		"created in two":      {true, func(o *ecs.LaunchOrder) { o.Spec.SecurityGroupIDs = []string{"sg-1", "sg-2"} }, ecs.ReasonInvalidField, "security_group_ids"},
		"created suffixed":    {true, func(o *ecs.LaunchOrder) { o.Spec.UniqueSuffix = true }, ecs.ReasonInvalidField, "unique_suffix"},
		"created encrypted":   {true, func(o *ecs.LaunchOrder) { o.Spec.SystemDisk.Encrypted = true }, ecs.ReasonInvalidField, "system_disk.encrypted"},
	} {
		endpoint, edge := document(t, func(int, url.Values) (int, string) { return accepted(made) })
		order, run := launchOrder(), edge.RunInstances
		if c.create {
			order.Count, run = 1, edge.CreateInstance
		}
		c.spoil(&order)
		_, err := run(soon(t), order)
		failure := ecs.AsError(err)
		if failure == nil || failure.Reason != c.reason || failure.Effect != ecs.EffectNone || (c.field != "" && (len(failure.Violations) != 1 || failure.Violations[0].Field != c.field)) {
			t.Errorf("%s: %+v, want %s of %q", name, failure, c.reason, c.field)
		}
		if endpoint.calls() != 0 {
			t.Errorf("%s: something was sent", name)
		}
	}
}

// The token is the same at every try, and the signature's nonce is not.
func TestLaunch_RetriedUnderToken(t *testing.T) {
	endpoint, edge := document(t, func(n int, _ url.Values) (int, string) {
		switch n {
		case 1:
			return 0, ""
		case 2:
			return refused(http.StatusServiceUnavailable, "ServiceUnavailable", "The request has failed due to a temporary failure of the server.")
		}
		return accepted(made)
	})
	launched, err := edge.RunInstances(soon(t), launchOrder())
	if err != nil || len(launched.InstanceIDs) != 2 {
		t.Fatalf("%+v, %v", launched, err)
	}
	nonces := make(map[string]bool)
	for _, q := range endpoint.of("RunInstances") {
		wants(t, q, map[string]string{"ClientToken": "run-1"})
		nonces[q.Get("SignatureNonce")] = true
	}
	if len(nonces) != 3 {
		t.Errorf("%d nonces in %d calls", len(nonces), endpoint.calls())
	}
}

func TestLaunch_NoResponseIsUnknown(t *testing.T) {
	for name, answer := range map[string]func(int, url.Values) (int, string){
		"no answer":          always(0, ""),
		"answer without ids": func(int, url.Values) (int, string) { return accepted("") },
		"then it is refused": func(n int, _ url.Values) (int, string) { return firstSilent(n, 403, "OperationDenied.NoStock") },
		"poisoned token": func(int, url.Values) (int, string) {
			return refused(403, "IdempotentFailed", "The previous idempotent request(s) has failed.")
		},
		"still being carried": func(int, url.Values) (int, string) {
			return refused(403, "IdempotentProcessing", "The previous idempotent request(s) is still processing.")
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			edge, _ := overPipes(t, documentWith(answer), cloud.Config{})
			_, err := edge.RunInstances(t.Context(), launchOrder())
			if failure := ecs.AsError(err); failure == nil || failure.Effect != ecs.EffectUnknown {
				t.Errorf("%s: %+v, want an unknown effect", name, failure)
			}
		})
	}
	endpoint, edge := document(t, func(int, url.Values) (int, string) { return refused(403, "OperationDenied.NoStock", "sold out") })
	_, err := edge.RunInstances(soon(t), launchOrder())
	if failure := ecs.AsError(err); failure == nil || failure.Effect != ecs.EffectNone || failure.Reason != ecs.ReasonOutOfStock || endpoint.calls() != 1 {
		t.Errorf("a refusal is %+v after %d calls", failure, endpoint.calls())
	}
}

func firstSilent(n, status int, code string) (int, string) {
	if n == 1 {
		return 0, ""
	}
	return refused(status, code, "refused")
}

func TestLaunch_DryRun(t *testing.T) {
	order := launchOrder()
	order.DryRun = true
	endpoint, edge := document(t, func(int, url.Values) (int, string) {
		return refused(400, "DryRunOperation", "Request validation has been passed with DryRun flag set.")
	})
	if launched, err := edge.RunInstances(soon(t), order); err != nil || len(launched.InstanceIDs) != 0 {
		t.Errorf("%+v, %v", launched, err)
	}
	// A token used by a dry run might be refused for the order itself.
	wants(t, endpoint.of("RunInstances")[0], map[string]string{"DryRun": "true", "ClientToken": ""})

	_, edge = document(t, func(int, url.Values) (int, string) { return refused(403, "OperationDenied.NoStock", "sold out") })
	if _, err := edge.RunInstances(soon(t), order); reasonOf(t, err) != ecs.ReasonOutOfStock {
		t.Errorf("a refused dry run: %v", err)
	}
	synctest.Test(t, func(t *testing.T) {
		edge, _ := overPipes(t, documentWith(always(0, "")), cloud.Config{})
		_, err := edge.RunInstances(t.Context(), order)
		if failure := ecs.AsError(err); failure == nil || failure.Effect != ecs.EffectNone {
			t.Errorf("a dry run without an answer: %+v", failure)
		}
	})
	// Outside a dry run the same word is a refusal.
	_, edge = document(t, func(int, url.Values) (int, string) { return refused(400, "DryRunOperation", "passed") })
	if _, err := edge.RunInstances(soon(t), launchOrder()); reasonOf(t, err) != ecs.ReasonCloudRejected {
		t.Errorf("DryRunOperation of an order: %v", err)
	}
}

// In every failure, and whatever the other end quotes, the password and the
// user data stay between ecsd and the cloud.
func TestLaunch_SecretsInNoText(t *testing.T) {
	order := launchOrder()
	order.Spec.Password, order.Spec.UserData = "Pa55+w/rd &x", []byte("token=abc def\n")
	encoded := base64.StdEncoding.EncodeToString(order.Spec.UserData)
	secrets := []string{"Pa55", url.QueryEscape(order.Spec.Password), "abc def", encoded, url.QueryEscape(encoded), strings.TrimRight(encoded, "=")}
	quote := fmt.Sprintf("The specified parameter %s is wrong, %s, %q, %s, %s and %s", order.Spec.Password, order.Spec.UserData, order.Spec.Password,
		encoded, url.QueryEscape(order.Spec.Password), url.Values{"Password": {order.Spec.Password}, "UserData": {encoded}}.Encode())
	spans := tracetest.NewInMemoryExporter()
	tracer := trace.NewTracerProvider(trace.WithSyncer(spans))
	for name, answer := range map[string]func(int, url.Values) (int, string){
		"refusal": func(int, url.Values) (int, string) { return refused(400, "InvalidPassword.Malformed", quote) },
		"signature": func(_ int, q url.Values) (int, string) {
			return refused(400, "SignatureDoesNotMatch", "server string to sign is:"+q.Encode())
		},
		"foreign": always(http.StatusBadGateway, "<html>"+quote),
		"broken":  always(http.StatusOK, `{"RequestId":"`+order.Spec.Password),
		"request id": func(int, url.Values) (int, string) {
			return http.StatusForbidden, fmt.Sprintf(`{"RequestId":%q,"Code":"InvalidPassword.Malformed","Message":"m"}`, order.Spec.Password)
		},
		"no answer": always(0, ""),
	} {
		var err error
		synctest.Test(t, func(t *testing.T) {
			edge, _ := overPipes(t, documentWith(answer), cloud.Config{TracerProvider: tracer})
			_, err = edge.RunInstances(t.Context(), order)
		})
		if err == nil {
			t.Fatalf("%s: no error", name)
		}
		for at := err; at != nil; at = errors.Unwrap(at) {
			for _, secret := range secrets {
				if text := fmt.Sprintf("%v %+v", at, at); strings.Contains(text, secret) {
					t.Errorf("%s: %q is in the error %q", name, secret, text)
				}
			}
		}
	}
	text := fmt.Sprintf("%+v", spans.GetSpans())
	for _, secret := range secrets {
		if strings.Contains(text, secret) {
			t.Errorf("%q is in a span", secret)
		}
	}
}
