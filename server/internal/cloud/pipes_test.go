package cloud_test

import (
	"context"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/ecsd-io/ecsd/server/internal/cloud"
	"github.com/ecsd-io/ecsd/simulator"
)

// pipes is a network inside the process, so that real HTTP runs in the virtual
// time of a synctest bubble.
type pipes struct {
	conns chan net.Conn
	dials atomic.Int64
	once  sync.Once
	done  chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	p.dials.Add(1)
	near, far := net.Pipe()
	select {
	case p.conns <- far:
		return near, nil
	case <-p.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.done) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes", Net: "unix"} }

// overPipes starts an edge to a handler inside a synctest bubble.
func overPipes(t *testing.T, handler http.Handler, config cloud.Config) (*cloud.Edge, *pipes) {
	t.Helper()
	network := &pipes{conns: make(chan net.Conn), done: make(chan struct{})}
	server := &http.Server{Handler: handler}
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(network) })
	t.Cleanup(func() {
		_ = server.Close()
		serving.Wait()
	})
	transport := cloud.Transport()
	transport.DialContext = network.dial
	config.Endpoint, config.EndpointScheme = "ecs.test", "http"
	edge, err := cloud.NewOver(defaults(config), transport)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = edge.Close() })
	return edge, network
}

// bubbled is simulated inside a synctest bubble, so that the simulator's clock
// and its throttling follow the virtual time.
func bubbled(t *testing.T, sim simulator.Config, config cloud.Config) (*simulator.Simulator, *cloud.Edge) {
	t.Helper()
	s, err := simulator.New(sim)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	edge, _ := overPipes(t, s, config)
	return s, edge
}
