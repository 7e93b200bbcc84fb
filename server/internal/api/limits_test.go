package api

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// eachMethod calls visit for every RPC of the contract.
func eachMethod(visit func(protoreflect.MethodDescriptor)) {
	for _, file := range []protoreflect.FileDescriptor{
		ecsdv1.File_ecsd_v1_instance_service_proto, ecsdv1.File_ecsd_v1_renewal_service_proto, ecsdv1.File_ecsd_v1_spot_service_proto,
		ecsdv1.File_ecsd_v1_access_service_proto, ecsdv1.File_ecsd_v1_catalog_service_proto, ecsdv1.File_ecsd_v1_disk_service_proto,
	} {
		for i := range file.Services().Len() {
			methods := file.Services().Get(i).Methods()
			for j := range methods.Len() {
				visit(methods.Get(j))
			}
		}
	}
}

// eachField calls visit for every field of every message that requests hold,
// once for each path.
func eachField(d protoreflect.MessageDescriptor, visit func(protoreflect.FieldDescriptor)) {
	for i := range d.Fields().Len() {
		f := d.Fields().Get(i)
		visit(f)
		if f.Message() != nil {
			eachField(f.Message(), visit)
		}
	}
}

// Every list, map and text that a request can hold has a limit, every limit is
// of a field, and every service is in the walk.
func TestLimits_EveryFieldHasOne(t *testing.T) {
	used, services := map[protoreflect.FullName]bool{}, map[protoreflect.FullName]bool{}
	eachMethod(func(m protoreflect.MethodDescriptor) {
		services[m.Parent().FullName()] = true
		eachField(m.Input(), func(f protoreflect.FieldDescriptor) {
			values, text := bounded(f)
			if !values && !text {
				return
			}
			if f.IsMap() {
				t.Errorf("%s is a map: withinLimits does not check maps", f.FullName())
			}
			l, ok := limitOf(f)
			switch {
			case !ok:
				t.Errorf("%s has no limit", f.FullName())
			case values != (l.values > 0):
				t.Errorf("%s: limit of %d values, repeated: %t", f.FullName(), l.values, values)
			case text != (l.bytes > 0):
				t.Errorf("%s: limit of %d bytes, text: %t", f.FullName(), l.bytes, text)
			}
			used[f.FullName()], used[protoreflect.FullName(f.Name())] = true, true
		})
	})
	for name := range limits {
		if !used[name] {
			t.Errorf("limit of %s: no request has this field", name)
		}
	}
	for _, name := range Services {
		if !services[protoreflect.FullName(name)] {
			t.Errorf("%s is not in the walk", name)
		}
	}
}

// Every RPC refuses one value and one byte over each limit before a component
// is called: the components are nil.
func TestLimits_EveryFieldOfEveryCall(t *testing.T) {
	conn := dial(t)
	eachMethod(func(m protoreflect.MethodDescriptor) {
		paths := [][]protoreflect.FieldDescriptor{}
		var walk func(d protoreflect.MessageDescriptor, to []protoreflect.FieldDescriptor)
		walk = func(d protoreflect.MessageDescriptor, to []protoreflect.FieldDescriptor) {
			for i := range d.Fields().Len() {
				f := d.Fields().Get(i)
				path := append(append([]protoreflect.FieldDescriptor{}, to...), f)
				if values, text := bounded(f); values || text {
					paths = append(paths, path)
				}
				if f.Message() != nil {
					walk(f.Message(), path)
				}
			}
		}
		walk(m.Input(), nil)
		for _, path := range paths {
			last := path[len(path)-1]
			l, _ := limitOf(last)
			if l.values > 0 {
				wantRefused(t, conn, m, path, func(at protoreflect.Message) {
					for range l.values + 1 {
						at.Mutable(last).List().Append(element(at, last, 0))
					}
				})
			}
			if l.bytes > 0 {
				wantRefused(t, conn, m, path, func(at protoreflect.Message) {
					if last.IsList() {
						at.Mutable(last).List().Append(element(at, last, l.bytes+1))
					} else {
						at.Set(last, element(at, last, l.bytes+1))
					}
				})
			}
		}
	})
}

// element is one value of a field, a text of n bytes.
func element(at protoreflect.Message, f protoreflect.FieldDescriptor, n int) protoreflect.Value {
	switch f.Kind() {
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(strings.Repeat("a", n))
	case protoreflect.BytesKind:
		return protoreflect.ValueOfBytes(bytes.Repeat([]byte("a"), n))
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(1)
	}
	return at.NewField(f).List().NewElement()
}

