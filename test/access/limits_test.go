package access_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// target is an instance, with its disk and what was requested for it.
type target struct {
	region, instance, disk        string
	job, releaseJob, modification string
}

// request makes a request of an RPC about a target.
type request func(at target) proto.Message

var (
	month    = &ecsdv1.Period{Count: 1, Unit: ecsdv1.PeriodUnit_PERIOD_UNIT_MONTH}
	fortnite = durationpb.New(60 * 24 * time.Hour)
)

func id() string { return uuid.NewString() }

// onInstance are the RPCs on instances: one that the caller may not see is
// INSTANCE_NOT_FOUND, and nothing happens to it.
var onInstance = map[string]request{
	"GetInstance": func(a target) proto.Message {
		return &ecsdv1.GetInstanceRequest{RegionId: a.region, InstanceId: a.instance}
	},
	"BatchGetInstances": func(a target) proto.Message {
		return &ecsdv1.BatchGetInstancesRequest{RegionId: a.region, InstanceIds: []string{a.instance}}
	},
	"StartInstances": func(a target) proto.Message {
		return &ecsdv1.StartInstancesRequest{RegionId: a.region, InstanceIds: []string{a.instance}, RequestId: id()}
	},
	"StopInstances": func(a target) proto.Message {
		return &ecsdv1.StopInstancesRequest{RegionId: a.region, InstanceIds: []string{a.instance}}
	},
	"RebootInstances": func(a target) proto.Message {
		return &ecsdv1.RebootInstancesRequest{RegionId: a.region, InstanceIds: []string{a.instance}}
	},
	"ReactivateInstances": func(a target) proto.Message {
		return &ecsdv1.ReactivateInstancesRequest{RegionId: a.region, InstanceIds: []string{a.instance}}
	},
	"ModifyChargeType": func(a target) proto.Message {
		return &ecsdv1.ModifyChargeTypeRequest{RegionId: a.region, InstanceId: a.instance, ChargeType: ecsdv1.ChargeType_CHARGE_TYPE_PAY_AS_YOU_GO, RequestId: id()}
	},
	"ModifyInstanceType": func(a target) proto.Message {
		return &ecsdv1.ModifyInstanceTypeRequest{RegionId: a.region, InstanceId: a.instance, InstanceType: "ecs.g7.xlarge", RequestId: id(), PriceLimit: &ecsdv1.ModifyInstanceTypeRequest_AnyPrice{AnyPrice: true}}
	},
	"ReleaseInstances": func(a target) proto.Message {
		return &ecsdv1.ReleaseInstancesRequest{RegionId: a.region, InstanceIds: []string{a.instance}, RequestId: id(), Force: true, AllowUnexpiredSubscription: true}
	},
	"CreateReleaseJob": func(a target) proto.Message {
		return &ecsdv1.CreateReleaseJobRequest{RegionId: a.region, InstanceIds: []string{a.instance}, RequestId: id(), Force: true, AllowUnexpiredSubscription: true}
	},
	"SetAutoReleaseTime": func(a target) proto.Message {
		return &ecsdv1.SetAutoReleaseTimeRequest{RegionId: a.region, InstanceId: a.instance, Setting: &ecsdv1.SetAutoReleaseTimeRequest_AutoReleaseTime{AutoReleaseTime: timestamppb.New(time.Now().Add(24 * time.Hour))}}
	},
	"AllocatePublicIpAddress": func(a target) proto.Message {
		return &ecsdv1.AllocatePublicIpAddressRequest{RegionId: a.region, InstanceId: a.instance, RequestId: id()}
	},
	"SetDeletionProtection": func(a target) proto.Message {
		return &ecsdv1.SetDeletionProtectionRequest{RegionId: a.region, InstanceIds: []string{a.instance}, DeletionProtection: proto.Bool(false)}
	},
	"SetTags": func(a target) proto.Message {
		return &ecsdv1.SetTagsRequest{RegionId: a.region, InstanceIds: []string{a.instance}, Tags: []*ecsdv1.Tag{{Key: "note", Value: "x"}}}
	},
	"WaitInstances": func(a target) proto.Message {
		return &ecsdv1.WaitInstancesRequest{RegionId: a.region, InstanceIds: []string{a.instance}, Status: ecsdv1.InstanceStatus_INSTANCE_STATUS_RUNNING}
	},
	"QuoteRenewals": func(a target) proto.Message {
		return &ecsdv1.QuoteRenewalsRequest{RegionId: a.region, InstanceIds: []string{a.instance}, Period: month}
	},
	"RenewInstance": func(a target) proto.Message {
		return &ecsdv1.RenewInstanceRequest{RegionId: a.region, InstanceId: a.instance, Period: month, RequestId: id(), PriceLimit: &ecsdv1.RenewInstanceRequest_AnyPrice{AnyPrice: true}}
	},
	"PreviewRenewals":  func(a target) proto.Message { return &ecsdv1.PreviewRenewalsRequest{Job: jobOf(a)} },
	"CreateRenewalJob": func(a target) proto.Message { return jobOf(a) },
	"BatchGetAutoRenewSettings": func(a target) proto.Message {
		return &ecsdv1.BatchGetAutoRenewSettingsRequest{RegionId: a.region, InstanceIds: []string{a.instance}}
	},
	"SetAutoRenew": func(a target) proto.Message {
		return &ecsdv1.SetAutoRenewRequest{RegionId: a.region, InstanceIds: []string{a.instance}, Status: ecsdv1.AutoRenewStatus_AUTO_RENEW_STATUS_AUTO_RENEWAL, Period: month}
	},
}

