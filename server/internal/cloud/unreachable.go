package cloud

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// logEvery is how often an unreachable host is logged at most.
const logEvery = time.Minute

// unreachable remembers when each host was logged last. The zero value is ready.
type unreachable struct {
	mu     sync.Mutex
	logged map[string]time.Time
}

// due reports whether the host must be logged now, and records it.
func (u *unreachable) due(host string, now time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if last, ok := u.logged[host]; ok && now.Sub(last) < logEvery {
		return false
	}
	if u.logged == nil {
		u.logged = make(map[string]time.Time)
	}
	u.logged[host] = now
	return true
}

// logUnreachable logs which host could not be reached, through which proxy, and
// why, for the operator: errors do not name addresses.
func (e *Edge) logUnreachable(ctx context.Context, signed *http.Request, out outcome) {
	failure := out.failure
	if failure == nil || failure.Reason != ecs.ReasonCloudUnreachable || failure.Cause == nil || ctx.Err() != nil {
		return
	}
	host := signed.URL.Host
	if !e.unreachable.due(host, time.Now()) {
		return
	}
	attrs := []slog.Attr{slog.String("host", host), slog.String("action", failure.Cloud.Action), slog.String("cause", failure.Cause.Error())}
	if transport, ok := e.transport.(*http.Transport); ok && transport.Proxy != nil {
		if proxy, err := transport.Proxy(signed); err == nil && proxy != nil {
			attrs = append(attrs, slog.String("proxy", proxy.Host))
		}
	}
	if failure.Cloud.HTTPStatus != 0 {
		attrs = append(attrs, slog.Int("http_status", failure.Cloud.HTTPStatus))
	}
	event := "cloud endpoint not reached"
	if out.proxyRefused || failure.Cloud.HTTPStatus == http.StatusProxyAuthRequired {
		event = "proxy refused the cloud endpoint"
	}
	e.log.LogAttrs(ctx, slog.LevelWarn, event, attrs...)
}
