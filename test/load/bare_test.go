package load_test

import (
	"context"
	"net"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// message is a message of a watch.
type message = ecsdv1.WatchInstancesResponse

// bareServer is a gRPC server with no interceptors, which sends the messages of a channel. It validates nothing, stores
// nothing and cannot resume.
type bareServer struct {
	ecsdv1.UnimplementedInstanceServiceServer

	address  string
	listener net.Listener
	server   *grpc.Server

	mu       sync.Mutex
	greeting []*message
	watchers map[string]map[chan []*message]bool // by instance
}

func newBareServer() (*bareServer, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &bareServer{address: listener.Addr().String(), listener: listener, server: grpc.NewServer(), watchers: map[string]map[chan []*message]bool{}}
	ecsdv1.RegisterInstanceServiceServer(s.server, s)
	return s, nil
}

func (s *bareServer) serve(ctx context.Context) error {
	defer context.AfterFunc(ctx, s.server.Stop)()
	return s.server.Serve(s.listener)
}

func (s *bareServer) greet(wires [][]byte) (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.greeting, err = decoded(wires)
	return err
}

// publish sends the messages to the streams and returns its start time.
func (s *bareServer) publish(wires map[string][][]byte) (began int64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	messages := make(map[string][]*message, len(wires))
	for id, w := range wires {
		if messages[id], err = decoded(w); err != nil {
			return 0, err
		}
	}
	began = time.Now().UnixNano()
	for id, m := range messages {
		for watcher := range s.watchers[id] {
			watcher <- m
		}
	}
	return began, nil
}

func decoded(wires [][]byte) ([]*message, error) {
	messages := make([]*message, len(wires))
	for i, wire := range wires {
		messages[i] = new(message)
		if err := proto.Unmarshal(wire, messages[i]); err != nil {
			return nil, err
		}
	}
	return messages, nil
}

// WatchInstances sends the greeting and then the published messages.
func (s *bareServer) WatchInstances(req *ecsdv1.WatchInstancesRequest, stream grpc.ServerStreamingServer[message]) error {
	id := req.GetInstanceIds()[0]
	published := make(chan []*message, 1)
	s.mu.Lock()
	if s.watchers[id] == nil {
		s.watchers[id] = map[chan []*message]bool{}
	}
	s.watchers[id][published] = true
	messages := s.greeting
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.watchers[id], published)
	}()
	for {
		for _, m := range messages {
			if err := stream.Send(m); err != nil {
				return err
			}
		}
		select {
		case <-stream.Context().Done():
			return stream.Context().Err()
		case messages = <-published:
		}
	}
}
