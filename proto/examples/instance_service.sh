# InstanceService/GetInstance
grpcurl -plaintext -d '{"instance_id": "i-bp1xyjnzq7aw9i1wa3zb"}' localhost:50051 ecsd.v1.InstanceService/GetInstance

# InstanceService/BatchGetInstances
grpcurl -plaintext -d '{"instance_ids": ["i-bp1xyjnzq7aw9i1wa3zb"], "max_staleness": "60s"}' \
  localhost:50051 ecsd.v1.InstanceService/BatchGetInstances

# InstanceService/ListInstances
grpcurl -plaintext -d '{
    "region_ids": ["cn-hangzhou"], "filter": {"tags": [{"key": "env", "value": "prod"}]}, "page_size": 2
  }' localhost:50051 ecsd.v1.InstanceService/ListInstances

# InstanceService/QuoteInstances
grpcurl -plaintext -d '{
    "spec": {
      "image_id": "ubuntu_24_04_x64_20G_alibase_20260119.vhd", "instance_type": "ecs.g7.large",
      "vswitch_id": "vsw-bp1pw9kaqe18vd8emqn6", "security_group_ids": ["sg-bp1tshjzi2lvh0pe8aqk"],
      "charge_type": "CHARGE_TYPE_SUBSCRIPTION", "period": {"count": 1, "unit": "PERIOD_UNIT_MONTH"}
    },
    "count": 2
  }' localhost:50051 ecsd.v1.InstanceService/QuoteInstances

# InstanceService/RunInstances
export RUN=$(grpcurl -plaintext -d '{
    "spec": {
      "image_id": "ubuntu_24_04_x64_20G_alibase_20260119.vhd", "instance_type": "ecs.g7.large",
      "vswitch_id": "vsw-bp1pw9kaqe18vd8emqn6", "security_group_ids": ["sg-bp1tshjzi2lvh0pe8aqk"],
      "internet_max_bandwidth_out_mbps": 1, "tags": [{"key": "team", "value": "reference"}]
    },
    "count": 1, "request_id": "8f2f5c0e-52c1-4b6f-9d0c-000000000002"
  }' localhost:50051 ecsd.v1.InstanceService/RunInstances | tee /dev/stderr | grep -om1 'i-[a-z0-9]*')

# InstanceService/WaitInstances
grpcurl -plaintext -max-time 60 -d '{"instance_ids": ["'$RUN'"], "status": "INSTANCE_STATUS_RUNNING"}' \
  localhost:50051 ecsd.v1.InstanceService/WaitInstances

# InstanceService/CreateInstance
export CREATED=$(grpcurl -plaintext -d '{
    "spec": {
      "image_id": "ubuntu_24_04_x64_20G_alibase_20260119.vhd", "instance_type": "ecs.g7.large",
      "vswitch_id": "vsw-bp1pw9kaqe18vd8emqn6", "security_group_ids": ["sg-bp1tshjzi2lvh0pe8aqk"],
      "internet_max_bandwidth_out_mbps": 1
    },
    "request_id": "8f2f5c0e-52c1-4b6f-9d0c-000000000003"
  }' localhost:50051 ecsd.v1.InstanceService/CreateInstance | tee /dev/stderr | grep -om1 'i-[a-z0-9]*')

# InstanceService/AllocatePublicIpAddress
grpcurl -plaintext -max-time 60 -d '{"instance_ids": ["'$CREATED'"], "status": "INSTANCE_STATUS_STOPPED"}' \
  localhost:50051 ecsd.v1.InstanceService/WaitInstances
grpcurl -plaintext -d '{"instance_id": "'$CREATED'"}' localhost:50051 ecsd.v1.InstanceService/AllocatePublicIpAddress

# InstanceService/ModifyInstanceType
grpcurl -plaintext -max-time 120 -d '{
    "instance_id": "'$CREATED'", "instance_type": "ecs.g7.xlarge", "max_price": {"currency_code": "CNY", "units": 2},
    "request_id": "8f2f5c0e-52c1-4b6f-9d0c-000000000005"
  }' localhost:50051 ecsd.v1.InstanceService/ModifyInstanceType

# InstanceService/StartInstances
grpcurl -plaintext -d '{"instance_ids": ["'$CREATED'"]}' localhost:50051 ecsd.v1.InstanceService/StartInstances

# InstanceService/RebootInstances
grpcurl -plaintext -d '{"instance_ids": ["'$RUN'"]}' localhost:50051 ecsd.v1.InstanceService/RebootInstances

# InstanceService/StopInstances
grpcurl -plaintext -d '{"instance_ids": ["'$RUN'"], "force": true}' localhost:50051 ecsd.v1.InstanceService/StopInstances

# InstanceService/ReactivateInstances
curl -s -X POST localhost:8090/_simulator/instances/$RUN -d '{"status": "Stopped", "lock_reasons": ["financial"]}'
grpcurl -plaintext -d '{"instance_ids": ["'$RUN'"]}' localhost:50051 ecsd.v1.InstanceService/ReactivateInstances

