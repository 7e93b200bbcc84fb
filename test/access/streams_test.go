package access_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/durationpb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/test/lib/credential"
)

// streamEnd is how a watch ended.
type streamEnd struct {
	at time.Time
	// checkpoint reports that the last message was a checkpoint.
	checkpoint bool
	outcome
}

// watch follows a watch with long heartbeats in the background.
func watch(ctx context.Context, t *testing.T, conn *grpc.ClientConn) <-chan streamEnd {
	t.Helper()
	stream, err := instances(conn).WatchInstances(ctx, &ecsdv1.WatchInstancesRequest{HeartbeatInterval: durationpb.New(5 * time.Minute)})
	if err != nil {
		t.Fatal(err)
	}
	first := make(chan struct{})
	ended := make(chan streamEnd, 1)
	go func() {
		var last *ecsdv1.WatchInstancesResponse
		for n := 0; ; n++ {
			message, err := stream.Recv()
			if err != nil {
				if last == nil {
					close(first)
				}
				mark := last.GetCheckpoint() != nil || last.GetSnapshotComplete() != nil
				ended <- streamEnd{time.Now(), mark, outcomeOf(err)}
				return
			}
			if last == nil {
				close(first)
			}
			last = message
		}
	}()
	<-first
	return ended
}

// W10: a stream ends within ten seconds of its right, whatever ends it, with a
// last checkpoint and the reason, however long its heartbeat; others continue.
func TestStream_EndsWithItsRight(t *testing.T) {
	soon := time.Now().Add(3 * time.Second).Truncate(time.Second)
	file := func(w *world, changed bool) string {
		text := "callers:\n" + entry("stays", "scopes: [instances.read]") + entry("oidc", "scopes: [instances.read]") +
			"  - name: ci\n    oidc: {issuer: \"" + w.issuer.URL + "\", audience: ecsd, equals: ci}\n    scopes: [instances.read]\n" +
			"  - name: platform\n    certificates: [{uri: \"spiffe://corp/platform\"}]\n    scopes: [instances.read]\n" +
			"  - name: ends\n    tokens: [{id: ends, sha256: \"" + credential.Hash(tokenOf("ends")) + "\", not_after: " + soon.UTC().Format(time.RFC3339) + "}]\n    scopes: [instances.read]\n"
		if changed {
			return text + entry("scope", "scopes: [renewals.read]") + entry("limits", "scopes: [instances.read]\nregions: ["+hangzhou+"]")
		}
		return text + entry("scope", "scopes: [instances.read]") + entry("limits", "scopes: [instances.read]") + entry("removed", "scopes: [instances.read]")
	}
	w := newWorld(t, func(w *world) string { return file(w, false) }, nil)
	w.seed(hangzhou, nil)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	pair := w.authority.Issue(t, credential.Names{URI: "spiffe://corp/platform"}, soon)
	streams := map[string]<-chan streamEnd{}
	for name, conn := range map[string]*grpc.ClientConn{
		"stays": w.dial(tokenOf("stays"), nil), "scope": w.dial(tokenOf("scope"), nil), "limits": w.dial(tokenOf("limits"), nil),
		"removed": w.dial(tokenOf("removed"), nil), "ends": w.dial(tokenOf("ends"), nil),
		"JWT": w.dial(w.issuer.Sign(t, w.claims("ci", soon)), nil), "certificate": w.dial("", &pair),
	} {
		streams[name] = watch(ctx, t, conn)
	}
	write(t, w.accessFile, []byte(file(w, true)))
	inForce := w.waitLog(ctx, "new version in force")
	for name, want := range map[string]struct {
		reason string
		right  time.Time
	}{
		"ends": {"AUTH_EXPIRED", soon}, "JWT": {"AUTH_EXPIRED", soon}, "certificate": {"AUTH_EXPIRED", soon},
		"removed": {"AUTH_EXPIRED", inForce}, "scope": {"PERMISSION_DENIED", inForce}, "limits": {"SERVER_DRAINING", inForce},
	} {
		select {
		case end := <-streams[name]:
			if end.reason != want.reason {
				t.Errorf("%s ended with %v %s, want %s", name, end.code, end.reason, want.reason)
			}
			if !end.checkpoint {
				t.Errorf("%s ended without a last checkpoint", name)
			}
			if late := end.at.Sub(want.right); late > 11*time.Second || late < -time.Second {
				t.Errorf("%s ended %v after its right", name, late)
			}
		case <-ctx.Done():
			t.Fatalf("%s does not end", name)
		}
	}
	select {
	case end := <-streams["stays"]:
		t.Errorf("the stream of another caller ended: %+v", end)
	default:
	}
}

// waitLog waits until the log has a text.
func (w *world) waitLog(ctx context.Context, text string) time.Time {
	w.t.Helper()
	w.until(ctx, "the log has "+text, func() bool { return strings.Contains(w.log.String(), text) })
	return time.Now()
}

// until waits for a condition.
func (w *world) until(ctx context.Context, what string, holds func() bool) {
	w.t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-ctx.Done():
			w.t.Fatalf("%s: not in time; the log:\n%s", what, w.log)
		case <-tick.C:
		}
	}
}

// The watch of a job ends with the right of its caller too.
func TestStream_JobWatchEndsWithItsRight(t *testing.T) {
	soon := time.Now().Add(3 * time.Second).Truncate(time.Second)
	w := newWorld(t, callers, nil)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	fault(t, w)
	a := target{region: hangzhou, instance: w.seed(hangzhou, nil)}
	job, err := ecsdv1.NewRenewalServiceClient(w.dial(tokenOf("admin"), nil)).CreateRenewalJob(ctx, jobOf(a))
	if err != nil {
		t.Fatal(err)
	}
	conn := w.dial(w.issuer.Sign(t, w.claims("ci", soon)), nil)
	stream, err := ecsdv1.NewRenewalServiceClient(conn).WatchRenewalJob(ctx, &ecsdv1.WatchRenewalJobRequest{JobId: job.GetJob().GetJobId(), HeartbeatInterval: durationpb.New(5 * time.Minute)})
	if err != nil {
		t.Fatal(err)
	}
	messages := 0
	for err == nil {
		if _, err = stream.Recv(); err == nil {
			messages++
		}
	}
	if got := outcomeOf(err); got.reason != "AUTH_EXPIRED" || messages == 0 {
		t.Errorf("the watch ended with %v after %d messages, want AUTH_EXPIRED", err, messages)
	}
	if late := time.Since(soon); late > 11*time.Second {
		t.Errorf("the watch ended %v after its right", late)
	}
}

// watchers is the number of watchers of the test of the rotation.
func watchers(t *testing.T) int {
	t.Helper()
	n := 60
	if text := os.Getenv("ECSD_TEST_ACCESS_WATCHERS"); text != "" {
		n = 0
		for _, digit := range text {
			n = n*10 + int(digit-'0')
		}
	}
	return n
}
