package main

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// terminal is a command with a person at it.
type terminal struct {
	t       *testing.T
	command *exec.Cmd
	keys    *os.File
	screen  *log
	read    chan struct{}
}

// at runs a command of `ecsd renewals` on a new terminal of 80 columns.
func (h *fixture) at(args ...string) *terminal {
	h.t.Helper()
	return h.wide(80, append([]string{"renewals"}, args...)...)
}

// wide runs a command on a new terminal of so many columns.
func (h *fixture) wide(columns int, args ...string) *terminal {
	h.t.Helper()
	command := exec.CommandContext(h.t.Context(), os.Args[0], args...)
	command.Env = append(os.Environ(), runsMain+"=1", "ECSD_ADDRESS="+h.address, "TERM=xterm")
	return onTerminal(h.t, command, columns)
}

// onTerminal starts a command on a new terminal of so many columns.
func onTerminal(t *testing.T, command *exec.Cmd, columns int) *terminal {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("no terminals here: %v", err)
	}
	number, err := unix.IoctlGetInt(int(person.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(person.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		err = unix.IoctlSetWinsize(int(person.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 50, Col: uint16(columns)}) //nolint:gosec // small
	}
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	command.Stdin, command.Stdout, command.Stderr = program, program, program
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	_ = program.Close()
	at := &terminal{t, command, person, &log{}, make(chan struct{})}
	go func() {
		defer close(at.read)
		buffer := make([]byte, 4096)
		for {
			n, err := person.Read(buffer)
			_, _ = at.screen.Write(buffer[:n])
			if err != nil {
				return // the other end is closed
			}
		}
	}()
	return at
}

// says waits until the screen shows a text.
func (at *terminal) says(text string) {
	at.t.Helper()
	defer func() {
		if at.t.Failed() {
			at.t.Logf("the screen:\n%s", at.screen)
		}
	}()
	await(at.t, fmt.Sprintf("the screen shows %q", text), func() bool { return strings.Contains(at.screen.String(), text) })
}

func (at *terminal) types(keys string) {
	at.t.Helper()
	if _, err := at.keys.WriteString(keys); err != nil {
		at.t.Fatal(err)
	}
}

// ends waits for the end of the command.
func (at *terminal) ends(code int) string {
	at.t.Helper()
	_ = at.command.Wait()
	<-at.read
	_ = at.keys.Close()
	if got := at.command.ProcessState.ExitCode(); got != code {
		at.t.Fatalf("exit code %d, want %d; the screen:\n%s", got, code, at.screen)
	}
	return at.screen.String()
}

// At a terminal nothing is paid before a yes, progress is one line that is
// redrawn, and Ctrl-C stops watching but not the job.
func TestRenewals_Terminal(t *testing.T) {
	t.Parallel()
	h := newFixture(t, 6, "--rate=RenewInstance=3/3s")
	create := []string{"create", "--within=14d", "--period=1m"}
	asked := h.at(create...)
	asked.says("Renew 6 instances for")
	asked.types("y\n") // is no yes
	asked.says("not confirmed")
	asked.ends(4)
	asked = h.at(create...)
	asked.says("Type yes: ")
	asked.types("\x03")
	asked.ends(130)
	if paid := h.orders(); len(paid) != 0 {
		t.Fatalf("without a yes were paid: %v", paid)
	}

	asked = h.at(append(create, "--watch")...)
	asked.says("Type yes: ")
	asked.types("yes\n")
	asked.says("\r\x1b[K")
	asked.says(" left")
	asked.types("\x03")
	screen := asked.ends(130)
	screen0 := screen
	job := jobLine.FindStringSubmatch(screen)[1]
	for _, text := range []string{"the job goes on", "ecsd renewals watch " + job, "ecsd renewals cancel " + job} {
		if !strings.Contains(screen, text) {
			t.Errorf("after Ctrl-C the screen does not say %q:\n%s", text, screen)
		}
	}
	rest := h.at("watch", job)
	screen = rest.ends(0)
	bar := regexp.MustCompile(`\r\x1b\[K\[#+\] 6/6 done, 6 paid, 0 failed, [\d,.]+ CNY spent`)
	if !bar.MatchString(screen) || !strings.Contains(screen, "6 \x1b[32mRENEWED\x1b[0m") {
		t.Errorf("at the end the screen is:\n%s", screen)
	}
	if paid := h.orders(); len(paid) != 6 {
		t.Errorf("%d charges, want 6", len(paid))
	}
	// The job is bound to the confirmed total, and the command prints the
	// arguments that repeat the request.
	total := regexp.MustCompile(`Renew 6 instances for ([\d,.]+ CNY)\?`).FindStringSubmatch(screen0)[1]
	h.ecsd("show", job).want(t, 0, " reserved, of "+total)
	repeat := regexp.MustCompile(`to repeat this request use (--request-id \S+ --budget \S+)`).FindStringSubmatch(screen0)
	if repeat == nil {
		t.Fatalf("the screen does not name what repeats the request:\n%s", screen0)
	}
	h.ecsd(append(append(create, "--yes"), strings.Fields(repeat[1])...)...).want(t, 0, "made a job before", job)
}

// While a plan waits for prices, a terminal shows how many are read, and Ctrl-C
// ends it. Without a terminal nothing is shown.
func TestRenewals_PricingProgress(t *testing.T) {
	t.Parallel()
	h := newFixture(t, 6)
	request(t, http.MethodPost, h.simulator+"/_simulator/faults", `{"action": "DescribeRenewalPrice", "kind": "slow", "delay": "10m", "count": 2}`)
	create := []string{"create", "--within=14d", "--period=1m"}
	asked := h.at(create...)
	asked.says("\r\x1b[Kpricing    4/6, ")
	asked.types("\x03")
	if screen := asked.ends(130); !strings.Contains(screen, "^C\r\x1b[K") {
		t.Errorf("at the end the line is not cleared:\n%q", screen)
	}
	request(t, http.MethodPost, h.simulator+"/_simulator/faults", `{"action": "DescribeRenewalPrice", "kind": "slow", "delay": "10m", "count": 2}`)
	piped := h.ecsd(append(create, "--preview", "--timeout=2500ms")...).want(t, 1, "DEADLINE")
	if strings.Contains(piped.out+piped.err, "pricing") {
		t.Errorf("without a terminal:\n%s%s", piped.out, piped.err)
	}
}
