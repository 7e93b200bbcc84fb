-- +goose Up
-- One row a paid order. Times are integers: milliseconds since 1970 UTC, 0 for none.
CREATE TABLE renewals (
    renewal_id       TEXT    NOT NULL PRIMARY KEY,
    request_id       TEXT    NOT NULL UNIQUE,
    payload_hash     TEXT    NOT NULL,
    caller           TEXT    NOT NULL,
    region_id        TEXT    NOT NULL,
    instance_id      TEXT    NOT NULL,
    period_count     BIGINT  NOT NULL,
    period_unit      BIGINT  NOT NULL,
    state            TEXT    NOT NULL,
    currency_code    TEXT    NOT NULL,
    price_units      BIGINT  NOT NULL,
    price_nanos      BIGINT  NOT NULL,
    client_token     TEXT    NOT NULL,
    token_number     BIGINT  NOT NULL,
    order_id         TEXT    NOT NULL,
    expire_before    BIGINT  NOT NULL,
    expire_expected  BIGINT  NOT NULL,
    expire_after     BIGINT  NOT NULL,
    reason           TEXT    NOT NULL,
    message          TEXT    NOT NULL,
    cloud_code       TEXT    NOT NULL,
    cloud_request_id TEXT    NOT NULL,
    create_time      BIGINT  NOT NULL,
    update_time      BIGINT  NOT NULL
);

-- At most one live renewal an instance.
CREATE UNIQUE INDEX one_live_renewal ON renewals (region_id, instance_id)
    WHERE state IN ('SUBMITTING', 'UNKNOWN', 'VERIFYING');

-- One row a send of a paid call. A row is closed once, and never removed.
CREATE TABLE renewal_attempts (
    renewal_id       TEXT    NOT NULL REFERENCES renewals (renewal_id),
    number           BIGINT  NOT NULL,
    client_token     TEXT    NOT NULL,
    send_time        BIGINT  NOT NULL,
    finish_time      BIGINT  NOT NULL,
    outcome          TEXT    NOT NULL,
    cloud_code       TEXT    NOT NULL,
    cloud_request_id TEXT    NOT NULL,
    order_id         TEXT    NOT NULL,
    PRIMARY KEY (renewal_id, number)
);

-- +goose Down
DROP TABLE renewal_attempts;
DROP TABLE renewals;
