package store

import (
	"context"
	"errors"
	"net"
	"os"
	"sync"
	"time"
)

// errSilent reports a server that took a request and does not respond.
var errSilent = errors.New("the database server does not respond")

const (
	// Keep-alive settings that detect a vanished peer of an idle connection.
	keepAliveIdle, keepAliveInterval, keepAliveCount = 10 * time.Second, 3 * time.Second, 3
	// unacknowledged bounds how long sent bytes may stay without acknowledgment.
	unacknowledged = 10 * time.Second
)

// dialer returns how the connections of a pool are made: a server that stays
// silent for longer than the limit, while a response is due, is cut.
func dialer(limit time.Duration) func(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: keepAliveIdle, Interval: keepAliveInterval, Count: keepAliveCount},
		Control:         limitUnacknowledged,
	}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := d.DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &impatientConn{Conn: conn, limit: limit}, nil
	}
}

// impatientConn ends a read or a write on which the other end makes no progress
// within the limit. The driver reads only while a response is due. The limit is
// here, and not in the context of a call, because a call may consist of many
// statements, and because the driver ends some of its calls without a context.
type impatientConn struct {
	net.Conn
	limit time.Duration

	// mu orders the deadlines, of which the driver's own may come at any time.
	mu     sync.Mutex
	driver time.Time
}

func (c *impatientConn) Read(b []byte) (int, error) {
	if err := c.limitNext(c.Conn.SetReadDeadline); err != nil {
		return 0, err
	}
	n, err := c.Conn.Read(b)
	return n, c.explain(err)
}

func (c *impatientConn) Write(b []byte) (int, error) {
	if err := c.limitNext(c.Conn.SetWriteDeadline); err != nil {
		return 0, err
	}
	n, err := c.Conn.Write(b)
	return n, c.explain(err)
}

// limitNext sets the earlier of the limit and the driver's own deadline.
func (c *impatientConn) limitNext(set func(time.Time) error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	deadline := time.Now().Add(c.limit)
	if !c.driver.IsZero() && c.driver.Before(deadline) {
		deadline = c.driver
	}
	return set(deadline)
}

// explain distinguishes the limit from the driver's own deadline.
func (c *impatientConn) explain(err error) error {
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.driver.IsZero() && !time.Now().Before(c.driver) {
		return err
	}
	return errSilent
}

func (c *impatientConn) SetDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.driver = t
	return c.Conn.SetDeadline(t)
}

func (c *impatientConn) SetReadDeadline(t time.Time) error  { return c.SetDeadline(t) }
func (c *impatientConn) SetWriteDeadline(t time.Time) error { return c.SetDeadline(t) }
