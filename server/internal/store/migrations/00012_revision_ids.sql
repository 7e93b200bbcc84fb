-- +goose Up
-- Tells a revision from one of the same number that another copy of the database wrote after both began to differ.
-- 0: written by a program that does not know the column.
ALTER TABLE revisions ADD COLUMN revision_id BIGINT NOT NULL DEFAULT 0;
-- The newest revision that was trimmed, which readers may still continue after.
ALTER TABLE change_log ADD COLUMN trimmed BIGINT NOT NULL DEFAULT 0;
ALTER TABLE change_log ADD COLUMN trimmed_id BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE change_log DROP COLUMN trimmed_id;
ALTER TABLE change_log DROP COLUMN trimmed;
ALTER TABLE revisions DROP COLUMN revision_id;
