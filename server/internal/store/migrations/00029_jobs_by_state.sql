-- +goose Up
-- The filter of renewal jobs by state, in the order of its pages. Open jobs are in jobs_in_work, so that this index is
-- written once per job and not at each transition.
CREATE INDEX jobs_by_state ON renewal_jobs (state, create_time, job_id) WHERE state NOT IN ('PENDING', 'RUNNING');

-- +goose Down
DROP INDEX jobs_by_state;
