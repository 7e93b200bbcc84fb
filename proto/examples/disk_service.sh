# DiskService/ListDisks
grpcurl -plaintext -d '{"instance_id": "i-bp1xyjnzq7aw9i1wa3zb"}' localhost:50051 ecsd.v1.DiskService/ListDisks

# DiskService/CreateSnapshots
export DISK=$(grpcurl -plaintext -d '{"instance_id": "i-bp1xyjnzq7aw9i1wa3zb"}' \
  localhost:50051 ecsd.v1.DiskService/ListDisks | grep -om1 'd-[a-z0-9]*')
grpcurl -plaintext -d '{
    "disk_ids": ["'$DISK'"], "snapshot_name": "before-upgrade", "retention": "604800s",
    "request_id": "8f2f5c0e-52c1-4b6f-9d0c-000000000001"
  }' localhost:50051 ecsd.v1.DiskService/CreateSnapshots

# DiskService/ListSnapshots
grpcurl -plaintext -d '{"disk_id": "'$DISK'"}' localhost:50051 ecsd.v1.DiskService/ListSnapshots
