package load_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// connections is the count of connections that the watchers share.
const connections = 100

// watchers are streams that watch one instance each.
type watchers struct {
	t   testing.TB
	all []*watcher
	// served counts the watchers that have the messages of this round: a snapshot, or a change and the checkpoint after
	// it.
	served atomic.Int64
	wanted int64
	done   chan struct{}
}

type watcher struct {
	id string
	// messages are the messages of the round, at is the time of the last one.
	messages []*message
	at       int64
}

// watch opens one stream per ID, spread over the connections, and waits for all snapshots.
func watch(t testing.TB, address string, ids []string, heartbeat time.Duration) *watchers {
	t.Helper()
	w := &watchers{t: t, done: make(chan struct{}, 1)}
	ctx, stop := context.WithCancel(context.Background())
	var reading sync.WaitGroup
	var conns []*grpc.ClientConn
	t.Cleanup(func() {
		stop()
		reading.Wait()
		for _, c := range conns {
			c.Close()
		}
	})
	for range min(connections, len(ids)) {
		conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			t.Fatal(err)
		}
		conns = append(conns, conn)
	}
	w.expect(int64(len(ids)))
	for n, id := range ids {
		request := &ecsdv1.WatchInstancesRequest{InstanceIds: []string{id}}
		if heartbeat > 0 {
			request.HeartbeatInterval = durationpb.New(heartbeat)
		}
		client := ecsdv1.NewInstanceServiceClient(conns[n%len(conns)])
		open := func() (grpc.ServerStreamingClient[message], error) { return client.WatchInstances(ctx, request) }
		stream, err := open()
		if err != nil {
			t.Fatal(err)
		}
		one := &watcher{id: id}
		w.all = append(w.all, one)
		reading.Go(func() { w.read(ctx, one, stream, open) })
	}
	w.wait("snapshots")
	return w
}

// read receives the messages of one stream. A watch that a busy server refuses is opened again, as every client does.
func (w *watchers) read(ctx context.Context, one *watcher, stream grpc.ServerStreamingClient[message], open func() (grpc.ServerStreamingClient[message], error)) {
	changed := false
	for {
		m, err := stream.Recv()
		for status.Code(err) == codes.ResourceExhausted && len(one.messages) == 0 && ctx.Err() == nil {
			time.Sleep(200 * time.Millisecond)
			if stream, err = open(); err == nil {
				m, err = stream.Recv()
			}
		}
		if err != nil {
			if ctx.Err() == nil {
				w.t.Errorf("the watch of %s: %v", one.id, err)
			}
			return
		}
		switch m.GetEvent().(type) {
		case *ecsdv1.WatchInstancesResponse_Snapshot:
			one.messages = append(one.messages, m)
			continue
		case *ecsdv1.WatchInstancesResponse_SnapshotComplete:
		case *ecsdv1.WatchInstancesResponse_Checkpoint:
			if !changed {
				continue // a heartbeat
			}
		default:
			changed = true
			one.messages = append(one.messages, m)
			continue
		}
		changed, one.at = false, time.Now().UnixNano()
		one.messages = append(one.messages, m)
		if w.served.Add(1) == w.wanted {
			w.done <- struct{}{}
		}
	}
}

// expect starts a round in which n watchers get messages.
func (w *watchers) expect(n int64) {
	w.served.Store(0)
	w.wanted = n
	for _, one := range w.all {
		one.messages, one.at = nil, 0
	}
}

// wait ends the round.
func (w *watchers) wait(what string) {
	w.t.Helper()
	select {
	case <-w.done:
	case <-time.After(2 * time.Minute):
		w.t.Fatalf("%d of %d %s came", w.served.Load(), w.wanted, what)
	}
}

// received returns, per affected watcher, the time from a moment until it had its messages.
func (w *watchers) received(since int64) []time.Duration {
	var all []time.Duration
	for _, one := range w.all {
		if one.at != 0 {
			all = append(all, time.Duration(one.at-since))
		}
	}
	return all
}

// round returns the messages of the round by instance, for the bare server. If several watchers share an instance, it
// returns those of one.
func (w *watchers) round() map[string][][]byte {
	w.t.Helper()
	wires := map[string][][]byte{}
	for _, one := range w.all {
		if len(one.messages) > 0 && wires[one.id] == nil {
			wires[one.id] = encoded(w.t, one.messages)
		}
	}
	return wires
}

func encoded(t testing.TB, messages []*message) [][]byte {
	t.Helper()
	var wires [][]byte
	for _, m := range messages {
		wire, err := proto.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		wires = append(wires, wire)
	}
	return wires
}
