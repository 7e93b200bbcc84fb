package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"github.com/ecsd-io/ecsd/operator"
)

// exampleLimit is the longest that the examples of one command may take.
const exampleLimit = 90 * time.Second

// leaves calls a function for each visible command without commands below it.
func leaves(node *kong.Node, call func(*kong.Node)) {
	for _, child := range node.Children {
		switch {
		case child.Hidden:
		case len(child.Children) > 0:
			leaves(child, call)
		default:
			call(child)
		}
	}
}

// Every command of a running server has examples, and each example in the help works against a server with the demo
// fleet, typed at a terminal: all lines end with 0, and each question is answered with yes.
func TestExamples(t *testing.T) {
	t.Parallel()
	var line commandLine
	parser, err := newParser(&line, io.Discard, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	work := exampleFolder(t)
	simulated := start(t, append(free[:len(free):len(free)], "--renewal-settle-window=1s", "--renewal-token-trust=1s")...)
	environment := exampleIDs(t, simulated, work)
	run := func(command *kong.Node) {
		examples, ok := operator.ExamplesOf(command)
		if !ok {
			for at := command; at != nil; at = at.Parent {
				for _, flag := range at.Flags {
					if flag.Name == "context" {
						t.Errorf("ecsd %s has no examples", command.Path())
					}
				}
			}
			return
		}
		t.Run(command.Path(), func(t *testing.T) {
			began := time.Now()
			if screen, code := typed(t, environment, work, examples, 100); code != 0 {
				t.Errorf("exit code %d after %s:\n%s\n%s", code, time.Since(began).Round(time.Millisecond), examples, screen)
			}
		})
	}
	// The job that is cancelled must not have ended, so that spending is frozen until then.
	var commands []*kong.Node
	leaves(parser.Model.Node, func(command *kong.Node) { commands = append(commands, command) })
	cancel := slices.IndexFunc(commands, func(command *kong.Node) bool { return command.Path() == "renewals cancel" })
	run(commands[cancel])
	(&fixture{t: t, address: simulated.at["gRPC"]}).command("spending", "unfreeze", "--reason=examples", "--yes").want(t, 0)
	for _, command := range slices.Delete(commands, cancel, cancel+1) {
		run(command)
	}
}

// exampleFolder is a folder with ecsd, in which the examples run, and which is their home.
func exampleFolder(t *testing.T) string {
	t.Helper()
	work := t.TempDir()
	script := "#!/bin/sh\nexec " + os.Args[0] + ` "$@"` + "\n"
	if err := os.WriteFile(filepath.Join(work, "ecsd"), []byte(script), 0o700); err != nil { //nolint:gosec // it is run
		t.Fatal(err)
	}
	return work
}

// exampleIDs returns the environment of the examples, with the variables that stand for IDs: a job that has ended, one
// that runs, a renewal that needs attention, and instances.
func exampleIDs(t *testing.T, simulated *process, work string) []string {
	t.Helper()
	h := &fixture{t: t, address: simulated.at["gRPC"], simulator: simulated.at["simulator"]}
	id := regexp.MustCompile(`i-[a-z0-9]{20,}`)
	window := []string{"--within=60d", "--region=cn-shanghai", "--period=1m", "--yes", "--any-price"}
	ids := id.FindAllString(h.ecsd(append([]string{"create", "--preview"}, window...)...).want(t, 0).out, -1)
	if len(ids) < 4 {
		t.Fatalf("the demo fleet has %d subscriptions in cn-shanghai", len(ids))
	}
	one := func(instance string, more ...string) string {
		args := append([]string{"create", instance, "--region=cn-shanghai", "--period=1m", "--yes", "--any-price"}, more...)
		return jobLine.FindStringSubmatch(h.ecsd(args...).out)[1]
	}
	job := one(ids[0], "--watch")
	faults := h.simulator + "/_simulator/faults"
	request(t, "POST", faults, `{"action": "RenewInstance", "kind": "reset"}`)
	one(ids[1], "--watch")
	request(t, "DELETE", faults, "")
	attention := h.ecsd("attention", "-o", "csv").want(t, 0).out
	renewal := regexp.MustCompile(`(?m)^[0-9a-f-]{36}`).FindString(attention)
	h.command("spending", "freeze", "--reason=examples").want(t, 0)
	running := one(ids[2])
	environment := append(os.Environ(), runsMain+"=1", "TERM=xterm", "HOME="+work, "XDG_CONFIG_HOME="+filepath.Join(work, "config"), "PATH="+work+":"+os.Getenv("PATH"),
		"ECSD_ADDRESS="+h.address, "JOB="+job, "RENEWAL="+renewal, "RUNNING="+running, "INSTANCE="+ids[3], "OTHER="+ids[len(ids)-1])
	for _, name := range []string{"prod", "staging"} {
		if screen, code := typed(t, environment, work, "ecsd context set "+name+" address="+h.address, 100); code != 0 {
			t.Fatalf("context set: %d\n%s", code, screen)
		}
	}
	return environment
}

// typed runs a Bash script on a terminal of so many columns, answers its questions with yes, and returns what the
// screen showed and the exit code.
func typed(t *testing.T, environment []string, folder, script string, columns int) (string, int) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "bash", "-e", "-c", script)
	command.Dir, command.Env = folder, environment
	at := onTerminal(t, command, columns)
	done := make(chan error, 1)
	go func() { done <- command.Wait() }()
	answered := 0
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for limit := time.After(exampleLimit); ; {
		select {
		case <-done:
			<-at.read
			_ = at.keys.Close()
			return at.screen.String(), command.ProcessState.ExitCode()
		case <-tick.C:
			if asked := strings.Count(at.screen.String(), "Type yes: "); asked > answered {
				answered++
				at.types("yes\n")
			}
		case <-limit:
			_ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL)
			<-done
			t.Fatalf("it did not end within %s:\n%s\n%s", exampleLimit, script, at.screen)
		}
	}
}