func jobOf(a target) *ecsdv1.CreateRenewalJobRequest {
	return &ecsdv1.CreateRenewalJobRequest{
		RequestId:  id(),
		Selection:  &ecsdv1.RenewalSelection{By: &ecsdv1.RenewalSelection_Instances{Instances: &ecsdv1.NamedInstances{RegionId: a.region, InstanceIds: []string{a.instance}}}},
		Term:       &ecsdv1.CreateRenewalJobRequest_Period{Period: month},
		PriceLimit: &ecsdv1.CreateRenewalJobRequest_AnyPrice{AnyPrice: true},
	}
}

// onOther are the RPCs on other objects of an instance, with the reason of one
// that the caller may not see.
var onOther = map[string]struct {
	request request
	reason  string
}{
	"CreateSnapshots": {func(a target) proto.Message {
		return &ecsdv1.CreateSnapshotsRequest{RegionId: a.region, DiskIds: []string{a.disk}}
	}, "RESOURCE_NOT_FOUND"},
	"GetReleaseJob":    {func(a target) proto.Message { return &ecsdv1.GetReleaseJobRequest{JobId: a.releaseJob} }, "JOB_NOT_FOUND"},
	"WatchReleaseJob":  {func(a target) proto.Message { return &ecsdv1.WatchReleaseJobRequest{JobId: a.releaseJob} }, "JOB_NOT_FOUND"},
	"GetRenewalJob":    {func(a target) proto.Message { return &ecsdv1.GetRenewalJobRequest{JobId: a.job} }, "JOB_NOT_FOUND"},
	"CancelRenewalJob": {func(a target) proto.Message { return &ecsdv1.CancelRenewalJobRequest{JobId: a.job} }, "JOB_NOT_FOUND"},
	"WatchRenewalJob":  {func(a target) proto.Message { return &ecsdv1.WatchRenewalJobRequest{JobId: a.job} }, "JOB_NOT_FOUND"},
	"ResolveModification": {func(a target) proto.Message {
		return &ecsdv1.ResolveModificationRequest{ModificationId: a.modification, Resolution: ecsdv1.InstanceModificationResolution_INSTANCE_MODIFICATION_RESOLUTION_MARK_NOT_PAID}
	}, "MODIFICATION_NOT_FOUND"},
}

// lists are the RPCs that list, watch or count: what the caller may not see is not in
// them.
var lists = map[string]request{
	"GetServerStatus":   func(target) proto.Message { return &ecsdv1.GetServerStatusRequest{} },
	"ListInstances":     func(target) proto.Message { return &ecsdv1.ListInstancesRequest{} },
	"ListChanges":       func(target) proto.Message { return &ecsdv1.ListChangesRequest{} },
	"ListModifications": func(target) proto.Message { return &ecsdv1.ListModificationsRequest{} },
	"WatchInstances":    func(target) proto.Message { return &ecsdv1.WatchInstancesRequest{} },
	"ListExpiringInstances": func(target) proto.Message {
		return &ecsdv1.ListExpiringInstancesRequest{WindowEnd: &ecsdv1.ListExpiringInstancesRequest_Within{Within: fortnite}}
	},
	"ListRenewalJobs": func(target) proto.Message { return &ecsdv1.ListRenewalJobsRequest{} },
	"ListRenewals":    func(target) proto.Message { return &ecsdv1.ListRenewalsRequest{} },
	"ListDisks":       func(target) proto.Message { return &ecsdv1.ListDisksRequest{} },
	"ListSnapshots":   func(target) proto.Message { return &ecsdv1.ListSnapshotsRequest{} },
	"WatchReclaims":   func(target) proto.Message { return &ecsdv1.WatchReclaimsRequest{} },
}

