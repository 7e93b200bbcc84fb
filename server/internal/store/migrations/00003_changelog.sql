-- +goose Up
-- The one row of the log: whose revisions these are, and how far they have come.
CREATE TABLE change_log (
    only_row BIGINT NOT NULL PRIMARY KEY CHECK (only_row = 1),
    store_id TEXT   NOT NULL,
    newest   BIGINT NOT NULL, -- the last revision that was given
    changes  BIGINT NOT NULL  -- how many changes were ever written
);
INSERT INTO change_log (only_row, store_id, newest, changes) VALUES (1, '', 0, 0);

-- What one poll of one region found. A revision that is not here is no longer kept,
-- though some of its changes may still wait to be deleted.
CREATE TABLE revisions (
    revision      BIGINT NOT NULL PRIMARY KEY,
    region_id     TEXT   NOT NULL,
    commit_time   BIGINT NOT NULL,
    change_count  BIGINT NOT NULL,
    changes_up_to BIGINT NOT NULL -- change_log.changes with this revision
);

CREATE TABLE changes (
    revision     BIGINT NOT NULL,
    instance_id  TEXT   NOT NULL,
    state_before BYTEA, -- NULL: the instance is new
    state_after  BYTEA, -- NULL: it is gone
    PRIMARY KEY (revision, instance_id)
);

-- Each instance as it was last seen.
CREATE TABLE instances (
    region_id   TEXT   NOT NULL,
    instance_id TEXT   NOT NULL,
    revision    BIGINT NOT NULL,
    state       BYTEA  NOT NULL,
    PRIMARY KEY (region_id, instance_id)
);

-- +goose Down
DROP TABLE instances;
DROP TABLE changes;
DROP TABLE revisions;
DROP TABLE change_log;
