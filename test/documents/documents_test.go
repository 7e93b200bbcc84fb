// Package documents runs the commands that the documents give a reader to paste, and compares the excerpts that they
// show with the real output.
package documents

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/test/lib/program"
)

const root = "../.."

// files are the documents with executed blocks, each run against its own server.
var files = []string{
	"README.md", "docs/from-scripts.md", "docs/simulator.md", "docs/operations.md", "docs/access.md", "docs/cli.md", "docs/recipes.md", "docs/notifications.md",
}

// block is one command of a document with the excerpt that follows it.
type block struct {
	line    int
	command string
	excerpt string
}

var fence = regexp.MustCompile("(?s)```sh\n(.*?)```\n(?:```text\n(.*?)```)?")

func blocks(t *testing.T, document string) []block {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, document))
	if err != nil {
		t.Fatal(err)
	}
	var found []block
	for _, at := range fence.FindAllSubmatchIndex(text, -1) {
		b := block{line: 1 + bytes.Count(text[:at[0]], []byte("\n")), command: string(text[at[2]:at[3]])}
		if at[4] >= 0 {
			b.excerpt = string(text[at[4]:at[5]])
		}
		found = append(found, b)
	}
	return found
}

// The commands that are replaced before they run, and their replacements.
const (
	serveCommand = "go run ./server/cmd/ecsd serve --simulate\n"
	testCommand  = "make test\n"
	installTool  = "go install github.com/fullstorydev/grpcurl/"
)

// serveWith matches a command that serves with a file that an earlier block has written.
var serveWith = regexp.MustCompile(`^ecsd serve --simulate (--[a-z-]+) \$DIR/(\S+)\n$`)

// TestDocuments runs all blocks in order against one server, with three exceptions: the server is built and started
// beside the blocks; "make test" only prints its plan, because this test is a part of it; and grpcurl is this project's
// pinned version. A variable that a block exports and a function that it defines are visible in later blocks.
func TestDocuments(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs the server")
	}
	for _, document := range files {
		t.Run(document, func(t *testing.T) {
			t.Parallel()
			runDocument(t, programs(t), document)
		})
	}
}

func runDocument(t *testing.T, bin, document string) {
	addresses := map[string]string{}
	for _, port := range []string{"50051", "8090", "9090"} {
		addresses["localhost:"+port] = program.FreeAddress(t)
	}
	exported := filepath.Join(t.TempDir(), "exported")
	for _, b := range blocks(t, document) {
		command := b.command
		with := serveWith.FindStringSubmatch(command)
		switch {
		case command == serveCommand:
			serve(t, filepath.Join(bin, "ecsd"), addresses)
			continue
		case with != nil:
			folder := strings.TrimSpace(run(t, bin, exported, "echo $DIR"))
			t.Cleanup(func() { _ = os.RemoveAll(folder) })
			serve(t, filepath.Join(bin, "ecsd"), addresses, with[1], filepath.Join(folder, with[2]))
			continue
		case command == testCommand:
			command = "make --dry-run test"
		case strings.HasPrefix(command, installTool):
			command = "grpcurl -version"
		}
		t.Run(fmt.Sprintf("line %d", b.line), func(t *testing.T) {
			for documented, real := range addresses {
				command = strings.ReplaceAll(command, documented, real)
			}
			shows(t, document, run(t, bin, exported, command), b.excerpt)
		})
	}
}

var built struct {
	once   sync.Once
	folder string
	err    error
}

func TestMain(m *testing.M) {
	// The documents run side by side: they wait more than they compute. A flag of the command line wins.
	_ = flag.Set("test.parallel", "8")
	code := m.Run()
	_ = os.RemoveAll(built.folder)
	os.Exit(code)
}

// programs returns a folder with ecsd and grpcurl, built once.
func programs(t *testing.T) string {
	t.Helper()
	built.once.Do(func() {
		if built.folder, built.err = os.MkdirTemp("", "ecsd-documents-"); built.err == nil { //nolint:usetesting // outlives the test
			built.err = errors.Join(
				build(".", filepath.Join(built.folder, "ecsd"), "./server/cmd/ecsd"),
				build("tools", filepath.Join(built.folder, "grpcurl"), "github.com/fullstorydev/grpcurl/cmd/grpcurl"))
		}
	})
	if built.err != nil {
		t.Fatal(built.err)
	}
	return built.folder
}

