package api

import (
	"fmt"

	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/mem"
	protobuf "google.golang.org/protobuf/proto"
)

// prepared is a message that is encoded already, because many streams get it.
// The bytes are shared by all of them and never written to.
type prepared struct {
	wire mem.BufferSlice
	err  error
}

func prepare(m protobuf.Message) *prepared {
	wire, err := protobuf.Marshal(m)
	return &prepared{wire: mem.BufferSlice{mem.SliceBuffer(wire)}, err: err}
}

// Unmarshal keeps the error of a request beside it; see arriving.
func (c codec) Unmarshal(data mem.BufferSlice, message any) error {
	request, ok := message.(*arriving)
	if !ok {
		return c.CodecV2.Unmarshal(data, message)
	}
	request.decoded = c.CodecV2.Unmarshal(data, request.message)
	return nil
}

// Codec is the codec of Protobuf that also sends prepared messages and keeps
// the errors of requests. The server must be made with it.
func Codec() encoding.CodecV2 { return codec{encoding.GetCodecV2(proto.Name)} }

type codec struct{ encoding.CodecV2 }

func (c codec) Marshal(message any) (mem.BufferSlice, error) {
	p, ok := message.(*prepared)
	if !ok {
		return c.CodecV2.Marshal(message)
	}
	if p.err != nil {
		return nil, fmt.Errorf("encode a change: %w", p.err)
	}
	return p.wire, nil
}
