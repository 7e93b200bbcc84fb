-- +goose Up
-- The changes of each instance up to revision change_log.indexed, written after the change itself, because watchers
-- wait for that. A row without its change belongs to a trimmed revision.
CREATE TABLE changes_by_instance (
    instance_id TEXT   NOT NULL,
    revision    BIGINT NOT NULL,
    PRIMARY KEY (instance_id, revision)
);
ALTER TABLE change_log ADD COLUMN indexed BIGINT NOT NULL DEFAULT 0;

CREATE INDEX revisions_by_time ON revisions (commit_time, revision);

-- +goose Down
DROP INDEX revisions_by_time;
ALTER TABLE change_log DROP COLUMN indexed;
DROP TABLE changes_by_instance;
