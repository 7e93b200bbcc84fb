package operator

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/ecsd-io/ecsd/client"
	"github.com/ecsd-io/ecsd/operator/output"
)

// The loop of a watch writes its events, reports a lost connection on standard
// error, and ends with the first failure or as interrupted.
func TestEvents(t *testing.T) {
	all := []client.ReclaimEvent{
		&client.ReclaimNotice{InstanceID: "i-1"}, &client.Interrupted{Err: errors.New("reset")}, &client.ReclaimEnded{InstanceID: "i-1"},
	}
	full := errors.New("disk full")
	for _, c := range []struct {
		format  output.Format
		fails   error
		written int
		code    int
	}{
		{output.Table, nil, 2, exitInterrupted},
		{output.JSON, nil, 2, exitInterrupted},
		{output.Table, full, 1, 0},
		{output.CSV, nil, 0, exitUsage},
	} {
		var out, trouble bytes.Buffer
		s := &session{streams: Streams{Out: &out, Err: &trouble}, out: output.New(&out, &trouble, output.Options{Format: c.format})}
		var written []client.ReclaimEvent
		err := events(t.Context(), s, output.Of(all), func(e client.ReclaimEvent) error {
			written = append(written, e)
			return c.fails
		})
		if len(written) != c.written || slices.Contains(written, all[1]) {
			t.Errorf("%s, failing with %v: wrote %v", c.format, c.fails, written)
		}
		if lost := strings.Count(trouble.String(), "connection lost ("); lost != max(c.written-1, 0) {
			t.Errorf("%s, failing with %v: standard error has %q", c.format, c.fails, trouble.String())
		}
		var ended *Error
		if c.fails != nil && !errors.Is(err, c.fails) || c.fails == nil && (!errors.As(err, &ended) || ended.code != c.code) {
			t.Errorf("%s, failing with %v: ended with %v", c.format, c.fails, err)
		}
	}
}
