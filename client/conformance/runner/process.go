package runner

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/ecsd-io/ecsd/client/conformance/subjectpb"
)

const (
	// maxFrame limits one message of a subject.
	maxFrame = 64 << 20
	// exitLimit is the time within which a subject ends after the end of its input.
	exitLimit = 10 * time.Second
)

// process is a running subject.
type process struct {
	command *exec.Cmd
	input   io.WriteCloser
	errors  *tail
	done    chan struct{} // closed when its output has ended

	mu       sync.Mutex
	next     uint64
	commands map[uint64]*running
	failed   error
}

// running is a command in progress. Its events arrive in order; the channel is closed after the last one.
type running struct {
	id     uint64
	began  time.Time
	mu     sync.Mutex
	events []*subjectpb.Event
	ended  time.Time
	news   chan struct{} // replaced at each event
	// response and item are the types of its results, nil if it has none.
	response, item proto.Message
}

// start starts a subject by a shell command.
func start(command string, folder string) (*process, error) {
	p := &process{errors: &tail{}, done: make(chan struct{}), commands: map[uint64]*running{}}
	p.command = exec.Command("bash", "-c", "exec "+command)
	p.command.Dir = folder
	p.command.Stderr = p.errors
	var err error
	if p.input, err = p.command.StdinPipe(); err != nil {
		return nil, err
	}
	output, err := p.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.command.Start(); err != nil {
		return nil, fmt.Errorf("start the subject: %w", err)
	}
	go p.read(output)
	return p, nil
}

// stop ends the subject: its input ends, and it must exit with 0.
func (p *process) stop() error {
	_ = p.input.Close()
	timer := time.AfterFunc(exitLimit, func() { _ = p.command.Process.Kill() })
	defer timer.Stop()
	<-p.done
	if err := p.command.Wait(); err != nil {
		return fmt.Errorf("the subject ended with %w:\n%s", err, p.errors)
	}
	return nil
}

func (p *process) kill() { _ = p.command.Process.Kill() }

// send sends a command and returns its record. The results are the types of its response and of the items of a list.
func (p *process) send(command *subjectpb.Command, results ...proto.Message) (*running, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.failed != nil {
		return nil, p.failed
	}
	p.next++
	command.Id = p.next
	r := &running{id: command.Id, began: time.Now(), news: make(chan struct{})}
	if len(results) == 2 {
		r.response, r.item = results[0], results[1]
	}
	p.commands[command.Id] = r
	body, err := proto.Marshal(command)
	if err != nil {
		return nil, err
	}
	frame := binary.BigEndian.AppendUint32(nil, uint32(len(body))) //nolint:gosec // a command is small
	if _, err := p.input.Write(append(frame, body...)); err != nil {
		return nil, fmt.Errorf("write to the subject: %w\n%s", err, p.errors)
	}
	return r, nil
}

// read distributes the events until the output ends.
func (p *process) read(output io.Reader) {
	defer close(p.done)
	for {
		event, err := readEvent(output)
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = errors.New("the subject ended")
			}
			p.fail(fmt.Errorf("%w:\n%s", err, p.errors))
			return
		}
		p.mu.Lock()
		r := p.commands[event.GetId()]
		p.mu.Unlock()
		if r == nil {
			p.fail(fmt.Errorf("an event of an unknown command %d", event.GetId()))
			p.kill()
			return
		}
		r.add(event)
	}
}

func readEvent(output io.Reader) (*subjectpb.Event, error) {
	var size [4]byte
	if _, err := io.ReadFull(output, size[:]); err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint32(size[:])
	if n > maxFrame {
		return nil, fmt.Errorf("a frame of %d bytes: does the subject print to its standard output?", n)
	}
	body := make([]byte, n)
	if _, err := io.ReadFull(output, body); err != nil {
		return nil, err
	}
	event := &subjectpb.Event{}
	return event, proto.Unmarshal(body, event)
}

// fail ends all commands.
func (p *process) fail(err error) {
	p.mu.Lock()
	p.failed = err
	commands := p.commands
	p.commands = map[uint64]*running{}
	p.mu.Unlock()
	for _, r := range commands {
		r.add(&subjectpb.Event{Event: &subjectpb.Event_Failure{Failure: &subjectpb.Failure{Code: "CRASHED", Message: err.Error()}}})
	}
}

// memory returns the resident memory of the process in MiB.
func (p *process) memory() (int, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.command.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kib, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(rest), " kB"))
			return kib / 1024, err
		}
	}
	return 0, errors.New("no VmRSS")
}

func (r *running) add(event *subjectpb.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.ended.IsZero() {
		return
	}
	r.events = append(r.events, event)
	if isEnd(event) {
		r.ended = time.Now()
	}
	close(r.news)
	r.news = make(chan struct{})
}

// at returns event n, and waits for it. It returns nil if the command ended before, or the context did.
func (r *running) at(ctx context.Context, n int) *subjectpb.Event {
	for {
		r.mu.Lock()
		if n < len(r.events) {
			defer r.mu.Unlock()
			return r.events[n]
		}
		news, ended := r.news, !r.ended.IsZero()
		r.mu.Unlock()
		if ended {
			return nil
		}
		select {
		case <-news:
		case <-ctx.Done():
			return nil
		}
	}
}

// end waits for the end, and returns all events and the duration.
func (r *running) end(ctx context.Context) ([]*subjectpb.Event, time.Duration, bool) {
	for n := 0; ; n++ {
		event := r.at(ctx, n)
		if event == nil {
			return nil, 0, false
		}
		if isEnd(event) {
			r.mu.Lock()
			defer r.mu.Unlock()
			return r.events, r.ended.Sub(r.began), true
		}
	}
}

// so far returns the events that have arrived.
func (r *running) soFar() []*subjectpb.Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.events
}

func isEnd(event *subjectpb.Event) bool {
	switch event.GetEvent().(type) {
	case *subjectpb.Event_Observed, *subjectpb.Event_Progress:
		return false
	}
	return true
}

// tail keeps the last bytes of a subject's standard error.
type tail struct {
	mu   sync.Mutex
	text []byte
}

// Write appends to it.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	if most := 8 << 10; len(t.text) > most {
		t.text = append([]byte(nil), t.text[len(t.text)-most:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.text)
}
