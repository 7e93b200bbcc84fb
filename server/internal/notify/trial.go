package notify

import (
	"context"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/outbox"
)

// TrialResult is the outcome of a test message.
type TrialResult struct {
	Receiver string
	Kind     Kind
	// ID is the ID of the message.
	ID string
	// Err is nil if the receiver acknowledged the message. It holds no secret.
	Err error
}

// Try sends a test message to each receiver of a file, once, one after another.
// Nothing is stored.
func Try(ctx context.Context, file *File, done func(TrialResult)) {
	for _, r := range file.Receivers {
		p := newPoster(r, sendTimeout)
		m := notice{Message: outbox.Message{ID: newID(), Receiver: r.Name, Group: outbox.Group{Event: outbox.Test}, CreateTime: time.Now()}}
		done(TrialResult{Receiver: r.Name, Kind: r.Kind, ID: m.ID, Err: p.post(ctx, m, time.Now())})
		p.close()
	}
}
