package script

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	_ "github.com/ecsd-io/ecsd/gen/go/ecsd/v1" // registers the contract
)

// floodBatch is the number of changes per checkpoint of flood.
const floodBatch = 1000

// find returns an RPC of the contract by its name alone: no two services share one.
func find(name string) (found protoreflect.MethodDescriptor, _ error) {
	protoregistry.GlobalFiles.RangeFilesByPackage("ecsd.v1", func(file protoreflect.FileDescriptor) bool {
		for i := range file.Services().Len() {
			if method := file.Services().Get(i).Methods().ByName(protoreflect.Name(name)); method != nil {
				found = method
			}
		}
		return found == nil
	})
	if found == nil {
		return nil, fmt.Errorf("unknown RPC %q", name)
	}
	return found, nil
}

// Attempt is one call that reached the server.
type Attempt struct {
	Method   string
	At       time.Time
	Request  proto.Message
	Metadata metadata.MD
	// Deadline is the rest of the deadline at arrival; 0 without one.
	Deadline time.Duration
	// ended is closed when the call is over for the server.
	ended chan struct{}
	// cancelled is set before ended is closed.
	cancelled bool
}

// Cancelled waits for the end of the attempt, and reports whether the client ended it.
func (a *Attempt) Cancelled(ctx context.Context) bool {
	select {
	case <-a.ended:
		return a.cancelled
	case <-ctx.Done():
		return false
	}
}

// Server is a scripted server. Create it with Serve.
type Server struct {
	answers  Answers
	cut      func()
	listener net.Listener
	grpc     *grpc.Server
	served   sync.WaitGroup

	mu       sync.Mutex
	attempts []*Attempt
	signals  map[string]chan struct{}
	problems []string
}

// Serve starts a server on a free loopback port. cut resets all connections, for Answer.Cut; set it with SetCut.
func Serve(answers Answers, options ...grpc.ServerOption) (*Server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Server{answers: answers, listener: listener, signals: map[string]chan struct{}{}, cut: func() {}}
	s.grpc = grpc.NewServer(append(options,
		grpc.UnknownServiceHandler(s.handle),
		// The policy of the real server.
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 10 * time.Second, PermitWithoutStream: true}),
	)...)
	s.served.Go(func() { _ = s.grpc.Serve(listener) })
	return s, nil
}

// SetCut sets what Answer.Cut does. Call it before the first client connects.
func (s *Server) SetCut(cut func()) { s.cut = cut }

// Address returns the address of the server.
func (s *Server) Address() string { return s.listener.Addr().String() }

// Close ends the server and waits for its goroutines.
func (s *Server) Close() {
	s.grpc.Stop()
	s.served.Wait()
}

// Signal lets answers go on that wait for the name.
func (s *Server) Signal(name string) { close(s.signal(name)) }

func (s *Server) signal(name string) chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.signals[name] == nil {
		s.signals[name] = make(chan struct{})
	}
	return s.signals[name]
}

// Attempts returns the attempts of a method so far.
func (s *Server) Attempts(method string) []*Attempt {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []*Attempt
	for _, a := range s.attempts {
		if a.Method == method {
			all = append(all, a)
		}
	}
	return all
}

// Problems returns what the server could not do.
func (s *Server) Problems() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.problems...)
}

func (s *Server) handle(_ any, stream grpc.ServerStream) error {
	full, _ := grpc.MethodFromServerStream(stream)
	name := full[strings.LastIndex(full, "/")+1:]
	method, err := find(name)
	if err != nil {
		return status.Error(codes.Unimplemented, err.Error())
	}
	request, err := newMessage(method.Input())
	if err != nil {
		return status.Error(codes.Internal, err.Error())
	}
	if err := stream.RecvMsg(request); err != nil {
		return err
	}
	ctx := stream.Context()
	answer, attempt, ok := s.next(ctx, name, request)
	if !ok {
		return status.Errorf(codes.Unimplemented, "the case has no answer for %s", name)
	}
	err = s.give(ctx, answer, method, stream)
	attempt.cancelled = ctx.Err() == context.Canceled
	close(attempt.ended)
	return err
}

