package lifecycle

import (
	"time"

	"github.com/ecsd-io/ecsd/server/internal/sleep"
)

const (
	// forgetInterval is how often old records are looked for.
	forgetInterval = time.Hour
	// forgetAtOnce bounds the records that one transaction removes.
	forgetAtOnce = 50
)

// forget removes the records that are past their life until Close. A
// launch of unknown outcome is never forgotten: the same request would make its
// instances again.
func (l *Lifecycle) forget() {
	for {
		before := time.Now().Add(-l.config.RecordLife)
		for more := true; more; {
			n, err := l.requests.TrimRequests(l.ctx, before, forgetAtOnce, actionRun, actionCreate)
			if err != nil && l.ctx.Err() == nil {
				l.config.Logger.Warn("old requests are not removed", "error", err)
			}
			more = n == forgetAtOnce
		}
		if sleep.For(l.ctx, forgetInterval) != nil {
			return
		}
	}
}
