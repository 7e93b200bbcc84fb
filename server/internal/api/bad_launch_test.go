package api

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/lifecycle"
)

// knowsNothing is a lifecycle to which every launch is new.
type knowsNothing struct{ Lifecycle }

func (knowsNothing) Run(_ context.Context, q lifecycle.Launch) (lifecycle.Launched, error) {
	if q.IfNew == nil {
		panic("a launch that must be refused came through")
	}
	return lifecycle.Launched{}, q.IfNew
}

// run returns a valid launch, modified by change.
func run(change func(*ecsdv1.RunInstancesRequest, *ecsdv1.InstanceSpec)) *ecsdv1.RunInstancesRequest {
	req := &ecsdv1.RunInstancesRequest{
		Count: 2, RequestId: goodID, PriceLimit: &ecsdv1.RunInstancesRequest_AnyPrice{AnyPrice: true},
		Spec: &ecsdv1.InstanceSpec{ImageId: "aliyun_3_x64_20G.vhd", InstanceType: "ecs.g7.large", VswitchId: "vsw-1", SecurityGroupIds: []string{"sg-1"}},
	}
	change(req, req.Spec)
	return req
}

func TestLaunch_BadInput(t *testing.T) {
	const (
		subscription = ecsdv1.ChargeType_CHARGE_TYPE_SUBSCRIPTION
		limited      = ecsdv1.SpotStrategy_SPOT_STRATEGY_WITH_PRICE_LIMIT
		asPriceGo    = ecsdv1.SpotStrategy_SPOT_STRATEGY_AS_PRICE_GO
	)
	months := func(n int32) *ecsdv1.Period {
		return &ecsdv1.Period{Count: n, Unit: ecsdv1.PeriodUnit_PERIOD_UNIT_MONTH}
	}
	weeks := func(n int32) *ecsdv1.Period {
		return &ecsdv1.Period{Count: n, Unit: ecsdv1.PeriodUnit_PERIOD_UNIT_WEEK}
	}
	ahead := func(d time.Duration) *timestamppb.Timestamp { return timestamppb.New(time.Now().Add(d)) }
	threeYears := time.Until(time.Now().AddDate(3, 0, 0))

	conn := dialComponents(t, Components{Lifecycle: knowsNothing{}})
	for name, c := range map[string]struct {
		change func(*ecsdv1.RunInstancesRequest, *ecsdv1.InstanceSpec)
		want   violation
	}{
		"no spec":                    {func(r *ecsdv1.RunInstancesRequest, _ *ecsdv1.InstanceSpec) { r.Spec = nil }, violation{"spec", "INVALID_FIELD", "image_id and instance_type"}},
		"no count":                   {func(r *ecsdv1.RunInstancesRequest, _ *ecsdv1.InstanceSpec) { r.Count = 0 }, violation{"count", "INVALID_FIELD", "1 to 100; got 0"}},
		"count 101":                  {func(r *ecsdv1.RunInstancesRequest, _ *ecsdv1.InstanceSpec) { r.Count = 101 }, violation{"count", "INVALID_FIELD", "1 to 100; got 101"}},
		"negative count":             {func(r *ecsdv1.RunInstancesRequest, _ *ecsdv1.InstanceSpec) { r.Count = -1 }, violation{"count", "INVALID_FIELD", "1 to 100"}},
		"more at least than at most": {func(r *ecsdv1.RunInstancesRequest, _ *ecsdv1.InstanceSpec) { r.MinCount = 3 }, violation{"min_count", "INVALID_FIELD", "count; got 3"}},
		"negative min count":         {func(r *ecsdv1.RunInstancesRequest, _ *ecsdv1.InstanceSpec) { r.MinCount = -1 }, violation{"min_count", "INVALID_FIELD", "0 (meaning all or none)"}},
		"no request id":              {func(r *ecsdv1.RunInstancesRequest, _ *ecsdv1.InstanceSpec) { r.RequestId = "" }, violation{"request_id", "INVALID_FIELD", "is required: a UUID"}},
		"unknown region":             {func(r *ecsdv1.RunInstancesRequest, _ *ecsdv1.InstanceSpec) { r.RegionId = "cn-atlantis" }, violation{"region_id", "UNKNOWN_REGION", "cn-hangzhou, cn-shanghai"}},
		"no image":                   {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) { s.ImageId = "" }, violation{"spec.image_id", "INVALID_FIELD", "is required"}},
		"odd image":                  {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) { s.ImageId = "an image" }, violation{"spec.image_id", "INVALID_FIELD", `got "an image"`}},
		"no type":                    {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) { s.InstanceType = "" }, violation{"spec.instance_type", "INVALID_FIELD", "ecs.g7.large"}},
		"odd type":                   {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) { s.InstanceType = "Big One" }, violation{"spec.instance_type", "INVALID_FIELD", `got "Big One"`}},
		"odd zone":                   {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) { s.ZoneId = "H" }, violation{"spec.zone_id", "INVALID_FIELD", "cn-hangzhou-h"}},
		"odd vSwitch":                {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) { s.VswitchId = "?" }, violation{"spec.vswitch_id", "INVALID_FIELD", "letters, digits"}},
		"a group twice": {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) {
			s.SecurityGroupIds = []string{"sg-1", "sg-1"}
		}, violation{"spec.security_group_ids[1]", "INVALID_FIELD", "repeat"}},
		"an empty group":       {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) { s.SecurityGroupIds = []string{""} }, violation{"spec.security_group_ids[0]", "INVALID_FIELD", "empty"}},
		"17 groups":            {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) { s.SecurityGroupIds = numbered("sg-", 17) }, violation{"spec.security_group_ids", "INVALID_FIELD", "at most 16 values; got 17"}},
		"short name":           {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) { s.InstanceName = "w" }, violation{"spec.instance_name", "INVALID_FIELD", "2 to 128"}},
		"a link for a name":    {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) { s.InstanceName = "http://x" }, violation{"spec.instance_name", "INVALID_FIELD", "must not begin"}},
		"long host name":       {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) { s.HostName = strings.Repeat("h", 65) }, violation{"spec.host_name", "INVALID_FIELD", "2 to 64"}},
		"odd host name":        {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) { s.HostName = "-web" }, violation{"spec.host_name", "INVALID_FIELD", "begin or end"}},
		"host name with space": {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) { s.HostName = "we b" }, violation{"spec.host_name", "INVALID_FIELD", "no space"}},
		"short description":    {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) { s.Description = "x" }, violation{"spec.description", "INVALID_FIELD", "2 to 256"}},
		"odd resource group":   {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) { s.ResourceGroupId = "r g" }, violation{"spec.resource_group_id", "INVALID_FIELD", "letters, digits"}},
		"odd address":          {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) { s.PrivateIpAddress = "10.0.0" }, violation{"spec.private_ip_address", "INVALID_FIELD", "IPv4"}},
		"address without vSwitch": {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) {
			s.PrivateIpAddress, s.VswitchId = "10.0.0.7", ""
		}, violation{"spec.private_ip_address", "INVALID_FIELD", "without vswitch_id"}},
		"odd charge type":              {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) { s.ChargeType = 9 }, violation{"spec.charge_type", "INVALID_FIELD", "CHARGE_TYPE_SUBSCRIPTION"}},
		"subscription without period":  {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) { s.ChargeType = subscription }, violation{"spec.period", "INVALID_FIELD", "is required"}},
		"period without subscription":  {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) { s.Period = months(1) }, violation{"spec.period", "INVALID_FIELD", "unset unless"}},
		"renewal without subscription": {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) { s.AutoRenew = true }, violation{"spec.auto_renew", "INVALID_FIELD", "unset unless"}},
		"10 months": {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) {
			s.ChargeType, s.Period = subscription, months(10)
		}, violation{"spec.period.count", "PERIOD_NOT_SOLD", "8, 9, 12"}},
		"renewal period alone": {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) {
			s.ChargeType, s.Period, s.AutoRenewPeriod = subscription, months(1), months(1)
		}, violation{"spec.auto_renew_period", "INVALID_FIELD", "without auto_renew"}},
		"renewed by 4 weeks": {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) {
			s.ChargeType, s.Period, s.AutoRenew, s.AutoRenewPeriod = subscription, weeks(1), true, weeks(4)
		}, violation{"spec.auto_renew_period.count", "PERIOD_NOT_SOLD", "WEEK 1, 2, 3;"}},
		"months renewed by weeks": {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) {
			s.ChargeType, s.Period, s.AutoRenew, s.AutoRenewPeriod = subscription, months(1), true, weeks(1)
		}, violation{"spec.auto_renew_period.unit", "INVALID_FIELD", "PERIOD_UNIT_WEEK if"}},
		"spot subscription": {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) {
			s.ChargeType, s.Period, s.Spot = subscription, months(1), &ecsdv1.SpotSettings{Strategy: asPriceGo}
		}, violation{"spec.spot", "INVALID_FIELD", "unset for a subscription"}},
		"spot without strategy": {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) { s.Spot = &ecsdv1.SpotSettings{} },
			violation{"spec.spot.strategy", "INVALID_FIELD", "is required"}},
		"a limit that is not taken": {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) {
			s.Spot = &ecsdv1.SpotSettings{Strategy: asPriceGo, PriceLimit: &ecsdv1.Money{Units: 1}}
		}, violation{"spec.spot.price_limit", "INVALID_FIELD", "only SPOT_STRATEGY_WITH_PRICE_LIMIT takes"}},
		"a limit that is missing": {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) {
			s.Spot = &ecsdv1.SpotSettings{Strategy: limited}
		}, violation{"spec.spot.price_limit", "INVALID_FIELD", "is required"}},
		"a limit of 0": {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) {
			s.Spot = &ecsdv1.SpotSettings{Strategy: limited, PriceLimit: &ecsdv1.Money{}}
		}, violation{"spec.spot.price_limit", "INVALID_FIELD", "more than 0"}},
		"a limit below 0": {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) {
			s.Spot = &ecsdv1.SpotSettings{Strategy: limited, PriceLimit: &ecsdv1.Money{Units: -1}}
		}, violation{"spec.spot.price_limit", "INVALID_FIELD", "more than 0"}},
		"a limit to the ten-thousandth": {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) {
			s.Spot = &ecsdv1.SpotSettings{Strategy: limited, PriceLimit: &ecsdv1.Money{Nanos: 100_100_000}}
		}, violation{"spec.spot.price_limit", "INVALID_FIELD", "three decimals"}},
		"a limit in stones": {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) {
			s.Spot = &ecsdv1.SpotSettings{Strategy: limited, PriceLimit: &ecsdv1.Money{CurrencyCode: "stones", Units: 1}}
		}, violation{"spec.spot.price_limit.currency_code", "INVALID_FIELD", "three capital letters"}},
		"two hours of protection": {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) {
			s.Spot = &ecsdv1.SpotSettings{Strategy: asPriceGo, Duration: durationpb.New(2 * time.Hour)}
		}, violation{"spec.spot.duration", "INVALID_FIELD", "3600s"}},
		"odd behaviour": {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) {
			s.Spot = &ecsdv1.SpotSettings{Strategy: asPriceGo, InterruptionBehavior: 9}
		}, violation{"spec.spot.interruption_behavior", "INVALID_FIELD", "SpotInterruptionBehavior"}},
		"released in 29 minutes": {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) {
			s.AutoReleaseTime = ahead(29 * time.Minute)
		}, violation{"spec.auto_release_time", "INVALID_FIELD", "at least 30 minutes and at most 3 years"}},
		"released after 3 years": {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) {
			s.AutoReleaseTime = ahead(threeYears + 2*time.Minute)
		}, violation{"spec.auto_release_time", "INVALID_FIELD", "at least 30 minutes and at most 3 years"}},
		"released too early, and more": {func(r *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) {
			r.Count, s.AutoReleaseTime = 0, ahead(0)
		}, violation{"spec.auto_release_time", "INVALID_FIELD", "at least 30 minutes"}},
		"a subscription at an unsaid price": {func(r *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) {
			r.PriceLimit, s.ChargeType, s.Period = nil, subscription, months(1)
		}, violation{"max_price", "INVALID_FIELD", "is required"}},
		"a template that may buy a subscription": {func(r *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) {
			r.PriceLimit, s.LaunchTemplate = nil, &ecsdv1.LaunchTemplate{Template: &ecsdv1.LaunchTemplate_LaunchTemplateName{LaunchTemplateName: "web"}}
		}, violation{"max_price", "INVALID_FIELD", "is required"}},
		"a limit of a template": {func(r *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) {
			r.PriceLimit = &ecsdv1.RunInstancesRequest_MaxPrice{MaxPrice: &ecsdv1.Money{CurrencyCode: "CNY", Units: 9}}
			s.LaunchTemplate = &ecsdv1.LaunchTemplate{Template: &ecsdv1.LaunchTemplate_LaunchTemplateName{LaunchTemplateName: "web"}}
		}, violation{"max_price", "INVALID_FIELD", "set any_price to true"}},
		"not any price": {func(r *ecsdv1.RunInstancesRequest, _ *ecsdv1.InstanceSpec) {
			r.PriceLimit = &ecsdv1.RunInstancesRequest_AnyPrice{}
		}, violation{"any_price", "INVALID_FIELD", "must be true"}},
		"a price limit of 0": {func(r *ecsdv1.RunInstancesRequest, _ *ecsdv1.InstanceSpec) {
			r.PriceLimit = &ecsdv1.RunInstancesRequest_MaxPrice{MaxPrice: &ecsdv1.Money{CurrencyCode: "CNY"}}
		}, violation{"max_price", "INVALID_FIELD", "more than 0"}},
		"a limit without a currency": {func(r *ecsdv1.RunInstancesRequest, _ *ecsdv1.InstanceSpec) {
			r.PriceLimit = &ecsdv1.RunInstancesRequest_MaxPrice{MaxPrice: &ecsdv1.Money{Units: 9}}
		}, violation{"max_price", "INVALID_FIELD", "currency_code"}},
		"a subscription that is released": {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) {
			s.ChargeType, s.Period, s.AutoReleaseTime = subscription, months(1), ahead(time.Hour)
		}, violation{"spec.auto_release_time", "INVALID_FIELD", "unset for a subscription"}},
		"a subscription that is protected": {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) {
			s.ChargeType, s.Period, s.DeletionProtection = subscription, months(1), true
		}, violation{"spec.deletion_protection", "INVALID_FIELD", "false for a subscription"}},
		"101 Mbit/s":   {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) { s.InternetMaxBandwidthOutMbps = 101 }, violation{"spec.internet_max_bandwidth_out_mbps", "INVALID_FIELD", "0 to 100"}},
		"odd internet": {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) { s.InternetChargeType = 9 }, violation{"spec.internet_charge_type", "INVALID_FIELD", "InternetChargeType"}},
		"negative disk": {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) {
			s.SystemDisk = &ecsdv1.DiskSpec{SizeGib: -1}
		}, violation{"spec.system_disk.size_gib", "INVALID_FIELD", "0 (meaning"}},
		"a kept system disk": {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) {
			s.SystemDisk = &ecsdv1.DiskSpec{KeepWithInstance: true}
		}, violation{"spec.system_disk.keep_with_instance", "INVALID_FIELD", "must be false"}},
		"a system disk of a snapshot": {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) {
			s.SystemDisk = &ecsdv1.DiskSpec{SnapshotId: "s-1"}
		},
			violation{"spec.system_disk.snapshot_id", "INVALID_FIELD", "from the image"}},
		"PL9": {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) {
			s.DataDisks = []*ecsdv1.DiskSpec{{PerformanceLevel: "PL9"}}
		}, violation{"spec.data_disks[0].performance_level", "INVALID_FIELD", "PL0, PL1"}},
		"odd category": {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) {
			s.DataDisks = []*ecsdv1.DiskSpec{{Category: "fast one"}}
		}, violation{"spec.data_disks[0].category", "INVALID_FIELD", "letters, digits"}},
		"odd snapshot": {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) {
			s.DataDisks = []*ecsdv1.DiskSpec{{}, {SnapshotId: "s 1"}}
		}, violation{"spec.data_disks[1].snapshot_id", "INVALID_FIELD", "1 to 64 letters"}},
		"short disk name": {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) {
			s.DataDisks = []*ecsdv1.DiskSpec{{DiskName: "d"}}
		}, violation{"spec.data_disks[0].disk_name", "INVALID_FIELD", "2 to 128"}},
		"17 disks": {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) {
			s.DataDisks = make([]*ecsdv1.DiskSpec, 17)
		}, violation{"spec.data_disks", "INVALID_FIELD", "at most 16 values"}},
		"21 tags": {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) { s.Tags = make21() }, violation{"spec.tags", "INVALID_FIELD", "at most 20 values; got 21"}},
		"a key twice": {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) {
			s.Tags = []*ecsdv1.Tag{{Key: "k"}, {Key: "k"}}
		}, violation{"spec.tags[1].key", "INVALID_FIELD", "repeat"}},
		"no key": {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) { s.Tags = []*ecsdv1.Tag{{Value: "v"}} }, violation{"spec.tags[0].key", "INVALID_FIELD", "empty"}},
		"ecsd's key": {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) {
			s.Tags = []*ecsdv1.Tag{{Key: "ecsd:request-id"}}
		}, violation{"spec.tags[0].key", "INVALID_FIELD", "ecsd:request-id"}},
		"the cloud's key": {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) { s.Tags = []*ecsdv1.Tag{{Key: "acs:x"}} }, violation{"spec.tags[0].key", "INVALID_FIELD", "acs:"}},
		"a long value": {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) {
			s.Tags = []*ecsdv1.Tag{{Key: "k", Value: strings.Repeat("v", 129)}}
		}, violation{"spec.tags[0].value", "INVALID_FIELD", "at most 128"}},
		"a byte too much user data": {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) { s.UserData = make([]byte, 32<<10+1) }, violation{"spec.user_data", "INVALID_FIELD", "at most 32768 bytes; got 32769"}},
		"odd key pair":              {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) { s.KeyPairName = "k" }, violation{"spec.key_pair_name", "INVALID_FIELD", "2 to 128"}},
		"odd role":                  {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) { s.RamRoleName = "r l" }, violation{"spec.ram_role_name", "INVALID_FIELD", "letters, digits"}},
		"an empty template": {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) {
			s.LaunchTemplate = &ecsdv1.LaunchTemplate{}
		}, violation{"spec.launch_template.launch_template_id", "INVALID_FIELD", "or launch_template_name is required"}},
		"a template without a name": {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) {
			s.LaunchTemplate = &ecsdv1.LaunchTemplate{Version: 1}
		}, violation{"spec.launch_template.launch_template_id", "INVALID_FIELD", "or launch_template_name is required"}},
		"a version below 0": {func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) {
			s.LaunchTemplate = &ecsdv1.LaunchTemplate{Template: &ecsdv1.LaunchTemplate_LaunchTemplateId{LaunchTemplateId: "lt-1"}, Version: -1}
		}, violation{"spec.launch_template.version", "INVALID_FIELD", "or more"}},
	} {
		t.Run(name, func(t *testing.T) {
			wantViolations(t, conn, ecsdv1.InstanceService_RunInstances_FullMethodName, run(c.change), []violation{c.want})
		})
	}
}

