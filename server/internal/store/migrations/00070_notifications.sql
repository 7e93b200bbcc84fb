-- +goose Up
-- What ecsd owes to the receivers of notifications. A message is PENDING until its receiver acknowledges it (DELIVERED), none of
-- its items is true any more (WITHDRAWN), or it is too old (EXPIRED). An item is reported once per receiver and key: its row
-- outlives its message until retain_until. detail is JSON. Times are milliseconds since 1970 UTC.
CREATE TABLE notify_messages (
    message_id  TEXT   NOT NULL PRIMARY KEY,
    receiver    TEXT   NOT NULL,
    state       TEXT   NOT NULL,
    event       TEXT   NOT NULL,
    region_id   TEXT   NOT NULL,
    day         TEXT   NOT NULL,
    threshold   BIGINT NOT NULL,
    attempts    BIGINT NOT NULL,
    create_time BIGINT NOT NULL
);
CREATE INDEX notify_pending ON notify_messages (receiver, attempts, create_time) WHERE state = 'PENDING';
CREATE INDEX notify_messages_by_time ON notify_messages (create_time);

CREATE TABLE notify_items (
    receiver     TEXT   NOT NULL,
    item_key     TEXT   NOT NULL,
    message_id   TEXT   NOT NULL,
    withdrawn    BIGINT NOT NULL,
    retain_until BIGINT NOT NULL,
    detail       TEXT   NOT NULL,
    PRIMARY KEY (receiver, item_key)
);
CREATE INDEX notify_items_by_message ON notify_items (message_id);
CREATE INDEX notify_items_by_end ON notify_items (retain_until);

-- next_time is when the next send to a receiver may begin.
CREATE TABLE notify_receivers (
    receiver          TEXT   NOT NULL PRIMARY KEY,
    failures          BIGINT NOT NULL,
    next_time         BIGINT NOT NULL,
    last_error        TEXT   NOT NULL,
    last_error_time   BIGINT NOT NULL,
    last_success_time BIGINT NOT NULL
);

-- +goose Down
DROP TABLE notify_receivers;
DROP TABLE notify_items;
DROP TABLE notify_messages;
