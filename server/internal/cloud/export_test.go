package cloud

import (
	"context"
	"net/http"

	"github.com/ecsd-io/ecsd/server/internal/cloud/budget"
)

// Transport is the transport that an Edge makes itself.
var Transport = newTransport

// NewOver is New over a transport of the test's own.
func NewOver(config Config, transport *http.Transport) (*Edge, error) {
	config, err := config.normalize()
	if err != nil {
		return nil, err
	}
	e := newEdge(config, transport)
	e.closeIdle = transport.CloseIdleConnections
	return e, nil
}

// Chain returns the credentials of an Edge that is given none.
func Chain() Credentials { return &chain{} }

// Host returns the endpoint of a region.
func (c Config) Host(regionID string) string { return c.host(regionID) }

// STSHost returns the endpoint of STS.
func (c Config) STSHost() string { return c.stsHost() }

// BillingHost returns the endpoint of the billing API.
func (c Config) BillingHost() string { return c.billingHost(false) }

// QuotasHost returns the endpoint of Quota Center.
func (c Config) QuotasHost() string { return c.quotasHost() }

// SchemeOf returns the scheme of an endpoint.
func (c Config) SchemeOf(host string) string { return c.scheme(host) }

// RateLimits reads the published limits of a region.
func (e *Edge) RateLimits(ctx context.Context, regionID string) (map[budget.Key]budget.Limit, error) {
	return e.rateLimits(ctx, regionID)
}
