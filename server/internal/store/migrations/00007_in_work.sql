-- +goose Up
-- What there is to watch and to work on is found without the rows of what is long done.
CREATE INDEX renewals_for_a_person ON renewals (renewal_id) WHERE state = 'NEEDS_ATTENTION';
CREATE INDEX jobs_in_work ON renewal_jobs (create_time, job_id) WHERE state IN ('PENDING', 'RUNNING');

-- +goose Down
DROP INDEX renewals_for_a_person;
DROP INDEX jobs_in_work;