// wantRefused sends a request with an invalid value at the path.
func wantRefused(t *testing.T, conn *grpc.ClientConn, m protoreflect.MethodDescriptor, path []protoreflect.FieldDescriptor, spoil func(protoreflect.Message)) {
	t.Helper()
	request := messageType(m.Input()).New()
	at, name := request, ""
	for _, f := range path[:len(path)-1] {
		name += string(f.Name())
		if f.IsList() {
			list := at.Mutable(f).List()
			at = list.AppendMutable().Message()
			name += "[0]"
		} else {
			at = at.Mutable(f).Message()
		}
		name += "."
	}
	last := path[len(path)-1]
	spoil(at)
	err := send(t.Context(), conn, m, request.Interface())
	if status.Code(err) != codes.InvalidArgument {
		t.Errorf("%s %s%s: %v, want INVALID_ARGUMENT", m.Name(), name, last.Name(), err)
		return
	}
	violations := detail[*errdetails.BadRequest](t, err).GetFieldViolations()
	if len(violations) != 1 || !strings.HasPrefix(violations[0].GetField(), name+string(last.Name())) || !strings.Contains(violations[0].GetDescription(), "must hold at most") {
		t.Errorf("%s %s%s: %v", m.Name(), name, last.Name(), violations)
	}
}

func messageType(d protoreflect.MessageDescriptor) protoreflect.MessageType {
	found, err := protoregistry.GlobalTypes.FindMessageByName(d.FullName())
	if err != nil {
		panic(err) // the package registers all of its messages
	}
	return found
}

// send makes a call, unary or streaming, and returns how it ended.
func send(ctx context.Context, conn *grpc.ClientConn, m protoreflect.MethodDescriptor, request any) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	method := fmt.Sprintf("/%s/%s", m.Parent().FullName(), m.Name())
	response := messageType(m.Output()).New().Interface()
	if !m.IsStreamingServer() {
		return conn.Invoke(ctx, method, request, response)
	}
	stream, err := conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, method)
	if err != nil {
		return err
	}
	if err := stream.SendMsg(request); err != nil {
		return err
	}
	if err := stream.CloseSend(); err != nil {
		return err
	}
	return stream.RecvMsg(response)
}

// 130,000 regions, which once took a core for half a minute, are refused at
// once: in less than half a second, or more on a machine that is busy.
func TestLimits_ManyRegions(t *testing.T) {
	conn := dial(t)
	for name, ids := range map[string][]string{"distinct": numbered("cn-", 130_000), "empty": make([]string, 1_000_000)} {
		began := time.Now()
		_, err := ecsdv1.NewInstanceServiceClient(conn).ListInstances(t.Context(), &ecsdv1.ListInstancesRequest{RegionIds: ids})
		if status.Code(err) != codes.InvalidArgument {
			t.Errorf("%s: %v", name, err)
		}
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("%s: refused after %s", name, took)
		}
	}
}

// An error with any content fits into the trailers that every client accepts.
func TestStatus_Size(t *testing.T) {
	long, wide := strings.Repeat("a", 5000), strings.Repeat("深", 5000)
	for name, e := range map[string]*ecs.Error{
		"a long message":  ecs.Errorf(ecs.ReasonThrottled, "%s", long),
		"a wide message":  ecs.Errorf(ecs.ReasonThrottled, "%s", wide),
		"control bytes":   ecs.Errorf(ecs.ReasonInvalidField, "%s", strings.Repeat("\x01%", 5000)),
		"broken UTF-8":    ecs.Errorf(ecs.ReasonInvalidField, "%s", strings.Repeat("\xff", 5000)),
		"a long place":    {Reason: ecs.ReasonInstanceLocked, Message: "m", RegionID: long, InstanceID: wide},
		"a talking cloud": {Reason: ecs.ReasonCloudRejected, Message: long, Cloud: ecs.CloudError{Code: long, RequestID: wide, Action: "A"}},
		"long facts":      {Reason: ecs.ReasonDeadlineExceeded, Message: long, Facts: map[string]string{"a": long, "b": wide, "c": long, long: "d"}},
		"one long fact":   {Reason: ecs.ReasonDeadlineExceeded, Message: "m", Facts: map[string]string{"a": long[:2000]}},
		"violations": {Reason: ecs.ReasonInvalidField, Message: long, Violations: func() (all []ecs.Violation) {
			for range 1000 {
				all = append(all, ecs.Violation{Field: wide, Rule: long})
			}
			return all
		}()},
		"preconditions": {Reason: ecs.ReasonDeletionProtected, Message: wide, Violations: []ecs.Violation{{Field: long, Rule: wide}, {Field: long, Rule: wide}}},
	} {
		t.Run(name, func(t *testing.T) {
			st := status.Convert(StatusError(e))
			size := proto.Size(st.Proto())
			if size > 4<<10 {
				t.Errorf("message and details are %d bytes", size)
			}
			travels := base64.RawStdEncoding.EncodedLen(size) + len(url.PathEscape(st.Message()))
			if travels > 7<<10 {
				t.Errorf("the trailers are %d bytes, and many clients accept 8 KiB", travels)
			}
			info := detail[*errdetails.ErrorInfo](t, st.Err())
			if info.GetReason() != string(e.Reason) {
				t.Errorf("reason %q", info.GetReason())
			}
			for key, value := range info.GetMetadata() {
				if len(value) > 1<<10 || len(key) > 1<<10 {
					t.Errorf("metadata %.20s has %d bytes", key, len(value))
				}
			}
			if item := itemError(e); proto.Size(item) > 4<<10 {
				t.Errorf("as the error of an item it is %d bytes", proto.Size(item))
			}
		})
	}
}

