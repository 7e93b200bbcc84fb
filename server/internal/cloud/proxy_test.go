package cloud_test

import (
	"crypto/x509"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/ecsd-io/ecsd/server/internal/cloud"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

const proxyPassword = "pr0xy-s3cret"

// tunnel is an HTTPS proxy: it connects every host to one server, for a user
// with the password, or responds with a status of the test.
type tunnel struct {
	to     string
	status int
}

func (p *tunnel) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method != http.MethodConnect:
		http.Error(w, "CONNECT only", http.StatusMethodNotAllowed)
		return
	case p.status != 0:
		http.Error(w, "<html>policy</html>", p.status)
		return
	case r.Header.Get("Proxy-Authorization") != "Basic "+base64.StdEncoding.EncodeToString([]byte("ecsd:"+proxyPassword)):
		http.Error(w, "who are you", http.StatusProxyAuthRequired)
		return
	}
	far, err := net.Dial("tcp", p.to)
	if err != nil {
		http.Error(w, "no route", http.StatusBadGateway)
		return
	}
	near, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		far.Close()
		return
	}
	_, _ = io.WriteString(near, "HTTP/1.1 200 Connection established\r\n\r\n")
	var both sync.WaitGroup
	both.Go(func() { _, _ = io.Copy(far, buffered); far.Close() })
	both.Go(func() { _, _ = io.Copy(near, far); near.Close() })
	both.Wait()
}

// viaProxy starts an edge to a TLS server behind a proxy, with a user of the
// proxy, and returns its log and the proxy's address.
func viaProxy(t *testing.T, proxy *tunnel, user string) (edge *cloud.Edge, log func() string, address string) {
	t.Helper()
	server := httptest.NewTLSServer(http.HandlerFunc(fine))
	t.Cleanup(server.Close)
	proxy.to = server.Listener.Addr().String()
	listening := httptest.NewServer(proxy)
	t.Cleanup(listening.Close)
	address = listening.Listener.Addr().String()
	for _, name := range []string{"HTTPS_PROXY", "https_proxy"} {
		t.Setenv(name, "http://"+user+"@"+address)
	}
	for _, name := range []string{"NO_PROXY", "no_proxy"} {
		t.Setenv(name, "")
	}
	var lines strings.Builder
	var mu sync.Mutex
	transport := cloud.Transport()
	transport.TLSClientConfig.RootCAs = x509.NewCertPool()
	transport.TLSClientConfig.RootCAs.AddCert(server.Certificate())
	// The certificate of the test server is that of example.com.
	edge, err := cloud.NewOver(defaults(cloud.Config{Endpoint: "example.com", Logger: logTo(&lines, &mu)}), transport)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = edge.Close() })
	return edge, func() string {
		mu.Lock()
		defer mu.Unlock()
		return lines.String()
	}, address
}

// Calls leave through an HTTPS proxy, with its user and password.
func TestProxy_Connects(t *testing.T) {
	edge, log, _ := viaProxy(t, &tunnel{}, "ecsd:"+proxyPassword)
	if err := edge.Ping(soon(t)); err != nil {
		t.Errorf("%v\n%s", err, log())
	}
}

// The refusal of a proxy is named as such, with the proxy's host and what to
// do, without its user and password, and nothing was sent.
func TestProxy_Refuses(t *testing.T) {
	for name, c := range map[string]struct {
		proxy  tunnel
		user   string
		status string
		advice string
	}{
		"by policy":        {tunnel{status: http.StatusForbidden}, "ecsd:" + proxyPassword, "403 Forbidden", "NO_PROXY"},
		"another password": {tunnel{}, "ecsd:wrong-" + proxyPassword, "407 Proxy Authentication Required", "HTTPS_PROXY"},
		"no route":         {tunnel{status: http.StatusBadGateway}, "ecsd:" + proxyPassword, "502 Bad Gateway", "NO_PROXY"},
	} {
		t.Run(name, func(t *testing.T) {
			edge, log, address := viaProxy(t, &c.proxy, c.user)
			_, err := edge.Renew(soon(t), order("i-1"))
			failure := ecs.AsError(err)
			if failure == nil || failure.Reason != ecs.ReasonCloudUnreachable || failure.Effect != ecs.EffectNone || !strings.Contains(failure.Message, "the proxy refused to connect") {
				t.Errorf("got %+v, want CLOUD_UNREACHABLE without effect because of the proxy", failure)
			}
			lines := log()
			for _, text := range []string{"proxy refused the cloud endpoint", "host=example.com", "proxy=" + address, c.status, c.advice} {
				if !strings.Contains(lines, text) {
					t.Errorf("the log does not name %q:\n%s", text, lines)
				}
			}
			for _, secret := range []string{proxyPassword, "ecsd:", base64.StdEncoding.EncodeToString([]byte(c.user))} {
				if strings.Contains(lines+allOf(err), secret) {
					t.Errorf("%q is shown:\n%s\n%s", secret, lines, allOf(err))
				}
			}
			if n := strings.Count(lines, "\n"); n != 1 {
				t.Errorf("%d lines for one endpoint in a minute, want 1:\n%s", n, lines)
			}
		})
	}
}

// A proxy setting that is no URL is refused when the edge is made, because the
// library would connect directly. It is not shown: it may hold a password.
func TestProxy_InvalidSetting(t *testing.T) {
	for value, valid := range map[string]bool{
		"http://ecsd:" + proxyPassword + "@proxy.corp:port": false,
		"http://ecsd:" + proxyPassword + "@":                false,
		"ftp://ecsd:" + proxyPassword + "@proxy.corp":       false,
		"http://ecsd:" + proxyPassword + "@proxy.corp:3128": true,
		"proxy.corp:3128":        true,
		"socks5://proxy.corp:99": true,
	} {
		for _, name := range []string{"HTTPS_PROXY", "https_proxy"} {
			t.Setenv(name, value)
		}
		edge, err := cloud.New(defaults(cloud.Config{}))
		if err == nil {
			edge.Close()
		}
		if (err == nil) != valid {
			t.Errorf("%s: %v", value, err)
		}
		if err != nil && (!strings.Contains(err.Error(), "HTTPS_PROXY") || strings.Contains(err.Error(), proxyPassword)) {
			t.Errorf("%s: got %q, want the name of the setting without its value", value, err)
		}
	}
}
