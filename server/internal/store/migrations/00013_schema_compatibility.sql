-- +goose Up
-- The lowest schema version that a program must know to use this database. A contracting migration raises it.
CREATE TABLE schema_compatibility (
    only_row       BIGINT NOT NULL PRIMARY KEY CHECK (only_row = 1),
    oldest_program BIGINT NOT NULL
);
INSERT INTO schema_compatibility (only_row, oldest_program) VALUES (1, 10);

-- A row of a state that no program knows would be a renewal that no program finishes. All earlier programs write these only.
ALTER TABLE renewal_jobs ADD CONSTRAINT job_state
    CHECK (state IN ('PENDING', 'RUNNING', 'NEEDS_ATTENTION', 'SUCCEEDED', 'PARTIAL', 'FAILED', 'CANCELLED'));
ALTER TABLE renewals ADD CONSTRAINT renewal_state
    CHECK (state IN ('PLANNED', 'SUBMITTING', 'UNKNOWN', 'VERIFYING', 'RENEWED', 'UNVERIFIED', 'FAILED', 'NEEDS_ATTENTION', 'SKIPPED'));
ALTER TABLE renewal_attempts ADD CONSTRAINT attempt_outcome
    CHECK (outcome IN ('', 'ACCEPTED', 'REFUSED', 'DEFERRED', 'UNKNOWN'));

-- +goose Down
ALTER TABLE renewal_attempts DROP CONSTRAINT attempt_outcome;
ALTER TABLE renewals DROP CONSTRAINT renewal_state;
ALTER TABLE renewal_jobs DROP CONSTRAINT job_state;
DROP TABLE schema_compatibility;
