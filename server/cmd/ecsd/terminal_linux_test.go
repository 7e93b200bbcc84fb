package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

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

// TestTerminal types commands at a terminal, against one server with the demo fleet.
func TestTerminal(t *testing.T) {
	if testing.Short() {
		t.Skip("runs every command at each width, for a minute")
	}
	t.Parallel()
	var line commandLine
	parser, err := newParser(&line, io.Discard, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	d := newDemo(t)
	// The job that is cancelled must not have ended, so that spending is frozen until then.
	var commands []*kong.Node
	leaves(parser.Model.Node, func(command *kong.Node) { commands = append(commands, command) })
	cancel := slices.IndexFunc(commands, func(command *kong.Node) bool { return command.Path() == "renewals cancel" })
	d.examples(t, commands[cancel])
	d.command("spending", "unfreeze", "--reason=examples", "--yes").want(t, 0)
	for _, columns := range []int{40, 80, 200} {
		t.Run(fmt.Sprintf("%d columns", columns), func(t *testing.T) { d.fits(t, columns) })
	}
	t.Run("colours", d.colours)
	t.Run("regions", func(t *testing.T) {
		script := `ecsd renewals create $INSTANCE $(ecsd expiring --region cn-hangzhou --within 60d -o csv | grep -o 'i-[a-z0-9]*' | tail -1) --period 1m --preview`
		if screen, code := d.types(t, script, 200); code != exitUsage || !strings.Contains(screen, "several regions") || !strings.Contains(screen, "cn-shanghai") {
			t.Errorf("instances of two regions: exit code %d\n%s", code, screen)
		}
	})
	for _, command := range slices.Delete(commands, cancel, cancel+1) {
		d.examples(t, command)
	}
}

// demo is a server with the demo fleet, and the home of a person who uses it.
type demo struct {
	fixture
	home        string
	environment []string
}

// examples runs the examples of a command: each line ends with 0, and each question is answered with yes. Every command
// of a running server has some.
func (d *demo) examples(t *testing.T, command *kong.Node) {
	t.Helper()
	examples, ok := operator.ExamplesOf(command)
	if !ok {
		for at := command; at != nil; at = at.Parent {
			if slices.ContainsFunc(at.Flags, func(flag *kong.Flag) bool { return flag.Name == "context" }) {
				t.Errorf("ecsd %s has no examples", command.Path())
			}
		}
		return
	}
	t.Run(command.Path(), func(t *testing.T) {
		if screen, code := d.types(t, examples, 100); code != 0 {
			t.Errorf("exit code %d:\n%s\n%s", code, examples, screen)
		}
	})
}

// escape matches a sequence for colours or for clearing a line.
var escape = regexp.MustCompile(`\x1b\[[0-9;]*[A-Za-z]`)

// tableLine matches the lines of tables and of progress; other lines are prose, which the terminal wraps.
var tableLine = regexp.MustCompile(`^(JOB|INSTANCE|CALLER|TIME|RENEWAL|i-|[0-9a-f]{8}-|2\d{3}-|\[#|\d+/\d+ done|not shown)`)

// fits checks that no line of a table and no redrawn line is wider than the terminal, and that what does not fit is
// named.
func (d *demo) fits(t *testing.T, columns int) {
	screen, code := d.types(t, `
ecsd renewals list
ecsd audit list --limit 5
ecsd spending show
ecsd renewals attention
ecsd renewals create --within 30d --period 1m --preview --rows 5
ecsd renewals watch $JOB`, columns)
	if code != 0 {
		t.Fatalf("exit code %d:\n%s", code, screen)
	}
	rows := 0
	for line := range strings.Lines(strings.ReplaceAll(screen, "\r", "\n")) {
		text := strings.TrimRight(escape.ReplaceAllString(line, ""), "\n")
		if !tableLine.MatchString(text) {
			continue
		}
		rows++
		if width := utf8.RuneCountInString(text); width > columns {
			t.Errorf("a line has %d columns: %s", width, text)
		}
	}
	if rows < 15 {
		t.Errorf("%d lines of tables:\n%s", rows, screen)
	}
	if dropped := strings.Contains(screen, "not shown for lack of width"); dropped != (columns < 200) {
		t.Errorf("the screen names dropped columns: %v\n%s", dropped, screen)
	}
	for _, always := range []string{"api-prod", "Spending is not frozen"} {
		if !strings.Contains(screen, always) {
			t.Errorf("the screen lacks %q:\n%s", always, screen)
		}
	}
}

// colours checks that colours are on terminals only, and are turned off by NO_COLOR and by a terminal without them.
func (d *demo) colours(t *testing.T) {
	for _, c := range []struct {
		name, script string
		colours      bool
	}{
		{"a terminal", "ecsd renewals list", true},
		{"NO_COLOR", "NO_COLOR=1 ecsd renewals list; NO_COLOR=1 ecsd renewals show $JOB", false},
		{"a dumb terminal", "TERM=dumb ecsd renewals list; TERM=dumb ecsd renewals watch $JOB", false},
		{"a pipe", "ecsd renewals list | cat; ecsd renewals show $JOB | cat; ecsd renewals watch $JOB | cat", false},
		{"JSON", "ecsd renewals list -o json; ecsd renewals show $JOB -o json", false},
	} {
		screen, code := d.types(t, c.script, 200)
		if code != 0 || escape.MatchString(screen) != c.colours || !strings.Contains(screen, "SUCCEEDED") {
			t.Errorf("%s: exit code %d, the screen:\n%q", c.name, code, screen)
		}
	}
	// In a pipe all columns are there, whatever the width of the terminal is.
	if screen, _ := d.types(t, "ecsd renewals list | cat", 40); !strings.Contains(screen, "BUDGET") || strings.Contains(screen, "…") {
		t.Errorf("a pipe lacks columns:\n%s", screen)
	}
}

// newDemo starts the server, and makes what the examples name by variables: a job that has ended, one that waits
// because spending is frozen, a renewal that needs attention, instances, and two contexts.
func newDemo(t *testing.T) *demo {
	t.Helper()
	home := t.TempDir()
	script := "#!/bin/sh\nexec " + os.Args[0] + ` "$@"` + "\n"
	if err := os.WriteFile(filepath.Join(home, "ecsd"), []byte(script), 0o700); err != nil { //nolint:gosec // it is run
		t.Fatal(err)
	}
	cloud := startUntil(t, "simulator:", "simulator", "--listen=127.0.0.1:0", "--renew-lag=0")
	d := &demo{fixture: fixture{t: t, simulator: strings.TrimSuffix(strings.Fields(cloud.line)[4], ","), address: "127.0.0.1:0", database: filepath.Join(home, "ecsd.db")}, home: home}
	d.serve("--region=cn-hangzhou", "--region=cn-shanghai", "--region=ap-southeast-1", "--billing")
	window := d.ecsd("create", "--preview", "--within=60d", "--rows=0", "--region=cn-shanghai", "--period=1m").want(t, 0)
	ids := regexp.MustCompile(`(?m)^i-\S+`).FindAllString(window.out, -1)
	if len(ids) < 5 {
		t.Fatalf("the demo fleet has %d subscriptions in cn-shanghai", len(ids))
	}
	one := func(instance string, more ...string) string {
		args := append([]string{"create", instance, "--region=cn-shanghai", "--period=1m", "--yes", "--any-price"}, more...)
		return jobLine.FindStringSubmatch(d.ecsd(args...).out)[1]
	}
	// first returns the first ID that a command prints.
	first := func(args ...string) string {
		return regexp.MustCompile(`\b[id]-[a-z0-9]{20}`).FindString(d.command(args...).want(t, 0).out)
	}
	job := one(ids[0], "--watch")
	request(t, http.MethodPost, d.simulator+"/_simulator/faults", `{"action": "RenewInstance", "kind": "reset"}`)
	one(ids[1], "--watch")
	request(t, http.MethodDelete, d.simulator+"/_simulator/faults", "")
	renewal := regexp.MustCompile(`(?m)^[0-9a-f-]{36}`).FindString(d.ecsd("attention", "-o", "csv").want(t, 0).out)
	d.command("spending", "freeze", "--reason=examples").want(t, 0)
	d.environment = append(os.Environ(), runsMain+"=1", "TERM=xterm", "HOME="+home, "XDG_CONFIG_HOME="+filepath.Join(home, "config"),
		"PATH="+home+":"+os.Getenv("PATH"), "ECSD_ADDRESS="+d.address,
		"JOB="+job, "RENEWAL="+renewal, "RUNNING="+one(ids[2]), "INSTANCE="+ids[3], "OTHER="+ids[len(ids)-1],
		"REGION=cn-shanghai", "DISK="+first("disks", "list", "--instance="+ids[3], "--output=csv"), "HOURLY="+first("instances", "list", "--charge=pay-as-you-go", "--status=running", "--tag=env=prod", "--output=csv"))
	if screen, code := d.types(t, "ecsd context set prod address=$ECSD_ADDRESS\necsd context set staging address=$ECSD_ADDRESS", 100); code != 0 {
		t.Fatalf("context set: %d\n%s", code, screen)
	}
	return d
}

// types runs a Bash script on a terminal of so many columns, answers its questions with yes, and returns what the
// screen showed and the exit code of the first command that fails.
func (d *demo) types(t *testing.T, script string, columns int) (string, int) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "bash", "-e", "-o", "pipefail", "-c", script)
	command.Dir, command.Env = d.home, d.environment
	at := onTerminal(t, command, columns)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = command.Wait() // its state has the exit code
	}()
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
