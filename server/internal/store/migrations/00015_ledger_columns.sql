-- +goose Up
-- When a renewal was planned, paid and last retried by an operator, in milliseconds since 1970 UTC, 0 if never. An older
-- program leaves them 0: its renewals were planned when they were created and paid when they were last written.
ALTER TABLE renewals ADD COLUMN plan_time BIGINT NOT NULL DEFAULT 0;
ALTER TABLE renewals ADD COLUMN paid_time BIGINT NOT NULL DEFAULT 0;
ALTER TABLE renewals ADD COLUMN resolve_time BIGINT NOT NULL DEFAULT 0;
-- The order of claims, smallest first: 0 for the renewal of a job of one, else the expiry at the time of the plan.
ALTER TABLE renewals ADD COLUMN priority BIGINT NOT NULL DEFAULT 0;

-- Money that is set aside for PLANNED renewals.
ALTER TABLE renewal_jobs ADD COLUMN planned_units BIGINT NOT NULL DEFAULT 0;
ALTER TABLE renewal_jobs ADD COLUMN planned_nanos BIGINT NOT NULL DEFAULT 0;
-- The number of renewals per state and reason, as JSON. It and the planned money are valid if counted_revision is the
-- revision: a write of an older program raises the revision only, and both are then computed from the renewals.
ALTER TABLE renewal_jobs ADD COLUMN counts TEXT NOT NULL DEFAULT '';
ALTER TABLE renewal_jobs ADD COLUMN counted_revision BIGINT NOT NULL DEFAULT 0;
-- The revision at which the sums were last compared with the renewals.
ALTER TABLE renewal_jobs ADD COLUMN audited_revision BIGINT NOT NULL DEFAULT 0;
ALTER TABLE renewal_jobs ADD COLUMN cancel_time BIGINT NOT NULL DEFAULT 0;
ALTER TABLE renewal_jobs ADD COLUMN cancelled_by TEXT NOT NULL DEFAULT '';
ALTER TABLE renewal_jobs ADD COLUMN end_time BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE renewals DROP COLUMN plan_time;
ALTER TABLE renewals DROP COLUMN paid_time;
ALTER TABLE renewals DROP COLUMN resolve_time;
ALTER TABLE renewals DROP COLUMN priority;
ALTER TABLE renewal_jobs DROP COLUMN planned_units;
ALTER TABLE renewal_jobs DROP COLUMN planned_nanos;
ALTER TABLE renewal_jobs DROP COLUMN counts;
ALTER TABLE renewal_jobs DROP COLUMN counted_revision;
ALTER TABLE renewal_jobs DROP COLUMN audited_revision;
ALTER TABLE renewal_jobs DROP COLUMN cancel_time;
ALTER TABLE renewal_jobs DROP COLUMN cancelled_by;
ALTER TABLE renewal_jobs DROP COLUMN end_time;
