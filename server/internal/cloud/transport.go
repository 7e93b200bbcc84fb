package cloud

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/net/http/httpproxy"
)

// newTransport creates the connection pool of an Edge.
//
// HTTP/1.1 only: the vendor's own SDK uses it for these endpoints (it cannot
// speak HTTP/2), and one lost packet then delays one call, not all of them.
// Idle connections are kept for a region's bursts and dropped after 90 seconds,
// before the cloud drops them: a POST on a connection that the cloud just
// closed cannot be repeated safely. The number of connections is bounded by the
// Line of each host and by the renewal grants of each region.
func newTransport() *http.Transport {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	// The environment is read here, once, by the rules of the Go standard
	// library: localhost is never proxied and NO_PROXY holds hosts, not
	// regular expressions.
	proxy := httpproxy.FromEnvironment().ProxyFunc()
	return &http.Transport{
		Proxy:                 func(r *http.Request) (*url.URL, error) { return proxy(r.URL) },
		DialContext:           (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:   10 * time.Second,
		MaxIdleConns:          256,
		MaxIdleConnsPerHost:   64,
		IdleConnTimeout:       90 * time.Second,
		ResponseHeaderTimeout: 0, // the context of each call bounds it
		DisableCompression:    true,
		Protocols:             protocols,
	}
}
