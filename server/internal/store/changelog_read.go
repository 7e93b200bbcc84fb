package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/ecsd-io/ecsd/server/internal/changelog"
)

// Instances reads the instances of the regions, or of all if none is given, by
// region and ID: one state, that of the newest revision of the bounds.
func (s *Store) Instances(ctx context.Context, regionIDs []string) ([]changelog.Record, changelog.Bounds, error) {
	var bounds changelog.Bounds
	var found []changelog.Record
	var later map[[2]string]changelog.Record
	err := s.inSnapshot(ctx, func(tx *sql.Tx) (err error) {
		if bounds, err = readBounds(ctx, tx); err != nil {
			return err
		}
		where, args := inRegions(" WHERE region_id IN ", 1, regionIDs)
		found, err = query(ctx, tx, func(line row) (r changelog.Record, err error) {
			return r, line.Scan(&r.RegionID, &r.InstanceID, &r.Revision, &r.State)
		}, `SELECT region_id, instance_id, revision, state FROM instances`+where, args...)
		if err == nil {
			later, err = unfolded(ctx, tx, regionIDs)
		}
		return err
	})
	if err != nil {
		return nil, changelog.Bounds{}, fmt.Errorf("read the instances: %w", err)
	}
	found = slices.DeleteFunc(found, func(r changelog.Record) bool {
		_, changed := later[[2]string{r.RegionID, r.InstanceID}]
		return changed
	})
	for _, r := range later {
		if len(r.State) > 0 {
			found = append(found, r)
		}
	}
	// Here rather than there, since databases differ in how they order text.
	slices.SortFunc(found, func(a, b changelog.Record) int {
		return cmp.Or(strings.Compare(a.RegionID, b.RegionID), strings.Compare(a.InstanceID, b.InstanceID))
	})
	return found, bounds, nil
}

// LogBounds returns the bounds of the log.
func (s *Store) LogBounds(ctx context.Context) (changelog.Bounds, error) {
	bounds, err := readBounds(ctx, s.reader)
	if err != nil {
		return changelog.Bounds{}, fmt.Errorf("read the bounds of the change log: %w", err)
	}
	return bounds, nil
}

// readBounds reads both ends in one statement, so that they belong together.
func readBounds(ctx context.Context, db queryer) (changelog.Bounds, error) {
	bounds, err := query(ctx, db, func(line row) (b changelog.Bounds, err error) { return b, line.Scan(&b.Newest, &b.Oldest, &b.NewestID) },
		`SELECT newest, coalesce((SELECT min(revision) - 1 FROM revisions), newest),
			coalesce((SELECT revision_id FROM revisions WHERE revision = newest), trimmed_id) FROM change_log`)
	if err != nil {
		return changelog.Bounds{}, err
	}
	return bounds[0], nil
}

// revisionsAtOnce bounds the revisions of a page, however small they are.
const revisionsAtOnce = 1000

// Resumable reports by its error whether the log can be read after a position:
// changelog.ErrTrimmed or changelog.ErrLost if not.
func (s *Store) Resumable(ctx context.Context, after changelog.Position) error {
	bounds, err := readBounds(ctx, s.reader)
	if err == nil {
		err = resumable(ctx, s.reader, bounds, after)
	}
	if err != nil {
		return fmt.Errorf("continue the change log after revision %d: %w", after.Revision, err)
	}
	return nil
}

func resumable(ctx context.Context, db queryer, bounds changelog.Bounds, after changelog.Position) error {
	switch {
	case after.Revision < bounds.Oldest:
		return changelog.ErrTrimmed
	case after.Revision > bounds.Newest:
		return changelog.ErrLost
	}
	// A program that does not know IDs trims without keeping the last of them;
	// then the position cannot be refused.
	ids, err := query(ctx, db, func(line row) (id int64, err error) { return id, line.Scan(&id) },
		`SELECT revision_id FROM revisions WHERE revision = $1 UNION ALL SELECT trimmed_id FROM change_log WHERE trimmed = $1`, after.Revision)
	if err != nil {
		return err
	}
	if len(ids) > 0 && ids[0] != after.ID {
		return changelog.ErrLost
	}
	return nil
}

