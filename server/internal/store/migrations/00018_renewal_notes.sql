-- +goose Up
-- What auditors ask for: notes, the account, the instance by name, and the decisions of operators as JSON, oldest first.
-- An older program leaves them empty.
ALTER TABLE renewal_jobs ADD COLUMN note TEXT NOT NULL DEFAULT '';
ALTER TABLE renewal_jobs ADD COLUMN cancel_note TEXT NOT NULL DEFAULT '';
ALTER TABLE renewal_jobs ADD COLUMN account_id TEXT NOT NULL DEFAULT '';
ALTER TABLE renewals ADD COLUMN note TEXT NOT NULL DEFAULT '';
ALTER TABLE renewals ADD COLUMN account_id TEXT NOT NULL DEFAULT '';
ALTER TABLE renewals ADD COLUMN instance_name TEXT NOT NULL DEFAULT '';
ALTER TABLE renewals ADD COLUMN decisions TEXT NOT NULL DEFAULT '';

-- The selection of the request of a job, encoded by the API. It may hold all IDs of the job, so it is apart from the row
-- that every transition writes.
CREATE TABLE renewal_selections (
    job_id    TEXT  NOT NULL PRIMARY KEY,
    selection BYTEA NOT NULL
);

-- +goose Down
ALTER TABLE renewal_jobs DROP COLUMN note;
ALTER TABLE renewal_jobs DROP COLUMN cancel_note;
ALTER TABLE renewal_jobs DROP COLUMN account_id;
ALTER TABLE renewals DROP COLUMN note;
ALTER TABLE renewals DROP COLUMN account_id;
ALTER TABLE renewals DROP COLUMN instance_name;
ALTER TABLE renewals DROP COLUMN decisions;
DROP TABLE renewal_selections;
