package server

import (
	"context"
	"log/slog"
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/test/bufconn"

	"github.com/ecsd-io/ecsd/server/internal/api"
	"github.com/ecsd-io/ecsd/server/internal/intercept"
	"github.com/ecsd-io/ecsd/server/internal/telemetry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// gate is a connection with a client side that can fall silent, as if its machine
// lost power: nothing is closed and nothing arrives.
type gate struct {
	net.Conn

	silent *atomic.Bool
}

// Write reports that all is well, and sends nothing while the gate is silent.
func (g gate) Write(p []byte) (int, error) {
	if g.silent.Load() {
		return len(p), nil
	}
	return g.Conn.Write(p)
}

// listener counts the connections of the server's that are open.
type listener struct {
	net.Listener

	open atomic.Int64
}

// Accept counts.
func (l *listener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.open.Add(1)
	return &counted{Conn: conn, open: &l.open}, nil
}

type counted struct {
	net.Conn

	open   *atomic.Int64
	closed atomic.Bool
}

// Close counts once.
func (c *counted) Close() error {
	if !c.closed.Swap(true) {
		c.open.Add(-1)
	}
	return c.Conn.Close()
}

// connect starts a server as Config has it, with a client that pings.
func connect(t *testing.T, cfg Config, ping time.Duration) (conn *grpc.ClientConn, dials *atomic.Int64, accepted *listener, silent *atomic.Bool) {
	t.Helper()
	chain := intercept.New(intercept.Config{
		Logger: slog.New(slog.DiscardHandler), Metrics: telemetry.NewMetrics(telemetry.Build{}).GRPC,
		UnaryErrors: api.UnaryErrors, StreamErrors: api.StreamErrors, MaxCalls: cfg.MaxCalls, MaxMessage: cfg.Limits.Message, Class: class, CallTimeout: cfg.Limits.CallTimeout,
	})
	server := newGRPC(cfg, chain, &telemetry.Tracing{})
	pipe := bufconn.Listen(1 << 16)
	accepted, dials, silent = &listener{Listener: pipe}, new(atomic.Int64), new(atomic.Bool)
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(accepted) }()
	conn, err := grpc.NewClient("passthrough:///pipe",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: ping, Timeout: 10 * time.Second, PermitWithoutStream: true}),
		grpc.WithIdleTimeout(0),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
			dials.Add(1)
			c, err := pipe.DialContext(ctx)
			return gate{c, silent}, err
		}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		conn.Close()
		server.Stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	conn.Connect()
	synctest.Wait()
	return conn, dials, accepted, silent
}

// A client that pings every ten seconds, with no call in progress, keeps its
// connection until it is idle; grpc's own default would close it for too many
// pings.
func TestClientPings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := DefaultConfig()
		conn, dials, _, _ := connect(t, cfg, minClientPing)
		time.Sleep(maxConnectionIdle - time.Second)
		synctest.Wait()
		if state := conn.GetState(); state != connectivity.Ready || dials.Load() != 1 {
			t.Errorf("shortly before it is idle, the connection is %v, and was made %d times", state, dials.Load())
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if state := conn.GetState(); state != connectivity.Idle {
			t.Errorf("without a call for %s, the connection is %v", maxConnectionIdle, state)
		}
	})
}

// A client that has fallen silent is given up after the server's ping and the
// time for its response.
func TestKeepalive_SilentClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, _, accepted, silent := connect(t, DefaultConfig(), time.Hour)
		if open := accepted.open.Load(); open != 1 {
			t.Fatalf("%d connections are open", open)
		}
		silent.Store(true)
		time.Sleep(serverPing + serverPingTimeout + time.Second)
		synctest.Wait()
		if open := accepted.open.Load(); open != 0 {
			t.Errorf("%d connections of a silent client are open", open)
		}
	})
}

// A connection is closed when it has reached its age, give or take a tenth.
func TestConnectionAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := DefaultConfig()
		cfg.Limits.ConnectionAge = maxConnectionIdle / 2
		_, _, accepted, _ := connect(t, cfg, time.Hour)
		time.Sleep(cfg.Limits.ConnectionAge * 8 / 10)
		synctest.Wait()
		if open := accepted.open.Load(); open != 1 {
			t.Errorf("%d connections are open before their age", open)
		}
		time.Sleep(cfg.Limits.ConnectionAge * 4 / 10)
		synctest.Wait()
		if open := accepted.open.Load(); open != 0 {
			t.Errorf("%d connections are open after their age", open)
		}
	})
}
