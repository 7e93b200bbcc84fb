-- +goose Up
-- Up to which revision the table of instances is written: what came later is in the log alone.
ALTER TABLE change_log ADD COLUMN folded BIGINT NOT NULL DEFAULT 0;
UPDATE change_log SET folded = newest;

-- +goose Down
ALTER TABLE change_log DROP COLUMN folded;
