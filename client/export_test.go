package client

// Reads returns the full names of the methods that are retried without a request_id.
func Reads() map[string]bool { return reads() }
