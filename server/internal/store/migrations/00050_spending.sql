-- +goose Up
-- What callers spend. The money of a renewal is in its row: spend_time is when it was reserved, 0 for a renewal that never was,
-- or that a program without spending limits paid. Launches and modifications have a row in spend_orders. An account is the sum
-- of the orders of one caller in one currency with a spend_time in [start_time, end_time), and is made when a limit first needs
-- it. Every transaction that changes an order first locks its caller, and then writes all accounts that contain the order.
-- Times are milliseconds since 1970 UTC.
ALTER TABLE renewals ADD COLUMN spend_time BIGINT NOT NULL DEFAULT 0;
CREATE INDEX renewals_by_spending ON renewals (caller, spend_time) WHERE spend_time > 0;

CREATE TABLE spend_orders (
    order_key     TEXT   NOT NULL PRIMARY KEY,
    caller        TEXT   NOT NULL,
    state         TEXT   NOT NULL,
    currency_code TEXT   NOT NULL,
    price_units   BIGINT NOT NULL,
    price_nanos   BIGINT NOT NULL,
    spend_time    BIGINT NOT NULL
);
CREATE INDEX spend_orders_by_caller ON spend_orders (caller, spend_time);

CREATE TABLE spend_accounts (
    caller         TEXT   NOT NULL,
    currency_code  TEXT   NOT NULL,
    start_time     BIGINT NOT NULL,
    end_time       BIGINT NOT NULL,
    reserved_units BIGINT NOT NULL,
    reserved_nanos BIGINT NOT NULL,
    spent_units    BIGINT NOT NULL,
    spent_nanos    BIGINT NOT NULL,
    PRIMARY KEY (caller, currency_code, start_time, end_time)
);
CREATE INDEX spend_accounts_by_end ON spend_accounts (caller, end_time);

-- One row: the switch that stops all spending.
CREATE TABLE spend_freeze (
    freeze_id   BIGINT NOT NULL PRIMARY KEY,
    frozen      BIGINT NOT NULL,
    reason      TEXT   NOT NULL,
    changed_by  TEXT   NOT NULL,
    change_time BIGINT NOT NULL
);
INSERT INTO spend_freeze (freeze_id, frozen, reason, changed_by, change_time) VALUES (1, 0, '', '', 0);

-- +goose Down
DROP TABLE spend_freeze;
DROP TABLE spend_accounts;
DROP TABLE spend_orders;
DROP INDEX renewals_by_spending;
ALTER TABLE renewals DROP COLUMN spend_time;
