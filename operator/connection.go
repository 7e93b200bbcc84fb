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
	TLS     bool   `name:"tls" help:"Use TLS. The other --tls flags imply it. Default: plain text."`
	TLSCA   string `name:"tls-ca" placeholder:"FILE" help:"PEM file of the roots to trust. Default: the system's."`
	TLSCert string `name:"tls-cert" placeholder:"FILE" help:"PEM file of this client's certificate, with --tls-key."`
	TLSKey  string `name:"tls-key" placeholder:"FILE" help:"PEM file of the private key of --tls-cert."`

	TokenFile string   `placeholder:"FILE" help:"File with the token to send; read again when the server refuses it."`
	Header    []string `placeholder:"KEY:VALUE" sep:"none" help:"Entry to add to the metadata of each call (repeatable), as for a proxy."`

	Caller string `placeholder:"NAME" help:"Name of the caller, stored with jobs and renewals. Default: this user at this host."`
}

// Validate checks the settings before any call.
func (c *Connection) Validate() error {
	if (c.TLSCert == "") != (c.TLSKey == "") {
		return fmt.Errorf("--tls-cert and --tls-key: give both or none")
	}
	for _, header := range c.Header {
		if key, _, ok := strings.Cut(header, ":"); !ok || strings.TrimSpace(key) == "" {
			return fmt.Errorf("--header: want KEY:VALUE") // not the value, which may be a secret
		}
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
	options, err := c.options()
	if err != nil {
		return nil, err
	}
	options = append(options, client.WithCaller(caller))
	dialled, err := client.Dial(c.Address, options...)
	if err != nil {
		return nil, &Error{err.Error(), exitUsage}
	}
	return &session{dialled.Renewals(), dialled, c.Address}, nil
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
	if c.TokenFile != "" {
		if _, err := readToken(c.TokenFile); err != nil {
			return nil, &Error{fmt.Sprintf("--token-file: %v", err), exitUsage}
		}
		options = append(options, client.WithTokenSource(func(context.Context) (string, error) { return readToken(c.TokenFile) }))
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
	token := strings.TrimSpace(string(text))
	if token == "" || strings.ContainsAny(token, " \r\n\t") {
		return "", fmt.Errorf("%s: want one token on one line", path)
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

// ask makes a call that is limited by callTimeout.
func ask[Request, Answer any](ctx context.Context, call func(context.Context, *Request, ...grpc.CallOption) (*Answer, error), request *Request) (*Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return call(ctx, request)
}
