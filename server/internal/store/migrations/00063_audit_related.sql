-- +goose Up
-- What is related to an ID. Each paid renewal writes two records: they are in none of the new partial indexes. The ledger, which keeps
-- its renewals forever, leads to their instances, and audit_by_instance_and_job finds those of one job among the records of an instance.
CREATE INDEX audit_by_call ON audit_records (call_id, record_id) WHERE call_id <> '';
CREATE INDEX audit_by_request ON audit_records (request_id, record_id) WHERE request_id <> '' AND job_id = '';
CREATE INDEX audit_by_job ON audit_records (job_id, record_id) WHERE job_id <> '' AND instance_id = '';
CREATE INDEX audit_by_order ON audit_records (order_id, record_id) WHERE order_id <> '' AND job_id = '';
CREATE INDEX audit_by_instance_and_job ON audit_records (instance_id, job_id, record_id) WHERE instance_id <> '';
DROP INDEX audit_by_instance;

-- +goose Down
CREATE INDEX audit_by_instance ON audit_records (instance_id, record_id) WHERE instance_id <> '';
DROP INDEX audit_by_instance_and_job;
DROP INDEX audit_by_order;
DROP INDEX audit_by_job;
DROP INDEX audit_by_request;
DROP INDEX audit_by_call;
