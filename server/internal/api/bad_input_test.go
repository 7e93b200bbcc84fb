package api

import (
	"context"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// dial serves the API without components: a bad request must be refused first,
// and a call to a component panics on nil.
func dial(t *testing.T) *grpc.ClientConn {
	t.Helper()
	return dialComponents(t, Components{})
}

// dialRecovering serves the API without components, and responds with ABORTED
// if a request reaches one.
func dialRecovering(t testing.TB) *grpc.ClientConn {
	t.Helper()
	reached := func(err *error) {
		if recover() != nil {
			*err = status.Error(codes.Aborted, "a component was called")
		}
	}
	return serve(t, Components{}, grpc.ChainUnaryInterceptor(UnaryErrors, func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (_ any, err error) {
		defer reached(&err)
		return next(ctx, req)
	}), grpc.ChainStreamInterceptor(StreamErrors, func(srv any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, next grpc.StreamHandler) (err error) {
		defer reached(&err)
		return next(srv, stream)
	}), grpc.MaxRecvMsgSize(16<<20))
}

// dialComponents serves the API over the given components.
func dialComponents(t *testing.T, components Components) *grpc.ClientConn {
	t.Helper()
	return serve(t, components, grpc.UnaryInterceptor(UnaryErrors), grpc.StreamInterceptor(StreamErrors))
}

func serve(t testing.TB, components Components, options ...grpc.ServerOption) *grpc.ClientConn {
	t.Helper()
	components.Regions = []string{"cn-hangzhou", "cn-shanghai"}
	listener := bufconn.Listen(1 << 20)
	server := grpc.NewServer(append(options, grpc.ForceServerCodecV2(Codec()))...)
	Register(server, components)
	go func() { _ = server.Serve(listener) }()
	conn, err := grpc.NewClient("passthrough:///bufconn",
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }),
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(); server.Stop() })
	return conn
}

const goodID = "0f1c8a52-6c0e-4ae3-9a35-6d1a1f3b7c11"

// violation is the expected violation of a case: the field, its reason, and a
// part of the rule.
type violation struct{ field, reason, rule string }

