package store

import (
	"context"
	"database/sql"
	"log/slog"
	"sync"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/rescue"
)

const (
	// checkpointInterval is the time between two copies of SQLite's log to its file.
	checkpointInterval = time.Second
	// longLog is the length, in pages of 4 KB, at which a commit copies the log: about
	// four thousand changes in less than a second.
	longLog = "4096"
)

// checkpointer copies the log of a SQLite database to its file, so that commits
// do not: by default a commit of a thousand changes takes twice as long.
type checkpointer struct {
	stop    context.CancelFunc
	running sync.WaitGroup
	conn    *sql.Conn
}

// startCheckpointer keeps the connection open until it is closed, because
// SQLite removes the log with the last connection.
func startCheckpointer(conn *sql.Conn) *checkpointer {
	ctx, stop := context.WithCancel(context.Background())
	c := &checkpointer{stop: stop, conn: conn}
	c.running.Go(func() { rescue.Loop(ctx, slog.Default(), "checkpoints", c.run) })
	return c
}

func (c *checkpointer) run(ctx context.Context) {
	tick := time.NewTicker(checkpointInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		// Passive: no statement waits for it. If it fails the log is only longer,
		// and a commit will report the fault of the disk.
		_, _ = c.conn.ExecContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)")
	}
}

func (c *checkpointer) close() error {
	c.stop()
	c.running.Wait()
	return c.conn.Close()
}
