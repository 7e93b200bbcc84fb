package load_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// beginningInstances is the count of instances in the snapshot of each starting watch.
const beginningInstances = 2000

// undecoded is a codec that leaves responses as bytes, because the clients share the machine with the measured server.
type undecoded struct{}

func (undecoded) Name() string { return "proto" }

func (undecoded) Marshal(message any) (mem.BufferSlice, error) {
	wire, err := proto.Marshal(message.(proto.Message))
	return mem.BufferSlice{mem.SliceBuffer(wire)}, err
}

func (undecoded) Unmarshal(data mem.BufferSlice, message any) error {
	*message.(*[]byte) = data.Materialize()
	return nil
}

// completes reports whether a message is a snapshot_complete.
func completes(wire []byte) bool {
	want := (&message{}).ProtoReflect().Descriptor().Fields().ByName("snapshot_complete").Number()
	for len(wire) > 0 {
		number, _, n := protowire.ConsumeField(wire)
		if number == want {
			return true
		}
		if n < 0 {
			return false
		}
		wire = wire[n:]
	}
	return false
}

// beginners are streams that start together.
type beginners struct {
	streams []grpc.ClientStream
}

// begin opens n watches of all instances without reading from them. filter can make some of them different from all
// others.
func begin(t testing.TB, address string, n int, filter func(i int) *ecsdv1.InstanceFilter) *beginners {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	conns := make([]*grpc.ClientConn, min(connections, n))
	for i := range conns {
		conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			t.Fatal(err)
		}
		conns[i] = conn
	}
	t.Cleanup(func() {
		stop()
		for _, c := range conns {
			c.Close()
		}
	})
	b := &beginners{streams: make([]grpc.ClientStream, n)}
	errs := make([]error, n)
	var opening sync.WaitGroup
	for c := range conns {
		opening.Go(func() {
			for i := c; i < n; i += len(conns) {
				b.streams[i], errs[i] = conns[c].NewStream(ctx, &grpc.StreamDesc{ServerStreams: true},
					ecsdv1.InstanceService_WatchInstances_FullMethodName, grpc.ForceCodecV2(undecoded{}))
				if errs[i] == nil {
					request := &ecsdv1.WatchInstancesRequest{HeartbeatInterval: durationpb.New(quiet), Filter: filter(i)}
					errs[i] = b.streams[i].SendMsg(request)
				}
				if errs[i] == nil {
					errs[i] = b.streams[i].CloseSend()
				}
			}
		})
	}
	opening.Wait()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// read reads all streams up to the end of their snapshots.
func (b *beginners) read(t testing.TB) {
	t.Helper()
	errs := make([]error, len(b.streams))
	var reading sync.WaitGroup
	for i, stream := range b.streams {
		reading.Go(func() {
			var wire []byte
			for errs[i] == nil && !completes(wire) {
				errs[i] = stream.RecvMsg(&wire)
			}
		})
	}
	reading.Wait()
	for i, err := range errs {
		if err != nil {
			t.Fatalf("watch %d: %v", i, err)
		}
	}
}

// startOver starts an ecsd that has polled the instances.
func startOver(t testing.TB) *process {
	t.Helper()
	c := newCloud(t, beginningInstances)
	p := start(t, settings{Endpoint: c.endpoint, PollInterval: time.Hour, Database: "sqlite:" + filepath.Join(t.TempDir(), "ecsd.db")})
	begin(t, p.address, 1, anyInstance).read(t)
	return p
}

func anyInstance(int) *ecsdv1.InstanceFilter { return nil }

// different returns a filter that matches all instances and that no other of a hundred watches has.
func different(i int) *ecsdv1.InstanceFilter {
	return &ecsdv1.InstanceFilter{InstanceName: strings.Repeat("*", i+1)}
}

// Watches that start together share their messages, so that they fit into the memory of a small server.
func TestBegin_PeakMemory(t *testing.T) {
	if raceDetector {
		t.Skip("the memory of a server without the race detector counts: make test-go runs this test without it too")
	}
	p := startOver(t)
	begin(t, p.address, 1000, anyInstance).read(t)
	peak := p.usage().Peak
	t.Logf("%d MB", peak>>20)
	if peak > 400<<20 {
		t.Errorf("1,000 watches of %d instances that begin together: %d MB resident at the peak, want at most 400", beginningInstances, peak>>20)
	}
}

// A watch that begins fits into a stack of 8 KB. The next size is 16 KB, and of ten thousand watches that is 80 MB.
func TestBegin_Stack(t *testing.T) {
	if raceDetector {
		t.Skip("the stacks of a server without the race detector count: make test-go runs this test without it too")
	}
	const watches = 500
	t.Setenv("GOGC", "off") // a collection would shrink stacks
	p := startOver(t)
	before := p.usage().Stacks
	begin(t, p.address, watches, anyInstance).read(t)
	each := (p.usage().Grown - before) / watches
	t.Logf("%d bytes each", each)
	if each > 12<<10 {
		t.Errorf("each of %d watches that begin uses %d bytes of stack, want 8 KB and its part of the rest", watches, each)
	}
}

// A client that does not read costs its flow control window and one page, however much it watches.
func TestBegin_ReadersThatDoNotRead(t *testing.T) {
	const stuck = 100
	p := startOver(t)
	before := p.usage().Live
	begin(t, p.address, stuck, different)
	time.Sleep(3 * time.Second) // until all of them are blocked by flow control
	each := (p.usage().Live - before) / stuck
	t.Logf("%d KB each", each>>10)
	if each > 400<<10 {
		t.Errorf("each of %d watches that do not read holds %d KB, want at most 400", stuck, each>>10)
	}
}

// Measures watches that start together: the time until all have their snapshots, and the largest resident memory of the
// server.
func BenchmarkBegin(b *testing.B) {
	for _, n := range []int{1000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				p := startOver(b)
				began := time.Now()
				begin(b, p.address, n, anyInstance).read(b)
				b.ReportMetric(time.Since(began).Seconds(), "s")
				b.ReportMetric(float64(p.usage().Peak)/(1<<20), "peak-MB")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}
