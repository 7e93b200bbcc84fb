-- +goose Up
-- What the retention of the ledger removes, in its order.
CREATE INDEX spend_orders_by_time ON spend_orders (spend_time, order_key) WHERE state <> 'RESERVED';
CREATE INDEX spend_accounts_by_time ON spend_accounts (end_time);
CREATE INDEX ended_release_jobs ON release_jobs (end_time, job_id) WHERE end_time > 0;

-- +goose Down
DROP INDEX ended_release_jobs;
DROP INDEX spend_accounts_by_time;
DROP INDEX spend_orders_by_time;
