package client_test

import (
	"context"
	"crypto/tls"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/ecsd-io/ecsd/client"
	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// Safe calls are retried if the server was unreachable. No other call is retried.
func TestRetries(t *testing.T) {
	unavailable := failure(codes.Unavailable, "CLOUD_UNREACHABLE", time.Second)
	unknown := failure(codes.Unknown, "OUTCOME_UNKNOWN", time.Second)
	for _, test := range []struct {
		name  string
		fails error
		call  func(context.Context, *client.Client) error
		calls int
	}{
		{"a read", unavailable, func(ctx context.Context, c *client.Client) error {
			_, err := c.Instances().GetInstance(ctx, &ecsdv1.GetInstanceRequest{})
			return err
		}, 4},
		{"a read that is refused", failure(codes.NotFound, "INSTANCE_NOT_FOUND", 0), func(ctx context.Context, c *client.Client) error {
			_, err := c.Instances().GetInstance(ctx, &ecsdv1.GetInstanceRequest{})
			return err
		}, 1},
		{"a launch with a request_id", unavailable, func(ctx context.Context, c *client.Client) error {
			_, err := c.Instances().RunInstances(ctx, &ecsdv1.RunInstancesRequest{RequestId: "8c4b"})
			return err
		}, 4},
		{"a launch of unknown outcome", unknown, func(ctx context.Context, c *client.Client) error {
			_, err := c.Instances().RunInstances(ctx, &ecsdv1.RunInstancesRequest{RequestId: "8c4b"})
			return err
		}, 4},
		{"a launch of unknown outcome without RetryInfo", failure(codes.Unknown, "OUTCOME_UNKNOWN", 0), func(ctx context.Context, c *client.Client) error {
			_, err := c.Instances().RunInstances(ctx, &ecsdv1.RunInstancesRequest{RequestId: "8c4b"})
			return err
		}, 1},
		{"a launch in a dry run", unavailable, func(ctx context.Context, c *client.Client) error {
			_, err := c.Instances().RunInstances(ctx, &ecsdv1.RunInstancesRequest{ValidateOnly: true})
			return err
		}, 1},
		{"a snapshot with a request_id", unavailable, func(ctx context.Context, c *client.Client) error {
			_, err := c.Disks().CreateSnapshots(ctx, &ecsdv1.CreateSnapshotsRequest{RequestId: "8c4b"})
			return err
		}, 4},
		{"a snapshot without, which gets one", unavailable, func(ctx context.Context, c *client.Client) error {
			_, err := c.Disks().CreateSnapshots(ctx, &ecsdv1.CreateSnapshotsRequest{})
			return err
		}, 4},
		{"a start, which gets one", unavailable, func(ctx context.Context, c *client.Client) error {
			_, err := c.Instances().StartInstances(ctx, &ecsdv1.StartInstancesRequest{})
			return err
		}, 4},
		{"a busy instance", failure(codes.Aborted, "OPERATION_IN_PROGRESS", time.Second), func(ctx context.Context, c *client.Client) error {
			_, err := c.Instances().StartInstances(ctx, &ecsdv1.StartInstancesRequest{})
			return err
		}, 4},
		{"tags, which have no request_id", unavailable, func(ctx context.Context, c *client.Client) error {
			_, err := c.Instances().SetTags(ctx, &ecsdv1.SetTagsRequest{})
			return err
		}, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fake{fails: test.fails}
				if err := test.call(t.Context(), f.dial(t)); status.Code(err) != status.Code(test.fails) {
					t.Errorf("got %v, want %v", err, test.fails)
				}
				if n := len(f.made()); n != test.calls {
					t.Errorf("%d calls were made, want %d", n, test.calls)
				}
			})
		})
	}
}

