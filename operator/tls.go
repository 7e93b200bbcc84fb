package operator

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"

	"github.com/ecsd-io/ecsd/client"
)

// tlsFlags select plain text or TLS.
type tlsFlags struct {
	TLS     bool   `name:"tls" env:"ECSD_TLS" help:"Use TLS. The other --tls flags imply it. Default: plain text."`
	TLSCA   string `name:"tls-ca" placeholder:"FILE" env:"ECSD_TLS_CA" help:"PEM file of the roots to trust. Default: the system's."`
	TLSCert string `name:"tls-cert" placeholder:"FILE" env:"ECSD_TLS_CERT" help:"PEM file of this client's certificate, with --tls-key."`
	TLSKey  string `name:"tls-key" placeholder:"FILE" env:"ECSD_TLS_KEY" help:"PEM file of the private key of --tls-cert."`
}

func (f *tlsFlags) checkTLS() error {
	if (f.TLSCert == "") != (f.TLSKey == "") {
		return errors.New("--tls-cert and --tls-key: give both or none")
	}
	return nil
}

// transport returns the option of the transport.
func (f *tlsFlags) transport() (client.Option, error) {
	if !f.TLS && f.TLSCA == "" && f.TLSCert == "" {
		return client.WithInsecure(), nil
	}
	config, err := f.config()
	if err != nil {
		return nil, err
	}
	return client.WithTLS(config), nil
}

// config returns the configuration of TLS. The certificate is read for each
// connection, so that a long watch gets one that was replaced.
func (f *tlsFlags) config() (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if f.TLSCA != "" {
		pem, err := os.ReadFile(f.TLSCA)
		if err != nil {
			return nil, &Error{fmt.Sprintf("--tls-ca: %v", err), exitUsage}
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, &Error{fmt.Sprintf("--tls-ca %s: it holds no certificate in PEM", f.TLSCA), exitUsage}
		}
	}
	if f.TLSCert == "" {
		return config, nil
	}
	load := func() (*tls.Certificate, error) {
		pair, err := tls.LoadX509KeyPair(f.TLSCert, f.TLSKey)
		return &pair, err
	}
	if _, err := load(); err != nil {
		return nil, &Error{fmt.Sprintf("--tls-cert, --tls-key: %v", err), exitUsage}
	}
	config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return load() }
	return config, nil
}
