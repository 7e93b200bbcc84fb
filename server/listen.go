package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
)

// Addresses are the addresses of a server, with the chosen ports if a setting
// had port 0.
type Addresses struct {
	// GRPC is the API's host:port.
	GRPC string
	// Admin is the host:port of metrics and health over HTTP.
	Admin string
	// Simulator is the embedded simulator's host:port, "" if there is none.
	Simulator string
}

// listeners are open; each is closed by the server that serves on it.
type listeners struct {
	grpc, admin, simulator net.Listener
}

func listen(ctx context.Context, cfg Config) (_ *listeners, err error) {
	l := &listeners{}
	defer func() {
		if err != nil {
			l.close()
		}
	}()
	for _, at := range []struct {
		flag, address string
		wanted        bool
		into          *net.Listener
	}{
		{"--listen", cfg.Listen, true, &l.grpc},
		{"--admin-listen", cfg.Admin, true, &l.admin},
		{"--simulator-listen", cfg.Simulator, cfg.Simulate, &l.simulator},
	} {
		if !at.wanted {
			continue
		}
		var config net.ListenConfig
		if *at.into, err = config.Listen(ctx, "tcp", at.address); err != nil {
			return nil, listenError(at.flag, at.address, err)
		}
	}
	return l, nil
}

// listenError names the flag to change, and how.
func listenError(flag, address string, err error) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%s %s: another process listens there; stop it, or give another address (port 0 picks a free one): %w", flag, address, syscall.EADDRINUSE)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("%s %s: this user may not listen there; give a port of 1024 or above: %w", flag, address, syscall.EACCES)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Errorf("%s %s: this machine does not have that address: %w", flag, address, syscall.EADDRNOTAVAIL)
	}
	return fmt.Errorf("%s %s: %w", flag, address, err)
}

func (l *listeners) addresses() Addresses {
	a := Addresses{GRPC: l.grpc.Addr().String(), Admin: l.admin.Addr().String()}
	if l.simulator != nil {
		a.Simulator = l.simulator.Addr().String()
	}
	return a
}

// close is for a server that never served; closing twice does no harm.
func (l *listeners) close() {
	for _, listener := range []net.Listener{l.grpc, l.admin, l.simulator} {
		if listener != nil {
			listener.Close()
		}
	}
}
