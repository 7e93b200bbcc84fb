package ledger_test

import (
	"context"
	"net"
	"net/url"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// cable is the network between a server and its PostgreSQL.
type cable struct {
	// database is the URL of the server's end.
	database string

	far string
	mu  sync.Mutex
	// whole is closed while the cable works.
	whole chan struct{}
	conns map[net.Conn]bool
}

// newCable starts a proxy to the database of a URL with the folder of the server's socket as its host.
func newCable(t *testing.T, database string) *cable {
	t.Helper()
	at, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	const socket = ".s.PGSQL.5432"
	query := at.Query()
	near := t.TempDir()
	k := &cable{far: filepath.Join(query.Get("host"), socket), whole: make(chan struct{}), conns: map[net.Conn]bool{}}
	close(k.whole)
	query.Set("host", near)
	at.RawQuery = query.Encode()
	k.database = at.String()
	listener, err := net.Listen("unix", filepath.Join(near, socket))
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			all.Go(func() { k.join(conn) })
		}
	})
	t.Cleanup(func() {
		listener.Close()
		k.hangUp()
		all.Wait()
	})
	return k
}

// join copies bytes both ways until either end closes.
func (k *cable) join(near net.Conn) {
	far, err := net.Dial("unix", k.far)
	if err != nil {
		near.Close()
		return
	}
	k.mu.Lock()
	k.conns[near], k.conns[far] = true, true
	k.mu.Unlock()
	var both sync.WaitGroup
	for from, to := range map[net.Conn]net.Conn{near: far, far: near} {
		both.Go(func() {
			defer near.Close()
			defer far.Close()
			buffer := make([]byte, 32<<10)
			for {
				n, err := from.Read(buffer)
				k.mu.Lock()
				whole := k.whole
				k.mu.Unlock()
				<-whole
				if _, writeErr := to.Write(buffer[:n]); err != nil || writeErr != nil {
					return
				}
			}
		})
	}
	both.Wait()
	k.mu.Lock()
	delete(k.conns, near)
	delete(k.conns, far)
	k.mu.Unlock()
}

// silent blocks the traffic for a while, without an error at either end.
func (k *cable) silent(ctx context.Context, d time.Duration) {
	k.mu.Lock()
	k.whole = make(chan struct{})
	k.mu.Unlock()
	pause(ctx, d)
	k.mu.Lock()
	defer k.mu.Unlock()
	close(k.whole)
}

// hangUp closes every connection.
func (k *cable) hangUp() {
	k.mu.Lock()
	defer k.mu.Unlock()
	for conn := range k.conns {
		conn.Close()
	}
}
