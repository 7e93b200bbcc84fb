-- +goose Up
-- One row a request that makes or destroys instances, written before it is
-- sent. Times are integers: milliseconds since 1970 UTC, 0 for none. What was
-- asked is here as a hash alone: no password, no user data.
CREATE TABLE requests (
    request_id       TEXT    NOT NULL PRIMARY KEY,
    action           TEXT    NOT NULL,
    payload_hash     TEXT    NOT NULL,
    caller           TEXT    NOT NULL,
    region_id        TEXT    NOT NULL,
    state            TEXT    NOT NULL,
    wanted           BIGINT  NOT NULL,
    tagged           BIGINT  NOT NULL,
    client_token     TEXT    NOT NULL,
    token_number     BIGINT  NOT NULL,
    token_time       BIGINT  NOT NULL,
    send_time        BIGINT  NOT NULL,
    order_id         TEXT    NOT NULL,
    reason           TEXT    NOT NULL,
    message          TEXT    NOT NULL,
    cloud_code       TEXT    NOT NULL,
    cloud_request_id TEXT    NOT NULL,
    create_time      BIGINT  NOT NULL,
    update_time      BIGINT  NOT NULL
);

CREATE INDEX open_requests ON requests (action, create_time) WHERE state = 'OPEN';

-- One row an instance that a request made or is to release. Detail is JSON, ''
-- for none.
CREATE TABLE request_items (
    request_id  TEXT   NOT NULL REFERENCES requests (request_id),
    instance_id TEXT   NOT NULL,
    place       BIGINT NOT NULL,
    state       TEXT   NOT NULL,
    detail      TEXT   NOT NULL,
    PRIMARY KEY (request_id, instance_id)
);

-- +goose Down
DROP TABLE request_items;
DROP TABLE requests;
