package api

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// fuzzed fills a message at random: lists and texts that are empty, small, at
// their limits, and far over them.
func fuzzed(r *rand.Rand, m protoreflect.Message, bytes *int) {
	for i := range m.Descriptor().Fields().Len() {
		f := m.Descriptor().Fields().Get(i)
		if r.IntN(3) == 0 || *bytes < 0 {
			continue
		}
		if !f.IsList() {
			if f.Message() != nil {
				fuzzed(r, m.Mutable(f).Message(), bytes)
			} else {
				m.Set(f, fuzzedValue(r, f, bytes))
			}
			continue
		}
		for range []int{0, 1, 2, 20, 101, 1001, 200_000}[r.IntN(7)] {
			if *bytes < 0 {
				break
			}
			*bytes -= 2
			if f.Message() != nil {
				fuzzed(r, m.Mutable(f).List().AppendMutable().Message(), bytes)
			} else {
				m.Mutable(f).List().Append(fuzzedValue(r, f, bytes))
			}
		}
	}
}

func fuzzedValue(r *rand.Rand, f protoreflect.FieldDescriptor, bytes *int) protoreflect.Value {
	number := []int64{0, 1, -1, 7, 1 << 31, 253402300799, -62135596800, 1 << 62, -1 << 63}[r.IntN(9)]
	text := strings.Repeat([]string{"a", "i-", "cn-hangzhou", "*a", "\x00", "深", " ", "%", "ecs."}[r.IntN(9)], []int{0, 1, 1, 1, 64, 5000}[r.IntN(6)])
	switch f.Kind() {
	case protoreflect.StringKind:
		*bytes -= len(text)
		return protoreflect.ValueOfString(text)
	case protoreflect.BytesKind:
		*bytes -= len(text)
		return protoreflect.ValueOfBytes([]byte(text))
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(number > 0)
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(protoreflect.EnumNumber(int32(number))) //nolint:gosec // any number will do
	case protoreflect.Int64Kind:
		return protoreflect.ValueOfInt64(number)
	}
	return protoreflect.ValueOfInt32(int32(number)) //nolint:gosec // any number will do
}

// FuzzRequests sends random requests, up to 4 MB, through the checks of every
// call. Each is refused within a second with an error that every client
// accepts, or passes the checks and panics on a nil component.
func FuzzRequests(f *testing.F) {
	var methods []protoreflect.MethodDescriptor
	eachMethod(func(m protoreflect.MethodDescriptor) { methods = append(methods, m) })
	for seed := range uint64(len(methods)) {
		f.Add(seed, uint8(seed))                   //nolint:gosec // fewer than 256
		f.Add(seed*7919, uint8(seed))              //nolint:gosec // fewer than 256
		f.Add(seed*104729+1, uint8(seed))          //nolint:gosec // fewer than 256
		f.Add(seed*15485863+12345678, uint8(seed)) //nolint:gosec // fewer than 256
	}
	conn := dialRecovering(f)
	f.Fuzz(func(t *testing.T, seed uint64, method uint8) {
		m := methods[int(method)%len(methods)]
		bytes := 4 << 20
		request := messageType(m.Input()).New()
		fuzzed(rand.New(rand.NewPCG(seed, seed)), request, &bytes) //nolint:gosec // no secret
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		began := time.Now()
		err := send(ctx, conn, m, request.Interface())
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("%s: %d bytes took %s", m.Name(), proto.Size(request.Interface()), took)
		}
		st := status.Convert(err)
		if st.Code() != codes.InvalidArgument && st.Code() != codes.Aborted {
			t.Errorf("%s: %v", m.Name(), err)
		}
		if n := proto.Size(st.Proto()); n > maxStatusBytes {
			t.Errorf("%s: an error of %d bytes", m.Name(), n)
		}
	})
}
