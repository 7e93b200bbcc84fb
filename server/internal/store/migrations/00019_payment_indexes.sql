-- +goose Up
-- A program older than 00015 may have written renewals since that have no paid_time: they were paid when they were last
-- written.
UPDATE renewals SET paid_time = update_time WHERE paid_time = 0 AND state IN ('VERIFYING', 'RENEWED', 'UNVERIFIED');

-- The audit by payment and by order. A renewal enters each once, when it is paid.
CREATE INDEX renewals_by_payment ON renewals (paid_time, renewal_id) WHERE paid_time > 0;
CREATE INDEX renewals_by_order ON renewals (order_id, create_time, renewal_id) WHERE order_id <> '';

-- +goose Down
DROP INDEX renewals_by_payment;
DROP INDEX renewals_by_order;
