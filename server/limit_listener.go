package server

import (
	"net"
	"sync"
	"time"
)

// acceptRetry is how often a full listener looks for connections that closed.
const acceptRetry = 50 * time.Millisecond

// limitListener accepts at most a number of connections at a time; more wait in
// the backlog of the operating system. It returns the connections unwrapped,
// because gRPC sets the timeout of a peer that reads nothing, and reads without
// a buffer per idle connection, only on a *net.TCPConn. So it gets no call when
// they close, and polls them instead. Accept is for one goroutine.
type limitListener struct {
	net.Listener

	limit  int
	open   map[*net.TCPConn]struct{}
	closed chan struct{}
	once   sync.Once
}

func newLimitListener(l net.Listener, limit int) *limitListener {
	return &limitListener{Listener: l, limit: limit, open: map[*net.TCPConn]struct{}{}, closed: make(chan struct{})}
}

// Accept waits until there are fewer connections than the limit, and then for
// the next one.
func (l *limitListener) Accept() (net.Conn, error) {
	for l.full() {
		select {
		case <-l.closed:
			return nil, net.ErrClosed
		case <-time.After(acceptRetry):
		}
	}
	conn, err := l.Listener.Accept()
	if tcp, ok := conn.(*net.TCPConn); ok {
		l.open[tcp] = struct{}{}
	}
	return conn, err
}

// full forgets the connections that closed if they are as many as the limit.
func (l *limitListener) full() bool {
	if len(l.open) < l.limit {
		return false
	}
	for conn := range l.open {
		if isClosed(conn) {
			delete(l.open, conn)
		}
	}
	return len(l.open) >= l.limit
}

// isClosed reports whether this process closed the connection.
func isClosed(conn *net.TCPConn) bool {
	raw, err := conn.SyscallConn()
	return err != nil || raw.Control(func(uintptr) {}) != nil
}

// Close ends a waiting Accept too.
func (l *limitListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}
