-- +goose Up
-- What was decided about calls. A record is written in the transaction of its effect with block 0, and is sealed about a second
-- later: block is then the number of its audit_blocks row. Record IDs sort by time. instance_id is the only instance of a record;
-- if it has several, they are in instance_ids, in JSON, and in audit_instances. Times are milliseconds since 1970 UTC.
CREATE TABLE audit_records (
    record_id     TEXT   NOT NULL PRIMARY KEY,
    block         BIGINT NOT NULL,
    record_time   BIGINT NOT NULL,
    caller        TEXT   NOT NULL,
    method        TEXT   NOT NULL,
    credential    TEXT   NOT NULL,
    rpc           TEXT   NOT NULL,
    call_id       TEXT   NOT NULL,
    request_id    TEXT   NOT NULL,
    job_id        TEXT   NOT NULL,
    region_id     TEXT   NOT NULL,
    instance_id   TEXT   NOT NULL,
    instance_ids  TEXT   NOT NULL,
    currency_code TEXT   NOT NULL,
    price_units   BIGINT NOT NULL,
    price_nanos   BIGINT NOT NULL,
    order_id      TEXT   NOT NULL,
    decision      TEXT   NOT NULL,
    reason        TEXT   NOT NULL,
    code          BIGINT NOT NULL,
    note          TEXT   NOT NULL
);
CREATE INDEX audit_unsealed ON audit_records (record_id) WHERE block = 0;
CREATE INDEX audit_by_block ON audit_records (block, record_id);
CREATE INDEX audit_by_caller ON audit_records (caller, record_id);
CREATE INDEX audit_by_instance ON audit_records (instance_id, record_id) WHERE instance_id <> '';

CREATE TABLE audit_instances (
    instance_id TEXT NOT NULL,
    record_id   TEXT NOT NULL,
    PRIMARY KEY (instance_id, record_id)
);
CREATE INDEX audit_instances_by_record ON audit_instances (record_id);

-- The seals. The oldest row may have removed = 1: its records are older than the retention, and the chain begins with its hash.
CREATE TABLE audit_blocks (
    block         BIGINT NOT NULL PRIMARY KEY,
    records       BIGINT NOT NULL,
    seal_time     BIGINT NOT NULL,
    previous_hash TEXT   NOT NULL,
    hash          TEXT   NOT NULL,
    removed       BIGINT NOT NULL
);

-- +goose Down
DROP TABLE audit_blocks;
DROP TABLE audit_instances;
DROP TABLE audit_records;
