-- +goose Up
-- The changes of a job, in the order in which a watch reads them.
CREATE INDEX renewals_by_job ON renewals (job_id, revision, renewal_id);
DROP INDEX renewals_of_a_job;

-- Apart from the columns, so that no table is locked for longer than its new columns take.
UPDATE renewals SET plan_time = create_time;
UPDATE renewals SET paid_time = update_time WHERE state IN ('VERIFYING', 'RENEWED', 'UNVERIFIED');
UPDATE renewals SET priority = expire_before WHERE state IN ('PLANNED', 'SUBMITTING', 'UNKNOWN', 'VERIFYING')
    AND EXISTS (SELECT 1 FROM renewals AS other WHERE other.job_id = renewals.job_id AND other.renewal_id <> renewals.renewal_id);
UPDATE renewal_jobs SET counted_revision = revision,
    planned_units = (SELECT CAST(coalesce(sum(price_units), 0) AS BIGINT) + CAST(coalesce(sum(price_nanos), 0) AS BIGINT) / 1000000000
        FROM renewals WHERE renewals.job_id = renewal_jobs.job_id AND state = 'PLANNED'),
    planned_nanos = (SELECT CAST(coalesce(sum(price_nanos), 0) AS BIGINT) % 1000000000
        FROM renewals WHERE renewals.job_id = renewal_jobs.job_id AND state = 'PLANNED'),
    counts = (SELECT coalesce('[' || string_agg('{"State":"' || state || '","Reason":"' || reason || '","Count":' || n || '}', ',') || ']', '')
        FROM (SELECT state, reason, count(*) AS n FROM renewals WHERE renewals.job_id = renewal_jobs.job_id
            GROUP BY state, reason ORDER BY state, reason) AS counted);
UPDATE renewal_jobs SET state = 'NEEDS_ATTENTION' WHERE state NOT IN ('PENDING', 'RUNNING')
    AND EXISTS (SELECT 1 FROM renewals WHERE renewals.job_id = renewal_jobs.job_id AND renewals.state = 'NEEDS_ATTENTION');
UPDATE renewal_jobs SET end_time = update_time WHERE state NOT IN ('PENDING', 'RUNNING');

-- What a runner claims, in the order of service. What is in flight is found by one_live_renewal.
CREATE INDEX planned_renewals ON renewals (region_id, priority, renewal_id) WHERE state = 'PLANNED';
CREATE INDEX open_renewals ON renewals (job_id, priority, renewal_id)
    WHERE state IN ('PLANNED', 'SUBMITTING', 'UNKNOWN', 'VERIFYING');
DROP INDEX unfinished_renewals;

-- The filters of the audit, each in the order of its pages.
CREATE INDEX renewals_by_caller ON renewals (caller, create_time, renewal_id);
CREATE INDEX renewals_by_region ON renewals (region_id, create_time, renewal_id);
-- Open renewals are not in it, so that it is written once per renewal and not at each transition.
CREATE INDEX renewals_by_state ON renewals (state, create_time, renewal_id)
    WHERE state NOT IN ('PLANNED', 'SUBMITTING', 'UNKNOWN', 'VERIFYING');
CREATE INDEX jobs_by_caller ON renewal_jobs (caller, create_time, job_id);
CREATE INDEX jobs_to_audit ON renewal_jobs (job_id) WHERE audited_revision <> revision;

-- +goose Down
DROP INDEX renewals_by_job;
DROP INDEX planned_renewals;
DROP INDEX open_renewals;
DROP INDEX renewals_by_caller;
DROP INDEX renewals_by_region;
DROP INDEX renewals_by_state;
DROP INDEX jobs_by_caller;
DROP INDEX jobs_to_audit;
CREATE INDEX renewals_of_a_job ON renewals (job_id, revision);
CREATE INDEX unfinished_renewals ON renewals (create_time, renewal_id)
    WHERE state IN ('PLANNED', 'SUBMITTING', 'UNKNOWN', 'VERIFYING');
