-- +goose Up
-- Releases with snapshots, requested together. Options and detail are JSON. Times are milliseconds since 1970 UTC.
CREATE TABLE release_jobs (
    job_id       TEXT   NOT NULL PRIMARY KEY,
    request_id   TEXT   NOT NULL UNIQUE,
    payload_hash TEXT   NOT NULL,
    caller       TEXT   NOT NULL,
    note         TEXT   NOT NULL,
    region_id    TEXT   NOT NULL,
    options      TEXT   NOT NULL,
    state        TEXT   NOT NULL,
    revision     BIGINT NOT NULL,
    create_time  BIGINT NOT NULL,
    update_time  BIGINT NOT NULL,
    end_time     BIGINT NOT NULL -- 0 for a running job
);
CREATE INDEX open_release_jobs ON release_jobs (create_time, job_id) WHERE end_time = 0;

CREATE TABLE release_items (
    job_id           TEXT   NOT NULL,
    instance_id      TEXT   NOT NULL,
    state            TEXT   NOT NULL,
    reason           TEXT   NOT NULL,
    message          TEXT   NOT NULL,
    cloud_code       TEXT   NOT NULL,
    cloud_request_id TEXT   NOT NULL,
    detail           TEXT   NOT NULL,
    revision         BIGINT NOT NULL, -- the job's, at the last write
    update_time      BIGINT NOT NULL,
    PRIMARY KEY (job_id, instance_id)
);
CREATE INDEX release_items_by_revision ON release_items (job_id, revision, instance_id);
-- Finds the release of an instance by its ID, read only when the cloud does not show the instance.
CREATE INDEX release_items_by_instance ON release_items (instance_id);

-- +goose Down
DROP TABLE release_items;
DROP TABLE release_jobs;
