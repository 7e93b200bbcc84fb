package fingerprint_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/fingerprint"
)

func period(count int32, unit ecsdv1.PeriodUnit) *ecsdv1.Period {
	return &ecsdv1.Period{Count: count, Unit: unit}
}

func upTo(units int64) *ecsdv1.RenewInstanceRequest_MaxPrice {
	return &ecsdv1.RenewInstanceRequest_MaxPrice{MaxPrice: &ecsdv1.Money{CurrencyCode: "CNY", Units: units}}
}

func renew(change ...func(*ecsdv1.RenewInstanceRequest)) *ecsdv1.RenewInstanceRequest {
	req := &ecsdv1.RenewInstanceRequest{
		RegionId: "cn-hangzhou", InstanceId: "i-1", RequestId: "r-1", Period: period(1, ecsdv1.PeriodUnit_PERIOD_UNIT_YEAR),
		PriceLimit: upTo(100),
	}
	for _, f := range change {
		f(req)
	}
	return req
}

func run(change ...func(*ecsdv1.RunInstancesRequest)) *ecsdv1.RunInstancesRequest {
	req := &ecsdv1.RunInstancesRequest{
		RequestId: "r-1", Count: 2,
		Spec: &ecsdv1.InstanceSpec{
			ImageId: "m-1", Password: "Secret-1", UserData: []byte("#!/bin/sh"),
			ChargeType: ecsdv1.ChargeType_CHARGE_TYPE_SUBSCRIPTION, Period: period(12, ecsdv1.PeriodUnit_PERIOD_UNIT_MONTH),
			Tags: []*ecsdv1.Tag{{Key: "a", Value: "b"}},
		},
	}
	for _, f := range change {
		f(req)
	}
	return req
}

func of[M proto.Message](req M) string {
	return fingerprint.Of("Method", req, "cn-hangzhou", nil)
}

// The fingerprints of version 1. One that changes makes the retry of a request
// that an earlier build stored REQUEST_ID_REUSED, and its caller may pay again.
func TestOf_SameInEveryBuild(t *testing.T) {
	for name, c := range map[string]struct{ got, want string }{
		"renew": {of(renew()), "v1:beb839c08c4875acdf0d54ce5936fa2ae5dae352b13b149adf4862d20bced4f4"},
		"run":   {of(run()), "v1:af9245d9af5e03c5406f563c110dd96908690f328d7dd0fb03c5c0b024704b8f"},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %s, want %s", name, c.got, c.want)
		}
	}
}

func TestOf_EqualMeanings(t *testing.T) {
	for name, change := range map[string]func(*ecsdv1.RenewInstanceRequest){
		"another request_id":   func(r *ecsdv1.RenewInstanceRequest) { r.RequestId = "r-2" },
		"validate_only":        func(r *ecsdv1.RenewInstanceRequest) { r.ValidateOnly = true },
		"the default region":   func(r *ecsdv1.RenewInstanceRequest) { r.RegionId = "" },
		"12 months for 1 year": func(r *ecsdv1.RenewInstanceRequest) { r.Period = period(12, ecsdv1.PeriodUnit_PERIOD_UNIT_MONTH) },
	} {
		if got := of(renew(change)); got != of(renew()) {
			t.Errorf("%s: another fingerprint", name)
		}
	}
	nested := run(func(r *ecsdv1.RunInstancesRequest) { r.Spec.Period = period(1, ecsdv1.PeriodUnit_PERIOD_UNIT_YEAR) })
	if of(nested) != of(run()) {
		t.Error("12 months for 1 year inside a spec: another fingerprint")
	}
}

