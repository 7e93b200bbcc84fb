package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"

	"google.golang.org/grpc"

	"github.com/ecsd-io/ecsd/server/internal/access"
	"github.com/ecsd-io/ecsd/server/internal/identity"
	"github.com/ecsd-io/ecsd/server/internal/intercept"
	"github.com/ecsd-io/ecsd/server/internal/rescue"
)

// Modes of server reflection.
const (
	reflectionOff           = "off"
	reflectionAuthenticated = "authenticated"
)

// accessRules returns the rules that the settings of access break. The port is
// closed by default: off loopback it needs TLS and a way to identify callers.
func (c Config) accessRules() []string {
	var rules []string
	refuse := func(rule string, args ...any) { rules = append(rules, fmt.Sprintf(rule, args...)) }
	if (c.TLSCert == "") != (c.TLSKey == "") {
		refuse("--tls-cert and --tls-key: give both or none")
	}
	if c.TLSClientCA != "" && c.TLSCert == "" {
		refuse("--tls-client-ca: needs --tls-cert and --tls-key: client certificates are sent over TLS only")
	}
	if c.TLSClientCA != "" && c.AccessFile == "" {
		refuse("--tls-client-ca: needs --access-file, which names the callers of certificates")
	}
	if c.AllowAnonymous && c.AccessFile != "" {
		refuse("--allow-anonymous: excludes --access-file: give one of the two")
	}
	if c.Reflection == reflectionAuthenticated && c.AccessFile == "" {
		refuse("--reflection authenticated: needs --access-file, which identifies callers")
	}
	if isLoopback(c.Listen) || c.AllowAnonymous {
		return rules
	}
	var missing []string
	if c.TLSCert == "" {
		missing = append(missing, "TLS (--tls-cert and --tls-key)")
	}
	if c.AccessFile == "" {
		missing = append(missing, "callers (--access-file)")
	}
	if len(missing) > 0 {
		refuse("--listen %s: is reachable from other machines and lacks %s; add it, listen on a loopback address such as 127.0.0.1:50051, or pass --allow-anonymous to let everyone who reaches the port renew, launch and release instances",
			c.Listen, strings.Join(missing, " and "))
	}
	return rules
}

// isLoopback reports whether only this machine reaches an address.
func isLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return true // refused by its own rule
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// identities identifies the callers; its fields are nil if the server
// identifies nobody, or has no TLS.
type identities struct {
	verifier *identity.Verifier
	material *identity.Material
	logger   *slog.Logger
}

// openIdentities reads the access file and the TLS material. What is wrong with
// them is a ConfigError.
func openIdentities(cfg Config, logger *slog.Logger) (*identities, error) {
	i := &identities{logger: logger}
	var err error
	if cfg.TLSCert != "" {
		if i.material, err = identity.OpenMaterial(cfg.TLSCert, cfg.TLSKey, cfg.TLSClientCA, logger); err != nil {
			return nil, &ConfigError{Rule: fmt.Sprintf("--tls-cert, --tls-key, --tls-client-ca: %v", err)}
		}
	}
	if cfg.AccessFile == "" {
		if !isLoopback(cfg.Listen) {
			logger.Warn("callers are not identified: everyone who reaches the port may pay and release", "address", cfg.Listen, "flag", "--allow-anonymous")
		}
		return i, nil
	}
	if i.verifier, err = identity.Open(identity.Config{Path: cfg.AccessFile, Material: i.material, Logger: logger}); err != nil {
		return nil, &ConfigError{Rule: "--access-file " + accessFileError(cfg.AccessFile, err)}
	}
	return i, nil
}

// accessFileError begins each problem of an access file with the path.
func accessFileError(path string, err error) string {
	var refused *access.Error
	if !errors.As(err, &refused) {
		return err.Error()
	}
	lines := make([]string, len(refused.Problems))
	for n, p := range refused.Problems {
		lines[n] = path + ": " + p.String()
	}
	return strings.Join(lines, "\n  ")
}

// authority returns the verifier as the interceptors take it, nil for none.
func (i *identities) authority() intercept.Authority {
	if i.verifier == nil {
		return nil
	}
	return i.verifier
}

// tagKey returns whether the access file in force uses a tag key, nil without
// one.
func (i *identities) tagKey() func(string) bool {
	if i.verifier == nil {
		return nil
	}
	return func(key string) bool { return i.verifier.File().TagKey(key) }
}

// file returns the access file in force, nil for none.
func (i *identities) file() *access.File {
	if i.verifier == nil {
		return nil
	}
	return i.verifier.File()
}

// options returns the options of the port.
func (i *identities) options() []grpc.ServerOption {
	if i.material == nil {
		return nil
	}
	return []grpc.ServerOption{grpc.Creds(intercept.TransportCredentials(i.material.Config()))}
}

// loops are the background work by name.
func (i *identities) loops() map[string]func(context.Context) {
	loops := map[string]func(context.Context){}
	if i.material != nil {
		loops["TLS files"] = i.material.Watch
	}
	if i.verifier != nil {
		loops["access file"] = i.verifier.WatchFiles
		loops["keys of issuers"] = i.verifier.RefreshKeys
	}
	return loops
}

// start starts the background work, by run, until ctx ends.
func (i *identities) start(ctx context.Context, run func(func())) {
	for name, loop := range i.loops() {
		run(func() { rescue.Loop(ctx, i.logger, name, loop) })
	}
}

// close waits for the requests in progress.
func (i *identities) close() {
	if i.verifier != nil {
		i.verifier.Close()
	}
}
