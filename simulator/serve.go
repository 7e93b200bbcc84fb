package simulator

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// The HTTP server's limits. A reply has no limit of its own: a slow fault may
// hold it for up to control.MaxDelay.
const (
	// readHeaderTimeout is how long a client may take to send its headers.
	readHeaderTimeout = 10 * time.Second
	// readTimeout is how long it may take to send the whole request.
	readTimeout = 30 * time.Second
	// idleTimeout is how long a connection without a request stays open.
	idleTimeout = 2 * time.Minute
	// maxHeaderBytes bounds the request line, which holds all parameters of a
	// request of the Go SDK (user data of 32 KB included), and the headers.
	maxHeaderBytes = 1 << 20
	// shutdownTimeout is how long calls in flight may take to end.
	shutdownTimeout = 5 * time.Second
)

// Serve answers on a listener until ctx ends, then lets calls in flight end
// (5 seconds at most), closes every connection and the simulator, and returns
// nil. It owns the listener and every goroutine that it starts.
func (s *Simulator) Serve(ctx context.Context, l net.Listener) error {
	server := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		// The server's own log names remote addresses and broken requests,
		// which faults cause by design.
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()

	var failure error
	select {
	case failure = <-served:
	case <-ctx.Done():
	}
	_ = s.Close()
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	if err := server.Shutdown(stop); err != nil {
		// What is still open after that long is cut off.
		_ = server.Close()
	}
	if failure == nil {
		failure = <-served
	}
	if !errors.Is(failure, http.ErrServerClosed) {
		return fmt.Errorf("simulator: serve %s: %w", l.Addr(), failure)
	}
	return nil
}
