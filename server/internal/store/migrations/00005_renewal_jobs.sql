-- +goose Up
-- Renewals that were asked for together. Money is units and billionths of a unit.
CREATE TABLE renewal_jobs (
    job_id         TEXT   NOT NULL PRIMARY KEY,
    request_id     TEXT   NOT NULL UNIQUE,
    payload_hash   TEXT   NOT NULL,
    caller         TEXT   NOT NULL,
    spec           BYTEA,
    state          TEXT   NOT NULL,
    currency_code  TEXT   NOT NULL, -- of the three amounts; '' where there is none
    limited        BIGINT NOT NULL, -- 1 where there is a budget
    budget_units   BIGINT NOT NULL,
    budget_nanos   BIGINT NOT NULL,
    reserved_units BIGINT NOT NULL,
    reserved_nanos BIGINT NOT NULL,
    spent_units    BIGINT NOT NULL,
    spent_nanos    BIGINT NOT NULL,
    revision       BIGINT NOT NULL,
    create_time    BIGINT NOT NULL,
    update_time    BIGINT NOT NULL
);

-- A renewal is now part of a job, or stands alone with job_id ''. Its request id is then that of the job, so the
-- table is made anew without the old constraint, which SQLite cannot drop.
CREATE TABLE job_renewals (
    renewal_id       TEXT   NOT NULL PRIMARY KEY,
    job_id           TEXT   NOT NULL,
    revision         BIGINT NOT NULL, -- the job's, at the last write
    request_id       TEXT   NOT NULL,
    payload_hash     TEXT   NOT NULL,
    caller           TEXT   NOT NULL,
    region_id        TEXT   NOT NULL,
    instance_id      TEXT   NOT NULL,
    period_count     BIGINT NOT NULL,
    period_unit      BIGINT NOT NULL,
    state            TEXT   NOT NULL,
    currency_code    TEXT   NOT NULL,
    price_units      BIGINT NOT NULL,
    price_nanos      BIGINT NOT NULL,
    client_token     TEXT   NOT NULL,
    token_number     BIGINT NOT NULL,
    order_id         TEXT   NOT NULL,
    expire_before    BIGINT NOT NULL,
    expire_expected  BIGINT NOT NULL,
    expire_after     BIGINT NOT NULL,
    reason           TEXT   NOT NULL,
    message          TEXT   NOT NULL,
    cloud_code       TEXT   NOT NULL,
    cloud_request_id TEXT   NOT NULL,
    create_time      BIGINT NOT NULL,
    update_time      BIGINT NOT NULL,
    claimed_by       TEXT   NOT NULL, -- the lease of the worker that carries it on, '' for none
    claim_epoch      BIGINT NOT NULL
);
INSERT INTO job_renewals
SELECT renewal_id, '', 0, request_id, payload_hash, caller, region_id, instance_id, period_count, period_unit, state,
    currency_code, price_units, price_nanos, client_token, token_number, order_id, expire_before, expire_expected, expire_after,
    reason, message, cloud_code, cloud_request_id, create_time, update_time, '', 0
FROM renewals;

CREATE TABLE job_renewal_attempts (
    renewal_id       TEXT   NOT NULL REFERENCES job_renewals (renewal_id),
    number           BIGINT NOT NULL,
    client_token     TEXT   NOT NULL,
    send_time        BIGINT NOT NULL,
    finish_time      BIGINT NOT NULL,
    outcome          TEXT   NOT NULL,
    cloud_code       TEXT   NOT NULL,
    cloud_request_id TEXT   NOT NULL,
    order_id         TEXT   NOT NULL,
    PRIMARY KEY (renewal_id, number)
);
INSERT INTO job_renewal_attempts
SELECT renewal_id, number, client_token, send_time, finish_time, outcome, cloud_code, cloud_request_id, order_id
FROM renewal_attempts;

DROP TABLE renewal_attempts;
DROP TABLE renewals;
ALTER TABLE job_renewals RENAME TO renewals;
ALTER TABLE job_renewal_attempts RENAME TO renewal_attempts;

-- At most one live renewal an instance.
CREATE UNIQUE INDEX one_live_renewal ON renewals (region_id, instance_id)
    WHERE state IN ('SUBMITTING', 'UNKNOWN', 'VERIFYING');
CREATE UNIQUE INDEX one_renewal_a_request ON renewals (request_id) WHERE job_id = '';
CREATE UNIQUE INDEX one_renewal_a_job ON renewals (job_id, region_id, instance_id) WHERE job_id <> '';
-- What a worker looks for.
CREATE INDEX unfinished_renewals ON renewals (create_time, renewal_id)
    WHERE state IN ('PLANNED', 'SUBMITTING', 'UNKNOWN', 'VERIFYING');
-- What a watcher of a job looks for.
CREATE INDEX renewals_of_a_job ON renewals (job_id, revision);
CREATE INDEX renewals_of_an_instance ON renewals (instance_id, create_time);

-- There is no way down: the renewals of one job share a request id, which the table before did not allow.
