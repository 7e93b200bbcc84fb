package ecs

// Region is one of the cloud's regions, as the account sees it.
type Region struct {
	ID        string
	LocalName string
	// RawStatus is the cloud's word for its stock: available or soldOut.
	RawStatus string
	// Endpoint is the host that serves the region's API.
	Endpoint string
}