// 40 bad regions are 40 violations: three in the message, the rest counted.
func TestCheck_MessageNamesThree(t *testing.T) {
	conn := dial(t)
	_, err := ecsdv1.NewInstanceServiceClient(conn).ListInstances(t.Context(), &ecsdv1.ListInstancesRequest{RegionIds: numbered("mars-", 40)})
	text := status.Convert(err).Message()
	for _, want := range []string{"region_ids[0]", "region_ids[2]", "and 37 more"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q does not contain %q", text, want)
		}
	}
	if strings.Contains(text, "region_ids[3]") {
		t.Errorf("%q names more than three", text)
	}
	if n := len(detail[*errdetails.BadRequest](t, err).GetFieldViolations()); n < 4 || n > 20 {
		t.Errorf("%d violations in the details", n)
	}
}

// rawCodec sends bytes that are no message.
type rawCodec struct{ encoding.CodecV2 }

func (c rawCodec) Marshal(v any) (mem.BufferSlice, error) {
	if raw, ok := v.([]byte); ok {
		return mem.BufferSlice{mem.SliceBuffer(raw)}, nil
	}
	return c.CodecV2.Marshal(v)
}

// A request that cannot be decoded is the caller's fault, with a reason.
func TestArrive_Undecodable(t *testing.T) {
	conn := dial(t)
	for name, raw := range map[string][]byte{"cut": {0x0a, 0x7f, 'x'}, "no UTF-8": {0x0a, 1, 0xff}} {
		for _, method := range []string{ecsdv1.InstanceService_GetInstance_FullMethodName, ecsdv1.InstanceService_WatchInstances_FullMethodName} {
			stream, err := conn.NewStream(t.Context(), &grpc.StreamDesc{ServerStreams: true}, method, grpc.ForceCodecV2(rawCodec{encoding.GetCodecV2("proto")}))
			if err != nil {
				t.Fatal(err)
			}
			if err := stream.SendMsg(raw); err != nil {
				t.Fatal(err)
			}
			_ = stream.CloseSend()
			err = stream.RecvMsg(&ecsdv1.GetInstanceResponse{})
			if status.Code(err) != codes.InvalidArgument || detail[*errdetails.ErrorInfo](t, err).GetReason() != "INVALID_FIELD" {
				t.Errorf("%s, %s: %v", method, name, err)
			}
		}
	}
}