// A retry waits as long as the server asks by its trailer. If that does not fit into the caller's deadline, the call fails
// at once.
func TestRetries_Pushback(t *testing.T) {
	for name, c := range map[string]struct {
		deadline    time.Duration
		calls       int
		least, most time.Duration
	}{
		"before the deadline": {time.Minute, 4, 9 * time.Second, 9900 * time.Millisecond},
		"past the deadline":   {5 * time.Second, 2, 3 * time.Second, 3300 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fake{fails: failure(codes.Unavailable, "CLOUD_UNREACHABLE", 3*time.Second), pushback: "3000"}
				client, began := f.dial(t), time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), c.deadline)
				defer cancel()
				_, err := client.Instances().GetInstance(ctx, &ecsdv1.GetInstanceRequest{})
				if took := time.Since(began); err == nil || took < c.least || took > c.most {
					t.Errorf("%v after %s, want an error after %s", err, took, c.least)
				}
				if n := len(f.made()); n != c.calls {
					t.Errorf("%d calls, want %d", n, c.calls)
				}
			})
		})
	}
}

// The set of reads is derived from the contract. If you add a method, check here that it is classified correctly.
func TestReads_MethodsFromContract(t *testing.T) {
	reads := client.Reads()
	for name, want := range map[string]bool{
		"InstanceService/GetInstance": true, "InstanceService/WatchInstances": true, "RenewalService/PreviewRenewals": true, "CatalogService/ListStock": true,
		"DiskService/ListDisks": true, "SpotService/ListSpotPrices": true,
		"InstanceService/SetTags": false, "InstanceService/RunInstances": false, "RenewalService/RenewInstance": false, "RenewalService/ResolveRenewal": false,
	} {
		if reads["/ecsd.v1."+name] != want {
			t.Errorf("%s is a read: %t, want %t", name, !want, want)
		}
	}
}

// Calls and streams carry the caller's name. A name in the context takes precedence.
func TestCallerName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{fails: status.Error(codes.NotFound, "none"), watch: func(int, *ecsdv1.WatchInstancesRequest, instanceStream) error {
			return status.Error(codes.NotFound, "none")
		}}
		c := f.dial(t, client.WithCaller("billing"))
		_, _ = c.Instances().GetInstance(t.Context(), &ecsdv1.GetInstanceRequest{})
		_, _ = c.Instances().GetInstance(metadata.AppendToOutgoingContext(t.Context(), "ecsd-caller", "night-job"), &ecsdv1.GetInstanceRequest{})
		for _, err := range c.Watch(t.Context(), nil) {
			if err == nil {
				t.Error("an event of a watch that is refused")
			}
		}
		var callers [][]string
		for _, call := range f.made() {
			callers = append(callers, call.caller)
		}
		if diff := cmp.Diff([][]string{{"billing"}, {"night-job"}, {"billing"}}, callers); diff != "" {
			t.Errorf("callers (-want +got):\n%s", diff)
		}
	})
}

// Dial rejects invalid settings with an error that lists the allowed values.
func TestDial_InvalidSettings(t *testing.T) {
	for _, test := range []struct {
		target  string
		options []client.Option
		says    string
	}{
		{"", nil, "the target is empty"},
		{"host:1", []client.Option{client.WithCaller("")}, "1 to 64 letters"},
		{"host:1", []client.Option{client.WithCaller("two words")}, `"two words"`},
		{"host:1", []client.Option{client.WithCaller(strings.Repeat("x", 65))}, "1 to 64"},
		{"host:1", []client.Option{client.WithInsecure(), client.WithTLS(&tls.Config{})}, "exclude each other"},
		{"host:1", []client.Option{client.WithBackoff(0, time.Second)}, "above 0"},
		{"host:1", []client.Option{client.WithBackoff(time.Minute, time.Second)}, "not below"},
	} {
		if c, err := client.Dial(test.target, test.options...); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%q %d options: got %v, %v; want an error that says %q", test.target, len(test.options), c, err, test.says)
		}
	}
}

// Without an option the connection uses TLS, so a plaintext server fails.
func TestDial_TLSByDefault(t *testing.T) {
	for _, option := range []client.Option{client.WithTLS(&tls.Config{InsecureSkipVerify: true}), client.WithGRPC()} {
		c, err := client.Dial(servePlain(t), option)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		if _, err = c.Catalog().ListRegions(ctx, &ecsdv1.ListRegionsRequest{}); status.Code(err) != codes.Unavailable && status.Code(err) != codes.DeadlineExceeded {
			t.Errorf("got %v, want a failed handshake", err)
		}
	}
}

// servePlain starts a server without TLS and returns its address.
func servePlain(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return listener.Addr().String()
}
