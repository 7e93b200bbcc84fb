-- +goose Up
-- Paid renewals that lack their order ID or their price, which are completed from the bill.
CREATE INDEX unbilled_renewals ON renewals (paid_time, renewal_id)
    WHERE state IN ('RENEWED', 'UNVERIFIED') AND (order_id = '' OR currency_code = '');

-- +goose Down
DROP INDEX unbilled_renewals;
