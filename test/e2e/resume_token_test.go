package e2e_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/durationpb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server"
	"github.com/ecsd-io/ecsd/simulator"
)

// resumed returns the first message of a watch that resumes at a token.
func resumed(ctx context.Context, w *world, token string) (*ecsdv1.WatchInstancesResponse, error) {
	ctx, hangUp := context.WithCancel(ctx)
	defer hangUp()
	stream, err := w.instances.WatchInstances(ctx, &ecsdv1.WatchInstancesRequest{ResumeToken: token, HeartbeatInterval: durationpb.New(time.Second)})
	if err != nil {
		return nil, err
	}
	return stream.Recv()
}

// A token older than the history, and one of another database, return an error with its reason at once: no message
// comes before it, and no other watch is started instead. A token within the history resumes.
func TestResumeToken_OtherTime(t *testing.T) {
	t.Parallel()
	ctx := within(t, 3*time.Minute)
	database := "sqlite:" + filepath.Join(t.TempDir(), "ecsd.db")
	onDisk := func(c *server.Config) { c.PollInterval, c.Database = time.Second, database }
	sim := newCloud(t, simulator.Config{})
	first := newService(t, sim, onDisk)
	stream, err := first.instances.WatchInstances(ctx, &ecsdv1.WatchInstancesRequest{HeartbeatInterval: durationpb.New(time.Second)})
	if err != nil {
		t.Fatal(err)
	}
	old, err := mark(stream)
	if err != nil {
		t.Fatal(err)
	}
	newest := ""
	for range 3 { // revisions, of which the last one is kept
		first.seed(simulator.Seed{})
		m, err := stream.Recv()
		for ; err == nil && m.GetChanged() == nil; m, err = stream.Recv() {
		}
		if err == nil {
			newest, err = mark(stream)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if m, err := resumed(ctx, first, old); m.GetChanged() == nil {
		t.Errorf("within the history it goes on with %v, %v", m, err)
	}
	if err := first.finish(); err != nil {
		t.Fatal(err)
	}

	second := newService(t, sim, func(c *server.Config) { onDisk(c); c.Limits.HistoryChanges = 1 })
	second.wait("the history is trimmed", func() bool {
		_, err = resumed(ctx, second, old)
		return err != nil
	})
	wantError(t, err, codes.OutOfRange, "RESUME_TOKEN_EXPIRED")
	if m, err := resumed(ctx, second, newest); err != nil || m.GetSnapshot() != nil {
		t.Errorf("at the newest it goes on with %v, %v", m, err)
	}

	third := newService(t, sim, nil) // in memory
	m, err := resumed(ctx, third, old)
	if m != nil {
		t.Errorf("with another database first came %v", m)
	}
	wantError(t, err, codes.InvalidArgument, "INVALID_RESUME_TOKEN")
}

// A server on a restored backup rejects a token from after the backup, even after it has written as many revisions. A
// token from before the backup is valid.
func TestResumeToken_RestoredBackup(t *testing.T) {
	t.Parallel()
	ctx := within(t, 3*time.Minute)
	folder := t.TempDir()
	path, backup := filepath.Join(folder, "ecsd.db"), filepath.Join(folder, "backup.db")
	sim := newCloud(t, simulator.Config{})
	serve := func(path string) *world {
		return newService(t, sim, func(c *server.Config) { c.PollInterval, c.Database = time.Second, "sqlite:"+path })
	}
	// change adds instances, one revision each, and returns a token after them.
	change := func(w *world, count int) string {
		t.Helper()
		stream, err := w.instances.WatchInstances(ctx, &ecsdv1.WatchInstancesRequest{HeartbeatInterval: durationpb.New(time.Second)})
		if err != nil {
			t.Fatal(err)
		}
		token, err := mark(stream)
		if err != nil {
			t.Fatal(err)
		}
		for range count {
			w.seed(simulator.Seed{})
			var m *ecsdv1.WatchInstancesResponse
			for m, err = stream.Recv(); err == nil && m.GetChanged() == nil; m, err = stream.Recv() {
			}
			if err == nil {
				token, err = mark(stream)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		return token
	}
	original := serve(path)
	common := change(original, 1)
	if err := original.finish(); err != nil {
		t.Fatal(err)
	}
	contents, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(backup, contents, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	original = serve(path)
	later := change(original, 2)
	if err := original.finish(); err != nil {
		t.Fatal(err)
	}

	restored := serve(backup)
	change(restored, 4)
	m, err := resumed(ctx, restored, later)
	if m != nil {
		t.Errorf("a token of what the backup does not have begins with %v", m)
	}
	wantError(t, err, codes.OutOfRange, "RESUME_TOKEN_EXPIRED")
	if m, err := resumed(ctx, restored, common); err != nil || m.GetChanged() == nil {
		t.Errorf("a token of what the backup has continues with %v, %v", m, err)
	}
}
