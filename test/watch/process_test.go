package watch_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/test/postgres"
)

const hangzhou = "cn-hangzhou"

var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "ecsd-watch")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(dir, "ecsd")
	if out, err := exec.Command("go", "build", "-o", binary, "../../server/cmd/ecsd").CombinedOutput(); err != nil {
		panic(string(out))
	}
	os.Setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", simulator.DefaultAccessKeyID)
	os.Setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", simulator.DefaultAccessKeySecret)
	goleak.VerifyTestMain(postgres.Main(m), goleak.Cleanup(func(code int) {
		os.RemoveAll(dir)
		os.Exit(code)
	}))
}

// newCloud serves a simulator until the test ends.
func newCloud(t *testing.T) (*simulator.Simulator, string) {
	t.Helper()
	sim, err := simulator.New(simulator.Config{Regions: []string{hangzhou}})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- sim.Serve(ctx, listener) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("simulator: %v", err)
		}
	})
	return sim, listener.Addr().String()
}

// process is one ecsd that can be killed and started again at the same address.
type process struct {
	t        *testing.T
	args     []string
	address  string
	admin    string
	mu       sync.Mutex
	command  *exec.Cmd
	log      bytes.Buffer
	logGuard sync.Mutex
}

// Write takes the log.
func (p *process) Write(line []byte) (int, error) {
	p.logGuard.Lock()
	defer p.logGuard.Unlock()
	return p.log.Write(line)
}

// newProcess starts an ecsd in front of an endpoint.
func newProcess(t *testing.T, endpoint, database string, args ...string) *process {
	t.Helper()
	p := &process{t: t, address: freeAddress(t), admin: freeAddress(t)}
	p.args = append([]string{"serve", "--listen", p.address, "--admin-listen", p.admin, "--database", database,
		"--endpoint", endpoint, "--endpoint-scheme", "http", "--region", hangzhou, "--poll-interval", "1s"}, args...)
	p.start()
	t.Cleanup(func() {
		p.stop(syscall.SIGKILL)
		if t.Failed() {
			t.Logf("the server's log:\n%s", p.log.String())
		}
	})
	return p
}

// start begins the process and waits until it is ready.
func (p *process) start() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.command = exec.Command(binary, p.args...)
	p.command.Stderr = p
	if err := p.command.Start(); err != nil {
		p.t.Error(err)
		return
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Second}
	for giveUp := time.Now().Add(30 * time.Second); time.Now().Before(giveUp); time.Sleep(10 * time.Millisecond) {
		if answer, err := client.Get("http://" + p.admin + "/healthz"); err == nil {
			answer.Body.Close()
			return
		}
	}
	p.t.Errorf("ecsd does not answer:\n%s", p.log.String())
}

// polled waits until a poll that began after the time is complete.
func (p *process) polled(after time.Time) {
	p.t.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Second}
	age := regexp.MustCompile(`ecsd_watch_poll_age_seconds\{region="` + hangzhou + `"\} (\S+)`)
	for giveUp := time.Now().Add(90 * time.Second); time.Now().Before(giveUp); time.Sleep(50 * time.Millisecond) {
		answer, err := client.Get("http://" + p.admin + "/metrics")
		if err != nil {
			continue
		}
		text, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		found := age.FindSubmatch(text)
		if err != nil || found == nil {
			continue
		}
		if seconds, err := strconv.ParseFloat(string(found[1]), 64); err == nil && time.Duration(seconds*float64(time.Second)) < time.Since(after) {
			return
		}
	}
	p.t.Error("no poll is complete")
}

// stop ends the process by a signal and waits for its end.
func (p *process) stop(signal syscall.Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.command == nil {
		return
	}
	_ = p.command.Process.Signal(signal)
	_ = p.command.Wait()
	p.command = nil
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}
