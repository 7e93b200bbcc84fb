package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/audit"
	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

const (
	auditColumns = `record_id, block, record_time, caller, method, credential, rpc, call_id, request_id, job_id, region_id,
	instance_id, instance_ids, currency_code, price_units, price_nanos, order_id, decision, reason, code, note`

	selectAudit = `SELECT ` + auditColumns + ` FROM audit_records `

	// relatedTo finds records by an ID of their call, request, job or order, each by an index. Those of renewals, two per
	// paid renewal, are in the index of their instance and job only: the ledger, which keeps its renewals forever, leads
	// from the ID to these. They have the request_id of their job.
	relatedTo = `record_id IN (
		SELECT record_id FROM audit_records WHERE call_id = $%[1]d AND call_id <> ''
		UNION ALL
		SELECT record_id FROM audit_records WHERE request_id = $%[1]d AND request_id <> '' AND job_id = ''
		UNION ALL
		SELECT record_id FROM audit_records WHERE order_id = $%[1]d AND order_id <> '' AND job_id = ''
		UNION ALL
		SELECT record_id FROM audit_records WHERE job_id IN ` + relatedJobs + ` AND job_id <> '' AND instance_id = ''
			AND (job_id = $%[1]d OR request_id = $%[1]d)
		UNION ALL
		SELECT record_id FROM audit_records WHERE job_id IN ` + relatedJobs + ` AND instance_id <> ''
			AND instance_id IN (SELECT instance_id FROM renewals WHERE job_id IN ` + relatedJobs + `)
		UNION ALL
		SELECT record_id FROM audit_records WHERE order_id = $%[1]d AND instance_id <> ''
			AND instance_id IN (SELECT instance_id FROM renewals WHERE order_id = $%[1]d AND order_id <> ''))`

	relatedJobs = `(SELECT job_id FROM renewal_jobs WHERE job_id = $%[1]d UNION ALL SELECT job_id FROM renewal_jobs WHERE request_id = $%[1]d)`

	selectBlocks = `SELECT block, records, seal_time, previous_hash, hash, removed FROM audit_blocks `
)

// recordOf returns a record of the call in the context, by its caller.
func recordOf(ctx context.Context, decision audit.Decision) audit.Record {
	r := audit.Record{ID: audit.NewID(), Time: time.Now().UTC(), Decision: decision}
	if c := call.From(ctx); c != nil {
		r.Caller, r.RPC, r.CallID, r.RequestID = c.Caller, c.Method, c.RequestID, c.MessageID
		r.Method = string(c.Identity.How())
		if c.Identity != nil {
			r.Credential = c.Identity.Credential
		}
	}
	return r
}

// WriteAuditRecords writes records that have no other transaction. They are on
// disk when it returns.
func (s *Store) WriteAuditRecords(ctx context.Context, records []audit.Record) error {
	if err := s.inTx(ctx, func(tx *sql.Tx) error { return s.record(ctx, tx, records...) }); err != nil {
		return fmt.Errorf("write %d audit records: %w", len(records), err)
	}
	return nil
}

// record writes records in the transaction of their effect.
func (s *Store) record(ctx context.Context, tx *sql.Tx, records ...audit.Record) error {
	type instanceOf struct{ instance, record string }
	var instances []instanceOf
	for _, r := range records {
		if len(r.InstanceIDs) > 1 {
			for _, id := range r.InstanceIDs {
				instances = append(instances, instanceOf{id, r.ID})
			}
		}
	}
	err := chunked[audit.Record]{
		rows: records, columns: 21, before: "INSERT INTO audit_records (" + auditColumns + ") VALUES ", valuesOfARow: auditValues,
	}.exec(ctx, tx, s.engine)
	if err == nil && len(instances) > 0 {
		err = chunked[instanceOf]{
			rows: instances, columns: 2, before: "INSERT INTO audit_instances (instance_id, record_id) VALUES ", after: " ON CONFLICT DO NOTHING",
			valuesOfARow: func(i instanceOf) []any { return []any{i.instance, i.record} },
		}.exec(ctx, tx, s.engine)
	}
	if err != nil {
		return fmt.Errorf("write the audit: %w", err)
	}
	return nil
}

