package identity

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"

	"github.com/ecsd-io/ecsd/server/internal/sleep"
)

// Material is the certificate of the gRPC port, with its key, and the
// authorities of its clients. It is read again when a file changes.
type Material struct {
	certificate, key, clients watched

	current atomic.Pointer[tls.Config]
	// text is what the current configuration was made of.
	text   [3][]byte
	logger *slog.Logger
	// changed is called after the authorities changed.
	changed func()
}

// OpenMaterial reads the files; the path of the authorities may be empty.
func OpenMaterial(certificate, key, clients string, logger *slog.Logger) (*Material, error) {
	m := &Material{
		certificate: watched{path: certificate}, key: watched{path: key}, clients: watched{path: clients},
		logger: logger, changed: func() {},
	}
	if _, err := m.load(); err != nil {
		return nil, err
	}
	return m, nil
}

// Config returns the configuration of the port: TLS 1.2 or later and HTTP/2. It
// asks for a certificate of the client, and leaves its check to the verifier.
func (m *Material) Config() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		NextProtos: []string{"h2"},
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
			return m.current.Load(), nil
		},
	}
}

// authorities returns the authorities in force; an empty pool if there are
// none, because no pool would mean those of the system.
func (m *Material) authorities() *x509.CertPool { return m.current.Load().ClientCAs }

// Watch reads the files again when they change, until ctx ends. A pair that
// does not fit, as it is between the replacement of two files, leaves the last
// one in force.
func (m *Material) Watch(ctx context.Context) {
	var last string
	for sleep.For(ctx, fileCheck) == nil {
		last = m.check(last)
	}
}

func (m *Material) check(last string) string {
	changed, err := m.load()
	switch {
	case err == nil && changed:
		m.logger.Info("TLS files changed, new certificates in force")
		return ""
	case err == nil:
		return last
	case err.Error() != last:
		m.logger.Warn("TLS files not loaded, last valid certificates stay in force", "error", err.Error())
	}
	return err.Error()
}

// load reads the files that have changed and puts all in force, if they fit.
func (m *Material) load() (changed bool, err error) {
	text := m.text
	for i, file := range []*watched{&m.certificate, &m.key, &m.clients} {
		if file.path == "" {
			continue
		}
		read, differs, err := file.read()
		if err != nil {
			m.forget()
			return false, err
		}
		if differs && !bytes.Equal(read, text[i]) {
			text[i], changed = read, true
		}
	}
	if !changed {
		return false, nil
	}
	pair, err := tls.X509KeyPair(text[0], text[1])
	if err != nil {
		m.forget()
		return false, fmt.Errorf("%s and %s: %w", m.certificate.path, m.key.path, err)
	}
	pool := x509.NewCertPool()
	if m.clients.path != "" && !pool.AppendCertsFromPEM(text[2]) {
		m.forget()
		return false, fmt.Errorf("%s: %w", m.clients.path, errNoAuthority)
	}
	authorities := !bytes.Equal(text[2], m.text[2])
	m.text = text
	config := &tls.Config{
		MinVersion: tls.VersionTLS12, NextProtos: []string{"h2"},
		Certificates: []tls.Certificate{pair}, ClientCAs: pool,
	}
	if m.clients.path != "" {
		// The verifier checks it at each call, against the authorities of that time,
		// and can say then that it has expired.
		config.ClientAuth = tls.RequestClientCert
	}
	m.current.Store(config)
	if authorities {
		m.changed()
	}
	return true, nil
}

var errNoAuthority = errors.New("no certificate of an authority in PEM form")

// forget has the next load read all files again.
func (m *Material) forget() { m.certificate.last, m.key.last, m.clients.last = nil, nil, nil }