// Texts with a zero byte, filters that are no names of the cloud, and times
// that programs send for "not set" are refused by name.
func TestChecks_OddValues(t *testing.T) {
	conn := dial(t)
	const list, until = ecsdv1.InstanceService_ListInstances_FullMethodName, ecsdv1.InstanceService_SetAutoReleaseTime_FullMethodName
	filter := func(f *ecsdv1.InstanceFilter) proto.Message { return &ecsdv1.ListInstancesRequest{Filter: f} }
	zero := timestamppb.New(time.Time{})
	for name, c := range map[string]struct {
		method string
		req    proto.Message
		want   violation
	}{
		"a zero byte in a job":    {ecsdv1.RenewalService_GetRenewalJob_FullMethodName, &ecsdv1.GetRenewalJobRequest{JobId: "a\x00b"}, violation{"job_id", "INVALID_FIELD", "zero byte"}},
		"a zero byte in a caller": {ecsdv1.RenewalService_ListRenewals_FullMethodName, &ecsdv1.ListRenewalsRequest{Caller: "\x00"}, violation{"caller", "INVALID_FIELD", "zero byte"}},
		"a zero byte in a token":  {ecsdv1.RenewalService_WatchRenewalJob_FullMethodName, &ecsdv1.WatchRenewalJobRequest{JobId: "j", ResumeToken: "\x00"}, violation{"resume_token", "INVALID_FIELD", "zero byte"}},
		"a zone":                  {list, filter(&ecsdv1.InstanceFilter{ZoneIds: []string{"?"}}), violation{"filter.zone_ids[0]", "INVALID_FIELD", "cn-hangzhou-h"}},
		"a network":               {list, filter(&ecsdv1.InstanceFilter{VpcId: "a b"}), violation{"filter.vpc_id", "INVALID_FIELD", "letters, digits"}},
		"a switch":                {list, filter(&ecsdv1.InstanceFilter{VswitchId: "a b"}), violation{"filter.vswitch_id", "INVALID_FIELD", "letters, digits"}},
		"a group":                 {list, filter(&ecsdv1.InstanceFilter{SecurityGroupId: "a b"}), violation{"filter.security_group_id", "INVALID_FIELD", "letters, digits"}},
		"a type of no name":       {list, filter(&ecsdv1.InstanceFilter{InstanceTypes: []string{"ecs."}}), violation{"filter.instance_types[0]", "INVALID_FIELD", "ecs.g7.large"}},
		"a name":                  {list, filter(&ecsdv1.InstanceFilter{InstanceName: strings.Repeat("*", 129)}), violation{"filter.instance_name", "INVALID_FIELD", "128 characters"}},
		"a tag":                   {list, filter(&ecsdv1.InstanceFilter{Tags: []*ecsdv1.Tag{{Key: "k", Value: strings.Repeat("v", 129)}}}), violation{"filter.tags[0].value", "INVALID_FIELD", "128 characters"}},
		"no release":              {until, &ecsdv1.SetAutoReleaseTimeRequest{InstanceId: "i-1", Setting: &ecsdv1.SetAutoReleaseTimeRequest_AutoReleaseTime{AutoReleaseTime: zero}}, violation{"auto_release_time", "INVALID_FIELD", "to cancel, set clear_auto_release_time"}},
		"nearly no release":       {until, &ecsdv1.SetAutoReleaseTimeRequest{InstanceId: "i-1", Setting: &ecsdv1.SetAutoReleaseTimeRequest_AutoReleaseTime{AutoReleaseTime: timestamppb.New(time.Time{}.Add(time.Second))}}, violation{"auto_release_time", "INVALID_FIELD", "to cancel, set clear_auto_release_time"}},
		"a window from no time": {ecsdv1.RenewalService_ListExpiringInstances_FullMethodName, &ecsdv1.ListExpiringInstancesRequest{ExpireStartTime: zero, WindowEnd: &ecsdv1.ListExpiringInstancesRequest_Within{Within: durationpb.New(time.Hour)}},
			violation{"expire_start_time", "INVALID_FIELD", "leave it unset"}},
		"a launch": {ecsdv1.InstanceService_RunInstances_FullMethodName, run(func(_ *ecsdv1.RunInstancesRequest, s *ecsdv1.InstanceSpec) { s.AutoReleaseTime = zero }),
			violation{"spec.auto_release_time", "INVALID_FIELD", "leave it unset"}},
		"a quote of a late release": {ecsdv1.InstanceService_QuoteInstances_FullMethodName, &ecsdv1.QuoteInstancesRequest{Count: 1, Spec: &ecsdv1.InstanceSpec{InstanceType: "ecs.g7.large", AutoReleaseTime: timestamppb.Now()}},
			violation{"spec.auto_release_time", "INVALID_FIELD", "30 minutes"}},
		"states":        {ecsdv1.RenewalService_ListRenewals_FullMethodName, &ecsdv1.ListRenewalsRequest{States: make([]ecsdv1.RenewalState, 33_000)}, violation{"states", "INVALID_FIELD", "must hold at most"}},
		"a state twice": {ecsdv1.RenewalService_ListRenewals_FullMethodName, &ecsdv1.ListRenewalsRequest{States: []ecsdv1.RenewalState{1, 1}}, violation{"states[1]", "INVALID_FIELD", "repeat"}},
	} {
		t.Run(name, func(t *testing.T) { wantViolations(t, conn, c.method, c.req, []violation{c.want}) })
	}
}
