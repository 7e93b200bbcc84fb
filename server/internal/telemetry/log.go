package telemetry

import (
	"fmt"
	"io"
	"log/slog"
)

// LogFormats are the formats that NewLogger knows.
var LogFormats = []string{"json", "text"}

// NewLogger makes a logger that writes one line a record to w, in the format
// json or text, from the level debug, info, warn or error upward. Each line is
// one Write, not buffered, so that none is lost when the process ends.
func NewLogger(w io.Writer, format, level string) (*slog.Logger, error) {
	var from slog.Level
	if err := from.UnmarshalText([]byte(level)); err != nil {
		return nil, fmt.Errorf("log level %q: must be debug, info, warn or error", level)
	}
	options := &slog.HandlerOptions{Level: from}
	switch format {
	case "json":
		return slog.New(slog.NewJSONHandler(w, options)), nil
	case "text":
		return slog.New(slog.NewTextHandler(w, options)), nil
	}
	return nil, fmt.Errorf("log format %q: must be json or text", format)
}
