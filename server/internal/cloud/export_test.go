package cloud

import "net/http"

// Transport is the transport that an Edge makes itself.
var Transport = newTransport

// NewOver is New over a transport of the test's own.
func NewOver(config Config, transport *http.Transport) (*Edge, error) {
	config, err := config.normalize()
	if err != nil {
		return nil, err
	}
	e := newEdge(config, transport)
	e.closeIdle = transport.CloseIdleConnections
	return e, nil
}

// Chain is what an Edge asks where it is given no Credentials.
func Chain() Credentials { return &chain{} }

// Host is where a region is asked.
func (c Config) Host(regionID string) string { return c.host(regionID) }
