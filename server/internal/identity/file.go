package identity

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/access"
	"github.com/ecsd-io/ecsd/server/internal/sleep"
)

const (
	// fileCheck is the interval at which files are compared with what was read.
	fileCheck = 10 * time.Second
	// maxFileBytes bounds a file that is read.
	maxFileBytes = 4 << 20
)

// watched is a file that is read again when it has changed. It is used by one
// goroutine.
type watched struct {
	path string
	last os.FileInfo
}

// read returns the content if the file differs from what was read last.
func (w *watched) read() (text []byte, changed bool, err error) {
	info, err := os.Stat(w.path) // of the target, if a link is replaced
	if err != nil {
		w.last = nil
		return nil, false, err
	}
	if w.last != nil && os.SameFile(info, w.last) && info.ModTime().Equal(w.last.ModTime()) && info.Size() == w.last.Size() {
		return nil, false, nil
	}
	file, err := os.Open(w.path)
	if err != nil {
		return nil, false, err
	}
	defer file.Close()
	text, err = io.ReadAll(io.LimitReader(file, maxFileBytes+1))
	switch {
	case err != nil:
		return nil, false, err
	case len(text) > maxFileBytes:
		err = fmt.Errorf("%s: has more than %d bytes", w.path, maxFileBytes)
	}
	w.last = info
	return text, true, err
}

// WatchFiles reads the access file and the TLS material again when they change,
// until ctx ends.
func (v *Verifier) WatchFiles(ctx context.Context) {
	var last string
	for sleep.For(ctx, fileCheck) == nil {
		last = v.checkFile(last)
	}
}

// checkFile puts a changed access file in force. The last error is logged once.
func (v *Verifier) checkFile(last string) string {
	text, changed, err := v.path.read()
	if err == nil && !changed {
		return last
	}
	if err == nil {
		var file *access.File
		if file, err = access.Parse(text, v.cfg.Now()); err == nil {
			if file.Version != v.File().Version {
				v.replace(file)
				v.cfg.Logger.Info("access file changed, new version in force", "version", file.Version, "callers", len(file.Callers))
			}
			return ""
		}
	}
	if err.Error() == last {
		return last
	}
	var refused *access.Error
	if errors.As(err, &refused) {
		for _, p := range refused.Problems {
			v.cfg.Logger.Warn("access file rejected, last valid version stays in force",
				slog.Int("line", p.Line), slog.String("field", p.Field), slog.String("error", p.Rule), slog.String("version", v.File().Version))
		}
	} else {
		v.cfg.Logger.Warn("access file not read, last valid version stays in force", "error", err.Error(), "version", v.File().Version)
	}
	return err.Error()
}
