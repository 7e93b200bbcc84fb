package intercept

import (
	"context"
	"crypto/tls"
	"net"
	"sync/atomic"
	"time"

	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/peer"
)

// closeAfter is how long a connection lives on after a call on it was refused
// because of its certificate: long enough for the error to leave.
const closeAfter = 200 * time.Millisecond

// TransportCredentials returns the credentials of a TLS port. They remember the
// connection of a call. A client certificate is presented once per connection,
// so that a client can present the next one only on another connection.
func TransportCredentials(config *tls.Config) credentials.TransportCredentials {
	return rememberingTLS{credentials.NewTLS(config)}
}

type rememberingTLS struct {
	credentials.TransportCredentials
}

// connectionInfo is the TLS state of a connection, with the connection.
type connectionInfo struct {
	credentials.TLSInfo

	connection net.Conn
	// verified reports whether a call was verified by the certificate.
	verified *atomic.Bool
}

// ServerHandshake remembers the connection.
func (r rememberingTLS) ServerHandshake(raw net.Conn) (net.Conn, credentials.AuthInfo, error) {
	conn, info, err := r.TransportCredentials.ServerHandshake(raw)
	if state, ok := info.(credentials.TLSInfo); ok && err == nil {
		return conn, connectionInfo{state, raw, &atomic.Bool{}}, nil
	}
	return conn, info, err
}

// Clone returns credentials that remember too.
func (r rememberingTLS) Clone() credentials.TransportCredentials {
	return rememberingTLS{r.TransportCredentials.Clone()}
}

// certified notes whether a call was verified by the certificate of its
// connection. A certificate that was valid, and is refused, ends the connection
// soon; one that never was would only be presented again.
func certified(ctx context.Context, valid bool) {
	p, _ := peer.FromContext(ctx)
	info, ok := p.AuthInfo.(connectionInfo)
	switch {
	case !ok:
	case valid && !info.verified.Load():
		info.verified.Store(true)
	case !valid && info.verified.Load():
		time.AfterFunc(closeAfter, func() { _ = info.connection.Close() })
	}
}
