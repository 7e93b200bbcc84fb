-- +goose Up
-- One row per change of the charge type or the type of an instance, written before its order is sent. Detail is the
-- modification in JSON; the other columns repeat what is searched for. A live row past its held_until belongs to a process
-- that died: the next one to claim it continues. Times are milliseconds since 1970 UTC.
CREATE TABLE modifications (
    modification_id TEXT   NOT NULL PRIMARY KEY,
    request_id      TEXT   NOT NULL,
    region_id       TEXT   NOT NULL,
    instance_id     TEXT   NOT NULL,
    state           TEXT   NOT NULL,
    detail          TEXT   NOT NULL,
    holder          TEXT   NOT NULL,
    held_until      BIGINT NOT NULL,
    create_time     BIGINT NOT NULL,
    update_time     BIGINT NOT NULL,
    CONSTRAINT modification_state
        CHECK (state IN ('SUBMITTING', 'UNKNOWN', 'VERIFYING', 'SUCCEEDED', 'UNVERIFIED', 'FAILED', 'NEEDS_ATTENTION'))
);
CREATE UNIQUE INDEX modifications_by_request ON modifications (request_id);
CREATE UNIQUE INDEX one_live_modification ON modifications (region_id, instance_id) WHERE state IN ('SUBMITTING', 'UNKNOWN', 'VERIFYING');
CREATE INDEX modifications_by_instance ON modifications (instance_id, create_time);
CREATE INDEX live_modifications ON modifications (held_until) WHERE state IN ('SUBMITTING', 'UNKNOWN', 'VERIFYING');

-- +goose Down
DROP TABLE modifications;