func TestOf_OtherMeanings(t *testing.T) {
	seen := map[string]string{of(renew()): "the original"}
	for name, change := range map[string]func(*ecsdv1.RenewInstanceRequest){
		"another instance": func(r *ecsdv1.RenewInstanceRequest) { r.InstanceId = "i-2" },
		"another region":   func(r *ecsdv1.RenewInstanceRequest) { r.RegionId = "cn-beijing" },
		"13 months":        func(r *ecsdv1.RenewInstanceRequest) { r.Period = period(13, ecsdv1.PeriodUnit_PERIOD_UNIT_MONTH) },
		"1 month":          func(r *ecsdv1.RenewInstanceRequest) { r.Period = period(1, ecsdv1.PeriodUnit_PERIOD_UNIT_MONTH) },
		"another limit":    func(r *ecsdv1.RenewInstanceRequest) { r.PriceLimit = upTo(101) },
		"no limit":         func(r *ecsdv1.RenewInstanceRequest) { r.PriceLimit = nil },
	} {
		got := of(renew(change))
		if other, ok := seen[got]; ok {
			t.Errorf("%s has the fingerprint of %s", name, other)
		}
		seen[got] = name
	}
	if fingerprint.Of("Other", renew(), "cn-hangzhou", nil) == of(renew()) {
		t.Error("another method has the same fingerprint")
	}
	for name, change := range map[string]func(*ecsdv1.RunInstancesRequest){
		"another password": func(r *ecsdv1.RunInstancesRequest) { r.Spec.Password = "Secret-2" },
		"other user data":  func(r *ecsdv1.RunInstancesRequest) { r.Spec.UserData = []byte("#!/bin/bash") },
		"no password":      func(r *ecsdv1.RunInstancesRequest) { r.Spec.Password = "" },
		"password exchanged": func(r *ecsdv1.RunInstancesRequest) {
			r.Spec.Password, r.Spec.UserData = string(r.Spec.UserData), []byte(r.Spec.Password)
		},
	} {
		if of(run(change)) == of(run()) {
			t.Errorf("%s: the same fingerprint", name)
		}
	}
}

func TestOf_LeavesTheRequest(t *testing.T) {
	req := run()
	fingerprint.Of("Method", req, "cn-hangzhou", func(r *ecsdv1.RunInstancesRequest) { r.MinCount = 1 })
	if !proto.Equal(req, run()) {
		t.Errorf("the request became %v", req)
	}
}

// Every field of the contract that may hold a secret enters by the slow hash.
func TestOf_SecretFieldsAreKnown(t *testing.T) {
	known := []protoreflect.Name{"password", "user_data"}
	var walk func(protoreflect.MessageDescriptors)
	walk = func(messages protoreflect.MessageDescriptors) {
		for i := range messages.Len() {
			fields := messages.Get(i).Fields()
			for j := range fields.Len() {
				name := fields.Get(j).Name()
				for _, word := range []string{"password", "secret", "user_data", "credential"} {
					if strings.Contains(string(name), word) && !slices.Contains(known, name) {
						t.Errorf("%s may be a secret and is not in secretFields", fields.Get(j).FullName())
					}
				}
			}
			walk(messages.Get(i).Messages())
		}
	}
	walk(ecsdv1.File_ecsd_v1_launch_proto.Messages())
	walk(ecsdv1.File_ecsd_v1_instance_service_proto.Messages())
	walk(ecsdv1.File_ecsd_v1_renewal_service_proto.Messages())
	walk(ecsdv1.File_ecsd_v1_disk_service_proto.Messages())
}

func TestMatch(t *testing.T) {
	legacy := func() (string, error) { return "old", nil }
	broken := func() (string, error) { return "", errors.New("broken") }
	for name, c := range map[string]struct {
		stored, now string
		legacy      func() (string, error)
		want, fails bool
	}{
		"the same":             {"v1:a", "v1:a", broken, true, false},
		"another":              {"v1:a", "v1:b", broken, false, false},
		"of an earlier build":  {"old", "v1:a", legacy, true, false},
		"another of that":      {"other", "v1:a", legacy, false, false},
		"a hash that fails":    {"old", "v1:a", broken, false, true},
		"empty of a broken":    {"", "v1:a", broken, false, true},
		"of a version to come": {"v2:a", "v1:a", legacy, false, false},
	} {
		got, err := fingerprint.Match(c.stored, c.now, c.legacy)
		if got != c.want || (err != nil) != c.fails {
			t.Errorf("%s: got %t, %v", name, got, err)
		}
	}
}
