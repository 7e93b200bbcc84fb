package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/changelog"
)

// Changes reads the changes that a query selects, by index. ErrTrimmed and
// ErrLost mean that the log no longer holds the entry of the query's cursor.
func (s *Store) Changes(ctx context.Context, q changelog.Query) (changelog.Slice, error) {
	var found changelog.Slice
	err := s.inSnapshot(ctx, func(tx *sql.Tx) error {
		bounds, err := readBounds(ctx, tx)
		if err == nil && !q.After.IsZero() {
			err = s.listable(ctx, tx, bounds, q.After.Position)
		}
		if err != nil {
			return err
		}
		if found.Complete, err = s.completeFrom(ctx, tx, bounds); err != nil {
			return err
		}
		from, to, err := revisionsBetween(ctx, tx, bounds, q)
		if err != nil || from > to {
			return err
		}
		if found.Entries, err = selectEntries(ctx, tx, q, from, to); err != nil {
			return err
		}
		if found.More = len(found.Entries) > q.Limit; found.More {
			found.Entries = found.Entries[:q.Limit]
		}
		return readEntries(ctx, tx, found.Entries)
	})
	if err != nil {
		return changelog.Slice{}, fmt.Errorf("list changes: %w", err)
	}
	return found, nil
}

// listable returns an error if the log does not hold the revision of a cursor.
func (s *Store) listable(ctx context.Context, tx *sql.Tx, bounds changelog.Bounds, at changelog.Position) error {
	if at.Revision == bounds.Oldest {
		return changelog.ErrTrimmed
	}
	return resumable(ctx, tx, bounds, at)
}

// completeFrom returns the time from which on the log holds every change.
func (s *Store) completeFrom(ctx context.Context, tx *sql.Tx, bounds changelog.Bounds) (time.Time, error) {
	if bounds.Oldest == 0 {
		return time.Time{}, nil
	}
	times, err := query(ctx, tx, func(line row) (at int64, err error) { return at, line.Scan(&at) },
		`SELECT coalesce((SELECT commit_time FROM revisions WHERE revision = $1), `+s.now()+`)`, bounds.Oldest+1)
	if err != nil {
		return time.Time{}, err
	}
	return moment(times[0]), nil
}

// The ends of an interval of commit times, which rise with the revisions.
const (
	selectFirstSince = "SELECT revision FROM revisions WHERE commit_time >= $1 ORDER BY commit_time, revision LIMIT 1"
	selectLastUntil  = "SELECT revision FROM revisions WHERE commit_time < $1 ORDER BY commit_time DESC, revision DESC LIMIT 1"
)

// revisionsBetween returns the first and the last revision that a query can
// select; from is greater if there is none.
func revisionsBetween(ctx context.Context, tx *sql.Tx, bounds changelog.Bounds, q changelog.Query) (from, to int64, err error) {
	number := func(line row) (n int64, err error) { return n, line.Scan(&n) }
	from, to = max(bounds.Oldest+1, q.After.Revision), bounds.Newest
	if !q.Start.IsZero() {
		first, err := query(ctx, tx, number, selectFirstSince, millis(q.Start))
		if err != nil {
			return 0, 0, err
		}
		if len(first) == 0 {
			return 1, 0, nil
		}
		from = max(from, first[0])
	}
	if !q.End.IsZero() {
		last, err := query(ctx, tx, number, selectLastUntil, millis(q.End))
		if err != nil {
			return 0, 0, err
		}
		if len(last) == 0 {
			return 1, 0, nil
		}
		to = min(to, last[0])
	}
	return from, to, nil
}

// selectEntries returns the entries of a query without their states: one more
// than its limit if there are so many.
func selectEntries(ctx context.Context, tx *sql.Tx, q changelog.Query, from, to int64) ([]changelog.Entry, error) {
	if len(q.InstanceIDs) == 0 {
		text, args := entriesOf(allChanges, q, nil, from, to)
		return query(ctx, tx, scanEntry, text, args...)
	}
	indexed, err := indexedUpTo(ctx, tx)
	if err != nil {
		return nil, err
	}
	var found []changelog.Entry
	for ids := range slices.Chunk(q.InstanceIDs, rowsAtOnce) {
		indexedText, indexedArgs := entriesOf(indexedChanges, q, ids, from, min(to, indexed))
		some, err := query(ctx, tx, scanEntry, indexedText, indexedArgs...)
		if err != nil {
			return nil, err
		}
		found = append(found, some...)
		// The rest of the log is about a minute old at most.
		text, args := entriesOf(allChanges, q, ids, max(from, indexed+1), to)
		if some, err = query(ctx, tx, scanEntry, text, args...); err != nil {
			return nil, err
		}
		found = append(found, some...)
	}
	slices.SortFunc(found, func(a, b changelog.Entry) int {
		return cmp.Or(cmp.Compare(a.Revision, b.Revision), strings.Compare(a.InstanceID, b.InstanceID))
	})
	return found[:min(len(found), q.Limit+1)], nil
}

const entryColumns = "SELECT c.revision, r.revision_id, r.region_id, r.commit_time, c.instance_id FROM "

func scanEntry(line row) (e changelog.Entry, err error) {
	var committed int64
	err = line.Scan(&e.Revision, &e.ID, &e.RegionID, &committed, &e.InstanceID)
	e.CommitTime = moment(committed)
	return e, err
}

// Where entries are read from: the log, in its order, and its index by instance.
const (
	allChanges     = "changes AS c JOIN revisions AS r ON r.revision = c.revision"
	indexedChanges = "changes_by_instance AS c JOIN revisions AS r ON r.revision = c.revision"
)

func entriesOf(tables string, q changelog.Query, ids []string, from, to int64) (string, []any) {
	var c conditions
	if len(ids) > 0 {
		c.in("c.instance_id", ids)
	}
	c.add("c.revision >= ? AND c.revision <= ?", from, to)
	if !q.After.IsZero() {
		c.add("(c.revision, c.instance_id) > (?, ?)", q.After.Revision, q.After.InstanceID)
	}
	if len(q.RegionIDs) > 0 {
		c.in("r.region_id", q.RegionIDs)
	}
	return fmt.Sprintf("%s%s WHERE %s ORDER BY c.revision, c.instance_id LIMIT %d", entryColumns, tables, strings.Join(c.all, " AND "), q.Limit+1), c.args
}

// readEntries fills in the states.
func readEntries(ctx context.Context, tx *sql.Tx, entries []changelog.Entry) error {
	type key struct {
		revision   int64
		instanceID string
	}
	at := make(map[key]*changelog.Entry, len(entries))
	for i := range entries {
		at[key{entries[i].Revision, entries[i].InstanceID}] = &entries[i]
	}
	for some := range slices.Chunk(entries, rowsAtOnce) {
		text, args := statesOf(some)
		_, err := query(ctx, tx, func(line row) (none struct{}, err error) {
			var k key
			var before, after []byte
			if err := line.Scan(&k.revision, &k.instanceID, &before, &after); err != nil {
				return none, err
			}
			at[k].Before, at[k].After = before, after
			return none, nil
		}, text, args...)
		if err != nil {
			return err
		}
	}
	return nil
}

func statesOf(entries []changelog.Entry) (string, []any) {
	var args []any
	var keys []string
	for _, e := range entries {
		args = append(args, e.Revision, e.InstanceID)
		keys = append(keys, fmt.Sprintf("(revision = $%d AND instance_id = $%d)", len(args)-1, len(args)))
	}
	return "SELECT revision, instance_id, state_before, state_after FROM changes WHERE " + strings.Join(keys, " OR "), args
}
