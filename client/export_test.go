package client

// ServiceConfig returns the gRPC service config of a connection.
func ServiceConfig() string { return serviceConfig() }
