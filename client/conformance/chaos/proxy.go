// Package chaos is a TCP proxy that breaks connections on command.
//
// Connections to its address come in and go out to its target. A test cuts them, holds them half open, cuts the next one
// after a number of bytes, or refuses new ones. It never changes bytes.
package chaos

import (
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// dialTimeout limits the time to connect to the target.
const dialTimeout = 5 * time.Second

// Proxy forwards connections. Create it with Listen. It is safe for concurrent use.
type Proxy struct {
	listener net.Listener
	target   string
	work     sync.WaitGroup

	mu       sync.Mutex
	pairs    map[*pair]struct{}
	refusing bool
	closed   bool
	// cutAfter is the number of bytes to the client after which a connection is cut; -1 for none.
	cutAfter int
	accepted int
}

// pair is one forwarded connection.
type pair struct {
	client, server net.Conn
	// held is set while nothing is forwarded. It stays set when the proxy forwards new connections again.
	held bool
}

// Listen starts a proxy on a free loopback port.
func Listen(target string) (*Proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Proxy{listener: listener, target: target, pairs: map[*pair]struct{}{}, cutAfter: -1}
	p.work.Go(p.accept)
	return p, nil
}

// Address returns the address to connect to.
func (p *Proxy) Address() string { return p.listener.Addr().String() }

// Accepted returns the number of connections so far.
func (p *Proxy) Accepted() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.accepted
}

// Close ends all connections and waits for the proxy's goroutines.
func (p *Proxy) Close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	_ = p.listener.Close()
	p.Cut()
	p.work.Wait()
}

// Cut resets every connection.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for pair := range p.pairs {
		pair.reset()
	}
}

// CutAfter resets the connections that exist as soon as one of them has received that many more bytes. The next
// connections are not affected.
func (p *Proxy) CutAfter(bytes int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cutAfter = bytes
}

// Hold makes the present connections half open for good: they stay open, and no byte is forwarded in either direction.
// New connections are not affected.
func (p *Proxy) Hold() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for pair := range p.pairs {
		pair.held = true
	}
}

// Refuse resets new connections until Permit is called.
func (p *Proxy) Refuse() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refusing = true
}

// Permit forwards new connections again.
func (p *Proxy) Permit() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refusing = false
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue
		}
		p.work.Go(func() { p.serve(client) })
	}
}

func (p *Proxy) serve(client net.Conn) {
	connection := &pair{client: client}
	p.mu.Lock()
	p.accepted++
	refuse := p.refusing || p.closed
	p.mu.Unlock()
	if refuse {
		connection.reset()
		return
	}
	server, err := net.DialTimeout("tcp", p.target, dialTimeout)
	if err != nil {
		connection.reset()
		return
	}
	connection.server = server
	p.mu.Lock()
	p.pairs[connection] = struct{}{}
	if p.closed {
		connection.reset()
	}
	p.mu.Unlock()

	var both sync.WaitGroup
	both.Go(func() { p.copy(connection, server, client, false) })
	both.Go(func() { p.copy(connection, client, server, true) })
	both.Wait()
	p.mu.Lock()
	delete(p.pairs, connection)
	p.mu.Unlock()
	_ = client.Close()
	_ = server.Close()
}

// copy forwards one direction. downstream is the one to the client.
func (p *Proxy) copy(connection *pair, to, from net.Conn, downstream bool) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			keep, cut := p.permitted(connection, n, downstream)
			if keep > 0 {
				if _, failed := to.Write(buffer[:keep]); failed != nil {
					err = failed
				}
			}
			if cut {
				p.Cut()
				return
			}
		}
		switch {
		case err == nil:
		case p.isHeld(connection):
			// If the server leaves a half-open connection, the client does not notice.
			if from == connection.client {
				connection.reset()
			}
			return
		case errors.Is(err, io.EOF):
			if half, ok := to.(*net.TCPConn); ok {
				_ = half.CloseWrite()
			}
			return
		default:
			connection.reset()
			return
		}
	}
}

// permitted returns how many of n bytes are forwarded, and whether the connections are then cut.
func (p *Proxy) permitted(connection *pair, n int, downstream bool) (keep int, cut bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case connection.held:
		return 0, false
	case !downstream || p.cutAfter < 0:
		return n, false
	case n <= p.cutAfter:
		p.cutAfter -= n
		return n, false
	}
	keep, p.cutAfter = p.cutAfter, -1
	return keep, true
}

func (p *Proxy) isHeld(connection *pair) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return connection.held && !p.closed
}

// reset closes both sides without a FIN, so that the other side sees a reset.
func (c *pair) reset() {
	for _, side := range []net.Conn{c.client, c.server} {
		if tcp, ok := side.(*net.TCPConn); ok && tcp != nil {
			_ = tcp.SetLinger(0)
			_ = tcp.Close()
		}
	}
}