// Log reads the changes after a position in the regions, or in all if none is
// given: whole revisions, oldest first, until there are limit changes or more.
// UpTo is the newest revision up to which all was read. changelog.ErrTrimmed and
// changelog.ErrLost mean that the log cannot be read after the position.
func (s *Store) Log(ctx context.Context, after changelog.Position, regionIDs []string, limit int) (changelog.Page, error) {
	var page changelog.Page
	err := s.inSnapshot(ctx, func(tx *sql.Tx) error {
		bounds, err := readBounds(ctx, tx)
		if err == nil {
			err = resumable(ctx, tx, bounds, after)
		}
		if err != nil {
			return err
		}
		page.UpTo, page.UpToID = bounds.Newest, bounds.NewestID
		if after.Revision == bounds.Newest {
			return nil
		}
		if page.Revisions, err = readRevisions(ctx, tx, after.Revision, regionIDs, limit, &page.UpTo); err != nil {
			return err
		}
		if page.UpTo < bounds.Newest {
			// A page that ends early ends at one of its revisions.
			page.UpToID = page.Revisions[len(page.Revisions)-1].ID
		}
		return readChanges(ctx, tx, after.Revision, page, regionIDs)
	})
	if err != nil {
		return changelog.Page{}, fmt.Errorf("read the change log after revision %d: %w", after.Revision, err)
	}
	return page, nil
}

// readRevisions returns the revisions of a page, and moves upTo to the last of
// them if there are more.
func readRevisions(ctx context.Context, tx *sql.Tx, after int64, regionIDs []string, limit int, upTo *int64) ([]changelog.Revision, error) {
	type counted struct {
		changelog.Revision
		changes int
	}
	where, args := inRegions(" AND region_id IN ", 2, regionIDs)
	found, err := query(ctx, tx, func(line row) (r counted, err error) {
		var committed int64
		err = line.Scan(&r.Number, &r.ID, &r.RegionID, &committed, &r.changes)
		r.CommitTime = moment(committed)
		return r, err
	}, fmt.Sprintf(`SELECT revision, revision_id, region_id, commit_time, change_count FROM revisions WHERE revision > $1%s ORDER BY revision LIMIT %d`,
		where, revisionsAtOnce), append([]any{after}, args...)...)
	if err != nil {
		return nil, err
	}
	var picked []changelog.Revision
	for i, r := range found {
		picked = append(picked, r.Revision)
		limit -= r.changes
		if limit <= 0 && i+1 < len(found) || i+1 == revisionsAtOnce {
			*upTo = r.Number
			break
		}
	}
	return picked, nil
}

// readChanges fills the revisions of a page.
func readChanges(ctx context.Context, tx *sql.Tx, after int64, page changelog.Page, regionIDs []string) error {
	if len(page.Revisions) == 0 {
		return nil
	}
	of := make(map[int64]*changelog.Revision, len(page.Revisions))
	for i := range page.Revisions {
		of[page.Revisions[i].Number] = &page.Revisions[i]
	}
	where, args := inRegions(" AND region_id IN ", 3, regionIDs)
	_, err := query(ctx, tx, func(line row) (none struct{}, err error) {
		var number int64
		var c changelog.Change
		if err := line.Scan(&number, &c.InstanceID, &c.Before, &c.After); err != nil {
			return none, err
		}
		of[number].Changes = append(of[number].Changes, c)
		return none, nil
	}, `SELECT revision, instance_id, state_before, state_after FROM changes JOIN revisions USING (revision)
		WHERE revision > $1 AND revision <= $2`+where, append([]any{after, page.UpTo}, args...)...)
	for _, r := range page.Revisions {
		slices.SortFunc(r.Changes, func(a, b changelog.Change) int { return strings.Compare(a.InstanceID, b.InstanceID) })
	}
	return err
}

// inRegions returns a condition on the region, with its arguments numbered from
// first on; none if no region is given.
func inRegions(condition string, first int, regionIDs []string) (string, []any) {
	if len(regionIDs) == 0 {
		return "", nil
	}
	return condition + marks(first, len(regionIDs)), marked(regionIDs)
}
