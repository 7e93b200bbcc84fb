package main

import (
	"context"
	"fmt"
	"io"
	"net"

	"github.com/ecsd-io/ecsd/operator"
	"github.com/ecsd-io/ecsd/server"
)

// serveCommand is `ecsd serve`.
type serveCommand struct {
	File     settingsFile  `name:"config" placeholder:"FILE" help:"YAML file of settings; its keys are the flags' names without the dashes." group:"service"`
	Settings server.Config `embed:""`
}

// Run serves until ctx ends.
func (c *serveCommand) Run(ctx context.Context, out output) error {
	settings := c.Settings
	settings.Limits = server.DefaultLimits()
	settings.LogOutput = out.stderr
	s, err := server.New(ctx, settings)
	if err != nil {
		return err
	}
	announce(out.stdout, s.Addresses(), settings)
	return s.Serve(ctx)
}

// announce prints the addresses of the service, one per line, and on a terminal
// a command to try, if it needs no credential.
func announce(w io.Writer, at server.Addresses, settings server.Config) {
	fmt.Fprintf(w, "gRPC API    %s\n", at.GRPC)
	if at.Simulator != "" {
		fmt.Fprintf(w, "simulator   http://%s (control: /_simulator/)\n", at.Simulator)
	}
	paths := "/metrics /healthz /readyz"
	if settings.PProf {
		paths += " /debug/pprof/"
	}
	fmt.Fprintf(w, "admin       http://%s (%s)\n", at.Admin, paths)
	if settings.TLSCert == "" && settings.AccessFile == "" && operator.IsTerminal(w) {
		fmt.Fprintf(w, "try         grpcurl -plaintext -d '{\"within\":\"1209600s\"}' %s ecsd.v1.RenewalService/ListExpiringInstances\n", reachable(at.GRPC))
	}
}

// reachable returns an address that a client on this machine can dial: a server
// that listens on every interface has no specific host.
func reachable(address string) string {
	host, port, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err == nil && ip != nil && ip.IsUnspecified() {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return address
}
