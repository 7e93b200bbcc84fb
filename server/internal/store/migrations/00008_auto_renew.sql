-- +goose Up
-- The auto-renew settings that were asked for last, to be held against what the cloud holds.
CREATE TABLE auto_renew_wishes (
    region_id    TEXT   NOT NULL,
    instance_id  TEXT   NOT NULL,
    status       BIGINT NOT NULL,
    period_count BIGINT NOT NULL,
    period_unit  BIGINT NOT NULL,
    caller       TEXT   NOT NULL,
    ask_time     BIGINT NOT NULL,
    on_time      BIGINT NOT NULL,
    PRIMARY KEY (region_id, instance_id)
);

-- +goose Down
DROP TABLE auto_renew_wishes;