# InstanceService/ModifyChargeType
grpcurl -plaintext -max-time 60 -d '{"instance_ids": ["'$RUN'"], "status": "INSTANCE_STATUS_RUNNING"}' \
  localhost:50051 ecsd.v1.InstanceService/WaitInstances
grpcurl -plaintext -max-time 120 -d '{
    "instance_id": "'$RUN'", "charge_type": "CHARGE_TYPE_SUBSCRIPTION", "period": {"count": 1, "unit": "PERIOD_UNIT_MONTH"},
    "max_price": {"currency_code": "CNY", "units": 400}, "request_id": "8f2f5c0e-52c1-4b6f-9d0c-000000000006"
  }' localhost:50051 ecsd.v1.InstanceService/ModifyChargeType

# InstanceService/ListModifications
grpcurl -plaintext -d '{"states": ["INSTANCE_MODIFICATION_STATE_SUCCEEDED"]}' \
  localhost:50051 ecsd.v1.InstanceService/ListModifications

# InstanceService/ResolveModification
# Only a modification in state NEEDS_ATTENTION can be resolved; this one succeeded, so the call is MODIFICATION_SETTLED.
export MODIFICATION=$(grpcurl -plaintext -d '{"page_size": 1}' \
  localhost:50051 ecsd.v1.InstanceService/ListModifications | grep -om1 '"modificationId": "[^"]*"' | cut -d '"' -f 4)
grpcurl -plaintext -d '{"modification_id": "'$MODIFICATION'", "resolution": "INSTANCE_MODIFICATION_RESOLUTION_MARK_NOT_PAID"}' \
  localhost:50051 ecsd.v1.InstanceService/ResolveModification || true

# InstanceService/SetTags
grpcurl -plaintext -d '{
    "instance_ids": ["'$CREATED'"], "tags": [{"key": "team", "value": "reference"}], "remove_tag_keys": ["owner"]
  }' localhost:50051 ecsd.v1.InstanceService/SetTags

# InstanceService/SetDeletionProtection
grpcurl -plaintext -d '{"instance_ids": ["'$CREATED'"], "deletion_protection": true}' \
  localhost:50051 ecsd.v1.InstanceService/SetDeletionProtection

# InstanceService/SetAutoReleaseTime
grpcurl -plaintext -d '{"instance_id": "'$CREATED'", "auto_release_time": "'$(date -u -d '+1 day' +%Y-%m-%dT%H:%M:00Z)'"}' \
  localhost:50051 ecsd.v1.InstanceService/SetAutoReleaseTime

# InstanceService/WatchInstances
grpcurl -plaintext -max-time 3 -d '{"filter": {"tags": [{"key": "team", "value": "reference"}]}, "heartbeat_interval": "1s"}' \
  localhost:50051 ecsd.v1.InstanceService/WatchInstances || true

# InstanceService/ListChanges
grpcurl -plaintext -d '{"instance_ids": ["'$RUN'"], "start_time": "'$(date -u -d '-1 hour' +%Y-%m-%dT%H:%M:%SZ)'"}' \
  localhost:50051 ecsd.v1.InstanceService/ListChanges

# InstanceService/ReleaseInstances
grpcurl -plaintext -d '{
    "instance_ids": ["'$CREATED'"], "force": true, "override_deletion_protection": true,
    "request_id": "8f2f5c0e-52c1-4b6f-9d0c-000000000004"
  }' localhost:50051 ecsd.v1.InstanceService/ReleaseInstances

# InstanceService/CreateReleaseJob
export OLD=$(grpcurl -plaintext -d '{
    "spec": {
      "image_id": "ubuntu_24_04_x64_20G_alibase_20260119.vhd", "instance_type": "ecs.g7.large",
      "vswitch_id": "vsw-bp1pw9kaqe18vd8emqn6", "security_group_ids": ["sg-bp1tshjzi2lvh0pe8aqk"]
    },
    "count": 1, "request_id": "8f2f5c0e-52c1-4b6f-9d0c-000000000007"
  }' localhost:50051 ecsd.v1.InstanceService/RunInstances | grep -om1 'i-[a-z0-9]*')
export RELEASE=$(grpcurl -plaintext -d '{
    "instance_ids": ["'$OLD'"], "force": true, "note": "ticket 4711",
    "request_id": "8f2f5c0e-52c1-4b6f-9d0c-000000000008"
  }' localhost:50051 ecsd.v1.InstanceService/CreateReleaseJob |
  tee /dev/stderr | grep -om1 '"jobId": "[^"]*"' | cut -d '"' -f 4)

# InstanceService/WatchReleaseJob
grpcurl -plaintext -max-time 120 -d '{"job_id": "'$RELEASE'"}' localhost:50051 ecsd.v1.InstanceService/WatchReleaseJob

# InstanceService/GetReleaseJob
grpcurl -plaintext -d '{"job_id": "'$RELEASE'"}' localhost:50051 ecsd.v1.InstanceService/GetReleaseJob