// Fields that only RunInstances takes are refused by the other calls, and a
// quote without its required fields is refused.
func TestCreateAndQuote_BadInput(t *testing.T) {
	spec := func(change func(*ecsdv1.InstanceSpec)) *ecsdv1.InstanceSpec {
		return run(func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) { change(s) }).GetSpec()
	}
	create := func(change func(*ecsdv1.InstanceSpec)) proto.Message {
		return &ecsdv1.CreateInstanceRequest{Spec: spec(change), RequestId: goodID}
	}
	quote := func(change func(*ecsdv1.InstanceSpec)) proto.Message {
		return &ecsdv1.QuoteInstancesRequest{Spec: spec(change), Count: 1}
	}
	conn := dial(t)
	for name, c := range map[string]struct {
		method string
		req    proto.Message
		want   violation
	}{
		"created for a while": {ecsdv1.InstanceService_CreateInstance_FullMethodName, create(func(s *ecsdv1.InstanceSpec) {
			s.AutoReleaseTime = timestamppb.New(time.Now().Add(time.Hour))
		}), violation{"spec.auto_release_time", "INVALID_FIELD", "RunInstances does"}},
		"created in two groups": {ecsdv1.InstanceService_CreateInstance_FullMethodName, create(func(s *ecsdv1.InstanceSpec) {
			s.SecurityGroupIds = []string{"sg-1", "sg-2"}
		}), violation{"spec.security_group_ids", "INVALID_FIELD", "at most 1"}},
		"created by template": {ecsdv1.InstanceService_CreateInstance_FullMethodName, create(func(s *ecsdv1.InstanceSpec) {
			s.LaunchTemplate = &ecsdv1.LaunchTemplate{Template: &ecsdv1.LaunchTemplate_LaunchTemplateId{LaunchTemplateId: "lt-1"}}
		}), violation{"spec.launch_template", "INVALID_FIELD", "RunInstances does"}},
		"created with a suffix": {ecsdv1.InstanceService_CreateInstance_FullMethodName, create(func(s *ecsdv1.InstanceSpec) { s.UniqueSuffix = true }), violation{"spec.unique_suffix", "INVALID_FIELD", "RunInstances does"}},
		"created encrypted":     {ecsdv1.InstanceService_CreateInstance_FullMethodName, create(func(s *ecsdv1.InstanceSpec) { s.SystemDisk = &ecsdv1.DiskSpec{Encrypted: true} }), violation{"spec.system_disk.encrypted", "INVALID_FIELD", "RunInstances does"}},
		"created without an id": {ecsdv1.InstanceService_CreateInstance_FullMethodName, &ecsdv1.CreateInstanceRequest{Spec: spec(func(*ecsdv1.InstanceSpec) {})}, violation{"request_id", "INVALID_FIELD", "is required"}},
		"nothing created":       {ecsdv1.InstanceService_CreateInstance_FullMethodName, &ecsdv1.CreateInstanceRequest{RequestId: goodID}, violation{"spec", "INVALID_FIELD", "is required"}},
		"a template's price": {ecsdv1.InstanceService_QuoteInstances_FullMethodName, quote(func(s *ecsdv1.InstanceSpec) {
			s.LaunchTemplate = &ecsdv1.LaunchTemplate{Template: &ecsdv1.LaunchTemplate_LaunchTemplateId{LaunchTemplateId: "lt-1"}}
		}), violation{"spec.launch_template", "INVALID_FIELD", "prices no launch template"}},
		"a disk without image":   {ecsdv1.InstanceService_QuoteInstances_FullMethodName, quote(func(s *ecsdv1.InstanceSpec) { s.ImageId, s.SystemDisk = "", &ecsdv1.DiskSpec{} }), violation{"spec.image_id", "INVALID_FIELD", "beside system_disk"}},
		"the price of no type":   {ecsdv1.InstanceService_QuoteInstances_FullMethodName, quote(func(s *ecsdv1.InstanceSpec) { s.InstanceType = "" }), violation{"spec.instance_type", "INVALID_FIELD", "is required"}},
		"the price of 101":       {ecsdv1.InstanceService_QuoteInstances_FullMethodName, &ecsdv1.QuoteInstancesRequest{Spec: spec(func(*ecsdv1.InstanceSpec) {}), Count: 101}, violation{"count", "INVALID_FIELD", "1 to 100"}},
		"the price of no number": {ecsdv1.InstanceService_QuoteInstances_FullMethodName, &ecsdv1.QuoteInstancesRequest{Spec: spec(func(*ecsdv1.InstanceSpec) {})}, violation{"count", "INVALID_FIELD", "1 to 100"}},
	} {
		t.Run(name, func(t *testing.T) { wantViolations(t, conn, c.method, c.req, []violation{c.want}) })
	}
}

