package store_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/changelog"
	"github.com/ecsd-io/ecsd/server/internal/store"
)

// writesTo is the variable that makes this test's program a writer to the
// database that it names.
const writesTo = "ECSD_TEST_WRITES_TO"

// writeUntilKilled appends revisions of three changes and prints the number of
// each after it is acknowledged.
func writeUntilKilled(address string) int {
	ctx := context.Background()
	s, err := store.Open(ctx, address)
	if err != nil {
		fmt.Fprintln(os.Stdout, err)
		return 1
	}
	lease, err := s.AcquireLease(ctx, "poll", fmt.Sprint(os.Getpid()), 1<<40)
	for err == nil {
		var r changelog.Revision
		if r, err = s.Append(ctx, lease, changelog.Position{}, "cn-a", []changelog.Change{change("i-1", "a", "b"), change("i-2", "a", "b"), change("i-3", "a", "b")}); err == nil {
			fmt.Fprintln(os.Stdout, r.Number)
		}
	}
	fmt.Fprintln(os.Stdout, err)
	return 1
}

// A process is killed in the middle of its writes: acknowledged writes are
// there, the others are there whole or not at all, and the file lock is
// released.
func TestKilled(t *testing.T) {
	for name, address := range lasting {
		t.Run(name, func(t *testing.T) {
			at := address(t)
			s := open(t, at)
			id, shared := s.ID(), s.Shared()
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			writer := exec.CommandContext(t.Context(), os.Args[0])
			writer.Env = append(os.Environ(), writesTo+"="+at)
			out, err := writer.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := writer.Start(); err != nil {
				t.Fatal(err)
			}
			var answered int64
			lines := bufio.NewScanner(out)
			for lines.Scan() {
				if _, err := fmt.Sscan(lines.Text(), &answered); err != nil {
					t.Fatalf("the writer says %s", lines.Text())
				}
				if answered == 5 && !shared {
					refused(t, at, fmt.Sprintf("is open in another process (pid %d)", writer.Process.Pid))
				}
				if answered == 30 {
					_ = writer.Process.Kill()
				}
			}
			if err := writer.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
				t.Fatalf("the writer ended by itself: %v", err)
			}
			again := open(t, at)
			page, err := again.Log(t.Context(), changelog.Position{}, nil, 1_000_000)
			if err != nil || again.ID() != id {
				t.Fatalf("store %s was %s, %v", again.ID(), id, err)
			}
			if page.UpTo < answered || page.UpTo > answered+1 || int64(len(page.Revisions)) != page.UpTo {
				t.Errorf("answered up to revision %d, there are %d up to %d", answered, len(page.Revisions), page.UpTo)
			}
			for _, r := range page.Revisions {
				if len(r.Changes) != 3 {
					t.Errorf("revision %d has %d of its 3 changes", r.Number, len(r.Changes))
				}
			}
			found, bounds, err := again.Instances(t.Context(), nil)
			if err != nil || len(found) != 3 || found[0].Revision != bounds.Newest {
				t.Errorf("at revision %d the instances are %+v, %v", bounds.Newest, found, err)
			}
		})
	}
}

// A process is killed during its first start: the next start finds nothing, or
// a whole schema, and works.
func TestKilled_InFirstStart(t *testing.T) {
	for name, address := range lasting {
		t.Run(name, func(t *testing.T) {
			for after := 2 * time.Millisecond; after < 120*time.Millisecond; after += after * 2 / 3 {
				at := address(t)
				first := exec.CommandContext(t.Context(), os.Args[0])
				first.Env = append(os.Environ(), writesTo+"="+at)
				if err := first.Start(); err != nil {
					t.Fatal(err)
				}
				time.Sleep(after) // the moment varies here
				_ = first.Process.Kill()
				_ = first.Wait()
				s, err := store.Open(t.Context(), at)
				if err != nil {
					t.Errorf("killed after %v: %v", after, err)
					continue
				}
				if err := s.Ping(t.Context()); err != nil {
					t.Errorf("killed after %v: %v", after, err)
				}
				_ = s.Close()
			}
		})
	}
}
