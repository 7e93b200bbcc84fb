package operator

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"os/user"
	"regexp"
	"strings"
	"time"

	"google.golang.org/grpc"

	"github.com/ecsd-io/ecsd/client"
	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// callTimeout limits a call that does no work in the cloud.
const callTimeout = 30 * time.Second

// Connection holds the server's address and the connection settings.
type Connection struct {
	Address string `default:"127.0.0.1:50051" placeholder:"HOST:PORT" help:"Address of the server. Default ${default}."`
	TLS     bool   `name:"tls" help:"Use TLS, as for a server behind a proxy. Default: plain text."`
	TLSCA   string `name:"tls-ca" placeholder:"FILE" help:"PEM file of the roots to trust, with --tls. Default: the system's."`
	Caller  string `placeholder:"NAME" help:"Name of the caller, stored with jobs and renewals. Default: this user at this host."`
}

// Validate checks the settings before any call.
func (c *Connection) Validate() error {
	if c.TLSCA != "" && !c.TLS {
		return fmt.Errorf("--tls-ca is of no use without --tls")
	}
	return nil
}

// session is a connection for the length of one command.
type session struct {
	ecsdv1.RenewalServiceClient
	client  *client.Client
	address string
}

func (c *Connection) dial() (*session, error) {
	caller := c.Caller
	if caller == "" {
		caller = thisUser()
	}
	options := []client.Option{client.WithCaller(caller)}
	if c.TLS {
		config := &tls.Config{MinVersion: tls.VersionTLS12}
		if c.TLSCA != "" {
			pem, err := os.ReadFile(c.TLSCA)
			if err != nil {
				return nil, &Error{fmt.Sprintf("--tls-ca: %v", err), exitUsage}
			}
			config.RootCAs = x509.NewCertPool()
			if !config.RootCAs.AppendCertsFromPEM(pem) {
				return nil, &Error{fmt.Sprintf("--tls-ca %s: it holds no certificate in PEM", c.TLSCA), exitUsage}
			}
		}
		options = append(options, client.WithTLS(config))
	} else {
		options = append(options, client.WithInsecure())
	}
	dialled, err := client.Dial(c.Address, options...)
	if err != nil {
		return nil, &Error{err.Error(), exitUsage}
	}
	return &session{dialled.Renewals(), dialled, c.Address}, nil
}

func (s *session) close() { _ = s.client.Close() }

// notOfName matches the characters that a caller's name must not contain.
var notOfName = regexp.MustCompile(`[^A-Za-z0-9._:/@+-]+`)

// thisUser returns the name of the current user, if the system has one.
func thisUser() string {
	name, host := "unknown", ""
	if u, err := user.Current(); err == nil && u.Username != "" {
		name = u.Username
	}
	if h, err := os.Hostname(); err == nil {
		host = "@" + h
	}
	full := strings.Trim(notOfName.ReplaceAllString(name+host, "-"), "-")
	return full[:min(len(full), 64)]
}

// ask makes a call that is limited by callTimeout.
func ask[Request, Answer any](ctx context.Context, call func(context.Context, *Request, ...grpc.CallOption) (*Answer, error), request *Request) (*Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return call(ctx, request)
}
