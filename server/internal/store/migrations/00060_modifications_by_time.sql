-- +goose Up
-- The list of modifications in the order of its pages, and the few that have not succeeded by state.
CREATE INDEX modifications_by_time ON modifications (create_time, modification_id);
CREATE INDEX other_modifications ON modifications (state)
    WHERE state IN ('SUBMITTING', 'UNKNOWN', 'VERIFYING', 'UNVERIFIED', 'FAILED', 'NEEDS_ATTENTION');

-- +goose Down
DROP INDEX other_modifications;
DROP INDEX modifications_by_time;
