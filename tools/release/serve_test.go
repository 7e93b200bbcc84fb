package main

import (
	"bufio"
	"net"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// serveDemo serves the demo fleet and stops it after its first response. start
// makes a command of the program with arguments.
func serveDemo(t *testing.T, start func(args ...string) *exec.Cmd, database string) {
	t.Helper()
	began := time.Now()
	address := freeAddress(t)
	server := start("serve", "--simulate", "--database", database, "--listen", address, "--simulator-listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0")
	stdout, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	server.Stderr = &log
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	lines, started := bufio.NewScanner(stdout), false
	for !started && lines.Scan() {
		started = strings.HasPrefix(lines.Text(), "gRPC API")
	}
	out, err := start("renewals", "--address", address, "list").CombinedOutput()
	if err != nil {
		t.Errorf("the first call: %v\n%s", err, out)
	}
	t.Logf("first response after %s", time.Since(began).Round(time.Millisecond))
	if err := server.Process.Signal(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	if err := server.Wait(); err != nil || !started {
		t.Errorf("serve: started %t, ended with %v\n%s", started, err, &log)
	}
}

// freeAddress returns an address that no process listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}