// A password and user data that break a rule are in no part of the response.
func TestLaunch_BadSecretsHidden(t *testing.T) {
	conn := dial(t)
	for name, password := range map[string]string{
		"short": "Ab1defg", "long": "Ab1" + strings.Repeat("x", 28), "of two kinds": "hunter2hunter2",
		"with an umlaut": "Hünter2-hunter2", "with a space": "Hunter2 hunter2",
	} {
		t.Run(name, func(t *testing.T) {
			req := run(func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) {
				s.Password, s.UserData = password, []byte("echo swordfish")
			})
			wantViolations(t, conn, ecsdv1.InstanceService_RunInstances_FullMethodName, req,
				[]violation{{"spec.password", "INVALID_FIELD", "8 to 30 characters"}})
			err := conn.Invoke(t.Context(), ecsdv1.InstanceService_RunInstances_FullMethodName, req, &ecsdv1.RunInstancesResponse{})
			detail[*errdetails.ErrorInfo](t, err)
			if text := fmt.Sprint(status.Convert(err).Proto()); strings.Contains(text, password) || strings.Contains(text, "swordfish") {
				t.Errorf("the answer shows a secret: %s", text)
			}
		})
	}
	req := run(func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) {
		s.Password, s.UserData = strings.Repeat("hunter2", 100), append([]byte("echo swordfish"), make([]byte, 32<<10)...)
	})
	err := conn.Invoke(t.Context(), ecsdv1.InstanceService_RunInstances_FullMethodName, req, &ecsdv1.RunInstancesResponse{})
	if text := fmt.Sprint(status.Convert(err).Proto()); !strings.Contains(text, "32768") || strings.Contains(text, "hunter2") || strings.Contains(text, "swordfish") {
		t.Errorf("secrets over the limits: %s", text)
	}
}

// numbered are n different ids.
func numbered(prefix string, n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprint(prefix, i)
	}
	return ids
}

// The bounds of an automatic release are exact, and count whole minutes.
func TestAutoRelease_Bounds(t *testing.T) {
	now := time.Date(2026, 2, 28, 10, 0, 30, 0, time.UTC)
	for at, allowed := range map[time.Time]bool{
		time.Date(2026, 2, 28, 10, 30, 0, 0, time.UTC): false,
		time.Date(2026, 2, 28, 10, 31, 0, 0, time.UTC): true,
		time.Date(2029, 2, 28, 10, 0, 0, 0, time.UTC):  true,
		time.Date(2029, 2, 28, 10, 1, 0, 0, time.UTC):  false,
		{}: true,
	} {
		var c check
		if c.autoRelease("at", at, now); (c.err() == nil) != allowed {
			t.Errorf("a release at %s, asked for at %s: %v", at, now, c.err())
		}
	}
	var c check
	if got := c.minute("at", timestamppb.New(now)); !got.Equal(now.Truncate(time.Minute)) || !c.minute("at", nil).IsZero() {
		t.Errorf("the minute of %s is %s", now, got)
	}
}
