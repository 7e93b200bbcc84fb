package identity

import (
	"crypto/x509"
	"fmt"
	"strings"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/access"
)

// certificate verifies the certificate of a connection against the authorities
// in force, which may have changed since the handshake, and finds the caller
// with one of its names.
func (v *Verifier) certificate(file *access.File, chain []*x509.Certificate) (*access.Identity, error) {
	if v.cfg.Material == nil {
		return nil, Unauthenticated(errMissing)
	}
	leaf := chain[0]
	now := v.cfg.Now()
	paths, err := v.paths(chain, now)
	if err != nil && now.After(leaf.NotAfter) {
		if _, then := v.paths(chain, leaf.NotAfter); then == nil {
			return nil, Expired(err)
		}
	}
	if err != nil {
		return nil, Unauthenticated(err)
	}
	name, caller, err := callerOf(file, leaf)
	if err != nil {
		return nil, Unauthenticated(err)
	}
	return &access.Identity{
		Caller: caller, Method: access.MethodCertificate, Credential: name.String(), Expires: endOf(paths), Version: file.Version,
	}, nil
}

// paths returns the paths from a certificate to the authorities in force.
func (v *Verifier) paths(chain []*x509.Certificate, at time.Time) ([][]*x509.Certificate, error) {
	intermediates := x509.NewCertPool()
	for _, c := range chain[1:] {
		intermediates.AddCert(c)
	}
	return chain[0].Verify(x509.VerifyOptions{
		Roots: v.cfg.Material.authorities(), Intermediates: intermediates, CurrentTime: at,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
}

// callerOf finds the one caller with a name of the certificate.
func callerOf(file *access.File, leaf *x509.Certificate) (access.Name, *access.Caller, error) {
	names := make([]access.Name, 0, len(leaf.URIs)+len(leaf.DNSNames))
	for _, uri := range leaf.URIs {
		names = append(names, access.Name{URI: uri.String()})
	}
	for _, dns := range leaf.DNSNames {
		names = append(names, access.Name{DNS: strings.ToLower(dns)})
	}
	var found access.Name
	var caller *access.Caller
	for _, name := range names {
		switch owner := file.Certificate(name); {
		case owner == nil:
		case caller == nil:
			found, caller = name, owner
		case caller != owner:
			return access.Name{}, nil, fmt.Errorf("the certificate has names of two callers, %s and %s", caller.Name, owner.Name)
		}
	}
	if caller == nil {
		return access.Name{}, nil, errUnknown
	}
	return found, caller, nil
}

// endOf is the end of the path that lasts longest.
func endOf(paths [][]*x509.Certificate) time.Time {
	var latest time.Time
	for _, path := range paths {
		end := path[0].NotAfter
		for _, c := range path {
			if c.NotAfter.Before(end) {
				end = c.NotAfter
			}
		}
		if end.After(latest) {
			latest = end
		}
	}
	return latest
}
