package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/simulator"
)

// runsMain is the variable that makes the test binary the program itself.
const runsMain = "ECSD_TEST_RUNS_MAIN"

// process is ecsd in a separate process.
type process struct {
	command *exec.Cmd
	// at holds the reported addresses by name: gRPC, simulator, admin.
	at map[string]string
	// line is the last line printed.
	line string
	log  *log
}

// start runs ecsd and waits until it has printed its address.
func start(t testing.TB, args ...string) *process {
	t.Helper()
	return startUntil(t, "admin", args...)
}

// startUntil waits for a line that begins with a word.
func startUntil(t testing.TB, word string, args ...string) *process {
	t.Helper()
	p := &process{command: exec.Command(os.Args[0], args...), at: map[string]string{}, log: &log{}}
	p.command.Env = append(os.Environ(), runsMain+"=1",
		"ALIBABA_CLOUD_ACCESS_KEY_ID="+simulator.DefaultAccessKeyID, "ALIBABA_CLOUD_ACCESS_KEY_SECRET="+simulator.DefaultAccessKeySecret)
	p.command.Stderr = p.log
	stdout, err := p.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.command.Process.Kill() }) // fails if it has ended
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		words := strings.Fields(strings.Replace(lines.Text(), "gRPC API", "gRPC", 1))
		p.at[words[0]], p.line = words[1], lines.Text()
		if words[0] == word {
			return p
		}
	}
	t.Fatalf("ecsd %v did not start:\n%s", args, p.log)
	return nil
}

func (p *process) signal(t *testing.T, s os.Signal) {
	t.Helper()
	if err := p.command.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// log takes standard error while the process runs.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// await polls until something is so in the other process.
func await(t *testing.T, what string, so func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for patience := time.After(30 * time.Second); !so(); {
		select {
		case <-tick.C:
		case <-patience:
			t.Fatalf("it did not come to be that %s", what)
		}
	}
}

// request calls the simulator's control interface.
func request(t *testing.T, method, url, body string) string {
	t.Helper()
	query, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	query.Close = true
	answer, err := http.DefaultClient.Do(query)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode >= 300 {
		t.Fatalf("%s %s: %s %s (%v)", method, url, answer.Status, text, err)
	}
	return string(text)
}

// SIGTERM and Ctrl-C end the process with 0, and the log is complete.
func TestServe_Signal(t *testing.T) {
	for _, s := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		p := start(t, free...)
		p.signal(t, s)
		if err := p.command.Wait(); err != nil {
			t.Errorf("after %v: %v\n%s", s, err, p.log)
		}
		if !strings.Contains(p.log.String(), `"msg":"stopped"`) {
			t.Errorf("after %v the log does not end with stopped:\n%s", s, p.log)
		}
	}
}

// While a call in progress holds up the end, a second Ctrl-C ends the process
// at once, by that signal.
func TestServe_SecondSignal(t *testing.T) {
	p := start(t, append(free[:len(free):len(free)], "--shutdown-grace=10m")...)
	faults := p.at["simulator"] + "/_simulator/faults"
	// An action that the server does not call without a request.
	request(t, http.MethodPost, faults, `{"action": "DescribeZones", "kind": "slow", "delay": "10m"}`)
	conn, err := grpc.NewClient(p.at["gRPC"], grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	ctx, giveUp := context.WithCancel(t.Context())
	called := make(chan struct{})
	go func() {
		defer close(called)
		_, _ = ecsdv1.NewCatalogServiceClient(conn).ListZones(ctx, &ecsdv1.ListZonesRequest{RegionId: "cn-hangzhou"}, grpc.WaitForReady(true))
	}()
	await(t, "the call is in progress", func() bool {
		return !strings.Contains(request(t, http.MethodGet, faults, ""), `"struck": 0`)
	})
	p.signal(t, os.Interrupt)
	await(t, "the server stops", func() bool {
		return strings.Contains(p.log.String(), `"msg":"stopping: calls in progress may finish"`)
	})
	p.signal(t, os.Interrupt)
	err = p.command.Wait()
	var ended *exec.ExitError
	if !errors.As(err, &ended) {
		t.Fatalf("after a second signal: %v\n%s", err, p.log)
	}
	if status := ended.Sys().(syscall.WaitStatus); !status.Signaled() || status.Signal() != syscall.SIGINT {
		t.Errorf("after a second signal: %v\n%s", err, p.log)
	}
	giveUp() // gRPC may have sent the call again, and would wait for a server forever
	<-called
}

// If the database cannot be created, read or written, the error names its path
// and the cause, the exit code is 1, and nothing is served.
func TestServe_UnusableDatabase(t *testing.T) {
	folder := t.TempDir()
	text := filepath.Join(folder, "text.db")
	if err := os.WriteFile(text, []byte(strings.Repeat("not a database\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, path, limit, says string
	}{
		{"a folder that is not there", filepath.Join(folder, "nowhere", "ecsd.db"), "unlimited", ""},
		{"a folder", folder, "unlimited", ""},
		{"a file of another kind", text, "unlimited", "not a"},
		// A limit on the size of files simulates a full disk.
		{"no room for the first page", filepath.Join(folder, "1.db"), "1", "disk"},
		{"no room for the schema", filepath.Join(folder, "2.db"), "16", "disk"},
	} {
		t.Run(c.name, func(t *testing.T) {
			command := exec.Command("bash", append([]string{"-c", `ulimit -f "$1" && shift && exec "$0" "$@"`, os.Args[0], c.limit},
				append(free[:len(free):len(free)], "--database=sqlite:"+c.path)...)...)
			command.Env = append(os.Environ(), runsMain+"=1")
			output, err := command.CombinedOutput()
			if command.ProcessState.ExitCode() != exitFailed {
				t.Errorf("it ended with %v, want exit code %d", err, exitFailed)
			}
			for _, want := range []string{"ecsd: --database sqlite:" + c.path + ": ", c.says} {
				if !strings.Contains(string(output), want) {
					t.Errorf("the message lacks %q:\n%s", want, output)
				}
			}
			if strings.Contains(string(output), "gRPC API") {
				t.Errorf("it told an address:\n%s", output)
			}
		})
	}
}
