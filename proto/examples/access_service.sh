# AccessService/GetServerStatus
grpcurl -plaintext localhost:50051 ecsd.v1.AccessService/GetServerStatus

# AccessService/GetSpending
grpcurl -plaintext -d '{}' localhost:50051 ecsd.v1.AccessService/GetSpending

# AccessService/FreezeSpending
grpcurl -plaintext -d '{"reason": "freeze drill"}' localhost:50051 ecsd.v1.AccessService/FreezeSpending

# AccessService/UnfreezeSpending
grpcurl -plaintext -d '{"reason": "the drill is over"}' localhost:50051 ecsd.v1.AccessService/UnfreezeSpending

# AccessService/ListAuditRecords
grpcurl -plaintext -d '{"rpc": "FreezeSpending"}' localhost:50051 ecsd.v1.AccessService/ListAuditRecords

# AccessService/ListAuditBlocks
grpcurl -plaintext -d '{}' localhost:50051 ecsd.v1.AccessService/ListAuditBlocks
