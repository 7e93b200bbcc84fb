// Package admin serves HTTP to operators: /metrics, /healthz (the process is
// alive), /readyz (it can work, as JSON), the pages of components such as the
// calendar and, if requested, /debug/pprof.
//
// The endpoints are read-only. They must not be open to callers of the API,
// because profiles expose the inside of the process. They listen on the
// loopback interface by default. Web pages are refused: see guard. The command
// line of the process, which pprof would show, is not served.
package admin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/ecsd-io/ecsd/server/internal/readiness"
)

// Limits of the HTTP server.
const (
	readTimeout    = 10 * time.Second
	writeTimeout   = 2 * time.Minute
	idleTimeout    = time.Minute
	maxHeaderBytes = 16 << 10
	stopTimeout    = 2 * time.Second
	// maxProfile is the longest profile or trace. pprof extends the write timeout.
	maxProfile = time.Minute
)

// Config makes a Handler.
type Config struct {
	Registry *prometheus.Registry
	Report   func() readiness.Report
	Logger   *slog.Logger
	// Profiles serves /debug/pprof.
	Profiles bool
	// Hosts are the names under which clients may reach the port, beside localhost
	// and IP addresses.
	Hosts []string
	// Pages are further pages, by pattern of http.ServeMux.
	Pages map[string]http.Handler
}

// Handler serves the paths named in the package's description.
func Handler(c Config) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(c.Registry, promhttp.HandlerOpts{
		Registry: c.Registry,
		ErrorLog: slog.NewLogLogger(c.Logger.Handler(), slog.LevelError),
	}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		fmt.Fprintln(w, "ok")
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) { ready(w, c.Report()) })
	if c.Profiles {
		mux.Handle("GET /debug/pprof/", brief(pprof.Index))
		mux.Handle("GET /debug/pprof/profile", brief(pprof.Profile))
		mux.Handle("GET /debug/pprof/trace", brief(pprof.Trace))
		mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
		mux.HandleFunc("POST /debug/pprof/symbol", pprof.Symbol)
		mux.HandleFunc("GET /debug/pprof/cmdline", http.NotFound) // it holds the settings of the process
	}
	for pattern, page := range c.Pages {
		mux.Handle(pattern, page)
	}
	return guard(mux, c.Hosts)
}

// brief refuses profiles of more than maxProfile.
func brief(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if text := r.FormValue("seconds"); text != "" {
			if seconds, err := strconv.ParseFloat(text, 64); err != nil || !(seconds <= maxProfile.Seconds()) {
				http.Error(w, fmt.Sprintf("seconds must be a number up to %.0f", maxProfile.Seconds()), http.StatusBadRequest)
				return
			}
		}
		next(w, r)
	})
}

// ready responds with 200 if the server can work, else with 503.
func ready(w http.ResponseWriter, report readiness.Report) {
	w.Header().Set("Content-Type", "application/json")
	if !report.Ready {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	// It fails only if the client has gone.
	_ = encoder.Encode(report)
}

// Serve responds on the listener until ctx ends, then lets requests in progress
// finish for two seconds. It returns nil if it ended because of ctx.
func Serve(ctx context.Context, listener net.Listener, handler http.Handler, logger *slog.Logger) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: readTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
	stopped := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(stopped)
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
		defer cancel()
		if server.Shutdown(grace) != nil {
			server.Close()
		}
	})
	err := server.Serve(listener)
	if !stop() {
		<-stopped
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	server.Close()
	return fmt.Errorf("admin server: %w", err)
}
