-- +goose Up
-- A renewal that stood alone becomes the only one of a job, which has its id: there is one way through the ledger.
INSERT INTO renewal_jobs (job_id, request_id, payload_hash, caller, spec, state, currency_code, limited, budget_units, budget_nanos,
    reserved_units, reserved_nanos, spent_units, spent_nanos, revision, create_time, update_time)
SELECT renewal_id, request_id, payload_hash, caller, NULL,
    CASE WHEN state IN ('RENEWED', 'UNVERIFIED') THEN 'SUCCEEDED' WHEN state IN ('FAILED', 'NEEDS_ATTENTION') THEN 'FAILED' ELSE 'RUNNING' END,
    currency_code, 0, 0, 0,
    CASE WHEN state IN ('SUBMITTING', 'UNKNOWN', 'NEEDS_ATTENTION') THEN price_units ELSE 0 END,
    CASE WHEN state IN ('SUBMITTING', 'UNKNOWN', 'NEEDS_ATTENTION') THEN price_nanos ELSE 0 END,
    CASE WHEN state IN ('VERIFYING', 'RENEWED', 'UNVERIFIED') THEN price_units ELSE 0 END,
    CASE WHEN state IN ('VERIFYING', 'RENEWED', 'UNVERIFIED') THEN price_nanos ELSE 0 END,
    1, create_time, update_time
FROM renewals WHERE job_id = '';
UPDATE renewals SET job_id = renewal_id, revision = 1 WHERE job_id = '';

-- What lists of jobs and of renewals are read by.
CREATE INDEX jobs_by_time ON renewal_jobs (create_time, job_id);
CREATE INDEX renewals_by_time ON renewals (create_time, renewal_id);

-- There is no way down: which renewals stood alone is no longer told.