// offers are the RPCs about a region and no instance: a region that the caller
// may not see is UNKNOWN_REGION.
var offers = map[string]request{
	"RunInstances": func(a target) proto.Message {
		return &ecsdv1.RunInstancesRequest{RegionId: a.region, Count: 1, RequestId: id(), Spec: spec(a)}
	},
	"CreateInstance": func(a target) proto.Message {
		return &ecsdv1.CreateInstanceRequest{RegionId: a.region, RequestId: id(), Spec: spec(a)}
	},
	"QuoteInstances": func(a target) proto.Message {
		return &ecsdv1.QuoteInstancesRequest{RegionId: a.region, Count: 1, Spec: spec(a)}
	},
	"ListZones":         func(a target) proto.Message { return &ecsdv1.ListZonesRequest{RegionId: a.region} },
	"ListInstanceTypes": func(a target) proto.Message { return &ecsdv1.ListInstanceTypesRequest{RegionId: a.region} },
	"ListStock": func(a target) proto.Message {
		return &ecsdv1.ListStockRequest{RegionId: a.region, InstanceType: "ecs.g7.large"}
	},
	"ListSpotZones": func(a target) proto.Message { return &ecsdv1.ListSpotZonesRequest{RegionId: a.region} },
	"ListSpotPrices": func(a target) proto.Message {
		return &ecsdv1.ListSpotPricesRequest{RegionId: a.region, InstanceType: "ecs.g7.large"}
	},
	"ListSpotAdvice": func(a target) proto.Message {
		return &ecsdv1.ListSpotAdviceRequest{RegionId: a.region, Selection: &ecsdv1.ListSpotAdviceRequest_Types{Types: &ecsdv1.InstanceTypeNames{InstanceTypes: []string{"ecs.g7.large"}}}}
	},
}

func spec(a target) *ecsdv1.InstanceSpec {
	return &ecsdv1.InstanceSpec{
		InstanceType: "ecs.g7.large", ImageId: "aliyun_3_x64_20G_alibase_20240528.vhd", SecurityGroupIds: []string{"sg-x" + a.region}, VswitchId: "vsw-x",
		Tags: []*ecsdv1.Tag{{Key: "team", Value: "billing"}},
	}
}

// without are the RPCs without instances and regions, and why.
var without = map[string]string{
	"ListRegions":    "the regions of the cloud are public",
	"ResolveRenewal": "TestResolve_OfAnotherCaller (server/internal/renewal)",
}

// administration are the RPCs of access.admin, which is for whole accounts.
func administration(t testing.TB, method protoreflect.MethodDescriptor) bool {
	t.Helper()
	return scopeOf(t, method) == "access.admin"
}

