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

// The HTTP server's limits. A response has no limit: a slow fault may delay it for up to control.MaxDelay.
const (
	// readHeaderTimeout limits the time to receive the headers.
	readHeaderTimeout = 10 * time.Second
	// readTimeout limits the time to receive the whole request.
	readTimeout = 30 * time.Second
	// idleTimeout limits the idle time of a connection.
	idleTimeout = 2 * time.Minute
	// maxHeaderBytes limits the request line, which holds all parameters of a request of the Go SDK (user data of 32 KB
	// included), and the headers.
	maxHeaderBytes = 1 << 20
	// shutdownTimeout limits the time for calls in flight to end.
	shutdownTimeout = 5 * time.Second
)

// Serve serves on a listener until ctx ends, then lets calls in flight end (5 seconds at most), closes every connection
// and the simulator, and returns nil. It owns the listener and every goroutine that it starts.
func (s *Simulator) Serve(ctx context.Context, l net.Listener) error {
	server := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		// The server's own log reports remote addresses and broken requests, which faults cause by design.
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
		// Cut the calls that are still open.
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
