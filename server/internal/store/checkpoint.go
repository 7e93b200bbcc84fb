package store

import (
	"context"
	"database/sql"
	"sync"
	"time"
)

const (
	// checkpointInterval is how often what SQLite has in its log is copied to
	// its file.
	checkpointInterval = time.Second
	// longLog is how many pages of 4 KB make SQLite do it itself, in the commit
	// that comes upon them: four thousand changes or so in less than a second.
	longLog = "4096"
)

// checkpointer copies what was committed to the file of a SQLite database, so
// that no commit waits for it, as SQLite has it by default: with a thousand
// changes that takes as long as to write them.
type checkpointer struct {
	stop    context.CancelFunc
	running sync.WaitGroup
	conn    *sql.Conn
}

// startCheckpointer keeps the connection until it is closed. So the log, which
// SQLite removes with the last connection, stays where it is.
func startCheckpointer(conn *sql.Conn) *checkpointer {
	ctx, stop := context.WithCancel(context.Background())
	c := &checkpointer{stop: stop, conn: conn}
	c.running.Go(func() {
		tick := time.NewTicker(checkpointInterval)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			// Passive: no statement waits for it. If it fails the log is only longer,
			// and a commit will report what is wrong with the disk.
			_, _ = conn.ExecContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)")
		}
	})
	return c
}

func (c *checkpointer) close() error {
	c.stop()
	c.running.Wait()
	return c.conn.Close()
}
