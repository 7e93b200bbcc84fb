package access_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"flag"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server"
	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/test/lib/credential"
)

const (
	hangzhou = "cn-hangzhou"
	shanghai = "cn-shanghai"
)

func TestMain(m *testing.M) {
	if flag.Parse(); testing.Short() {
		return // a suite of the whole system
	}
	os.Setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", simulator.DefaultAccessKeyID)
	os.Setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", simulator.DefaultAccessKeySecret)
	goleak.VerifyTestMain(m)
}

// world is a server with TLS and an access file, and a simulated cloud.
type world struct {
	t         testing.TB
	sim       *simulator.Simulator
	at        server.Addresses
	log       *buffer
	authority *credential.Authority
	issuer    *credential.Issuer
	// accessFile, tlsCert, tlsKey and tlsClientCA are files of the server.
	accessFile, tlsCert, tlsKey, tlsClientCA string
}

type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// write replaces a file at once, as a rotation does.
func write(t testing.TB, path string, text []byte) {
	t.Helper()
	if err := os.WriteFile(path+".next", text, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".next", path); err != nil {
		t.Fatal(err)
	}
}

// newWorld starts a cloud and a server with the callers that the function
// writes.
func newWorld(t testing.TB, callers func(w *world) string, change func(*server.Config)) *world {
	t.Helper()
	dir := t.TempDir()
	w := &world{
		t: t, log: &buffer{}, authority: credential.NewAuthority(t), issuer: credential.NewIssuer(t),
		accessFile: filepath.Join(dir, "access.yaml"), tlsCert: filepath.Join(dir, "tls.crt"), tlsKey: filepath.Join(dir, "tls.key"),
		tlsClientCA: filepath.Join(dir, "clients.crt"),
	}
	pair := w.authority.Issue(t, credential.Names{IP: "127.0.0.1"}, time.Now().Add(24*time.Hour))
	write(t, w.tlsCert, pair.Certificate)
	write(t, w.tlsKey, pair.Key)
	write(t, w.tlsClientCA, w.authority.PEM)
	write(t, w.accessFile, []byte(callers(w)))
	endpoint := w.startCloud()
	cfg := server.DefaultConfig()
	cfg.Listen, cfg.Admin, cfg.Database = "127.0.0.1:0", "127.0.0.1:0", "sqlite::memory:"
	cfg.Regions, cfg.Endpoints, cfg.Scheme = []string{hangzhou, shanghai}, []server.Endpoint{{Host: endpoint}}, "http"
	cfg.LogOutput, cfg.RenewalSettle = w.log, time.Second
	cfg.AccessFile, cfg.TLSCert, cfg.TLSKey, cfg.TLSClientCA = w.accessFile, w.tlsCert, w.tlsKey, w.tlsClientCA
	if change != nil {
		change(&cfg)
	}
	service, err := server.New(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- service.Serve(ctx) }()
	w.at = service.Addresses()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return w
}

func (w *world) startCloud() (endpoint string) {
	w.t.Helper()
	sim, err := simulator.New(simulator.Config{Regions: []string{hangzhou, shanghai}, RenewLag: -1, Balance: 1 << 50})
	if err != nil {
		w.t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- sim.Serve(ctx, listener) }()
	w.t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			w.t.Errorf("simulator: %v", err)
		}
	})
	w.sim = sim
	return listener.Addr().String()
}

// seed creates one instance.
func (w *world) seed(region string, tags map[string]string) string {
	w.t.Helper()
	ids, err := w.sim.Seed(simulator.Seed{RegionID: region, Tags: tags})
	if err != nil {
		w.t.Fatal(err)
	}
	return ids[0]
}

// bearer sends a token with each call.
type bearer string

func (b bearer) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + string(b)}, nil
}

func (bearer) RequireTransportSecurity() bool { return true }

// dial connects with a token, "" for none, and with a certificate, nil for none.
func (w *world) dial(token string, pair *credential.Pair) *grpc.ClientConn {
	w.t.Helper()
	config := &tls.Config{RootCAs: w.authority.Pool(), MinVersion: tls.VersionTLS12}
	if pair != nil {
		config.Certificates = []tls.Certificate{pair.TLS(w.t)}
	}
	options := []grpc.DialOption{grpc.WithTransportCredentials(credentials.NewTLS(config))}
	if token != "" {
		options = append(options, grpc.WithPerRPCCredentials(bearer(token)))
	}
	conn, err := grpc.NewClient(w.at.GRPC, options...)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { conn.Close() })
	return conn
}

// claims are those of a token for a role.
func (w *world) claims(role string, until time.Time) credential.Claims {
	return credential.Claims{"iss": w.issuer.URL, "aud": "ecsd", "sub": role, "exp": until.Unix()}
}

// tokenOf is the static token of a caller of the tests.
func tokenOf(name string) string { return credential.Token(name, name) }

// entry is an entry of an access file with a static token.
func entry(name, more string) string {
	return fmt.Sprintf("  - name: %s\n    tokens: [{id: %s, sha256: %q}]\n%s", name, name, credential.Hash(tokenOf(name)), indent(more))
}

func indent(text string) string {
	var lines strings.Builder
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		lines.WriteString("    " + line + "\n")
	}
	return lines.String()
}

// outcome is the code of a call and its reason.
type outcome struct {
	code   codes.Code
	reason string
	info   *errdetails.ErrorInfo
}

func outcomeOf(err error) outcome {
	s := status.Convert(err)
	o := outcome{code: s.Code()}
	for _, detail := range s.Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok {
			o.reason, o.info = info.GetReason(), info
		}
	}
	return o
}

func instances(conn *grpc.ClientConn) ecsdv1.InstanceServiceClient {
	return ecsdv1.NewInstanceServiceClient(conn)
}