// auditValues lists the values in the order of auditColumns.
func auditValues(r audit.Record) []any {
	only, several := "", ""
	switch len(r.InstanceIDs) {
	case 0:
	case 1:
		only = r.InstanceIDs[0]
	default:
		several = encodeList(r.InstanceIDs)
	}
	return []any{r.ID, r.Block, r.Time.UnixMilli(), r.Caller, r.Method, r.Credential, r.RPC, r.CallID, r.RequestID, r.JobID, r.RegionID,
		only, several, r.Price.CurrencyCode, r.Price.Units, r.Price.Nanos, r.OrderID, string(r.Decision), string(r.Reason), r.Code, r.Note}
}

// scanAudit reads the values in the order of auditColumns.
func scanAudit(line row) (r audit.Record, err error) {
	var at int64
	var only, several string
	err = line.Scan(&r.ID, &r.Block, &at, &r.Caller, &r.Method, &r.Credential, &r.RPC, &r.CallID, &r.RequestID, &r.JobID, &r.RegionID,
		&only, &several, &r.Price.CurrencyCode, &r.Price.Units, &r.Price.Nanos, &r.OrderID, &r.Decision, &r.Reason, &r.Code, &r.Note)
	r.Time = time.UnixMilli(at).UTC()
	if err == nil && several != "" {
		if err = json.Unmarshal([]byte(several), &r.InstanceIDs); err != nil {
			err = fmt.Errorf("decode the instances of audit record %s: %w", r.ID, err)
		}
	}
	if only != "" { // beside several only if the row was changed
		r.InstanceIDs = append(r.InstanceIDs, only)
	}
	return r, err
}

// ListAudit reads records, newest first, after the one with an ID; from the newest
// with "".
func (s *Store) ListAudit(ctx context.Context, f audit.Filter, after string, limit int) ([]audit.Record, error) {
	condition, args := "WHERE 1 = 1", []any{}
	and := func(text string, value any) {
		args = append(args, value)
		condition += fmt.Sprintf(" AND "+text, len(args))
	}
	if f.Caller != "" {
		and("caller = $%d", f.Caller)
	}
	if f.RPC != "" {
		and("rpc = $%d", f.RPC)
	}
	if f.InstanceID != "" {
		and(`record_id IN (
			SELECT record_id FROM audit_records WHERE instance_id = $%[1]d AND instance_id <> ''
			UNION ALL
			SELECT record_id FROM audit_instances WHERE instance_id = $%[1]d)`, f.InstanceID)
	}
	if f.RelatedID != "" {
		and(relatedTo, f.RelatedID)
	}
	if len(f.Decisions) > 0 {
		condition += " AND decision IN " + marks(len(args)+1, len(f.Decisions))
		for _, d := range f.Decisions {
			args = append(args, string(d))
		}
	}
	if !f.Start.IsZero() {
		and("record_time >= $%d", f.Start.UnixMilli())
	}
	if !f.End.IsZero() {
		and("record_time < $%d", f.End.UnixMilli())
	}
	if f.Block != 0 {
		and("block = $%d", f.Block)
	}
	if after != "" {
		and("record_id < $%d", after)
	}
	args = append(args, limit)
	found, err := query(ctx, s.reader, scanAudit, selectAudit+condition+fmt.Sprintf(" ORDER BY record_id DESC LIMIT $%d", len(args)), args...)
	if err != nil {
		return nil, fmt.Errorf("read the audit: %w", err)
	}
	return found, nil
}

// AuditBlocks reads blocks, oldest first, after the one with a number.
func (s *Store) AuditBlocks(ctx context.Context, after int64, limit int) ([]audit.Block, error) {
	found, err := query(ctx, s.reader, scanBlock, selectBlocks+"WHERE block > $1 ORDER BY block LIMIT $2", after, limit)
	if err != nil {
		return nil, fmt.Errorf("read the audit blocks: %w", err)
	}
	return found, nil
}

// AuditHead reads the newest block, the zero value if there is none.
func (s *Store) AuditHead(ctx context.Context) (audit.Block, error) { return auditHead(ctx, s.reader) }

