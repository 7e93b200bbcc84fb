-- +goose Up
-- What one process at a time may do. A row stays when its lease ends, so that epochs never repeat.
CREATE TABLE leases (
    name    TEXT   NOT NULL PRIMARY KEY,
    holder  TEXT   NOT NULL, -- '' where it was given up
    epoch   BIGINT NOT NULL, -- rises with each new holder
    expires BIGINT NOT NULL,
    note    BYTEA
);

-- +goose Down
DROP TABLE leases;
