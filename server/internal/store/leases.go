package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// AcquireLease takes the lease for ttl where it is free, has expired, or is the
// holder's own already, each time with a new epoch. Where another has it, it
// returns that one's lease and ErrLeaseHeld. Whether a lease has expired is
// judged by the clock of the database, so that the clocks of replicas may
// differ.
func (s *Store) AcquireLease(ctx context.Context, name, holder string, ttl time.Duration) (ecs.Lease, error) {
	if name == "" || holder == "" {
		return ecs.Lease{}, errors.New("a lease needs a name and a holder")
	}
	lease := ecs.Lease{Name: name, Holder: holder, Expires: time.Now().Add(ttl)}
	now := s.now()
	err := s.db.QueryRowContext(ctx, `INSERT INTO leases (name, holder, epoch, expires) VALUES ($1, $2, 1, `+now+` + $3)
		ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, epoch = leases.epoch + 1, expires = excluded.expires
		WHERE leases.expires <= `+now+` OR leases.holder = excluded.holder
		RETURNING epoch, note`, name, holder, ttl.Milliseconds()).Scan(&lease.Epoch, &lease.Note)
	if err == nil {
		return lease, nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return ecs.Lease{}, fmt.Errorf("acquire lease %s: %w", name, explain(err))
	}
	held, err := s.leases(ctx, "WHERE name = $1", name)
	if err != nil {
		return ecs.Lease{}, fmt.Errorf("read lease %s: %w", name, err)
	}
	return held[0], fmt.Errorf("lease %s: %w", name, ecs.ErrLeaseHeld)
}

// RenewLease extends the lease to ttl from now and leaves a note for those who
// do not hold it. ErrLeaseLost says that another has it, or that it was given
// up; one that has merely expired is still its holder's.
func (s *Store) RenewLease(ctx context.Context, lease ecs.Lease, ttl time.Duration, note []byte) (ecs.Lease, error) {
	lease.Expires, lease.Note = time.Now().Add(ttl), note
	err := changeLease(ctx, s.db, lease, `expires = `+s.now()+` + $4, note = $5`, ttl.Milliseconds(), blob(note))
	return lease, err
}

// ReleaseLease ends the lease at once, so that another need not wait for its
// end. Its note stays.
func (s *Store) ReleaseLease(ctx context.Context, lease ecs.Lease) error {
	return changeLease(ctx, s.db, lease, `expires = 0, holder = ''`)
}

// holdLease keeps the lease from changing hands until the transaction ends, and
// refuses one that has changed hands before: what is written under an old
// epoch would undo what the new holder has seen. It leaves the lease's note,
// which so becomes true together with what the transaction writes.
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

// Leases reads the leases whose names begin with the prefix, by name: who holds
// them, whether or not they have expired, and what the last holder noted.
func (s *Store) Leases(ctx context.Context, prefix string) ([]ecs.Lease, error) {
	found, err := s.leases(ctx, "WHERE substr(name, 1, $2) = $1 ORDER BY name", prefix, utf8.RuneCountInString(prefix))
	if err != nil {
		return nil, fmt.Errorf("read the leases %s*: %w", prefix, err)
	}
	return found, nil
}

func (s *Store) leases(ctx context.Context, condition string, args ...any) ([]ecs.Lease, error) {
	now := time.Now()
	return query(ctx, s.reader, func(line row) (ecs.Lease, error) {
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
