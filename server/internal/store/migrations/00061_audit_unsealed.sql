-- +goose Up
-- Records that are not sealed have block 0: audit_by_block finds them in the order of their IDs. The second index cost each record a
-- write and, when it was sealed, a removal.
DROP INDEX audit_unsealed;

-- +goose Down
CREATE INDEX audit_unsealed ON audit_records (record_id) WHERE block = 0;
