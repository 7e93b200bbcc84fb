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

// The command tells where it listens, answers there, and ends with its
// context.
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

// What makes no sense is refused with the reason.
func TestBadFlags(t *testing.T) {
	for _, args := range [][]string{{"--rate", "RenewInstance=5"}, {"--rate", "=1/1m"}, {"--rate", "X=a/1m"}, {"--balance", "1.234"}, {"--seed", "-1"}} {
		if _, err := parse(t, args...); err == nil {
			t.Errorf("%v: got no error", args)
		}
	}
	for _, args := range [][]string{{"--regions", "mars-1"}, {"--speed=-1"}, {"--instances=-1"}} {
		c, err := parse(t, args...)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Run(t.Context()); err == nil {
			t.Errorf("%v: got no error", args)
		}
	}
}