// build builds a program as it is released.
func build(module, path, program string) error {
	command := exec.Command("go", "build", "-o", path, program)
	command.Dir = filepath.Join(root, module)
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", program, err, output)
	}
	return nil
}

// serve starts the server on free ports and stops it when the test ends.
func serve(t *testing.T, ecsd string, addresses map[string]string, more ...string) {
	t.Helper()
	admin := addresses["localhost:9090"]
	server := exec.Command(ecsd, append([]string{"serve", "--simulate", "--listen", addresses["localhost:50051"],
		"--simulator-listen", addresses["localhost:8090"], "--admin-listen", admin}, more...)...)
	var log bytes.Buffer
	server.Stdout, server.Stderr = &log, &log
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Signal(syscall.SIGTERM)
		if err := server.Wait(); err != nil {
			t.Errorf("the server ended with %v:\n%s", err, log.String())
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for {
		req, _ := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+admin+"/readyz", nil)
		if resp, err := http.DefaultClient.Do(req); err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return
			}
		}
		select {
		case <-ctx.Done():
			t.Fatalf("the server is not ready:\n%s", log.String())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func run(t *testing.T, bin, exported, command string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	script := fmt.Sprintf("if [ -e %[1]q ]; then . %[1]q; fi\n%[2]s\n{ export -p; declare -f; } >%[1]q", exported, command)
	shell := exec.CommandContext(ctx, "bash", "-euo", "pipefail", "-c", script)
	shell.Dir = root
	// What a block runs with go is compiled as the released program, which build has compiled.
	shell.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "CGO_ENABLED=0")
	output, err := shell.CombinedOutput()
	if err != nil {
		t.Fatalf("%s\n%v\n%s", command, err, output)
	}
	return string(output)
}

// unportable matches what a block must not contain, with the reason.
var unportable = map[string]*regexp.Regexp{
	"a loop without a bound":                          regexp.MustCompile(`(?m)^\s*(until|while)\b`),
	"a literal request ID, which replays if pasted":   regexp.MustCompile(`"request_id": "[0-9a-f]{8}-`),
	"a flag of GNU grep":                              regexp.MustCompile(`grep -[a-zA-Z]*P`),
	"sed -i, which differs on macOS":                  regexp.MustCompile(`sed -[a-zA-Z]*i`),
	"paste without a file, which macOS refuses":       regexp.MustCompile(`paste -s[^|)]*'\)`),
	"date -d without the form of macOS (date -v)":     regexp.MustCompile(`date -u -d|date -d`),
	"/proc without an alternative":                    regexp.MustCompile(`/proc/`),
	"a command that minimal systems lack (jq, watch)": regexp.MustCompile(`\| *(jq|watch)\b`),
}

// TestDocuments_Portable checks that the blocks run on Linux and macOS, end, and may be pasted again.
func TestDocuments_Portable(t *testing.T) {
	for _, document := range files {
		for _, b := range blocks(t, document) {
			for _, line := range strings.Split(b.command, "\n") {
				if strings.Contains(line, "2>/dev/null ||") {
					continue // has an alternative
				}
				for reason, pattern := range unportable {
					if pattern.MatchString(line) {
						t.Errorf("%s line %d: %s: %s", document, b.line, reason, line)
					}
				}
			}
		}
	}
}

// shows checks that the output contains the lines of the excerpt in order.
func shows(t *testing.T, document, output, excerpt string) {
	t.Helper()
	rest := output
	for _, want := range strings.Split(strings.TrimRight(excerpt, "\n"), "\n") {
		want = strings.TrimSpace(want)
		_, after, found := strings.Cut(rest, want)
		if !found {
			t.Fatalf("%s shows %q, the output does not:\n%s", document, want, output)
		}
		rest = after
	}
}