func TestBadInput_NamesFieldRuleAndAllowedValues(t *testing.T) {
	month := &ecsdv1.Period{Count: 1, Unit: ecsdv1.PeriodUnit_PERIOD_UNIT_MONTH}
	period := func(n int32, u ecsdv1.PeriodUnit) *ecsdv1.Period { return &ecsdv1.Period{Count: n, Unit: u} }
	renew := func(change func(*ecsdv1.RenewInstanceRequest)) *ecsdv1.RenewInstanceRequest {
		req := &ecsdv1.RenewInstanceRequest{InstanceId: "i-1", Period: month, PriceLimit: &ecsdv1.RenewInstanceRequest_AnyPrice{AnyPrice: true}, RequestId: goodID}
		change(req)
		return req
	}
	tooMany := make([]string, 1001)
	for i := range tooMany {
		tooMany[i] = "i-" + strings.Repeat("a", 1+i%60)
	}
	now := timestamppb.Now()
	const (
		list, expiring = ecsdv1.InstanceService_ListInstances_FullMethodName, ecsdv1.RenewalService_ListExpiringInstances_FullMethodName
		get, batch     = ecsdv1.InstanceService_GetInstance_FullMethodName, ecsdv1.InstanceService_BatchGetInstances_FullMethodName
		quote, pay     = ecsdv1.RenewalService_QuoteRenewals_FullMethodName, ecsdv1.RenewalService_RenewInstance_FullMethodName
		auto, settings = ecsdv1.RenewalService_SetAutoRenew_FullMethodName, ecsdv1.RenewalService_BatchGetAutoRenewSettings_FullMethodName
		on             = ecsdv1.AutoRenewStatus_AUTO_RENEW_STATUS_AUTO_RENEWAL
	)
	twoWeeks := durationpb.New(14 * 24 * time.Hour)

	conn := dial(t)
	for name, c := range map[string]struct {
		method string
		req    proto.Message
		want   []violation
	}{
		"empty id":         {get, &ecsdv1.GetInstanceRequest{}, []violation{{"instance_id", "INVALID_FIELD", "1 to 64 letters"}}},
		"malformed id":     {get, &ecsdv1.GetInstanceRequest{InstanceId: "i-A*"}, []violation{{"instance_id", "INVALID_FIELD", `got "i-A*"`}}},
		"unknown region":   {get, &ecsdv1.GetInstanceRequest{RegionId: "cn-atlantis", InstanceId: "i-1"}, []violation{{"region_id", "UNKNOWN_REGION", "cn-hangzhou, cn-shanghai"}}},
		"two at once":      {get, &ecsdv1.GetInstanceRequest{RegionId: "cn-atlantis"}, []violation{{"region_id", "INVALID_FIELD", ""}, {"instance_id", "INVALID_FIELD", ""}}},
		"no ids":           {batch, &ecsdv1.BatchGetInstancesRequest{}, []violation{{"instance_ids", "INVALID_FIELD", "1 to 1000"}}},
		"too many ids":     {batch, &ecsdv1.BatchGetInstancesRequest{InstanceIds: tooMany}, []violation{{"instance_ids", "INVALID_FIELD", "got 1001"}}},
		"an id twice":      {settings, &ecsdv1.BatchGetAutoRenewSettingsRequest{InstanceIds: []string{"i-1", "i-2", "i-1"}}, []violation{{"instance_ids[2]", "INVALID_FIELD", "repeat instance_ids[0]"}}},
		"a bad id":         {quote, &ecsdv1.QuoteRenewalsRequest{InstanceIds: []string{"i-1", ""}, Period: month}, []violation{{"instance_ids[1]", "INVALID_FIELD", "1 to 64 letters"}}},
		"negative page":    {list, &ecsdv1.ListInstancesRequest{PageSize: -1}, []violation{{"page_size", "INVALID_FIELD", "0 (meaning 100) to 1000"}}},
		"foreign token":    {list, &ecsdv1.ListInstancesRequest{PageToken: "x"}, []violation{{"page_token", "INVALID_PAGE_TOKEN", "next_page_token"}}},
		"window reversed":  {list, &ecsdv1.ListInstancesRequest{Filter: &ecsdv1.InstanceFilter{ExpireStartTime: now, ExpireEndTime: timestamppb.New(now.AsTime().Add(-1))}}, []violation{{"filter.expire_end_time", "INVALID_FIELD", "later than filter.expire_start_time"}}},
		"region twice":     {list, &ecsdv1.ListInstancesRequest{RegionIds: []string{"cn-hangzhou", "cn-hangzhou"}}, []violation{{"region_ids[1]", "INVALID_FIELD", "repeat"}}},
		"unknown regions":  {list, &ecsdv1.ListInstancesRequest{RegionIds: []string{"cn-hangzhou", "mars"}}, []violation{{"region_ids[1]", "UNKNOWN_REGION", "cn-shanghai"}}},
		"bad time":         {list, &ecsdv1.ListInstancesRequest{Filter: &ecsdv1.InstanceFilter{ExpireStartTime: &timestamppb.Timestamp{Nanos: -1}}}, []violation{{"filter.expire_start_time", "INVALID_FIELD", "valid time"}}},
		"unknown enum":     {list, &ecsdv1.ListInstancesRequest{Filter: &ecsdv1.InstanceFilter{Statuses: []ecsdv1.InstanceStatus{99}}}, []violation{{"filter.statuses", "INVALID_FIELD", "InstanceStatus"}}},
		"a status twice":   {list, &ecsdv1.ListInstancesRequest{Filter: &ecsdv1.InstanceFilter{Statuses: []ecsdv1.InstanceStatus{2, 2}}}, []violation{{"filter.statuses[1]", "INVALID_FIELD", "repeat"}}},
		"status unset":     {list, &ecsdv1.ListInstancesRequest{Filter: &ecsdv1.InstanceFilter{Statuses: make([]ecsdv1.InstanceStatus, 1)}}, []violation{{"filter.statuses", "INVALID_FIELD", "UNSPECIFIED"}}},
		"no auto renewal":  {list, &ecsdv1.ListInstancesRequest{Filter: &ecsdv1.InstanceFilter{AutoRenewStatuses: []ecsdv1.AutoRenewStatus{9}}}, []violation{{"filter.auto_renew_statuses", "INVALID_FIELD", "named values"}}},
		"101 zones":        {list, &ecsdv1.ListInstancesRequest{Filter: &ecsdv1.InstanceFilter{ZoneIds: tooMany[:101]}}, []violation{{"filter.zone_ids", "INVALID_FIELD", "at most 100"}}},
		"an empty zone":    {list, &ecsdv1.ListInstancesRequest{Filter: &ecsdv1.InstanceFilter{ZoneIds: []string{""}}}, []violation{{"filter.zone_ids[0]", "INVALID_FIELD", "empty"}}},
		"not an address":   {list, &ecsdv1.ListInstancesRequest{Filter: &ecsdv1.InstanceFilter{PrivateIpAddresses: []string{"10.0.0.07"}}}, []violation{{"filter.private_ip_addresses[0]", "INVALID_FIELD", "IP address"}}},
		"an address twice": {list, &ecsdv1.ListInstancesRequest{Filter: &ecsdv1.InstanceFilter{PublicIpAddresses: []string{"47.96.0.7", "47.96.0.7"}}}, []violation{{"filter.public_ip_addresses[1]", "INVALID_FIELD", "repeat"}}},
		"tag without key":  {list, &ecsdv1.ListInstancesRequest{Filter: &ecsdv1.InstanceFilter{Tags: []*ecsdv1.Tag{{Value: "v"}}}}, []violation{{"filter.tags[0].key", "INVALID_FIELD", "empty"}}},
		"tag key twice":    {list, &ecsdv1.ListInstancesRequest{Filter: &ecsdv1.InstanceFilter{Tags: []*ecsdv1.Tag{{Key: "k"}, {Key: "k"}}}}, []violation{{"filter.tags[1].key", "INVALID_FIELD", "repeat"}}},
		"21 tags":          {list, &ecsdv1.ListInstancesRequest{Filter: &ecsdv1.InstanceFilter{Tags: make21()}}, []violation{{"filter.tags", "INVALID_FIELD", "at most 20"}}},
		"no window":        {expiring, &ecsdv1.ListExpiringInstancesRequest{}, []violation{{"within", "INVALID_FIELD", "expire_end_time is required"}}},
		"window of 0":      {expiring, &ecsdv1.ListExpiringInstancesRequest{WindowEnd: &ecsdv1.ListExpiringInstancesRequest_Within{Within: durationpb.New(0)}}, []violation{{"within", "INVALID_FIELD", "longer than 0"}}},
		"ends before now":  {expiring, &ecsdv1.ListExpiringInstancesRequest{WindowEnd: &ecsdv1.ListExpiringInstancesRequest_ExpireEndTime{ExpireEndTime: timestamppb.New(now.AsTime().Add(-time.Hour))}, IncludeExpired: proto.Bool(false)}, []violation{{"expire_end_time", "INVALID_FIELD", "later than the start"}}},
		"nothing savable":  {expiring, &ecsdv1.ListExpiringInstancesRequest{WindowEnd: &ecsdv1.ListExpiringInstancesRequest_ExpireEndTime{ExpireEndTime: timestamppb.New(now.AsTime().Add(-16 * 24 * time.Hour))}}, []violation{{"expire_end_time", "INVALID_FIELD", "later than the start"}}},
		"two starts":       {expiring, &ecsdv1.ListExpiringInstancesRequest{WindowEnd: &ecsdv1.ListExpiringInstancesRequest_Within{Within: twoWeeks}, ExpireStartTime: now, IncludeExpired: proto.Bool(true)}, []violation{{"include_expired", "INVALID_FIELD", "unset with expire_start_time"}}},
		"pay-as-you-go":    {expiring, &ecsdv1.ListExpiringInstancesRequest{WindowEnd: &ecsdv1.ListExpiringInstancesRequest_Within{Within: twoWeeks}, Filter: &ecsdv1.InstanceFilter{ChargeTypes: []ecsdv1.ChargeType{ecsdv1.ChargeType_CHARGE_TYPE_PAY_AS_YOU_GO}}}, []violation{{"filter.charge_types", "INVALID_FIELD", "SUBSCRIPTION"}}},
		"filtered start":   {expiring, &ecsdv1.ListExpiringInstancesRequest{WindowEnd: &ecsdv1.ListExpiringInstancesRequest_Within{Within: twoWeeks}, Filter: &ecsdv1.InstanceFilter{ExpireStartTime: now}}, []violation{{"filter.expire_start_time", "INVALID_FIELD", "its own"}}},
		"filtered end":     {expiring, &ecsdv1.ListExpiringInstancesRequest{WindowEnd: &ecsdv1.ListExpiringInstancesRequest_Within{Within: twoWeeks}, Filter: &ecsdv1.InstanceFilter{ExpireEndTime: now}}, []violation{{"filter.expire_end_time", "INVALID_FIELD", "its own"}}},
		"no period":        {quote, &ecsdv1.QuoteRenewalsRequest{InstanceIds: []string{"i-1"}}, []violation{{"period", "INVALID_FIELD", "MONTH 1, 2"}}},
		"no unit":          {quote, &ecsdv1.QuoteRenewalsRequest{InstanceIds: []string{"i-1"}, Period: period(1, 0)}, []violation{{"period.unit", "INVALID_FIELD", "PERIOD_UNIT_MONTH"}}},
		"11 months":        {pay, renew(func(r *ecsdv1.RenewInstanceRequest) { r.Period = period(11, ecsdv1.PeriodUnit_PERIOD_UNIT_MONTH) }), []violation{{"period.count", "PERIOD_NOT_SOLD", "12, 24, 36, 48, 60; YEAR 1, 2, 3, 4, 5; got 11 months"}}},
		"10 weeks":         {pay, renew(func(r *ecsdv1.RenewInstanceRequest) { r.Period = period(10, ecsdv1.PeriodUnit_PERIOD_UNIT_WEEK) }), []violation{{"period.count", "PERIOD_NOT_SOLD", "WEEK 1, 2, 3, 4"}}},
		"no request id":    {pay, renew(func(r *ecsdv1.RenewInstanceRequest) { r.RequestId = "" }), []violation{{"request_id", "INVALID_FIELD", "is required: a UUID"}}},
		"bad request id":   {pay, renew(func(r *ecsdv1.RenewInstanceRequest) { r.RequestId = "once" }), []violation{{"request_id", "INVALID_FIELD", "must be a UUID"}}},
		"nil request id":   {pay, renew(func(r *ecsdv1.RenewInstanceRequest) { r.RequestId = "00000000-0000-0000-0000-000000000000" }), []violation{{"request_id", "INVALID_FIELD", "must be a UUID"}}},
		"no limit":         {pay, renew(func(r *ecsdv1.RenewInstanceRequest) { r.PriceLimit = nil }), []violation{{"max_price", "INVALID_FIELD", "is required: the highest price that may be paid; or set any_price to true"}}},
		"any price, false": {pay, renew(func(r *ecsdv1.RenewInstanceRequest) { r.PriceLimit = &ecsdv1.RenewInstanceRequest_AnyPrice{} }), []violation{{"any_price", "INVALID_FIELD", "must be true"}}},
		"a limit of 0": {pay, renew(func(r *ecsdv1.RenewInstanceRequest) {
			r.PriceLimit = &ecsdv1.RenewInstanceRequest_MaxPrice{MaxPrice: &ecsdv1.Money{CurrencyCode: "CNY"}}
		}), []violation{{"max_price", "INVALID_FIELD", "more than 0"}}},
		"a bare limit": {pay, renew(func(r *ecsdv1.RenewInstanceRequest) {
			r.PriceLimit = &ecsdv1.RenewInstanceRequest_MaxPrice{MaxPrice: &ecsdv1.Money{Units: 5}}
		}), []violation{{"max_price", "INVALID_FIELD", "currency_code"}}},
		"no status":        {auto, &ecsdv1.SetAutoRenewRequest{InstanceIds: []string{"i-1"}}, []violation{{"status", "INVALID_FIELD", "AUTO_RENEW_STATUS_MANUAL_WITH_REMINDERS"}}},
		"period when off":  {auto, &ecsdv1.SetAutoRenewRequest{InstanceIds: []string{"i-1"}, Status: ecsdv1.AutoRenewStatus_AUTO_RENEW_STATUS_MANUAL_WITH_REMINDERS, Period: month}, []violation{{"period", "INVALID_FIELD", "unset unless"}}},
		"4 months by auto": {auto, &ecsdv1.SetAutoRenewRequest{InstanceIds: []string{"i-1"}, Status: on, Period: period(4, ecsdv1.PeriodUnit_PERIOD_UNIT_MONTH)}, []violation{{"period.count", "PERIOD_NOT_SOLD", "1, 2, 3, 6, 12"}}},
	} {
		t.Run(name, func(t *testing.T) {
			wantViolations(t, conn, c.method, c.req, c.want)
		})
	}
}

