package history

import (
	"context"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/changelog"
)

// Causes is the part of the store that a Recorder writes.
type Causes interface {
	// RecordCause writes a call that may change some instances.
	RecordCause(ctx context.Context, c changelog.Cause, instanceIDs []string) error
	// WithdrawCause removes a call from the causes of instances that it did not
	// change.
	WithdrawCause(ctx context.Context, causeID string, instanceIDs []string) error
}

// recordTimeout bounds a write. The call to the cloud waits for it, and leaves
// without a record if it fails.
const recordTimeout = 2 * time.Second

// Recorder records the calls of ecsd to the cloud that may change instances. It
// is safe for concurrent use.
type Recorder struct {
	causes Causes
	logger *slog.Logger
}

// NewRecorder returns a recorder that logs its failures.
func NewRecorder(causes Causes, logger *slog.Logger) *Recorder {
	return &Recorder{causes: causes, logger: logger}
}

// Changing records a call that is about to leave, with the RPC in the context.
// refused withdraws the record of instances that the cloud refused to change.
func (r *Recorder) Changing(ctx context.Context, regionID, action string, instanceIDs []string) (refused func(instanceIDs []string)) {
	cause := changelog.Cause{ID: uuid.NewString(), RegionID: regionID, Action: action}
	if c := call.From(ctx); c != nil {
		cause.Method, cause.Caller, cause.CallID, cause.RequestID = c.Method, c.Caller, c.RequestID, c.MessageID
	}
	if !r.write(ctx, "record cause of change failed", action, func(ctx context.Context) error {
		return r.causes.RecordCause(ctx, cause, instanceIDs)
	}) {
		return func([]string) {}
	}
	return func(instanceIDs []string) {
		r.write(ctx, "withdraw cause of change failed", action, func(ctx context.Context) error {
			return r.causes.WithdrawCause(ctx, cause.ID, instanceIDs)
		})
	}
}

// write writes within recordTimeout, also if the caller has left, and logs a
// failure.
func (r *Recorder) write(ctx context.Context, failed, action string, write func(context.Context) error) bool {
	short, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	if err := write(short); err != nil {
		r.logger.WarnContext(ctx, failed, "action", action, "error", err.Error())
		return false
	}
	return true
}
