package command_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"go.uber.org/goleak"

	"github.com/ecsd-io/ecsd/simulator/command"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func parse(t *testing.T, args ...string) (*command.Command, error) {
	t.Helper()
	var line struct {
		Simulator command.Command `cmd:""`
	}
	parser, err := kong.New(&line, kong.Exit(func(int) {}))
	if err != nil {
		t.Fatal(err)
	}
	_, err = parser.Parse(append([]string{"simulator"}, args...))
	return &line.Simulator, err
}

// The command prints its address, serves there, and ends with its context.
func TestRun(t *testing.T) {
	c, err := parse(t, "--listen", "127.0.0.1:0", "--instances", "3", "--rate", "RenewInstance=5/1m", "--rate", "*=100/1m", "--renew-lag", "0s")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	read, write := io.Pipe()
	c.Out = write
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	line, err := bufio.NewReader(read).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	control := strings.TrimSpace(line[strings.LastIndex(line, "http://"):])
	response, err := http.Get(control + "instances")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if n := strings.Count(string(body), `"instance_id"`); n != 3 {
		t.Errorf("got %d instances, want 3", n)
	}
	http.DefaultClient.CloseIdleConnections()
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("Run: %v", err)
	}
}

// A port in use is an error that names the flag and the port.
func TestPortInUse(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	c, err := parse(t, "--listen", taken.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	err = c.Run(t.Context())
	if err == nil || !strings.Contains(err.Error(), "--listen "+taken.Addr().String()) || !strings.Contains(err.Error(), "address already in use") {
		t.Errorf("got error %v", err)
	}
}

// Invalid flags are rejected before anything listens, and the message names the valid values.
func TestBadFlags(t *testing.T) {
	for _, c := range []struct {
		args, says string
	}{
		{"--rate RenewInstance=5", "ACTION=CALLS/WINDOW"},
		{"--rate =1/1m", "want an action"},
		{"--rate X=a/1m", "ACTION=CALLS/WINDOW"},
		{"--balance 1.234", "--balance"},
		{"--balance=-1", "--balance -1.00: want 0 or more"},
		{"--seed=-1", "--seed"},
		{"--regions mars-1", `region "mars-1" is not known: want one of cn-hangzhou, `},
		{"--regions cn-hangzhou,cn-hangzhou", "cn-hangzhou is named twice"},
		{"--speed=-1", "speed -1: want more than 0"},
		{"--instances=-1", "instances -1: want 0 or more"},
		{"--renew-lag=-1s", "--renew-lag -1s: want 0 or longer"},
		{"--start-latency=-1s", "--start-latency -1s: want 0 or longer"},
		{"--snapshot-latency=-1s", "--snapshot-latency -1s: want 0 or longer"},
		{"--listen localhost", "--listen \"localhost\": want HOST:PORT"},
		{"--listen :70000", "65535"},
	} {
		if _, err := parse(t, strings.Fields(c.args)...); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v, want %q", c.args, err, c.says)
		}
	}
}
