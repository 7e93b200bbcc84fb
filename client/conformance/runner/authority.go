package runner

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// authority is a certificate authority of one run, its certificate of the server and one of a client. Stranger is the
// certificate of another authority, which no server uses.
type authority struct {
	CA, Stranger, Cert, Key string // files
	roots                   *x509.CertPool
	serverCert              tls.Certificate
}

func newAuthority(folder string) (*authority, error) {
	a := &authority{roots: x509.NewCertPool()}
	root, rootKey, err := sign("conformance", nil, nil)
	if err != nil {
		return nil, err
	}
	a.roots.AddCert(root)
	stranger, _, err := sign("stranger", nil, nil)
	if err != nil {
		return nil, err
	}
	server, serverKey, err := sign("server", root, rootKey)
	if err != nil {
		return nil, err
	}
	a.serverCert = tls.Certificate{Certificate: [][]byte{server.Raw}, PrivateKey: serverKey}
	client, clientKey, err := sign("client", root, rootKey)
	if err != nil {
		return nil, err
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(clientKey)
	if err != nil {
		return nil, err
	}
	for _, file := range []struct {
		path       *string
		name, kind string
		data       []byte
	}{
		{&a.CA, "ca.pem", "CERTIFICATE", root.Raw}, {&a.Stranger, "stranger.pem", "CERTIFICATE", stranger.Raw},
		{&a.Cert, "client.pem", "CERTIFICATE", client.Raw}, {&a.Key, "client.key", "PRIVATE KEY", encoded},
	} {
		*file.path = filepath.Join(folder, file.name)
		if err := os.WriteFile(*file.path, pem.EncodeToMemory(&pem.Block{Type: file.kind, Bytes: file.data}), 0o600); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// sign makes a certificate; without a parent, one of an authority.
func sign(name string, parent *x509.Certificate, parentKey *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		return nil, nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, BasicConstraintsValid: true,
	}
	if parent == nil {
		template.IsCA, template.KeyUsage, parent, parentKey = true, x509.KeyUsageCertSign, template, key
		template.DNSNames, template.IPAddresses, template.ExtKeyUsage = nil, nil, nil
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, parentKey)
	if err != nil {
		return nil, nil, err
	}
	certificate, err := x509.ParseCertificate(raw)
	return certificate, key, err
}

// server returns the configuration of the scripted server.
func (a *authority) server(mutual bool) *tls.Config {
	config := &tls.Config{Certificates: []tls.Certificate{a.serverCert}, MinVersion: tls.VersionTLS12}
	if mutual {
		config.ClientAuth, config.ClientCAs = tls.RequireAndVerifyClientCert, a.roots
	}
	return config
}
