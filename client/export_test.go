package client

// ServiceConfig is what gRPC is told to do by itself.
func ServiceConfig() string { return serviceConfig() }
