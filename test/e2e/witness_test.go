package e2e_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/ecsd-io/ecsd/client"
	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/test/lib/clientreport"
	"github.com/ecsd-io/ecsd/test/lib/promise"
)

// witness watches at the server directly, without package client. Its record is the reference history for the clients.
type witness struct {
	token    string
	history  promise.History
	held     map[string]string
	mu       sync.Mutex
	observed time.Time
	revision int64
	// over is closed when it no longer follows a server.
	over chan struct{}
}

// follow reads one server until ctx ends. It closes begun at the first mark.
func (v *witness) follow(ctx context.Context, w *world, begun chan<- struct{}) error {
	stream, err := w.instances.WatchInstances(ctx, &ecsdv1.WatchInstancesRequest{
		Delivery: ecsdv1.WatchDelivery_WATCH_DELIVERY_EVERY_CHANGE, ResumeToken: v.token, HeartbeatInterval: durationpb.New(time.Second),
	})
	for err == nil {
		var m *ecsdv1.WatchInstancesResponse
		if m, err = stream.Recv(); err != nil {
			break
		}
		v.mu.Lock()
		switch e := m.GetEvent().(type) {
		case *ecsdv1.WatchInstancesResponse_Snapshot:
			for _, i := range e.Snapshot.GetInstances() {
				v.note(m.GetRevision(), i.GetInstanceId(), clientreport.State(i))
			}
		case *ecsdv1.WatchInstancesResponse_Changed:
			v.note(m.GetRevision(), e.Changed.GetInstance().GetInstanceId(), clientreport.State(e.Changed.GetInstance()))
		case *ecsdv1.WatchInstancesResponse_Removed:
			v.note(m.GetRevision(), e.Removed.GetInstanceId(), "")
		case *ecsdv1.WatchInstancesResponse_SnapshotComplete:
			v.marked(m.GetRevision(), e.SnapshotComplete.GetResumeToken(), e.SnapshotComplete.GetObservedTime().AsTime())
		case *ecsdv1.WatchInstancesResponse_Checkpoint:
			v.marked(m.GetRevision(), e.Checkpoint.GetResumeToken(), e.Checkpoint.GetObservedTime().AsTime())
		}
		if v.token != "" && begun != nil {
			close(begun)
			begun = nil
		}
		v.mu.Unlock()
	}
	if begun != nil {
		close(begun)
	}
	if e := client.ErrorOf(err); ctx.Err() == nil && e.ReasonName != "SERVER_DRAINING" {
		return fmt.Errorf("the witness: %w", err)
	}
	return nil
}

func (v *witness) note(revision int64, id, state string) {
	if n := len(v.history); n == 0 || v.history[n-1].Number != revision {
		v.history = append(v.history, promise.Revision{Number: revision})
	}
	last := &v.history[len(v.history)-1]
	last.Changes = append(last.Changes, promise.Change{ID: id, Before: v.held[id], After: state})
	if v.held[id] = state; state == "" {
		delete(v.held, id)
	}
}

func (v *witness) marked(revision int64, token string, observed time.Time) {
	v.revision, v.token, v.observed = revision, token, observed
}

// seen returns the newest mark.
func (v *witness) seen() (revision int64, observed time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.revision, v.observed
}

// begin starts to follow a server, with a new witness or after its server ended.
func (v *witness) begin(t *testing.T, w *world) {
	t.Helper()
	if v.held == nil {
		v.held = map[string]string{}
	} else {
		<-v.over // its last messages may still arrive
	}
	v.over = make(chan struct{})
	ctx, stop := context.WithCancel(context.Background())
	begun, ended := make(chan struct{}), make(chan error, 1)
	go func(over chan<- struct{}) {
		err := v.follow(ctx, w, begun)
		close(over)
		ended <- err
	}(v.over)
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	<-begun
}

// settled waits until a poll that starts after now is reported, and returns its revision.
func (v *witness) settled(w *world) int64 {
	now := time.Now()
	w.wait("a poll shows what happened", func() bool {
		_, observed := v.seen()
		return observed.After(now)
	})
	revision, _ := v.seen()
	return revision
}
