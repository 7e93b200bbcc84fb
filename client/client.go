package client

import (
	"errors"
	"fmt"
	"time"

	"google.golang.org/grpc"
	grpcbackoff "google.golang.org/grpc/backoff"
	"google.golang.org/grpc/keepalive"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// What a connection lives by. The server takes a ping every ten seconds, also
// between calls.
const (
	pingAfter   = 30 * time.Second
	pingTimeout = 10 * time.Second
	// largestAnswer holds the thousand instances of one BatchGetInstances with
	// room to spare; gRPC's own bound of 4 MiB may not.
	largestAnswer = 64 << 20
)

// reconnect is how fast a lost server is tried again. gRPC's own most is two
// minutes, which is long for a watch.
var reconnect = grpc.ConnectParams{
	Backoff:           grpcbackoff.Config{BaseDelay: 500 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 10 * time.Second},
	MinConnectTimeout: 10 * time.Second,
}

// Client is a connection to ecsd. It is safe for concurrent use; one for each
// server is enough for a program.
type Client struct {
	conn    *grpc.ClientConn
	backoff backoffBounds
}

// Dial makes a Client of a server, or of several that share a database. The
// target is host:port, or any that gRPC resolves, such as
// "dns:///ecsd.example.com:443"; calls go to all its addresses in turn. Nothing
// is sent before the first call, so a server that is not there is an error of
// the calls: UNAVAILABLE.
//
// The connection is TLS with the system's roots unless an option says
// otherwise. It is pinged after 30 s of silence and given up 10 s later. An
// error is of the options alone.
func Dial(target string, options ...Option) (*Client, error) {
	if target == "" {
		return nil, errors.New("ecsd client: the target is empty; it is host:port, such as ecsd.example.com:443")
	}
	settings := defaultSettings()
	for _, option := range options {
		option(&settings)
	}
	if err := settings.check(); err != nil {
		return nil, fmt.Errorf("ecsd client: %w", err)
	}
	dial := []grpc.DialOption{
		grpc.WithTransportCredentials(settings.credentials()),
		grpc.WithDefaultServiceConfig(serviceConfig()),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: pingAfter, Timeout: pingTimeout, PermitWithoutStream: true}),
		grpc.WithConnectParams(reconnect),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(largestAnswer)),
		grpc.WithUserAgent("ecsd-go"),
		grpc.WithChainUnaryInterceptor(onceWithoutRequestID),
	}
	if settings.caller != "" {
		dial = append(dial,
			grpc.WithChainUnaryInterceptor(nameUnary(settings.caller)),
			grpc.WithChainStreamInterceptor(nameStream(settings.caller)))
	}
	conn, err := grpc.NewClient(target, append(dial, settings.dial...)...)
	if err != nil {
		return nil, fmt.Errorf("ecsd client: target %q: %w", target, err)
	}
	return &Client{conn: conn, backoff: settings.backoff}, nil
}

// Close ends the connection and, with CANCELLED, every call and watch on it.
func (c *Client) Close() error { return c.conn.Close() }

// Conn is the connection, for what the contract does not hold, such as
// grpc.health.v1.
func (c *Client) Conn() *grpc.ClientConn { return c.conn }

// Instances reads, makes, starts, stops, changes and releases instances.
func (c *Client) Instances() ecsdv1.InstanceServiceClient {
	return ecsdv1.NewInstanceServiceClient(c.conn)
}

// Renewals finds what expires, prices and renews it.
func (c *Client) Renewals() ecsdv1.RenewalServiceClient {
	return ecsdv1.NewRenewalServiceClient(c.conn)
}

// Spot tells of spot prices and of reclaims.
func (c *Client) Spot() ecsdv1.SpotServiceClient { return ecsdv1.NewSpotServiceClient(c.conn) }

// Disks reads disks, and reads and makes snapshots.
func (c *Client) Disks() ecsdv1.DiskServiceClient { return ecsdv1.NewDiskServiceClient(c.conn) }

// Catalog tells what the cloud offers: regions, zones, types, stock.
func (c *Client) Catalog() ecsdv1.CatalogServiceClient { return ecsdv1.NewCatalogServiceClient(c.conn) }
