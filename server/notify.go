package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/ecsd-io/ecsd/server/internal/notify"
	"github.com/ecsd-io/ecsd/server/internal/telemetry"
)

// openNotifications reads the file of --notify, nil if there is none. What is
// wrong with it is a ConfigError.
func openNotifications(path string, regions []string) (*notify.File, error) {
	if path == "" {
		return nil, nil
	}
	file, err := notify.Open(path, regions)
	if err != nil {
		return nil, &ConfigError{Rule: "--notify " + notifyFileError(path, err)}
	}
	return file, nil
}

// notifyFileError begins each problem of a file of receivers with the path.
func notifyFileError(path string, err error) string {
	var refused *notify.FileError
	if !errors.As(err, &refused) {
		return err.Error()
	}
	lines := make([]string, len(refused.Problems))
	for i, p := range refused.Problems {
		lines[i] = path + ": " + p.String()
	}
	return strings.Join(lines, "\n  ")
}

// ErrNotDelivered reports that a receiver did not acknowledge a test message.
var ErrNotDelivered = errors.New("not every receiver acknowledged the test message")

// TestNotifications sends a test message to each receiver of a file, and prints
// the outcomes.
func TestNotifications(ctx context.Context, w io.Writer, path string) error {
	file, err := openNotifications(path, nil)
	if err != nil {
		return err
	}
	failed := false
	notify.Try(ctx, file, func(r notify.TrialResult) {
		outcome := "acknowledged"
		if r.Err != nil {
			failed, outcome = true, r.Err.Error()
		}
		fmt.Fprintf(w, "%s (%s) %s: %s\n", r.Receiver, r.Kind, r.ID, outcome)
	})
	if failed {
		return ErrNotDelivered
	}
	return nil
}

// receiverLoads reads the receivers as the metrics take them.
func receiverLoads(n *notify.Notifier) func(context.Context) ([]telemetry.ReceiverLoad, error) {
	return func(ctx context.Context) ([]telemetry.ReceiverLoad, error) {
		receivers, err := n.Receivers(ctx)
		loads := make([]telemetry.ReceiverLoad, len(receivers))
		for i, r := range receivers {
			loads[i] = telemetry.ReceiverLoad{Receiver: r.Name, Pending: r.Pending, Oldest: r.Oldest, Failures: r.Failures}
		}
		return loads, err
	}
}

// pages are what components serve on the admin port, by pattern.
func (r *components) pages() map[string]http.Handler {
	if r.notifier == nil || r.notifier.Calendar() == nil {
		return nil
	}
	return map[string]http.Handler{notify.CalendarPath: r.notifier.Calendar()}
}
