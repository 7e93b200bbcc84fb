package cloud

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// Config configures an Edge. The zero value, with Regions, calls the cloud's
// own endpoints over HTTPS with credentials from the SDK's chain.
type Config struct {
	// Regions are the served regions; Ping calls the first.
	Regions []string
	// Endpoint is host:port (or a host) of another ECS endpoint for every
	// region without one in RegionEndpoints, "" for the cloud's own.
	Endpoint string
	// RegionEndpoints are host:port (or a host) of other ECS endpoints, by region.
	RegionEndpoints map[string]string
	// VPC selects the cloud's own endpoints that a VPC reaches without internet
	// access, in place of the public ones.
	VPC bool
	// EndpointScheme is https or http, "" for https. Plain http is taken only
	// together with an Endpoint: the cloud's own are never spoken to in clear.
	EndpointScheme string
	// Site is the site of the account, for the endpoint of the billing API.
	Site ecs.Site
	// Credentials returns the keys, nil for the SDK's default chain: environment,
	// OIDC, profile, instance role.
	Credentials Credentials
	// Rates bounds the calls per minute of an action in one region, such as
	// DescribeInstances: 200. An action without an entry is bounded only by the
	// rate learned from the cloud's throttling.
	Rates map[string]int
	// Timeouts overrides how long one try of an action may take.
	Timeouts map[string]time.Duration
	// Account names the account in metrics and spans, "" for "default".
	Account string
	// Owner returns the account that the state of the server belongs to, which is
	// the given one if it belonged to none. Keys of another account are refused
	// before their first use, and no call is sent with them. Nil for any account.
	Owner func(ctx context.Context, accountID string) (ownerID string, err error)
	// Logger receives the messages for operators, nil for none.
	Logger *slog.Logger
	// Observer is notified of every call; the zero value is never called.
	Observer Observer
	// Changing is called before a call leaves that may change the instances, once
	// however often the call is sent; nil for none. refused is called with the
	// instances that the cloud certainly did not change. A renewal is not
	// reported: its caller records it.
	Changing func(ctx context.Context, regionID, action string, instanceIDs []string) (refused func(instanceIDs []string))
	// TracerProvider makes the spans, nil for none.
	TracerProvider trace.TracerProvider
}

// normalize checks the configuration and fills in the defaults.
func (c Config) normalize() (Config, error) {
	if len(c.Regions) == 0 {
		return c, fmt.Errorf("cloud: no region is configured (--region)")
	}
	for _, region := range c.Regions {
		if !ecs.ValidRegionID(region) {
			return c, fmt.Errorf("cloud: region %q (--region) %s", region, ecs.RegionIDRule)
		}
	}
	if err := checkEndpoint(c.Endpoint); err != nil {
		return c, err
	}
	for _, endpoint := range c.RegionEndpoints {
		if err := checkEndpoint(endpoint); err != nil {
			return c, err
		}
	}
	switch c.EndpointScheme {
	case "":
		c.EndpointScheme = "https"
	case "https":
	case "http":
		if c.Endpoint == "" && len(c.RegionEndpoints) == 0 {
			return c, fmt.Errorf("cloud: --endpoint-scheme http needs --endpoint: the cloud's own endpoints are asked over https only")
		}
	default:
		return c, fmt.Errorf("cloud: --endpoint-scheme %q must be https or http", c.EndpointScheme)
	}
	for action, rate := range c.Rates {
		if rate < 1 {
			return c, fmt.Errorf("cloud: rate of %s must be at least 1 call a minute, not %d", action, rate)
		}
	}
	if c.Account == "" {
		c.Account = "default"
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.TracerProvider == nil {
		c.TracerProvider = noop.NewTracerProvider()
	}
	if c.Credentials == nil {
		c.Credentials = &chain{}
	}
	return c, nil
}

// checkEndpoint returns an error unless endpoint is a host or host:port.
func checkEndpoint(endpoint string) error {
	if endpoint == "" {
		return nil
	}
	if strings.Contains(endpoint, "@") {
		return fmt.Errorf("cloud: --endpoint must be a host or host:port without a user or password")
	}
	if scheme, host, ok := strings.Cut(endpoint, "://"); ok {
		return fmt.Errorf("cloud: --endpoint takes host:port without a scheme; write --endpoint %s --endpoint-scheme %s",
			strings.TrimRight(host, "/"), strings.ToLower(scheme))
	}
	host := endpoint
	if h, port, err := net.SplitHostPort(endpoint); err == nil {
		host = h
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return fmt.Errorf("cloud: port %q of --endpoint %s must be a number from 1 to 65535", port, endpoint)
		}
	} else if strings.Contains(endpoint, ":") {
		return fmt.Errorf("cloud: --endpoint %q must be a host or host:port, an IPv6 address in brackets", endpoint)
	}
	if host == "" || strings.ContainsAny(host, "/?#= \t\\%") {
		return fmt.Errorf("cloud: --endpoint %q must be a host or host:port, such as 127.0.0.1:8090", endpoint)
	}
	return nil
}
