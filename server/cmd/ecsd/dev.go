package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"github.com/ecsd-io/ecsd/server"
)

// devCommand is `ecsd dev`.
type devCommand struct {
	Data      string `placeholder:"FOLDER" help:"Folder of the access file and the token, which are made if it has neither, and otherwise used as they are. Default: a temporary folder, which is removed at the end."`
	Listen    string `placeholder:"HOST:PORT" help:"Address of the gRPC API. Default 127.0.0.1:50051, or a free port if another process listens there."`
	Admin     string `name:"admin-listen" placeholder:"HOST:PORT" help:"Address of metrics and health. Default 127.0.0.1:9090, or a free port if another process listens there."`
	Simulator string `name:"simulator-listen" placeholder:"HOST:PORT" help:"Address of the simulator. Default 127.0.0.1:8090, or a free port if another process listens there."`
	LogLevel  string `enum:"debug,info,warn,error" default:"warn" placeholder:"LEVEL" help:"Minimum level of the log on standard error: debug, info, warn or error. Default ${default}."`
}

// Help is what `ecsd help dev` prints above the flags.
func (devCommand) Help() string {
	return `Serves a demo fleet from a simulator of the cloud, for one caller that may do everything, and prints commands to try. It needs no account and costs nothing. The fleet and the database are in memory: each start begins with the same fleet.

Ctrl-C ends the server and removes the temporary folder.`
}

// devCaller is the name of the caller that has the token.
const devCaller = "dev"

// Run serves until ctx ends.
func (c *devCommand) Run(ctx context.Context, out output) (err error) {
	settings := server.DefaultConfig()
	settings.Simulate, settings.LogLevel, settings.LogFormat, settings.LogOutput = true, c.LogLevel, "text", out.stderr
	for _, address := range []struct {
		given string
		into  *string
	}{
		{c.Listen, &settings.Listen}, {c.Admin, &settings.Admin}, {c.Simulator, &settings.Simulator},
	} {
		*address.into = cmp.Or(address.given, freeAddress(ctx, *address.into))
	}
	if host, _, err := net.SplitHostPort(settings.Listen); err == nil && host != "localhost" && !net.ParseIP(host).IsLoopback() {
		return &server.ConfigError{Rule: fmt.Sprintf("--listen %s: must be a loopback address such as 127.0.0.1:50051, because the token is sent without TLS; other machines need ecsd serve", settings.Listen)}
	}
	// Settings first, so that a wrong one leaves no folder behind.
	if err := settings.Validate(); err != nil {
		return err
	}
	folder, remove, err := c.folder()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	var token string
	if settings.AccessFile, token, err = server.DevelopmentAccess(folder, devCaller); err != nil {
		return fmt.Errorf("--data %s: %w", folder, err)
	}
	s, err := server.New(ctx, settings)
	if err != nil {
		return err
	}
	announce(out.stdout, s.Addresses(), settings)
	suggest(out.stdout, reachable(s.Addresses().GRPC), token)
	return s.Serve(ctx)
}

// folder returns the folder of the files, and what to do with it at the end.
func (c *devCommand) folder() (path string, remove func() error, err error) {
	if c.Data == "" {
		if path, err = os.MkdirTemp("", "ecsd-dev-"); err != nil {
			return "", nil, err
		}
		return path, func() error { return os.RemoveAll(path) }, nil
	}
	path, err = filepath.Abs(c.Data)
	if err == nil {
		err = os.MkdirAll(path, 0o700)
	}
	if err != nil {
		return "", nil, &server.ConfigError{Rule: fmt.Sprintf("--data %s: %v", c.Data, err)}
	}
	return path, func() error { return nil }, nil
}

// freeAddress returns the address, or one with port 0 if another process listens
// there. If one begins to listen there after the check, the start fails with an
// error that names the flag.
func freeAddress(ctx context.Context, address string) string {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		host, _, _ := net.SplitHostPort(address)
		return net.JoinHostPort(host, "0")
	}
	if err == nil {
		_ = listener.Close()
	}
	return address
}

// suggest prints the commands to try. They work as they are in another terminal.
func suggest(w io.Writer, address, token string) {
	fmt.Fprintf(w, "token       %s (caller %s, all scopes)\n\nIn another terminal:\n\n", token, devCaller)
	if runtime.GOOS == "windows" {
		fmt.Fprintf(w, "  $env:ECSD_ADDRESS = '%s'; $env:ECSD_TOKEN_FILE = '%s'\n", address, token)
	} else {
		fmt.Fprintf(w, "  export ECSD_ADDRESS=%s ECSD_TOKEN_FILE=%s\n", address, quoted(token))
	}
	program := program()
	for _, command := range []string{
		"status",
		"expiring --within 14d",
		"renewals create --region cn-hangzhou --within 14d --period 1m --preview",
	} {
		fmt.Fprintf(w, "  %s %s\n", program, command)
	}
	fmt.Fprintln(w, "\nCtrl-C stops the server.")
}

// program returns a command that runs this program: its name if that is what the
// shell finds, otherwise its path.
func program() string {
	path, err := os.Executable()
	if err != nil {
		return "ecsd"
	}
	if found, err := exec.LookPath("ecsd"); err == nil && sameFile(found, path) {
		return "ecsd"
	}
	return quoted(path)
}

func sameFile(a, b string) bool {
	first, err := os.Stat(a)
	second, err2 := os.Stat(b)
	return err == nil && err2 == nil && os.SameFile(first, second)
}

// quoted returns a word as a shell reads it.
func quoted(word string) string {
	if strings.Trim(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-:\\") == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
