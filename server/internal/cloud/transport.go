package cloud

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
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
		Proxy: func(r *http.Request) (*url.URL, error) { return proxy(r.URL) },
		OnProxyConnectResponse: func(_ context.Context, proxy *url.URL, _ *http.Request, response *http.Response) error {
			if response.StatusCode != http.StatusOK {
				return &proxyRefusedError{proxy: proxy.Host, status: response.StatusCode}
			}
			return nil
		},
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

// checkProxySetting returns an error if a proxy of the environment is not a
// URL. The library would connect directly, or to a part of the text.
func checkProxySetting() error {
	setting := httpproxy.FromEnvironment()
	for name, value := range map[string]string{"HTTPS_PROXY": setting.HTTPSProxy, "HTTP_PROXY": setting.HTTPProxy} {
		if value == "" {
			continue
		}
		if !strings.Contains(value, "://") {
			value = "http://" + value // the library's reading of host:port
		}
		proxy, err := url.Parse(value)
		if err != nil || proxy.Host == "" || !slices.Contains([]string{"http", "https", "socks5", "socks5h"}, proxy.Scheme) {
			return fmt.Errorf("cloud: %s must be the URL of a proxy, such as http://proxy.corp:3128; its value is not shown, it may hold a password", name)
		}
	}
	return nil
}

// proxyRefusedError reports a proxy that refused to connect to an endpoint:
// nothing was sent to the endpoint.
type proxyRefusedError struct {
	// proxy is the proxy's host, without user and password.
	proxy  string
	status int
}

// Error names the proxy and what to do.
func (e *proxyRefusedError) Error() string {
	advice := "allow the endpoint at the proxy, or add its host to NO_PROXY"
	if e.status == http.StatusProxyAuthRequired {
		advice = "check the user and password in HTTPS_PROXY"
	}
	return fmt.Sprintf("proxy %s refused to connect: HTTP status %d %s; %s", e.proxy, e.status, http.StatusText(e.status), advice)
}
