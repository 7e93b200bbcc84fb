package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// Each error that any test of this package receives is held against the
// contract: the comment of the RPC must name the reason, and the comment of the
// reason the keys of its metadata. What is missing fails the package at its
// end, so that a test can also end in the middle of a call.
var observed = undocumented{found: map[string]bool{}}

type undocumented struct {
	mu    sync.Mutex
	found map[string]bool // by the text of what is missing
}

func (u *undocumented) add(format string, args ...any) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.found[fmt.Sprintf(format, args...)] = true
}

// documentedMain runs the tests and then reports what is not documented.
type documentedMain struct{ *testing.M }

func (m documentedMain) Run() int {
	code := m.M.Run()
	for text := range observed.found {
		fmt.Fprintln(os.Stderr, "not documented:", text)
		code = 1
	}
	return code
}

func observeCall(ctx context.Context, method string, req, reply any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
	err := invoke(ctx, method, req, reply, conn, options...)
	if err != nil {
		observed.status(method, err)
	} else {
		observed.items(method, reply.(proto.Message).ProtoReflect())
	}
	return err
}

func observeStream(ctx context.Context, desc *grpc.StreamDesc, conn *grpc.ClientConn, method string, stream grpc.Streamer, options ...grpc.CallOption) (grpc.ClientStream, error) {
	s, err := stream(ctx, desc, conn, method, options...)
	if err != nil {
		return nil, err
	}
	return observedStream{s, method}, nil
}

type observedStream struct {
	grpc.ClientStream

	method string
}

func (s observedStream) RecvMsg(m any) error {
	err := s.ClientStream.RecvMsg(m)
	if err != nil {
		observed.status(s.method, err)
	}
	return err
}

// status checks the error of a call. An error without ErrorInfo is of the
// network or of the client itself.
func (u *undocumented) status(method string, err error) {
	if info, ok := detail[*errdetails.ErrorInfo](err); ok {
		u.check(method, info.GetReason(), info.GetMetadata())
	}
}

// items checks the errors of items, wherever a response has them.
func (u *undocumented) items(method string, m protoreflect.Message) {
	if item, ok := m.Interface().(*ecsdv1.ItemError); ok {
		u.check(method, item.GetReason(), item.GetMetadata())
		return
	}
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case f.Message() == nil || f.IsMap():
		case f.IsList():
			for i := range v.List().Len() {
				u.items(method, v.List().Get(i).Message())
			}
		default:
			u.items(method, v.Message())
		}
		return true
	})
}

func (u *undocumented) check(method, reason string, metadata map[string]string) {
	c, err := documentation()
	if err != nil {
		u.add("%v", err)
		return
	}
	rpc := method[strings.LastIndexByte(method, '/')+1:]
	if !c.common[reason] && !c.names(rpc, reason, 0) {
		u.add("%s returns %s, and its comment does not name it", rpc, reason)
	}
	for key := range metadata {
		if !c.words(c.head, key) && !c.words(c.reasons[reason], key) {
			u.add("%s has the metadata %s", reason, key)
		}
	}
}

// comments are the comments of the contract that are about errors.
type comments struct {
	rpcs    map[string]string // the Errors paragraphs
	reasons map[string]string
	head    string // of ErrorReason
	common  map[string]bool
}

var (
	commentedRPC    = regexp.MustCompile(`(?m)((?:^  //.*\n)+)  rpc (\w+)\(`)
	commentedReason = regexp.MustCompile(`(?m)((?:^  //.*\n)+)  ERROR_REASON_(\w+) =`)
	reasonsHead     = regexp.MustCompile(`(?m)((?:^//.*\n)+)enum ErrorReason`)
	upperWord       = regexp.MustCompile(`\b[A-Z][A-Z_]+\b`)
	thoseOf         = regexp.MustCompile(`those of (?:\w+\.)?(\w+)`)
)

var documentation = sync.OnceValues(func() (*comments, error) {
	c := &comments{rpcs: map[string]string{}, reasons: map[string]string{}, common: map[string]bool{}}
	files, err := filepath.Glob("../../proto/ecsd/v1/*.proto")
	if err != nil || len(files) == 0 {
		return nil, errors.Join(errors.New("no contract"), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		for _, m := range commentedRPC.FindAllStringSubmatch(string(text), -1) {
			for _, paragraph := range strings.Split(m[1], "  //\n") {
				if strings.HasPrefix(paragraph, "  // Errors") || strings.Contains(paragraph, "stream ends") {
					c.rpcs[m[2]] += plain(paragraph)
				}
			}
		}
		for _, m := range commentedReason.FindAllStringSubmatch(string(text), -1) {
			c.reasons[m[2]] = plain(m[1])
		}
		if m := reasonsHead.FindStringSubmatch(string(text)); m != nil {
			c.head = plain(m[1])
		}
	}
	_, common, _ := strings.Cut(c.head, "Every call can return")
	common, _, _ = strings.Cut(common, "Values are added")
	for _, word := range upperWord.FindAllString(common, -1) {
		c.common[word] = true
	}
	return c, nil
})

func plain(comment string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(comment, "//", " ")), " ") + " "
}

// names reports whether the comment of an RPC names a reason, itself or by
// "those of" another RPC.
func (c *comments) names(rpc, reason string, depth int) bool {
	if slices.Contains(upperWord.FindAllString(c.rpcs[rpc], -1), reason) {
		return true
	}
	for _, m := range thoseOf.FindAllStringSubmatch(c.rpcs[rpc], -1) {
		if depth < 3 && c.names(m[1], reason, depth+1) {
			return true
		}
	}
	return false
}

// words reports whether a text has a word.
func (c *comments) words(text, word string) bool {
	return slices.Contains(strings.FieldsFunc(text, func(r rune) bool {
		return r != '_' && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}), word)
}
