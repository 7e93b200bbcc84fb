package program

import (
	"bytes"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Process is an ecsd that can be killed and restarted at the same addresses. It ends with its test.
type Process struct {
	// Address is the gRPC address, Admin the address of the admin port.
	Address, Admin string

	t    testing.TB
	path string
	args []string
	log  log

	mu      sync.Mutex
	command *exec.Cmd
	// ended is closed when the command has ended.
	ended chan struct{}
}

// Start starts the program at path, connected to a cloud's endpoint, and waits until it responds.
func Start(t testing.TB, path, endpoint, database string, args ...string) *Process {
	t.Helper()
	p := &Process{t: t, path: path, Address: FreeAddress(t), Admin: FreeAddress(t)}
	p.args = append([]string{
		"serve", "--listen", p.Address, "--admin-listen", p.Admin, "--database", database,
		"--endpoint", endpoint, "--endpoint-scheme", "http",
	}, args...)
	p.Start()
	t.Cleanup(func() {
		p.Stop(syscall.SIGKILL)
		if t.Failed() {
			t.Logf("the log of the server at %s:\n%s", p.Address, p.log.String())
		}
	})
	return p
}

// Start restarts the process and waits until it responds. Like a supervisor it restarts a process that ends before, such
// as one that a busy machine kept from its database.
func (p *Process) Start() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.run() {
		return
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Second}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	ended := p.ended
	var again <-chan time.Time
	for giveUp := time.Now().Add(30 * time.Second); time.Now().Before(giveUp); {
		select {
		case <-ended:
			p.t.Logf("ecsd at %s ended at its start, and is restarted", p.Address)
			ended, again = nil, time.After(time.Second)
		case <-again:
			if !p.run() {
				return
			}
			ended, again = p.ended, nil
		case <-tick.C:
			if answer, err := client.Get("http://" + p.Admin + "/healthz"); err == nil {
				answer.Body.Close()
				return
			}
		}
	}
	p.t.Errorf("ecsd does not answer:\n%s", p.log.String())
}

// run starts the process once. The caller holds mu.
func (p *Process) run() (started bool) {
	command, ended := exec.Command(p.path, p.args...), make(chan struct{})
	command.Stderr = &p.log
	if err := command.Start(); err != nil {
		p.t.Error(err)
		return false
	}
	go func() {
		_ = command.Wait()
		close(ended)
	}()
	p.command, p.ended = command, ended
	return true
}

// Log returns the log so far.
func (p *Process) Log() string { return p.log.String() }

// Signal sends a signal, and does not wait for its effect.
func (p *Process) Signal(signal syscall.Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.command != nil {
		_ = p.command.Process.Signal(signal)
	}
}

// Stop ends the process by a signal and waits for its exit.
func (p *Process) Stop(signal syscall.Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.command == nil {
		return
	}
	_ = p.command.Process.Signal(signal)
	<-p.ended
	p.command = nil
}

// log is written by the process and read by the test.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write appends to the log.
func (l *log) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// FreeAddress returns an unused address of this machine, which stays free for the test while its process is stopped: the
// port is below those that the system gives to connections, and no other test process on this machine takes it.
func FreeAddress(t testing.TB) string {
	t.Helper()
	for range 100 {
		port := strconv.Itoa(10_000 + rand.IntN(20_000))
		if !reserve(t, port) {
			continue
		}
		listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", port))
		if err != nil {
			continue // in use
		}
		_ = listener.Close()
		return net.JoinHostPort("127.0.0.1", port)
	}
	t.Fatal("no free port from 10000 to 29999")
	return ""
}

// reserve locks a file per port until the test ends, and returns false if another test holds the lock.
func reserve(t testing.TB, port string) bool {
	t.Helper()
	folder := filepath.Join(os.TempDir(), "ecsd-test-ports-"+strconv.Itoa(os.Getuid()))
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(filepath.Join(folder, port), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = file.Close()
		return false
	}
	t.Cleanup(func() { _ = file.Close() })
	return true
}
