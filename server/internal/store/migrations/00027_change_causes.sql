-- +goose Up
-- One row per instance and call of ecsd to the cloud that may change it, written before the call and deleted if the cloud
-- refused. Call_time is milliseconds since 1970 UTC by the clock of the database, like revisions.commit_time.
CREATE TABLE change_causes (
    cause_id    TEXT   NOT NULL,
    region_id   TEXT   NOT NULL,
    instance_id TEXT   NOT NULL,
    action      TEXT   NOT NULL,
    call_time   BIGINT NOT NULL,
    method      TEXT   NOT NULL, -- empty if ecsd made the call on its own
    caller      TEXT   NOT NULL,
    call_id     TEXT   NOT NULL,
    request_id  TEXT   NOT NULL,
    PRIMARY KEY (cause_id, instance_id)
);
CREATE INDEX change_causes_by_instance ON change_causes (instance_id, call_time);
CREATE INDEX change_causes_by_time ON change_causes (call_time);

-- +goose Down
DROP TABLE change_causes;
