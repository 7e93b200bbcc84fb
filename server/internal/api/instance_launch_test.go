package api

import (
	"context"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/lifecycle"
)

// fingerprints keeps the fingerprint of the last launch.
type fingerprints struct {
	Lifecycle
	last string
}

func (f *fingerprints) Run(_ context.Context, q lifecycle.Launch) (lifecycle.Launched, error) {
	f.last = q.Fingerprint
	return lifecycle.Launched{}, nil
}

func TestRunInstances_Fingerprint(t *testing.T) {
	type change = func(*ecsdv1.RunInstancesRequest, *ecsdv1.InstanceSpec)
	at := time.Now().Add(time.Hour).Truncate(time.Minute)
	components := &fingerprints{}
	client := ecsdv1.NewInstanceServiceClient(dialComponents(t, Components{Lifecycle: components}))
	of := func(changes ...change) string {
		t.Helper()
		components.last = ""
		req := run(func(r *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) {
			s.AutoReleaseTime = timestamppb.New(at)
			for _, f := range changes {
				f(r, s)
			}
		})
		if _, err := client.RunInstances(t.Context(), req); err != nil {
			t.Fatal(err)
		}
		return components.last
	}
	original := of()
	for name, f := range map[string]change{
		"region_id of the default": func(r *ecsdv1.RunInstancesRequest, _ *ecsdv1.InstanceSpec) { r.RegionId = "cn-hangzhou" },
		"any_price":                func(r *ecsdv1.RunInstancesRequest, _ *ecsdv1.InstanceSpec) { r.PriceLimit = nil },
		"min_count of all":         func(r *ecsdv1.RunInstancesRequest, _ *ecsdv1.InstanceSpec) { r.MinCount = r.GetCount() },
		"pay-as-you-go":            func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) { s.ChargeType = 1 },
		"pay by traffic":           func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) { s.InternetChargeType = 1 },
		"seconds of a release time": func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) {
			s.AutoReleaseTime = timestamppb.New(at.Add(30 * time.Second))
		},
	} {
		if of(f) != original {
			t.Errorf("%s: another fingerprint, want the same as unset", name)
		}
	}
	for name, f := range map[string]change{
		"max_price": func(r *ecsdv1.RunInstancesRequest, _ *ecsdv1.InstanceSpec) {
			r.PriceLimit = &ecsdv1.RunInstancesRequest_MaxPrice{MaxPrice: &ecsdv1.Money{CurrencyCode: "CNY", Units: 9}}
		},
		"another min_count": func(r *ecsdv1.RunInstancesRequest, _ *ecsdv1.InstanceSpec) { r.MinCount = 1 },
		"another release time": func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) {
			s.AutoReleaseTime = timestamppb.New(at.Add(time.Minute))
		},
		"unset with a template": func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) {
			s.LaunchTemplate = &ecsdv1.LaunchTemplate{Template: &ecsdv1.LaunchTemplate_LaunchTemplateName{LaunchTemplateName: "web"}}
		},
		"another internet charge": func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) { s.InternetChargeType = 2 },
	} {
		if of(f) == original {
			t.Errorf("%s: the same fingerprint", name)
		}
	}
}