func auditHead(ctx context.Context, db queryer) (audit.Block, error) {
	found, err := query(ctx, db, scanBlock, selectBlocks+"ORDER BY block DESC LIMIT 1")
	if err != nil {
		return audit.Block{}, fmt.Errorf("read the last audit block: %w", err)
	}
	if len(found) == 0 {
		return audit.Block{}, nil
	}
	return found[0], nil
}

func scanBlock(line row) (b audit.Block, err error) {
	var sealed, removed int64
	var previous, hash string
	if err := line.Scan(&b.Number, &b.Count, &sealed, &previous, &hash, &removed); err != nil {
		return b, err
	}
	b.Time, b.Removed = time.UnixMilli(sealed).UTC(), removed != 0
	// A hash that is not hexadecimal was changed: it agrees with nothing.
	if b.Previous, err = hex.DecodeString(previous); err != nil {
		b.Previous = []byte(previous)
	}
	if b.Hash, err = hex.DecodeString(hash); err != nil {
		b.Hash = []byte(hash)
	}
	return b, nil
}

// SealAudit seals at most limit records that are not sealed, those with the lowest
// IDs, under a lease. It returns the new block, or the zero value if there was
// nothing to seal. The writers of records do not wait for it, except for the
// one transaction of SQLite.
func (s *Store) SealAudit(ctx context.Context, lease ecs.Lease, limit int) (sealed audit.Block, err error) {
	const unsealed = "WHERE block = 0 ORDER BY record_id LIMIT $1"
	waiting, err := query(ctx, s.reader, scanAudit, selectAudit+unsealed, 1)
	if err == nil && len(waiting) > 0 {
		err = s.inTx(ctx, func(tx *sql.Tx) error {
			if err := holdLease(ctx, tx, lease); err != nil {
				return err
			}
			records, err := query(ctx, tx, scanAudit, selectAudit+unsealed, limit)
			if err != nil || len(records) == 0 {
				return err
			}
			head, err := auditHead(ctx, tx)
			if err != nil {
				return err
			}
			sealed = audit.Seal(head, audit.Block{Time: time.UnixMilli(time.Now().UnixMilli()).UTC()}, records)
			if _, err := tx.ExecContext(ctx, "INSERT INTO audit_blocks (block, records, seal_time, previous_hash, hash, removed) VALUES ($1, $2, $3, $4, $5, 0)",
				sealed.Number, sealed.Count, sealed.Time.UnixMilli(), hex.EncodeToString(sealed.Previous), hex.EncodeToString(sealed.Hash)); err != nil {
				return err
			}
			for some := range slices.Chunk(records, rowsAtOnce) {
				args := []any{sealed.Number}
				for _, r := range some {
					args = append(args, r.ID)
				}
				if _, err := tx.ExecContext(ctx, "UPDATE audit_records SET block = $1 WHERE record_id IN "+marks(2, len(some)), args...); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err != nil {
		return audit.Block{}, fmt.Errorf("seal the audit: %w", err)
	}
	return sealed, nil
}

// TrimAudit removes the records of blocks that were sealed before a time, block by
// block from the oldest, under a lease. The last of these blocks stays without
// its records, so that the chain continues from its hash.
func (s *Store) TrimAudit(ctx context.Context, lease ecs.Lease, before time.Time) error {
	for {
		old, err := query(ctx, s.reader, scanBlock, selectBlocks+"WHERE removed = 0 ORDER BY block LIMIT 1")
		if err == nil && (len(old) == 0 || !old[0].Time.Before(before)) {
			return nil
		}
		if err == nil {
			err = s.inTx(ctx, func(tx *sql.Tx) error {
				if err := holdLease(ctx, tx, lease); err != nil {
					return err
				}
				for _, text := range []string{
					"DELETE FROM audit_instances WHERE record_id IN (SELECT record_id FROM audit_records WHERE block = $1)",
					"DELETE FROM audit_records WHERE block = $1",
					"UPDATE audit_blocks SET removed = 1 WHERE block = $1",
					"DELETE FROM audit_blocks WHERE block < $1",
				} {
					if _, err := tx.ExecContext(ctx, text, old[0].Number); err != nil {
						return err
					}
				}
				return nil
			})
		}
		if err != nil {
			return fmt.Errorf("trim the audit: %w", err)
		}
		if err := rest(ctx); err != nil {
			return err
		}
	}
}
