-- +goose Up
-- The cloud account whose instances the database describes: at most one row, written once.
CREATE TABLE cloud_account (
    only_row    BIGINT NOT NULL PRIMARY KEY CHECK (only_row = 1),
    account_id  TEXT   NOT NULL CHECK (account_id <> ''),
    create_time BIGINT NOT NULL
);
-- A database with jobs belongs to the account that the newest of them charges.
INSERT INTO cloud_account (only_row, account_id, create_time)
    SELECT 1, account_id, create_time FROM renewal_jobs WHERE account_id <> '' ORDER BY create_time DESC, job_id DESC LIMIT 1;

-- +goose Down
DROP TABLE cloud_account;