// Every RPC with the limits of regions and tags.
func TestLimits_EveryMethod(t *testing.T) {
	w := newWorld(t, callers, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	billing := map[string]string{"team": "billing"}
	mine := target{region: hangzhou, instance: w.seed(hangzhou, billing)}
	elsewhere := target{region: shanghai, instance: w.seed(shanghai, billing)}
	others := target{region: hangzhou, instance: w.seed(hangzhou, map[string]string{"team": "web"})}
	w.targets(ctx, &elsewhere, &others)
	before := changing(w)
	for name, c := range map[string]struct {
		conn   *grpc.ClientConn
		hidden target
	}{
		"region": {w.dial(tokenOf("region"), nil), elsewhere},
		"tag":    {w.dial(tokenOf("tag"), nil), others},
	} {
		for _, method := range methods(t) {
			rpc := string(method.Name())
			call := func(r request) (string, error) {
				// A refusal comes at once. A call that is admitted may wait.
				ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
				defer cancel()
				response, err := invoke(ctx, t, c.conn, method, r(c.hidden))
				if err != nil {
					return "", err
				}
				text, jsonErr := protojson.Marshal(response)
				if jsonErr != nil {
					t.Fatal(jsonErr)
				}
				return string(text), nil
			}
			refused := func(text string, err error, reason string) {
				t.Helper()
				if got := outcomeOf(err); got.reason != reason && !strings.Contains(text, `"`+reason+`"`) {
					t.Errorf("%s of another as %s: %s %v, want %s", rpc, name, text, err, reason)
				}
			}
			other, isOther := onOther[rpc]
			switch {
			case onInstance[rpc] != nil:
				text, err := call(onInstance[rpc])
				refused(text, err, "INSTANCE_NOT_FOUND")
			case isOther:
				text, err := call(other.request)
				refused(text, err, other.reason)
			case lists[rpc] != nil:
				text, err := call(lists[rpc])
				if err != nil {
					t.Errorf("%s as %s: %v", rpc, name, err)
				}
				for _, trace := range []string{c.hidden.instance, c.hidden.disk, c.hidden.job, c.hidden.releaseJob} {
					if strings.Contains(text, trace) {
						t.Errorf("%s as %s shows %s of another: %s", rpc, name, trace, text)
					}
				}
			case offers[rpc] != nil:
				if name == "region" {
					text, err := call(offers[rpc])
					refused(text, err, "UNKNOWN_REGION")
				}
			case without[rpc] != "", administration(t, method):
			default:
				t.Errorf("%s has no test of the limits of callers: add it to a map of this file", method.FullName())
			}
		}
	}
	if after := changing(w); after != before {
		t.Errorf("the cloud got changing calls:\n%s, before:\n%s", after, before)
	}
	// What the caller may see, it sees: the limits do not refuse everything.
	for _, name := range []string{"region", "tag"} {
		conn := w.dial(tokenOf(name), nil)
		list, err := instances(conn).ListInstances(ctx, &ecsdv1.ListInstancesRequest{RegionIds: []string{hangzhou}})
		if err != nil || !strings.Contains(list.String(), mine.instance) {
			t.Errorf("ListInstances as %s: %v %v, want %s", name, list, err, mine.instance)
		}
		for _, rpc := range []string{"GetInstance", "BatchGetInstances", "SetTags", "QuoteRenewals", "WaitInstances", "SetDeletionProtection", "BatchGetAutoRenewSettings", "RenewInstance"} {
			response, err := invoke(ctx, t, conn, byName(t, rpc), onInstance[rpc](mine))
			if err != nil || strings.Contains(fmt.Sprint(response), "NOT_FOUND") {
				t.Errorf("%s as %s: %v %v", rpc, name, response, err)
			}
		}
	}
}

func byName(t testing.TB, name string) protoreflect.MethodDescriptor {
	t.Helper()
	for _, method := range methods(t) {
		if string(method.Name()) == name {
			return method
		}
	}
	t.Fatalf("there is no %s", name)
	return nil
}

// targets makes instances with entries of the ledger by another caller.
func (w *world) targets(ctx context.Context, targets ...*target) {
	w.t.Helper()
	admin := w.dial(tokenOf("admin"), nil)
	for _, a := range targets {
		disks, err := ecsdv1.NewDiskServiceClient(admin).ListDisks(ctx, &ecsdv1.ListDisksRequest{RegionIds: []string{a.region}, InstanceId: a.instance})
		if err != nil || len(disks.GetDisks()) == 0 {
			w.t.Fatalf("no disk: %v %v", disks, err)
		}
		a.disk = disks.GetDisks()[0].GetDiskId()
		if _, err := ecsdv1.NewDiskServiceClient(admin).CreateSnapshots(ctx, &ecsdv1.CreateSnapshotsRequest{RegionId: a.region, DiskIds: []string{a.disk}}); err != nil {
			w.t.Fatal(err)
		}
		job, err := ecsdv1.NewRenewalServiceClient(admin).CreateRenewalJob(ctx, jobOf(*a))
		if err != nil {
			w.t.Fatal(err)
		}
		a.job = job.GetJob().GetJobId()
	}
	for _, a := range targets { // the renewals take their time together
		done, err := ecsdv1.NewRenewalServiceClient(admin).WatchRenewalJob(ctx, &ecsdv1.WatchRenewalJobRequest{JobId: a.job})
		if err != nil {
			w.t.Fatal(err)
		}
		for err == nil {
			_, err = done.Recv()
		}
		// A release that is refused: the instance is a subscription.
		release, err := instances(admin).CreateReleaseJob(ctx, &ecsdv1.CreateReleaseJobRequest{RegionId: a.region, InstanceIds: []string{a.instance}, RequestId: id()})
		if err != nil {
			w.t.Fatal(err)
		}
		a.releaseJob = release.GetJob().GetJobId()
		follow, err := instances(admin).WatchReleaseJob(ctx, &ecsdv1.WatchReleaseJobRequest{JobId: a.releaseJob})
		if err != nil {
			w.t.Fatal(err)
		}
		for err == nil {
			_, err = follow.Recv()
		}
		modified, err := instances(admin).ModifyInstanceType(ctx, onInstance["ModifyInstanceType"](*a).(*ecsdv1.ModifyInstanceTypeRequest))
		if err != nil {
			w.t.Fatal(err)
		}
		a.modification = modified.GetModification().GetModificationId()
	}
}

// changing counts the calls of the cloud that change something.
func changing(w *world) string {
	stats, text := w.sim.Stats(), ""
	for action, counts := range stats.Actions {
		if !strings.HasPrefix(action, "Describe") && !strings.HasPrefix(action, "List") && !strings.HasPrefix(action, "Get") && !strings.HasPrefix(action, "Query") {
			text += fmt.Sprintf("%s=%d\n", action, counts.Calls)
		}
	}
	return sorted(text)
}

func sorted(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for i := range lines {
		for j := i + 1; j < len(lines); j++ {
			if lines[j] < lines[i] {
				lines[i], lines[j] = lines[j], lines[i]
			}
		}
	}
	return strings.Join(lines, "\n")
}

// Something hidden has the error of something that does not exist.
func TestLimits_HiddenAsMissing(t *testing.T) {
	w := newWorld(t, callers, nil)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	hidden, missing := w.seed(hangzhou, map[string]string{"team": "web"}), "i-bp1missing0000000000"
	tag := instances(w.dial(tokenOf("tag"), nil))
	errorOf := func(id string) string {
		_, err := tag.GetInstance(ctx, &ecsdv1.GetInstanceRequest{InstanceId: id})
		got := outcomeOf(err)
		return strings.ReplaceAll(fmt.Sprint(err, got.info), id, "ID")
	}
	if a, b := errorOf(hidden), errorOf(missing); a != b {
		t.Errorf("a hidden instance: %s, a missing one: %s", a, b)
	}
	batch, err := tag.BatchGetInstances(ctx, &ecsdv1.BatchGetInstancesRequest{InstanceIds: []string{hidden, missing}})
	if err != nil {
		t.Fatal(err)
	}
	a, b := batch.GetResults()[0].GetError(), batch.GetResults()[1].GetError()
	if strings.ReplaceAll(a.String(), hidden, "ID") != strings.ReplaceAll(b.String(), missing, "ID") || a.GetReason() != "INSTANCE_NOT_FOUND" {
		t.Errorf("in a batch: a hidden instance %v, a missing one %v", a, b)
	}
}

// A launch must have the tags of the caller's limits; a change of such a tag
// needs access.admin, also for a caller that sees the instance.
func TestLimits_Tags(t *testing.T) {
	w := newWorld(t, func(w *world) string {
		return callers(w) + entry("operator", "scopes: [instances.read, instances.operate]")
	}, nil)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	mine := w.seed(hangzhou, map[string]string{"team": "billing"})
	tag, operator := instances(w.dial(tokenOf("tag"), nil)), instances(w.dial(tokenOf("operator"), nil))
	plain := spec(target{})
	plain.Tags = nil
	_, err := tag.RunInstances(ctx, &ecsdv1.RunInstancesRequest{Count: 1, RequestId: id(), Spec: plain, ValidateOnly: true})
	if got := outcomeOf(err); got.reason != "INVALID_FIELD" || !strings.Contains(err.Error(), "spec.tags must have the tags of the caller's limits: team=billing") {
		t.Errorf("a launch without the tag: %v", err)
	}
	for name, req := range map[string]*ecsdv1.SetTagsRequest{
		"set":    {InstanceIds: []string{mine}, Tags: []*ecsdv1.Tag{{Key: "team", Value: "web"}}},
		"remove": {InstanceIds: []string{mine}, RemoveTagKeys: []string{"team"}},
	} {
		_, err := operator.SetTags(ctx, req)
		if got := outcomeOf(err); got.code != codes.PermissionDenied || got.info.GetMetadata()["scope"] != "access.admin" {
			t.Errorf("%s a tag of the access file without access.admin: %v", name, err)
		}
	}
	if _, err := operator.SetTags(ctx, &ecsdv1.SetTagsRequest{InstanceIds: []string{mine}, Tags: []*ecsdv1.Tag{{Key: "note", Value: "x"}}}); err != nil {
		t.Errorf("another tag: %v", err)
	}
	if _, err := instances(w.dial(tokenOf("admin"), nil)).SetTags(ctx, &ecsdv1.SetTagsRequest{InstanceIds: []string{mine}, Tags: []*ecsdv1.Tag{{Key: "team", Value: "web"}}}); err != nil {
		t.Errorf("the tag by access.admin: %v", err)
	}
	if i, err := w.sim.Instance(mine); err != nil || i.Tags["team"] != "web" {
		t.Errorf("the tags are %v %v", i.Tags, err)
	}
}
