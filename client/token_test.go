package client_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/ecsd-io/ecsd/client"
	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// guard refuses calls without the valid token.
type guard struct{ valid atomic.Pointer[string] }

func newGuard(valid string) *guard {
	g := &guard{}
	g.valid.Store(&valid)
	return g
}

func (g *guard) check(ctx context.Context) error {
	incoming, _ := metadata.FromIncomingContext(ctx)
	if got := incoming.Get("authorization"); len(got) != 1 || got[0] != "Bearer "+*g.valid.Load() {
		return status.Error(codes.Unauthenticated, "the call needs a valid credential")
	}
	return nil
}

// The source is asked before the first call, and again when its token is
// refused; then the call is repeated. A source that has no other token is asked
// once per second at most.
func TestTokenSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuard("t-1")
		f := &fake{wait: func(ctx context.Context, _ int, _ *ecsdv1.WaitInstancesRequest) (*ecsdv1.WaitInstancesResponse, error) {
			return &ecsdv1.WaitInstancesResponse{}, g.check(ctx)
		}}
		asked := 0
		c := f.dial(t, client.WithHeader("X-Tenant", "a"), client.WithTokenSource(func(context.Context) (string, error) {
			asked++
			return fmt.Sprintf("t-%d", asked), nil
		}))
		call := func() error {
			_, err := c.Instances().WaitInstances(t.Context(), &ecsdv1.WaitInstancesRequest{})
			return err
		}
		for range 3 {
			if err := call(); err != nil {
				t.Fatal(err)
			}
		}
		if asked != 1 {
			t.Errorf("three calls asked %d times, want 1", asked)
		}
		time.Sleep(time.Minute)
		second := "t-2"
		g.valid.Store(&second)
		if err := call(); err != nil || asked != 2 {
			t.Errorf("after the rotation: %v, asked %d times, want 2", err, asked)
		}
		never := "never"
		g.valid.Store(&never)
		time.Sleep(time.Minute)
		for range 100 {
			if err := call(); status.Code(err) != codes.Unauthenticated {
				t.Fatalf("a refused token: %v, want UNAUTHENTICATED", err)
			}
		}
		if asked > 3 {
			t.Errorf("100 refused calls within a second asked %d times more, want 1", asked-2)
		}
	})
}

// A source that fails makes a call fail with UNAVAILABLE, and is asked again.
func TestTokenSource_Fails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuard("t")
		f := &fake{wait: func(ctx context.Context, _ int, _ *ecsdv1.WaitInstancesRequest) (*ecsdv1.WaitInstancesResponse, error) {
			return &ecsdv1.WaitInstancesResponse{}, g.check(ctx)
		}}
		asked := 0
		c := f.dial(t, client.WithTokenSource(func(context.Context) (string, error) {
			if asked++; asked == 1 {
				return "", errors.New("the issuer is down")
			}
			return "t", nil
		}))
		if _, err := c.Wait(t.Context(), &ecsdv1.WaitInstancesRequest{}); err != nil {
			t.Errorf("a source that works at last: %v", err)
		}
	})
}

// A watch continues with the next token when its own ends, and loses nothing; one
// with refused tokens only ends.
func TestWatch_TokenEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuard("t-1")
		f := &fake{watch: func(n int, req *ecsdv1.WatchInstancesRequest, stream instanceStream) error {
			if err := g.check(stream.Context()); err != nil {
				return err
			}
			token := fmt.Sprintf("p-%d", n)
			if err := stream.Send(&ecsdv1.WatchInstancesResponse{Event: &ecsdv1.WatchInstancesResponse_SnapshotComplete{SnapshotComplete: &ecsdv1.WatchSnapshotComplete{ResumeToken: token}}}); err != nil {
				return err
			}
			time.Sleep(5 * time.Second)
			next := fmt.Sprintf("t-%d", n+2)
			if n == 2 {
				next = "none"
			}
			g.valid.Store(&next)
			return status.Error(codes.Unauthenticated, "the credential has expired")
		}}
		asked := 0
		c := f.dial(t, client.WithTokenSource(func(context.Context) (string, error) {
			asked++
			return fmt.Sprintf("t-%d", min(asked, 3)), nil
		}))
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		var last error
		for _, err := range c.Watch(ctx, &ecsdv1.WatchInstancesRequest{}) {
			last = err
		}
		if status.Code(last) != codes.Unauthenticated {
			t.Errorf("the watch ended with %v, want UNAUTHENTICATED", last)
		}
		var resumed []string
		for _, call := range f.made() {
			resumed = append(resumed, call.token)
		}
		if len(resumed) < 3 || resumed[1] != "p-0" || resumed[2] != "p-1" {
			t.Errorf("the watch resumed from %q, want p-0 and p-1", resumed)
		}
	})
}
