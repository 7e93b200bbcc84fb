package operator

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"regexp"
	"strings"

	"github.com/ecsd-io/ecsd/client"
	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/operator/output"
)

// Connection holds the flags that every command of a running server has: the server, the credentials, and the form of
// the result. A value comes from the flag, else from the variable, else from the context ([contexts]), else from the
// default.
type Connection struct {
	Context    string `placeholder:"NAME" env:"ECSD_CONTEXT" help:"Context of the configuration file to take settings from. Default: the current one (ecsd context use)."`
	Address    string `default:"127.0.0.1:50051" placeholder:"HOST:PORT" env:"ECSD_ADDRESS" help:"Address of the server. Default ${default}."`
	tlsFlags   `embed:""`
	tokenFlags `embed:""`

	Header []string `placeholder:"KEY:VALUE" sep:"none" env:"ECSD_HEADER" help:"Entry to add to the metadata of each call (repeatable), as for a proxy."`

	Caller string `placeholder:"NAME" env:"ECSD_CALLER" help:"Name of the caller, stored with jobs and renewals. Default: this user at this host."`

	Output output.Format `short:"o" default:"table" enum:"table,json,csv" placeholder:"FORMAT" env:"ECSD_OUTPUT" help:"Format of the result: table; json, for lists one document per line; or csv. Default ${default}."`
	UTC    bool          `name:"utc" env:"ECSD_UTC" help:"Print times in UTC. Default: UTC+8, as in the cloud's console."`
}

// Validate checks the settings before any call.
func (c *Connection) Validate() error {
	if err := c.checkTLS(); err != nil {
		return err
	}
	if err := c.checkToken(); err != nil {
		return err
	}
	if scheme, host, found := strings.Cut(c.Address, "://"); found && (scheme == "http" || scheme == "https" || scheme == "grpc") {
		return fmt.Errorf("invalid --address %q: want HOST:PORT without a scheme, such as %s, and --tls for TLS", c.Address, strings.TrimRight(host, "/"))
	}
	for _, header := range c.Header {
		if key, _, ok := strings.Cut(header, ":"); !ok || strings.TrimSpace(key) == "" {
			return errors.New("--header: want KEY:VALUE") // not the value, which may be a secret
		}
	}
	return nil
}

// session is a connection and the printer of the result, for the length of one command.
type session struct {
	ecsdv1.RenewalServiceClient
	client  *client.Client
	address string
	streams Streams
	out     *output.Printer
}

// dial connects to the server. Nothing is sent before the first call.
func (c *Connection) dial(streams Streams) (*session, error) {
	caller := c.Caller
	if caller == "" {
		caller = thisUser()
	}
	options, err := c.options()
	if err != nil {
		return nil, err
	}
	options = append(options, client.WithCaller(caller))
	dialled, err := client.Dial(c.Address, options...)
	if err != nil {
		return nil, &Error{"--address, --caller: " + err.Error(), exitUsage}
	}
	return &session{dialled.Renewals(), dialled, c.Address, streams, c.printer(streams)}, nil
}

// printer returns the printer of the command's result.
func (c *Connection) printer(streams Streams) *output.Printer {
	return output.New(streams.Out, streams.Err, output.Options{Format: c.Output, UTC: c.UTC})
}

// options returns the options of the transport and the credentials.
func (c *Connection) options() ([]client.Option, error) {
	transport, err := c.transport()
	if err != nil {
		return nil, err
	}
	token, err := c.token()
	if err != nil {
		return nil, err
	}
	options := append(token, transport)
	for _, header := range c.Header {
		key, value, _ := strings.Cut(header, ":")
		options = append(options, client.WithHeader(strings.TrimSpace(key), strings.TrimSpace(value)))
	}
	return options, nil
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
