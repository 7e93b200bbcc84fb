package answer_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ecsd-io/ecsd/server/internal/cloud/answer"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

var observed = time.Date(2026, 11, 20, 4, 0, 0, 0, time.UTC)

func at(year int, month time.Month, day, hour, minute int) time.Time {
	return time.Date(year, month, day, hour, minute, 0, 0, time.UTC)
}

// subscription is an instance as the cloud sends it, without the fields that
// ecsd ignores.
const subscription = `{"InstanceId":"i-1","InstanceName":"web-1","Description":"","RegionId":"cn-hangzhou","ZoneId":"cn-hangzhou-h",
	"Status":"Running","InstanceChargeType":"PrePaid","StoppedMode":"Not-applicable","InstanceType":"ecs.g7.large","InstanceTypeFamily":"ecs.g7",
	"ImageId":"aliyun_3","OSName":"Linux","SpotStrategy":"NoSpot","SpotPriceLimit":0.0,"ExpiredTime":"2026-12-01T16:00Z","AutoReleaseTime":"",
	"CreationTime":"2025-12-01T04:04Z","StartTime":"2025-12-01T04:05:06Z","Cpu":2,"CPU":2,"Memory":8192,"DeletionProtection":true,
	"InternetMaxBandwidthIn":-1,"InternetMaxBandwidthOut":5,"InternetChargeType":"PayByTraffic","SecurityGroupIds":{"SecurityGroupId":["sg-1","sg-2"]},
	"PublicIpAddress":{"IpAddress":["203.0.113.7"]},"InnerIpAddress":{"IpAddress":[]},"EipAddress":{"IpAddress":"198.51.100.7","Bandwidth":5},
	"VpcAttributes":{"VpcId":"vpc-1","VSwitchId":"vsw-1","PrivateIpAddress":{"IpAddress":["10.0.0.7"]}},
	"Tags":{"Tag":[{"TagKey":"env","TagValue":"prod"},{"TagKey":"empty","TagValue":""}]},
	"OperationLocks":{"LockReason":[{"LockReason":"Recycling","LockMsg":"soon"},{"LockReason":"new-kind"}]},"NetworkInterfaces":{"NetworkInterface":[{"Type":"Primary"}]}}`

func page(instances string) []byte {
	return []byte(`{"RequestId":"R1","NextToken":"next","TotalCount":1,"Instances":{"Instance":[` + instances + `]}}`)
}

func readOne(t *testing.T, instance string) ecs.Instance {
	t.Helper()
	got, err := answer.ReadInstances(page(instance), observed, nil)
	if err != nil || len(got.Instances) != 1 || got.RequestID != "R1" || got.Next != "next" {
		t.Fatalf("got %+v, %v", got, err)
	}
	return got.Instances[0]
}

func TestInstance_ReadWhole(t *testing.T) {
	want := ecs.Instance{
		ID: "i-1", Name: "web-1", RegionID: "cn-hangzhou", ZoneID: "cn-hangzhou-h",
		Status: ecs.StatusRunning, ChargeType: ecs.ChargeSubscription, StoppedMode: ecs.StoppedNotApplicable,
		Type: "ecs.g7.large", TypeFamily: "ecs.g7", CPU: 2, MemoryMiB: 8192, ImageID: "aliyun_3", OSName: "Linux",
		ExpireTime: at(2026, 12, 1, 16, 0), CreateTime: at(2025, 12, 1, 4, 4), StartTime: at(2025, 12, 1, 4, 5).Add(6 * time.Second),
		DeletionProtection: true, SecurityGroupIDs: []string{"sg-1", "sg-2"}, ObservedTime: observed,
		Network: ecs.Network{
			VPCID: "vpc-1", VSwitchID: "vsw-1", PrivateIPAddresses: []string{"10.0.0.7"}, PublicIPAddresses: []string{"203.0.113.7"},
			EIPAddress: "198.51.100.7", BandwidthOutMbps: 5, InternetChargeType: "PayByTraffic",
		},
		Tags: []ecs.Tag{{Key: "env", Value: "prod"}, {Key: "empty"}},
		Locks: []ecs.Lock{
			{Reason: ecs.LockRecycling, RawReason: "Recycling", Message: "soon"}, {RawReason: "new-kind"},
		},
	}
	want.Raw.Status, want.Raw.ChargeType, want.Raw.StoppedMode = "Running", "PrePaid", "Not-applicable"
	if diff := cmp.Diff(want, readOne(t, subscription)); diff != "" {
		t.Errorf("read (-want +got):\n%s", diff)
	}
}

