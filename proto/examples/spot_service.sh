# SpotService/ListSpotZones
grpcurl -plaintext -d '{"instance_types": ["ecs.g7.large"]}' localhost:50051 ecsd.v1.SpotService/ListSpotZones

# SpotService/ListSpotPrices
grpcurl -plaintext -d '{"instance_type": "ecs.g7.large", "summary_only": true}' localhost:50051 ecsd.v1.SpotService/ListSpotPrices

# SpotService/ListSpotAdvice
grpcurl -plaintext -d '{"min_size": {"cpu": 2, "memory_mib": 4096}, "instance_type_family": "ecs.g7"}' \
  localhost:50051 ecsd.v1.SpotService/ListSpotAdvice

# SpotService/WatchReclaims
grpcurl -plaintext -max-time 3 -d '{"region_ids": ["cn-hangzhou"], "heartbeat_interval": "1s"}' \
  localhost:50051 ecsd.v1.SpotService/WatchReclaims || true
