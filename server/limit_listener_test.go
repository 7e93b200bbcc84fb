package server

import (
	"errors"
	"net"
	"testing"
	"time"
)

// At most as many connections as the limit are open, and gRPC gets them as
// they are.
func TestLimitListener(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := newLimitListener(inner, 2)
	accepted := make(chan net.Conn, 10)
	ended := make(chan error, 1)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				ended <- err
				return
			}
			accepted <- conn
		}
	}()
	for range 4 {
		conn, err := net.Dial("tcp", inner.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
	}
	first, second := <-accepted, <-accepted
	if _, ok := first.(*net.TCPConn); !ok {
		t.Errorf("the listener returns a %T, want *net.TCPConn", first)
	}
	select {
	case <-accepted:
		t.Error("a third connection is accepted")
	case <-time.After(5 * acceptRetry):
	}
	first.Close()
	select {
	case third := <-accepted:
		defer third.Close()
	case <-time.After(10 * time.Second):
		t.Error("no connection is accepted after one closed")
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if err := <-ended; !errors.Is(err, net.ErrClosed) {
		t.Errorf("Accept ends with %v", err)
	}
	second.Close()
}
