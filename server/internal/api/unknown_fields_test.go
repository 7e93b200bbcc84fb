package api

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// unknownNumber is the number of no field of the contract.
const unknownNumber = 4000

// invokeRaw sends bytes as the request of an RPC, and returns its error.
func invokeRaw(t *testing.T, conn *grpc.ClientConn, method string, raw []byte) error {
	t.Helper()
	stream, err := conn.NewStream(t.Context(), &grpc.StreamDesc{ServerStreams: true}, method, grpc.ForceCodecV2(rawCodec{encoding.GetCodecV2("proto")}))
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.SendMsg(raw); err != nil {
		t.Fatal(err)
	}
	_ = stream.CloseSend()
	return stream.RecvMsg(&ecsdv1.GetInstanceResponse{})
}

func fullMethod(m protoreflect.MethodDescriptor) string {
	return "/" + string(m.Parent().FullName()) + "/" + string(m.Name())
}

// wantUnknown expects that the unknown fields are refused, by path.
func wantUnknown(t *testing.T, err error, message protoreflect.FullName, paths ...string) {
	t.Helper()
	if status.Code(err) != codes.InvalidArgument || detail[*errdetails.ErrorInfo](t, err).GetReason() != "INVALID_FIELD" {
		t.Errorf("got %v, want INVALID_FIELD", err)
		return
	}
	var got []string
	for _, v := range detail[*errdetails.BadRequest](t, err).GetFieldViolations() {
		if want := fmt.Sprintf("of %s: this server does not know it; use a client of its version", message); strings.HasSuffix(v.GetDescription(), want) {
			got = append(got, v.GetField())
		}
	}
	if !slices.Equal(got, paths) {
		t.Errorf("unknown fields %q of %s, want %q; the error is %v", got, message, paths, err)
	}
}

// Every RPC refuses an unknown field in its request and in every message that
// the request holds, and fields that had a reserved number: a client of the
// contract before its freeze sends them, and a filter without one matches more.
func TestUnknownFields_EveryCall(t *testing.T) {
	conn := dial(t)
	eachMethod(func(m protoreflect.MethodDescriptor) {
		var walk func(d protoreflect.MessageDescriptor, path string, wrap func([]byte) []byte)
		walk = func(d protoreflect.MessageDescriptor, path string, wrap func([]byte) []byte) {
			t.Run(string(m.Name())+"/"+path, func(t *testing.T) {
				numbers := []protowire.Number{unknownNumber}
				for i := range d.ReservedRanges().Len() {
					numbers = append(numbers, d.ReservedRanges().Get(i)[0])
				}
				for _, number := range numbers {
					unknown := protowire.AppendString(protowire.AppendTag(nil, number, protowire.BytesType), "cn-hangzhou-h")
					wantUnknown(t, invokeRaw(t, conn, fullMethod(m), wrap(unknown)), d.FullName(), fmt.Sprintf("%s%d", path, number))
				}
			})
			for i := range d.Fields().Len() {
				f := d.Fields().Get(i)
				if f.Message() == nil {
					continue
				}
				name := path + string(f.Name())
				if f.IsList() {
					name += "[0]"
				}
				walk(f.Message(), name+".", func(inner []byte) []byte {
					return wrap(protowire.AppendBytes(protowire.AppendTag(nil, f.Number(), protowire.BytesType), inner))
				})
			}
		}
		walk(m.Input(), "", func(raw []byte) []byte { return raw })
	})
}

// A known field with another wire type is one of another contract.
func TestUnknownFields_WireType(t *testing.T) {
	raw := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), 1) // region_id is text
	wantUnknown(t, invokeRaw(t, dial(t), ecsdv1.CatalogService_ListZones_FullMethodName, raw), "ecsd.v1.ListZonesRequest", "1")
}

// Each number is named once, and the count of names is bounded.
func TestUnknownFields_Many(t *testing.T) {
	var raw []byte
	for range 1000 {
		for number := range protowire.Number(maxViolations + 5) {
			raw = protowire.AppendVarint(protowire.AppendTag(raw, unknownNumber+number, protowire.VarintType), 1)
		}
	}
	var want []string
	for number := range maxViolations {
		want = append(want, fmt.Sprint(unknownNumber+number))
	}
	wantUnknown(t, invokeRaw(t, dial(t), ecsdv1.CatalogService_ListRegions_FullMethodName, raw), "ecsd.v1.ListRegionsRequest", want...)
}