// wantViolations sends a request that must be refused, for the fields and with
// the reasons that are wanted.
func wantViolations(t *testing.T, conn *grpc.ClientConn, method string, req proto.Message, wanted []violation) {
	t.Helper()
	err := conn.Invoke(t.Context(), method, req, &ecsdv1.GetInstanceResponse{})
	if status.Code(err) != codes.InvalidArgument {
		t.Fatalf("got %v, want INVALID_ARGUMENT", err)
	}
	if got := detail[*errdetails.ErrorInfo](t, err).GetReason(); got != wanted[0].reason {
		t.Errorf("reason %s, want %s", got, wanted[0].reason)
	}
	broken := detail[*errdetails.BadRequest](t, err).GetFieldViolations()
	for _, want := range wanted {
		if !slices.ContainsFunc(broken, func(v *errdetails.BadRequest_FieldViolation) bool {
			return v.GetField() == want.field && strings.Contains(v.GetDescription(), want.rule)
		}) {
			t.Errorf("no violation of %s that says %q in %v", want.field, want.rule, broken)
		}
	}
}

func make21() []*ecsdv1.Tag {
	tags := make([]*ecsdv1.Tag, 21)
	for i := range tags {
		tags[i] = &ecsdv1.Tag{Key: strings.Repeat("k", i+1)}
	}
	return tags
}
