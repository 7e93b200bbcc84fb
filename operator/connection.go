package operator

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"regexp"
	"runtime"
	"strings"

	"github.com/ecsd-io/ecsd/client"
	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/operator/output"
)

// Connection holds the flags that every command of a running server has: the server, the credentials, and the form of
// the result. A value comes from the flag, else from the variable, else from the context ([contexts]), else from the
// default.
type Connection struct {
	Context string `placeholder:"NAME" env:"ECSD_CONTEXT" help:"Context of the configuration file to take settings from. Default: the current one (ecsd context use)."`
	Address string `default:"127.0.0.1:50051" placeholder:"HOST:PORT" env:"ECSD_ADDRESS" help:"Address of the server. Default ${default}."`
	TLS     bool   `name:"tls" env:"ECSD_TLS" help:"Use TLS. The other --tls flags imply it. Default: plain text."`
	TLSCA   string `name:"tls-ca" placeholder:"FILE" env:"ECSD_TLS_CA" help:"PEM file of the roots to trust. Default: the system's."`
	TLSCert string `name:"tls-cert" placeholder:"FILE" env:"ECSD_TLS_CERT" help:"PEM file of this client's certificate, with --tls-key."`
	TLSKey  string `name:"tls-key" placeholder:"FILE" env:"ECSD_TLS_KEY" help:"PEM file of the private key of --tls-cert."`

	TokenFile    string   `placeholder:"FILE" env:"ECSD_TOKEN_FILE" help:"File with the token to send; read again when the server refuses it."`
	TokenCommand string   `placeholder:"COMMAND" env:"ECSD_TOKEN_COMMAND" help:"Shell command that prints the token to send; run again when the server refuses it. Not with --token-file."`
	Header       []string `placeholder:"KEY:VALUE" sep:"none" env:"ECSD_HEADER" help:"Entry to add to the metadata of each call (repeatable), as for a proxy."`

	Caller string `placeholder:"NAME" env:"ECSD_CALLER" help:"Name of the caller, stored with jobs and renewals. Default: this user at this host."`

	Output output.Format `short:"o" default:"table" enum:"table,json,csv" placeholder:"FORMAT" env:"ECSD_OUTPUT" help:"Format of the result: table; json, for lists one document per line; or csv. Default ${default}."`
	UTC    bool          `name:"utc" env:"ECSD_UTC" help:"Print times in UTC. Default: UTC+8, as in the cloud's console."`
}

// Validate checks the settings before any call.
func (c *Connection) Validate() error {
	if (c.TLSCert == "") != (c.TLSKey == "") {
		return errors.New("--tls-cert and --tls-key: give both or none")
	}
	if c.TokenFile != "" && c.TokenCommand != "" {
		return errors.New("--token-file and --token-command: give at most one")
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
	var options []client.Option
	if c.TLS || c.TLSCA != "" || c.TLSCert != "" {
		config, err := c.tls()
		if err != nil {
			return nil, err
		}
		options = append(options, client.WithTLS(config))
	} else {
		options = append(options, client.WithInsecure())
	}
	switch {
	case c.TokenFile != "":
		if _, err := readToken(c.TokenFile); err != nil {
			return nil, &Error{fmt.Sprintf("--token-file: %v", err), exitUsage}
		}
		options = append(options, client.WithTokenSource(func(context.Context) (string, error) { return readToken(c.TokenFile) }))
	case c.TokenCommand != "":
		options = append(options, client.WithTokenSource(func(ctx context.Context) (string, error) { return runToken(ctx, c.TokenCommand) }))
	}
	for _, header := range c.Header {
		key, value, _ := strings.Cut(header, ":")
		options = append(options, client.WithHeader(strings.TrimSpace(key), strings.TrimSpace(value)))
	}
	return options, nil
}

// tls returns the configuration of TLS. The certificate is read for each
// connection, so that a long watch gets one that was replaced.
func (c *Connection) tls() (*tls.Config, error) {
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
	if c.TLSCert == "" {
		return config, nil
	}
	load := func() (*tls.Certificate, error) {
		pair, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey)
		return &pair, err
	}
	if _, err := load(); err != nil {
		return nil, &Error{fmt.Sprintf("--tls-cert, --tls-key: %v", err), exitUsage}
	}
	config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return load() }
	return config, nil
}

// readToken reads the token of a file. The text of an error has no part of it.
func readToken(path string) (string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	return oneToken(path, text)
}

// runToken runs the command that prints the token. Its standard error is the terminal's, as for a prompt.
func runToken(ctx context.Context, command string) (string, error) {
	shell := []string{"sh", "-c"}
	if runtime.GOOS == "windows" {
		shell = []string{"cmd", "/C"}
	}
	run := exec.CommandContext(ctx, shell[0], shell[1], command) //nolint:gosec // the command is the user's setting
	run.Stdin, run.Stderr = os.Stdin, os.Stderr
	text, err := run.Output()
	if err != nil {
		return "", fmt.Errorf("--token-command: %w", err)
	}
	return oneToken("--token-command", text)
}

func oneToken(source string, text []byte) (string, error) {
	token := strings.TrimSpace(string(text))
	if token == "" || strings.ContainsAny(token, " \r\n\t") {
		return "", fmt.Errorf("%s: want one token on one line", source)
	}
	return token, nil
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
