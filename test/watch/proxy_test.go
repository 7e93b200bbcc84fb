package watch_test

import (
	"net"
	"sync"
	"testing"
)

// proxy is a network between clients and a server that can be cut.
type proxy struct {
	address string
	target  string

	running sync.WaitGroup
	mu      sync.Mutex
	change  *sync.Cond
	conns   map[net.Conn]bool
	// away: connections break, and new ones fail. silent: no data arrives, and no end gets an error. ended: the test is
	// over.
	away, silent, ended bool
}

func newProxy(t *testing.T, target string) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{address: listener.Addr().String(), target: target, conns: map[net.Conn]bool{}}
	p.change = sync.NewCond(&p.mu)
	p.running.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			p.join(client)
		}
	})
	t.Cleanup(func() {
		listener.Close()
		p.set(true, false)
		p.mu.Lock()
		p.ended = true
		p.mu.Unlock()
		p.change.Broadcast()
		p.running.Wait()
	})
	return p
}

// join connects a client to the server, unless the network is away.
func (p *proxy) join(client net.Conn) {
	server, err := net.Dial("tcp", p.target)
	if err != nil {
		client.Close()
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.away {
		client.Close()
		server.Close()
		return
	}
	p.conns[client], p.conns[server] = true, true
	p.running.Go(func() { p.carry(client, server) })
	p.running.Go(func() { p.carry(server, client) })
}

// carry copies one direction until either end breaks.
func (p *proxy) carry(to, from net.Conn) {
	defer to.Close()
	defer from.Close()
	buffer := make([]byte, 16<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			break
		}
		p.pass()
		if _, err := to.Write(buffer[:n]); err != nil {
			break
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, from)
}

// pass waits while the network is silent.
func (p *proxy) pass() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.silent && !p.ended {
		p.change.Wait()
	}
}

// set cuts the network in either way, in both, or in none.
func (p *proxy) set(away, silent bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.away, p.silent = away, silent
	if away {
		for c := range p.conns {
			c.Close()
		}
	}
	p.change.Broadcast()
}
