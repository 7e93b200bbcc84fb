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

// Keepalive settings of a connection. The server permits a ping every ten seconds, also between calls.
const (
	pingAfter   = 15 * time.Second
	pingTimeout = 5 * time.Second
	// largestAnswer fits the 1,000 instances of one BatchGetInstances; gRPC's default of 4 MiB may not.
	largestAnswer = 64 << 20
)

// reconnect limits the reconnection delay. gRPC's default maximum is two minutes, which is too long for a watch, and its
// default minimum is longer than the delays between attempts, which would then all fail with one connection.
var reconnect = grpc.ConnectParams{
	Backoff:           grpcbackoff.Config{BaseDelay: 100 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 10 * time.Second},
	MinConnectTimeout: 3 * time.Second,
}

// Client is a connection to ecsd. It is safe for concurrent use; a program needs one per server.
type Client struct {
	conn    *grpc.ClientConn
	backoff backoffBounds
	// explain adds the remedy to an error of the connection.
	explain func(*Error)
	// renews reports whether the client can replace a refused credential.
	renews bool
}

// Dial returns a Client for a server, or for several servers that share a database. The target is host:port, or any
// target that gRPC resolves, such as "dns:///ecsd.example.com:443"; calls go to all its addresses in turn. Dial sends
// nothing, so it does not detect an unreachable server: the calls then fail with UNAVAILABLE.
//
// The connection uses TLS with the system's root certificates unless an option changes that. After 15 s of silence the
// client sends a ping, and it closes the connection if no response arrives within 5 s. Dial returns an error only if
// an option is invalid.
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
	policy := &callPolicy{timeout: settings.timeout, backoff: settings.backoff, reads: reads(), explain: explanation(target, settings.insecure)}
	dial := []grpc.DialOption{
		grpc.WithTransportCredentials(settings.credentials()),
		grpc.WithDefaultServiceConfig(serviceConfig),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: pingAfter, Timeout: pingTimeout, PermitWithoutStream: true}),
		grpc.WithConnectParams(reconnect),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(largestAnswer)),
		grpc.WithUserAgent("ecsd-go"),
		grpc.WithDisableRetry(),
		grpc.WithChainUnaryInterceptor(policy.call),
	}
	if settings.caller != "" {
		dial = append(dial,
			grpc.WithChainUnaryInterceptor(nameUnary(settings.caller)),
			grpc.WithChainStreamInterceptor(nameStream(settings.caller)))
	}
	if len(settings.headers) > 0 {
		unary, stream := withHeaders(settings.headers)
		dial = append(dial, grpc.WithChainUnaryInterceptor(unary), grpc.WithChainStreamInterceptor(stream))
	}
	if settings.tokens != nil {
		settings.tokens.insecure = settings.insecure
		dial = append(dial, grpc.WithPerRPCCredentials(settings.tokens),
			grpc.WithChainUnaryInterceptor(settings.tokens.unary), grpc.WithChainStreamInterceptor(settings.tokens.stream))
	}
	conn, err := grpc.NewClient(target, append(dial, settings.dial...)...)
	if err != nil {
		return nil, fmt.Errorf("ecsd client: target %q: %w", target, err)
	}
	return &Client{conn: conn, backoff: settings.backoff, explain: policy.explain, renews: settings.renews()}, nil
}

// Close closes the connection. Every call and watch on it ends with CANCELLED.
func (c *Client) Close() error { return c.conn.Close() }

// Conn returns the connection, for services outside the contract, such as grpc.health.v1.
func (c *Client) Conn() *grpc.ClientConn { return c.conn }

// Instances returns the service that reads, launches, starts, stops, changes and releases instances.
func (c *Client) Instances() ecsdv1.InstanceServiceClient {
	return ecsdv1.NewInstanceServiceClient(c.conn)
}

// Renewals returns the service that finds, prices and renews expiring instances.
func (c *Client) Renewals() ecsdv1.RenewalServiceClient {
	return ecsdv1.NewRenewalServiceClient(c.conn)
}

// Spot returns the service for spot prices and reclaims.
func (c *Client) Spot() ecsdv1.SpotServiceClient { return ecsdv1.NewSpotServiceClient(c.conn) }

// Disks returns the service that reads disks, and reads and creates snapshots.
func (c *Client) Disks() ecsdv1.DiskServiceClient { return ecsdv1.NewDiskServiceClient(c.conn) }

// Access returns the service for administrators: spending limits, the freeze of spending, and the audit.
func (c *Client) Access() ecsdv1.AccessServiceClient { return ecsdv1.NewAccessServiceClient(c.conn) }

// Catalog returns the service for the cloud's offers: regions, zones, types, stock.
func (c *Client) Catalog() ecsdv1.CatalogServiceClient { return ecsdv1.NewCatalogServiceClient(c.conn) }
