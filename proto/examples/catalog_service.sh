# Service/Method begins an example. A test runs all of them, in order, against a new demo fleet.

# CatalogService/ListRegions
grpcurl -plaintext localhost:50051 ecsd.v1.CatalogService/ListRegions

# CatalogService/ListZones
grpcurl -plaintext -d '{"region_id": "cn-hangzhou"}' localhost:50051 ecsd.v1.CatalogService/ListZones

# CatalogService/ListInstanceTypes
grpcurl -plaintext -d '{"instance_type_family": "ecs.g7", "min_cpu": 4, "page_size": 5}' \
  localhost:50051 ecsd.v1.CatalogService/ListInstanceTypes

# CatalogService/ListStock
grpcurl -plaintext -d '{"instance_type": "ecs.g7.large", "charge_type": "CHARGE_TYPE_SUBSCRIPTION"}' \
  localhost:50051 ecsd.v1.CatalogService/ListStock
