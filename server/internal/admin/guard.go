package admin

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// guard refuses requests of web pages, which reach a port of the operator's
// machine through the operator's browser. A page whose name is bound to this
// address sends its name as Host; a page of another site sends Origin or
// Sec-Fetch-Site. Programs send an IP address, localhost or a name of hosts, and
// neither of the other two.
func guard(next http.Handler, hosts []string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if host := hostName(r.Host); !permitted(host, hosts) {
			refuse(w, fmt.Sprintf("host %.100q is not permitted: use an IP address or localhost, or start ecsd with --admin-host and this name", host))
			return
		}
		if _, sent := r.Header["Origin"]; sent {
			refuse(w, "requests of web pages are not permitted: the request has an Origin")
			return
		}
		if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "none" && site != "same-origin" {
			refuse(w, "requests of web pages are not permitted: the request comes from another site")
			return
		}
		next.ServeHTTP(w, r)
	})
}

func refuse(w http.ResponseWriter, reason string) { http.Error(w, reason, http.StatusForbidden) }

// permitted reports whether a page cannot have this name: an address, localhost,
// a configured name, or none, which no browser sends.
func permitted(host string, hosts []string) bool {
	if _, err := netip.ParseAddr(host); err == nil || host == "" || host == "localhost" {
		return true
	}
	return slices.ContainsFunc(hosts, func(name string) bool { return strings.EqualFold(strings.TrimSuffix(name, "."), host) })
}

// hostName returns a Host header without its port, in lower case.
func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
}
