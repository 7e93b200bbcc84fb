package main

import (
	"bufio"
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// trial is `ecsd dev` in a separate process.
type trial struct {
	command *exec.Cmd
	log     *log
	// address, token and commands are what it printed.
	address, token string
	commands       []string
}

func startDev(t *testing.T, args ...string) *trial {
	t.Helper()
	d := &trial{command: exec.Command(os.Args[0], append([]string{"dev"}, args...)...), log: &log{}}
	d.command.Env = append(os.Environ(), runsMain+"=1")
	d.command.Stderr = d.log
	stdout, err := d.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := d.command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.command.Process.Kill() }) // fails if it has ended
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		line := lines.Text()
		switch words := strings.Fields(line); {
		case strings.HasPrefix(line, "gRPC API"):
			d.address = words[2]
		case strings.HasPrefix(line, "token"):
			d.token = words[1]
		case strings.HasPrefix(line, "  "):
			d.commands = append(d.commands, line)
		case strings.HasPrefix(line, "Ctrl-C"):
			return d
		}
	}
	t.Fatalf("ecsd dev %v did not start:\n%s", args, d.log)
	return nil
}

// end ends the process by Ctrl-C.
func (d *trial) end(t *testing.T) {
	t.Helper()
	if err := d.command.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := d.command.Wait(); err != nil {
		t.Errorf("after Ctrl-C: %v\n%s", err, d.log)
	}
}

// The printed commands work as they are in a shell, and Ctrl-C leaves nothing
// behind.
func TestDev_Commands(t *testing.T) {
	d := startDev(t)
	if len(d.commands) != 4 {
		t.Errorf("it prints %d commands to try; want an export and three more: %q", len(d.commands), d.commands)
	}
	shell := exec.CommandContext(t.Context(), "sh", "-eux")
	shell.Env = append(os.Environ(), runsMain+"=1")
	shell.Stdin = strings.NewReader(strings.Join(d.commands, "\n"))
	output, err := shell.CombinedOutput()
	if err != nil {
		t.Errorf("the commands fail: %v\n%s", err, output)
	}
	if !bytes.Contains(output, []byte("to renew  ")) {
		t.Errorf("the commands do not show the plan of the demo fleet:\n%s", output)
	}
	if file, err := os.Stat(d.token); err != nil || file.Mode().Perm() != 0o600 {
		t.Errorf("token file: %v, %v; want mode 0600", file.Mode(), err)
	}
	d.end(t)
	if _, err := os.Stat(filepath.Dir(d.token)); !os.IsNotExist(err) {
		t.Errorf("the temporary folder is left after Ctrl-C: %v", err)
	}
}

func TestDev_SecondBesideFirst(t *testing.T) {
	first, second := startDev(t), startDev(t)
	if first.address == second.address || first.token == second.token {
		t.Errorf("both listen at %s and %s with the tokens %s and %s", first.address, second.address, first.token, second.token)
	}
	second.end(t)
	first.end(t)
}

// A folder that is given keeps its token, and is not removed.
func TestDev_Data(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "my data")
	var tokens [2]string
	for i := range tokens {
		startDev(t, "--data", folder).end(t)
		text, err := os.ReadFile(filepath.Join(folder, "token"))
		if err != nil {
			t.Fatal(err)
		}
		tokens[i] = string(text)
	}
	if tokens[0] != tokens[1] {
		t.Error("the second start replaced the token")
	}
}

func TestDev_BadFlags(t *testing.T) {
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	half := t.TempDir()
	if err := os.WriteFile(filepath.Join(half, "token"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, flag string
		code       int
		says       []string
	}{
		{"port in use", "--listen=" + taken.Addr().String(), exitFailed, []string{"--listen " + taken.Addr().String(), "another process listens there"}},
		{"admin port in use", "--admin-listen=" + taken.Addr().String(), exitFailed, []string{"--admin-listen " + taken.Addr().String(), "another process listens there"}},
		{"no address", "--simulator-listen=8090", exitUsage, []string{`--simulator-listen: "8090": must be HOST:PORT`}},
		{"other machines", "--listen=0.0.0.0:0", exitUsage, []string{"--listen 0.0.0.0:0: must be a loopback address"}},
		{"level", "--log-level=loud", exitUsage, []string{"--log-level"}},
		{"folder", "--data=/dev/null/x", exitUsage, []string{"--data /dev/null/x"}},
		{"half a folder", "--data=" + half, exitFailed, []string{"--data " + half, "access.yaml is missing"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			temporary := t.TempDir()
			t.Setenv("TMPDIR", temporary)
			var stdout, stderr bytes.Buffer
			if code := run(t.Context(), []string{"dev", c.flag}, &stdout, &stderr); code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			for _, want := range c.says {
				if !strings.Contains(stderr.String(), want) {
					t.Errorf("the error lacks %q:\n%s", want, stderr.String())
				}
			}
			if left, err := os.ReadDir(temporary); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v (%v)", left, err)
			}
		})
	}
}
