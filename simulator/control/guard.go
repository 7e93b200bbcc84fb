package control

import (
	"fmt"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// The control interface has no credentials, so that a web page in the browser of its user must not reach it. A page can
// send requests to a loopback address, and can point a name of its own at it (DNS rebinding). A browser always sends the
// page's name in Host or its origin in Origin with a request that changes something, and says in Sec-Fetch-Site that a page
// sends it, which scripts and curl do not.

// refused is a request that a browser may have sent for another site.
type refused struct {
	status int
	reason string
}

func (e *refused) Error() string { return e.reason }

// guard rejects requests that a web page may have sent. hosts are the permitted names beside addresses and localhost.
func guard(r *http.Request, hosts []string) error {
	if host := hostName(r.Host); !permitted(host, hosts) {
		return &refused{http.StatusForbidden, fmt.Sprintf(
			"host %q is not permitted: use an IP address or localhost, or start `ecsd simulator` with --control-host %[1]s", host)}
	}
	if origin, sent := r.Header["Origin"]; sent {
		return &refused{http.StatusForbidden, fmt.Sprintf("origin %q is not permitted: the control interface is not for web pages", origin[0])}
	}
	// "none" is a person who enters the address.
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "none" {
		return &refused{http.StatusForbidden, fmt.Sprintf("a request of a web page (Sec-Fetch-Site: %s) is not permitted", site)}
	}
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return nil
	}
	// curl -d sends the type of forms. A page can send it too, but not without Origin.
	switch kind := r.Header.Get("Content-Type"); mediaType(kind) {
	case "", "application/json", "application/x-www-form-urlencoded":
		return nil
	default:
		return &refused{http.StatusUnsupportedMediaType, fmt.Sprintf("content type %q is not permitted: want application/json", kind)}
	}
}

// mediaType returns a media type without its parameters, or the text itself if it is malformed.
func mediaType(s string) string {
	if kind, _, err := mime.ParseMediaType(s); err == nil {
		return kind
	}
	return s
}

// hostName returns a Host header without its port, in lower case.
func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.Trim(strings.TrimSuffix(host, "."), "[]"))
}

// permitted reports whether a host cannot be the name of a foreign site: it is an address, localhost or configured.
func permitted(host string, hosts []string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	return host == "localhost" || slices.ContainsFunc(hosts, func(h string) bool { return strings.EqualFold(h, host) })
}
