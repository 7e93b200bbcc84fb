package e2e_test

import (
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"time"
)

// wire is a TCP proxy that cuts each connection after a random count of bytes.
type wire struct {
	listener net.Listener

	mu     sync.Mutex
	target string
	cuts   int // so far
	rough  bool
	open   map[net.Conn]bool
	all    sync.WaitGroup
}

func newWire(t *testing.T, target string) *wire {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{listener: listener, target: target, open: map[net.Conn]bool{}}
	w.all.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			w.all.Go(func() { w.join(conn) })
		}
	})
	t.Cleanup(func() {
		listener.Close()
		w.cutAll()
		w.all.Wait()
	})
	return w
}

// set connects the wire to a server, with or without cuts.
func (w *wire) set(target string, rough bool) {
	w.mu.Lock()
	w.target, w.rough = target, rough
	w.mu.Unlock()
	w.cutAll()
}

func (w *wire) cutAll() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for conn := range w.open {
		conn.Close()
	}
}

// join copies bytes until either end, or the wire, closes.
func (w *wire) join(from net.Conn) {
	defer from.Close()
	w.mu.Lock()
	target, rough := w.target, w.rough
	w.open[from] = true
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		delete(w.open, from)
		w.mu.Unlock()
	}()
	to, err := net.DialTimeout("tcp", target, time.Second)
	if err != nil {
		return
	}
	defer to.Close()
	answers := io.Reader(to)
	if rough {
		answers = io.LimitReader(to, 300+rand.Int64N(20_000))
	}
	var both sync.WaitGroup
	both.Go(func() {
		_, _ = io.Copy(to, from)
		to.Close()
	})
	if _, err := io.Copy(from, answers); err == nil && rough {
		w.mu.Lock()
		w.cuts++
		w.mu.Unlock()
	}
	from.Close()
	both.Wait()
}
