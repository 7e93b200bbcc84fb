-- +goose Up
-- What was last seen of subscriptions near their expiry, which tells the deductions that failed from those that were due
-- for what was then. change_time is 0 where it was so at first sight.
CREATE TABLE auto_renew_sights (
    region_id   TEXT   NOT NULL,
    instance_id TEXT   NOT NULL,
    expire_time BIGINT NOT NULL,
    status      BIGINT NOT NULL,
    change_time BIGINT NOT NULL,
    PRIMARY KEY (region_id, instance_id)
);
CREATE INDEX auto_renew_sights_by_expiry ON auto_renew_sights (expire_time);

-- +goose Down
DROP TABLE auto_renew_sights;
