package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// endedLeaseFor is how long the row of a lease without a note stays after its
// end. Every start of a process leaves such rows.
const endedLeaseFor = time.Hour

// epochFloor names the row that keeps the highest epoch of all removed rows: a
// lease with a removed row begins above it, so that no epoch repeats.
const epochFloor = ""

// AcquireLease takes the lease for ttl if it is free, has expired, or already
// belongs to the holder, each time with a new epoch. If another holds it, it
// returns that lease and ErrLeaseHeld, and writes nothing. The clock of the
// database decides whether a lease has expired, so that the clocks of replicas
// may differ.
func (s *Store) AcquireLease(ctx context.Context, name, holder string, ttl time.Duration) (ecs.Lease, error) {
	if name == epochFloor || holder == "" {
		return ecs.Lease{}, errors.New("a lease needs a name and a holder")
	}
	for {
		found, err := s.leases(ctx, "WHERE name = $1", name)
		if err != nil {
			return ecs.Lease{}, fmt.Errorf("read lease %s: %w", name, err)
		}
		if len(found) > 0 && found[0].Holder != "" && found[0].Holder != holder && time.Now().Before(found[0].Expires) {
			return found[0], fmt.Errorf("lease %s: %w", name, ecs.ErrLeaseHeld)
		}
		lease := ecs.Lease{Name: name, Holder: holder, Expires: time.Now().Add(ttl)}
		now := s.now()
		take := `UPDATE leases SET holder = $2, epoch = epoch + 1, expires = ` + now + ` + $3
			WHERE name = $1 AND (expires <= ` + now + ` OR holder = $2) RETURNING epoch, note`
		if len(found) == 0 {
			take = `INSERT INTO leases (name, holder, epoch, expires)
				VALUES ($1, $2, 1 + COALESCE((SELECT epoch FROM leases WHERE name = '` + epochFloor + `'), 0), ` + now + ` + $3)
				ON CONFLICT (name) DO NOTHING RETURNING epoch, note`
		}
		err = s.leasing.QueryRowContext(ctx, take, name, holder, ttl.Milliseconds()).Scan(&lease.Epoch, &lease.Note)
		switch {
		case err == nil:
			return lease, nil
		case !errors.Is(err, sql.ErrNoRows):
			return ecs.Lease{}, fmt.Errorf("acquire lease %s: %w", name, explain(err))
		}
		// Another process was faster; its lease is read in the next round.
	}
}

// RemoveEndedLeases removes the rows of leases that ended at least an hour ago,
// or were released, and have no note. Each process leaves some behind.
func (s *Store) RemoveEndedLeases(ctx context.Context) error {
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		epochs, err := query(ctx, tx, func(line row) (epoch int64, err error) { return epoch, line.Scan(&epoch) },
			`DELETE FROM leases WHERE name <> '`+epochFloor+`' AND note IS NULL AND expires <= `+s.now()+` - $1 RETURNING epoch`,
			endedLeaseFor.Milliseconds())
		if err != nil || len(epochs) == 0 {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO leases (name, holder, epoch, expires) VALUES ('`+epochFloor+`', '', $1, 0)
			ON CONFLICT (name) DO UPDATE SET epoch = excluded.epoch WHERE leases.epoch < excluded.epoch`, slices.Max(epochs))
		return err
	})
	if err != nil {
		return fmt.Errorf("remove ended leases: %w", explain(err))
	}
	return nil
}

// RenewLease extends the lease to ttl from now and leaves a note for the
// processes that do not hold it. ErrLeaseLost means that the lease has another
// holder, was released, or was removed; one that has merely expired is still
// its holder's.
func (s *Store) RenewLease(ctx context.Context, lease ecs.Lease, ttl time.Duration, note []byte) (ecs.Lease, error) {
	lease.Expires, lease.Note = time.Now().Add(ttl), note
	err := changeLease(ctx, s.leasing, lease, `expires = `+s.now()+` + $4, note = $5`, ttl.Milliseconds(), blob(note))
	return lease, err
}

// ReleaseLease ends the lease at once, so that another process need not wait
// for its end. Its note stays.
func (s *Store) ReleaseLease(ctx context.Context, lease ecs.Lease) error {
	return changeLease(ctx, s.leasing, lease, `expires = 0, holder = ''`)
}

// holdLease keeps the lease from changing hands until the transaction ends, and
// refuses one that has changed hands before: a write under an old epoch would
// undo the observations of the new holder. It writes the lease's note in the
// same transaction.
func holdLease(ctx context.Context, tx *sql.Tx, lease ecs.Lease) error {
	// A write, because only that locks the row on both engines.
	return changeLease(ctx, tx, lease, `note = $4`, blob(lease.Note))
}

// changeLease changes a lease that is still held under its epoch.
func changeLease(ctx context.Context, db execer, lease ecs.Lease, change string, args ...any) error {
	result, err := db.ExecContext(ctx, `UPDATE leases SET `+change+` WHERE name = $1 AND holder = $2 AND epoch = $3`,
		append([]any{lease.Name, lease.Holder, lease.Epoch}, args...)...)
	if err != nil {
		return fmt.Errorf("lease %s: %w", lease.Name, explain(err))
	}
	if n, err := result.RowsAffected(); err != nil || n != 1 {
		return fmt.Errorf("lease %s of epoch %d: %w", lease.Name, lease.Epoch, ecs.ErrLeaseLost)
	}
	return nil
}

// withPrefix finds names by the index, which has the order of bytes.
const (
	withPrefix = `WHERE name >= $1 AND name < $2 ORDER BY name`
	lastRune   = "\U0010FFFF"
)

// Leases reads the leases with names that begin with the prefix, by name,
// expired or not, each with its last holder and note.
func (s *Store) Leases(ctx context.Context, prefix string) ([]ecs.Lease, error) {
	found, err := s.leases(ctx, withPrefix, prefix, prefix+lastRune)
	if err != nil {
		return nil, fmt.Errorf("read the leases %s*: %w", prefix, err)
	}
	return found, nil
}

func (s *Store) leases(ctx context.Context, condition string, args ...any) ([]ecs.Lease, error) {
	now := time.Now()
	return query(ctx, s.leasing, func(line row) (ecs.Lease, error) {
		var l ecs.Lease
		var left int64
		err := line.Scan(&l.Name, &l.Holder, &l.Epoch, &left, &l.Note)
		l.Expires = now.Add(time.Duration(left) * time.Millisecond)
		return l, err
	}, `SELECT name, holder, epoch, expires - `+s.now()+`, note FROM leases `+condition, args...)
}

// freeLeases ends the leases of processes that cannot be alive, because this
// one has the file.
func (s *Store) freeLeases(ctx context.Context) error {
	if s.shared {
		return nil
	}
	held, err := s.leases(ctx, "WHERE holder <> ''")
	if err != nil || len(held) == 0 {
		return err
	}
	_, err = s.db.ExecContext(ctx, "UPDATE leases SET expires = 0, holder = ''")
	return explain(err)
}
