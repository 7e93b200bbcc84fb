-- +goose Up
-- Finds the launch or release of an instance by its ID, read only when the cloud does not show the instance.
CREATE INDEX request_items_by_instance ON request_items (instance_id);

-- One row per setting of an instance that a change of several steps has altered or is about to, written before its
-- first step and deleted after its last. A row past its held_until belongs to a process that died: the next one to
-- claim it finishes or undoes the change. Detail is what to set, in JSON. Times are milliseconds since 1970 UTC.
CREATE TABLE setting_intents (
    request_id  TEXT   NOT NULL,
    region_id   TEXT   NOT NULL,
    instance_id TEXT   NOT NULL,
    setting     TEXT   NOT NULL,
    detail      TEXT   NOT NULL,
    holder      TEXT   NOT NULL,
    held_until  BIGINT NOT NULL,
    create_time BIGINT NOT NULL,
    PRIMARY KEY (request_id, region_id, instance_id, setting)
);
CREATE INDEX setting_intents_by_instance ON setting_intents (instance_id);
CREATE INDEX setting_intents_by_hold ON setting_intents (held_until);

-- 0 if every send of the current token is known to have had no effect, so that the token may be replaced.
ALTER TABLE requests ADD COLUMN uncertain BIGINT NOT NULL DEFAULT 1;

-- +goose Down
ALTER TABLE requests DROP COLUMN uncertain;
DROP TABLE setting_intents;
DROP INDEX request_items_by_instance;