// next records an attempt and returns its answer.
func (s *Server) next(ctx context.Context, name string, request proto.Message) (Answer, *Attempt, bool) {
	attempt := &Attempt{Method: name, At: time.Now(), Request: request, ended: make(chan struct{})}
	attempt.Metadata, _ = metadata.FromIncomingContext(ctx)
	if deadline, ok := ctx.Deadline(); ok {
		attempt.Deadline = time.Until(deadline)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, a := range s.attempts {
		if a.Method == name {
			n++
		}
	}
	s.attempts = append(s.attempts, attempt)
	answers := s.answers[name]
	if len(answers) == 0 {
		s.problems = append(s.problems, "a call of "+name+", which has no answer")
		return Answer{}, nil, false
	}
	return answers[min(n, len(answers)-1)], attempt, true
}

// give does what the answer says.
func (s *Server) give(ctx context.Context, answer Answer, method protoreflect.MethodDescriptor, stream grpc.ServerStream) error {
	if answer.Header != nil {
		if err := stream.SendHeader(metadata.New(answer.Header)); err != nil {
			return err
		}
	}
	if answer.Until != "" && !wait(ctx, s.signal(answer.Until)) {
		return ctx.Err()
	}
	if answer.Delay > 0 && !pause(ctx, time.Duration(answer.Delay)) {
		return ctx.Err()
	}
	for _, line := range answer.Send {
		if err := s.send(ctx, line, method, stream); err != nil {
			return err
		}
	}
	if answer.Cut {
		s.cut()
		return nil
	}
	switch {
	case answer.Fail != nil:
		if pushback := answer.Fail.pushback(); pushback != "" {
			stream.SetTrailer(metadata.Pairs("grpc-retry-pushback-ms", pushback))
		}
		return answer.Fail.status()
	case answer.Hang, method.IsStreamingServer() && !answer.End:
		<-ctx.Done()
		return ctx.Err()
	case method.IsStreamingServer():
		return nil
	}
	response, err := decode(method.Output(), answer.Respond)
	if err != nil {
		return s.problem(err)
	}
	return stream.SendMsg(response)
}

func (s *Server) send(ctx context.Context, line string, method protoreflect.MethodDescriptor, stream grpc.ServerStream) error {
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "until":
		if !wait(ctx, s.signal(rest)) {
			return ctx.Err()
		}
		return nil
	case "pause":
		d, err := time.ParseDuration(rest)
		if err != nil {
			return s.problem(err)
		}
		if !pause(ctx, d) {
			return ctx.Err()
		}
		return nil
	case "flood":
		var n, from int
		if read, err := fmt.Sscan(rest, &n, &from); read == 0 {
			return s.problem(err)
		}
		return flood(n, from, stream)
	}
	m, err := Message(string(method.Output().Name()), line)
	if err != nil {
		return s.problem(err)
	}
	return stream.SendMsg(m)
}

// flood sends n changes of 100 instances, with a checkpoint after each thousand. Earlier floods of the stream sent from.
func flood(n, from int, stream grpc.ServerStream) error {
	for i := 1; i <= n; i++ {
		state := "RUNNING"
		if i/100%2 == 1 {
			state = "STOPPED"
		}
		revision := 1000 + from + i
		lines := []string{fmt.Sprintf("changed %d i-%d=%s", revision, i%100, state)}
		if i%floodBatch == 0 || i == n {
			lines = append(lines, fmt.Sprintf("checkpoint %d flood-%d", revision, from+i))
		}
		for _, line := range lines {
			m, err := Message("WatchInstancesResponse", line)
			if err != nil {
				return err
			}
			if err := stream.SendMsg(m); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Server) problem(err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.problems = append(s.problems, err.Error())
	return status.Error(codes.Internal, err.Error())
}

func newMessage(descriptor protoreflect.MessageDescriptor) (proto.Message, error) {
	kind, err := protoregistry.GlobalTypes.FindMessageByName(descriptor.FullName())
	if err != nil {
		return nil, err
	}
	return kind.New().Interface(), nil
}

func decode(descriptor protoreflect.MessageDescriptor, fields map[string]any) (proto.Message, error) {
	m, err := newMessage(descriptor)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(fields)
	if err != nil {
		return nil, err
	}
	if fields == nil {
		text = []byte("{}")
	}
	if err := protojson.Unmarshal(text, m); err != nil {
		return nil, fmt.Errorf("%s: %w", descriptor.Name(), err)
	}
	return m, nil
}

// Request encodes a request of an RPC from its fields in JSON's names.
func Request(method string, fields map[string]any) ([]byte, error) {
	descriptor, err := find(method)
	if err != nil {
		return nil, err
	}
	m, err := decode(descriptor.Input(), fields)
	if err != nil {
		return nil, err
	}
	return proto.Marshal(m)
}

// Service returns the service of an RPC, such as "InstanceService".
func Service(method string) (string, error) {
	descriptor, err := find(method)
	if err != nil {
		return "", err
	}
	return string(descriptor.Parent().Name()), nil
}

func wait(ctx context.Context, done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	case <-ctx.Done():
		return false
	}
}

func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// Results returns an empty response of an RPC, and an empty item if it is a list.
func Results(method string) (response, item proto.Message, _ error) {
	descriptor, err := find(method)
	if err != nil {
		return nil, nil, err
	}
	if response, err = newMessage(descriptor.Output()); err != nil {
		return nil, nil, err
	}
	fields := descriptor.Output().Fields()
	for i := range fields.Len() {
		if field := fields.Get(i); field.IsList() && field.Message() != nil && item == nil {
			if item, err = newMessage(field.Message()); err != nil {
				return nil, nil, err
			}
		}
	}
	return response, item, nil
}