// TestDecode_VariedTypes checks the known differences between actions, regions and
// years.
func TestDecode_VariedTypes(t *testing.T) {
	for _, c := range []struct {
		name, instance string
		want           func(i ecs.Instance) any
		is             any
	}{
		{"numbers as strings", `{"Cpu":"4","Memory":"16384"}`, func(i ecs.Instance) any { return []int64{int64(i.CPU), i.MemoryMiB} }, []int64{4, 16384}},
		{"only the upper CPU", `{"CPU":8}`, func(i ecs.Instance) any { return i.CPU }, int32(8)},
		{"a flag as a string", `{"DeletionProtection":"true"}`, func(i ecs.Instance) any { return i.DeletionProtection }, true},
		{"null lists", `{"Tags":null,"OperationLocks":{"LockReason":null},"SecurityGroupIds":[]}`, func(i ecs.Instance) any { return len(i.Tags) + len(i.Locks) + len(i.SecurityGroupIDs) }, 0},
		{"null texts", `{"InstanceName":null,"ExpiredTime":null}`, func(i ecs.Instance) any { return i.Name }, ""},
		{"tags under their other names", `{"Tags":{"Tag":[{"Key":"a","Value":"b"}]}}`, func(i ecs.Instance) any { return i.Tags }, []ecs.Tag{{Key: "a", Value: "b"}}},
		{"pay-as-you-go has no expiry", `{"InstanceChargeType":"PostPaid","ExpiredTime":"2099-12-31T15:59Z"}`, func(i ecs.Instance) any { return i.ExpireTime }, time.Time{}},
		{"nor had it before", `{"InstanceChargeType":"PostPaid","ExpiredTime":"2999-09-08T16:00Z"}`, func(i ecs.Instance) any { return i.ExpireTime }, time.Time{}},
		{"a status that is new", `{"Status":"Hibernating"}`, func(i ecs.Instance) any { return fmt.Sprint(i.Status, i.Raw.Status) }, fmt.Sprint(ecs.Status(0), "Hibernating")},
		{"no time", `{"InstanceChargeType":"PrePaid","ExpiredTime":"2026-02-30T00:00Z"}`, func(i ecs.Instance) any { return i.ExpireTime }, time.Time{}},
		{"a classic network", `{"InnerIpAddress":{"IpAddress":["10.1.2.3"]}}`, func(i ecs.Instance) any { return i.Network.PrivateIPAddresses }, []string{"10.1.2.3"}},
		{
			"a spot instance", `{"SpotStrategy":"SpotWithPriceLimit","SpotPriceLimit":0.25,"SpotDuration":1,"SpotInterruptionBehavior":"Terminate"}`,
			func(i ecs.Instance) any { return *i.Spot },
			ecs.Spot{Strategy: "SpotWithPriceLimit", PriceLimit: "0.25", ProtectedFor: time.Hour, InterruptionBehavior: "Terminate"},
		},
		{"a spot instance without a limit", `{"SpotStrategy":"SpotAsPriceGo","SpotPriceLimit":0.0}`, func(i ecs.Instance) any { return i.Spot.PriceLimit }, ""},
	} {
		if diff := cmp.Diff(c.is, c.want(readOne(t, c.instance))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestRead_ForeignBody(t *testing.T) {
	for _, body := range []string{``, ` `, `null`, `[]`, `7`, `"x"`, `<html>`, `{}`, `{"RequestId":""}`, `{"RequestId":null}`, `{"RequestId":"R1"} {}`} {
		if _, err := answer.RequestID([]byte(body)); !errors.Is(err, answer.ErrForeign) {
			t.Errorf("%q: got %v, want ErrForeign", body, err)
		}
	}
	for _, body := range []string{`{`, `{"RequestId":"R1"`, `{"RequestId":"R1",}`, `{"RequestId":"R1","Instances":{"Instance":[{"InstanceId":"i-1"`} {
		if got, err := answer.ReadInstances([]byte(body), observed, nil); err == nil || errors.Is(err, answer.ErrForeign) || len(got.Instances) != 0 {
			t.Errorf("%q: got %+v, %v, want a broken answer", body, got, err)
		}
	}
}

func TestPrices_Exact(t *testing.T) {
	price := func(amount string) []byte {
		return []byte(`{"RequestId":"R1","PriceInfo":{"Price":{"Currency":"CNY","TradePrice":` + amount + `}}}`)
	}
	for amount, want := range map[string]string{
		`87.5`: "CNY 87.50", `"87.5"`: "CNY 87.50", `8.75E+1`: "CNY 87.50", `8750e-2`: "CNY 87.50", `0`: "CNY 0", `100`: "CNY 100",
		`109.80000000000001`: "CNY 109.80", `109.79999999999999`: "CNY 109.80", `0.1`: "CNY 0.10", `99999999.995`: "CNY 99999999.995",
	} {
		quote, _, err := answer.ReadQuote(price(amount))
		if err != nil {
			t.Errorf("%s: %v", amount, err)
			continue
		}
		if wanted, parse := ecs.ParseMoney("CNY", want[len("CNY "):]); parse != nil || quote.Price != wanted {
			t.Errorf("%s reads as %v, want %s", amount, quote.Price, want)
		}
	}
	for _, amount := range []string{`null`, `""`, `"free"`, `{}`, `[1]`, `true`, `"1e999"`, `"0x10"`, `"1_000"`, `"NaN"`} {
		if quote, _, err := answer.ReadQuote(price(amount)); err == nil {
			t.Errorf("%s reads as %v, want an error: a price must not be guessed", amount, quote.Price)
		}
	}
	if _, _, err := answer.ReadQuote([]byte(`{"RequestId":"R1"}`)); err == nil {
		t.Error("an answer without a price has one")
	}
}

func TestAutoRenewSettings(t *testing.T) {
	settings, requestID, err := answer.ReadAutoRenew([]byte(`{"RequestId":"R1","InstanceRenewAttributes":{"InstanceRenewAttribute":[
		{"InstanceId":"i-1","RenewalStatus":"AutoRenewal","AutoRenewEnabled":true,"Duration":2,"PeriodUnit":"Week"},
		{"InstanceId":"i-2","RenewalStatus":"Normal","AutoRenewEnabled":false,"Duration":0,"PeriodUnit":""},
		{"InstanceId":"i-3","AutoRenewEnabled":true,"Duration":1},
		{"InstanceId":"i-4","RenewalStatus":"Sometimes","Duration":"3","PeriodUnit":"month"},{"RenewalStatus":"Normal"}]}}`))
	want := map[string]ecs.AutoRenewSetting{
		"i-1": {Status: ecs.AutoRenewOn, RawStatus: "AutoRenewal", Period: ecs.Period{Count: 2, Unit: ecs.Week}},
		"i-2": {Status: ecs.AutoRenewOff, RawStatus: "Normal"},
		"i-3": {Status: ecs.AutoRenewOn, Period: ecs.Period{Count: 1, Unit: ecs.Month}},
		"i-4": {RawStatus: "Sometimes", Period: ecs.Period{Count: 3, Unit: ecs.Month}},
	}
	if diff := cmp.Diff(want, settings); err != nil || requestID != "R1" || diff != "" {
		t.Errorf("got %q, %v (-want +got):\n%s", requestID, err, diff)
	}
}

func TestRegions(t *testing.T) {
	regions, _, err := answer.ReadRegions([]byte(`{"RequestId":"R1","Regions":{"Region":[
		{"RegionId":"cn-hangzhou","LocalName":"China (Hangzhou)","RegionEndpoint":"ecs.cn-hangzhou.aliyuncs.com","Status":"available"},{"LocalName":"nowhere"}]}}`))
	want := []ecs.Region{{ID: "cn-hangzhou", LocalName: "China (Hangzhou)", Endpoint: "ecs.cn-hangzhou.aliyuncs.com", RawStatus: "available"}}
	if diff := cmp.Diff(want, regions); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestRefusals(t *testing.T) {
	refused, ok := answer.ReadRefused([]byte(`{"RequestId":"R1","HostId":"h","Code":"Throttling.User","Message":"slow down","Recommend":"https://x"}`))
	if want := (answer.Refused{RequestID: "R1", Code: "Throttling.User", Message: "slow down"}); !ok || refused != want {
		t.Errorf("got %+v, %t", refused, ok)
	}
	for _, body := range []string{
		``, `[]`, `{}`, `{"Code":500}`, `{"Code":"500"}`, `{"Code":null}`, `{"Code":["InternalError"]}`, `{"Code":"not a code"}`, `{"Code":"InternalError"`,
	} {
		if refused, ok := answer.ReadRefused([]byte(body)); ok {
			t.Errorf("%q reads as the refusal %+v", body, refused)
		}
	}
}
