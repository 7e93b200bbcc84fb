package client

// serviceConfig is the gRPC service config: calls go to all addresses in turn. The client itself retries, because gRPC
// retries by codes only, not by the server's RetryInfo.
const serviceConfig = `{"loadBalancingConfig": [{"round_robin": {}}]}`
