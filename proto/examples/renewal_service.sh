# RenewalService/ListExpiringInstances
grpcurl -plaintext -d '{"region_ids": ["cn-hangzhou"], "within": "1209600s", "page_size": 2}' \
  localhost:50051 ecsd.v1.RenewalService/ListExpiringInstances

# RenewalService/QuoteRenewals
grpcurl -plaintext -d '{"instance_ids": ["i-bp1xyjnzq7aw9i1wa3zb"], "period": {"count": 1, "unit": "PERIOD_UNIT_MONTH"}}' \
  localhost:50051 ecsd.v1.RenewalService/QuoteRenewals

# RenewalService/RenewInstance
grpcurl -plaintext -max-time 60 -d '{
    "instance_id": "i-bp1xyjnzq7aw9i1wa3zb", "period": {"count": 1, "unit": "PERIOD_UNIT_MONTH"},
    "max_price": {"currency_code": "CNY", "units": 600}, "note": "OPS-4711", "request_id": "8f2f5c0e-52c1-4b6f-9d0c-000000000011"
  }' localhost:50051 ecsd.v1.RenewalService/RenewInstance

# RenewalService/PreviewRenewals
grpcurl -plaintext -max-time 60 -d '{"page_size": 2, "job": {
    "selection": {"window": {"within": "604800s", "region_ids": ["cn-hangzhou"]}},
    "period": {"count": 1, "unit": "PERIOD_UNIT_MONTH"}, "max_total_price": {"currency_code": "CNY", "units": 900}
  }}' localhost:50051 ecsd.v1.RenewalService/PreviewRenewals

# RenewalService/CreateRenewalJob
export JOB=$(grpcurl -plaintext -d '{
    "selection": {"window": {"within": "604800s", "region_ids": ["cn-hangzhou"]}},
    "period": {"count": 1, "unit": "PERIOD_UNIT_MONTH"},
    "max_total_price": {"currency_code": "CNY", "units": 900}, "request_id": "8f2f5c0e-52c1-4b6f-9d0c-000000000012"
  }' localhost:50051 ecsd.v1.RenewalService/CreateRenewalJob | tee /dev/stderr | grep -om1 '"jobId": "[^"]*"' | cut -d '"' -f 4)

# RenewalService/GetRenewalJob
grpcurl -plaintext -d '{"job_id": "'$JOB'"}' localhost:50051 ecsd.v1.RenewalService/GetRenewalJob

# RenewalService/CancelRenewalJob
grpcurl -plaintext -d '{"job_id": "'$JOB'"}' localhost:50051 ecsd.v1.RenewalService/CancelRenewalJob

# RenewalService/WatchRenewalJob
grpcurl -plaintext -max-time 60 -d '{"job_id": "'$JOB'"}' localhost:50051 ecsd.v1.RenewalService/WatchRenewalJob

# RenewalService/ListRenewalJobs
grpcurl -plaintext -d '{"page_size": 10}' localhost:50051 ecsd.v1.RenewalService/ListRenewalJobs

# RenewalService/ListRenewals
grpcurl -plaintext -d '{"instance_id": "i-bp1xyjnzq7aw9i1wa3zb", "payment_start_time": "2026-01-01T00:00:00Z"}' \
  localhost:50051 ecsd.v1.RenewalService/ListRenewals

# RenewalService/ResolveRenewal
# Only a renewal in state NEEDS_ATTENTION can be resolved; this one is paid, so the call is RENEWAL_SETTLED.
export RENEWAL=$(grpcurl -plaintext -d '{"states": ["RENEWAL_STATE_RENEWED"]}' \
  localhost:50051 ecsd.v1.RenewalService/ListRenewals | grep -om1 '"renewalId": "[^"]*"' | cut -d '"' -f 4)
grpcurl -plaintext -d '{"renewal_id": "'$RENEWAL'", "resolution": "RENEWAL_RESOLUTION_MARK_NOT_PAID"}' \
  localhost:50051 ecsd.v1.RenewalService/ResolveRenewal || true

# RenewalService/BatchGetAutoRenewSettings
grpcurl -plaintext -d '{"instance_ids": ["i-bp1xyjnzq7aw9i1wa3zb"]}' localhost:50051 ecsd.v1.RenewalService/BatchGetAutoRenewSettings

# RenewalService/SetAutoRenew
grpcurl -plaintext -d '{
    "instance_ids": ["i-bp1xyjnzq7aw9i1wa3zb"], "status": "AUTO_RENEW_STATUS_AUTO_RENEWAL",
    "period": {"count": 3, "unit": "PERIOD_UNIT_MONTH"}
  }' localhost:50051 ecsd.v1.RenewalService/SetAutoRenew
