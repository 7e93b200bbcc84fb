package runner

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/ecsd-io/ecsd/client/conformance/script"
	"github.com/ecsd-io/ecsd/client/conformance/subjectpb"
)

const (
	// patience limits a step that sets no limit of its own.
	patience = 20 * time.Second
	// caseLimit limits a case.
	caseLimit = 2 * time.Minute
	longLimit = 30 * time.Minute
	// slack is added to upper limits of durations, for a busy machine.
	slack = 1500 * time.Millisecond
)

// Subject is a program that offers one client.
type Subject struct {
	// Name is the column in the report, such as "Python (asyncio)".
	Name string `yaml:"name"`
	// Tools are arguments of tools/doctor: without them the subject is skipped.
	Tools []string `yaml:"tools"`
	// Build installs the client's artifact and what the program needs. Run starts it. Both are shell commands.
	Build string `yaml:"build"`
	Run   string `yaml:"run"`
	// Measured starts it for measurements. Empty means Run.
	Measured string `yaml:"measured"`
	// Failing are the cases that are known to fail, each with the reason. One that passes is an error.
	Failing map[string]string `yaml:"failing"`
}

// Result is the outcome of one case with one subject. Err is nil if it passed.
type Result struct {
	Case *Case
	Err  error
	Took time.Duration
}

// Runner runs cases. Folder is the root of the repository, Binary the ecsd for real servers.
type Runner struct {
	Folder, Binary string
	// Parallel is the number of cases at a time.
	Parallel int
}

// Run runs the cases with one subject, in one process of the subject but for those that need one alone.
func (r *Runner) Run(ctx context.Context, subject *Subject, cases []*Case) ([]Result, error) {
	folder, err := os.MkdirTemp("", "ecsd-conformance-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	authority, err := newAuthority(folder)
	if err != nil {
		return nil, err
	}
	p, err := start(subject.Run, r.Folder)
	if err != nil {
		return nil, err
	}
	results := make([]Result, len(cases))
	limit := make(chan struct{}, max(r.Parallel, 1))
	var all sync.WaitGroup
	for i, c := range cases {
		if c.Alone {
			continue
		}
		limit <- struct{}{}
		all.Go(func() {
			defer func() { <-limit }()
			results[i] = r.one(ctx, p, c, authority)
		})
	}
	all.Wait()
	err = p.stop()
	for i, c := range cases {
		if !c.Alone || ctx.Err() != nil {
			continue
		}
		alone, startErr := start(subject.Run, r.Folder)
		if startErr != nil {
			return nil, startErr
		}
		results[i] = r.one(ctx, alone, c, authority)
		err = errors.Join(err, alone.stop())
	}
	return results, err
}

func (r *Runner) one(ctx context.Context, p *process, c *Case, authority *authority) Result {
	began := time.Now()
	limit := caseLimit
	if c.Long {
		limit = longLimit
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	err := func() error {
		world, err := newWorld(c, r.Binary, authority)
		if err != nil {
			return err
		}
		defer world.close()
		run := &run{
			Case: c, world: world, process: p, authority: authority,
			clients: map[string]uint64{}, commands: map[string]*running{}, read: map[string]int{}, watches: map[string]*Operation{}, base: -1,
		}
		return errors.Join(run.steps(ctx), run.finish(ctx))
	}()
	return Result{Case: c, Err: err, Took: time.Since(began)}
}

// run is a case in progress.
type run struct {
	*Case
	world     *world
	process   *process
	authority *authority
	clients   map[string]uint64
	commands  map[string]*running
	watches   map[string]*Operation
	// read is the number of events of a watch that were compared.
	read map[string]int
	base int
	// reported is the request_id of the last progress.
	reported string
}

func (r *run) steps(ctx context.Context) error {
	for i, step := range r.Steps {
		if err := r.step(ctx, step); err != nil {
			return fmt.Errorf("step %d: %w", i+1, err)
		}
	}
	return nil
}

// finish closes the clients and checks what holds in every case.
func (r *run) finish(ctx context.Context) error {
	var broken []error
	for name, watch := range r.watches {
		if watch.Credit > 0 { // It waits for the runner, not for its client.
			if err := r.tell(&subjectpb.Command{Command: &subjectpb.Command_Cancel{Cancel: &subjectpb.Cancel{Target: r.id(name)}}}); err != nil {
				return err
			}
		}
	}
	for name, id := range r.clients {
		command, err := r.process.send(&subjectpb.Command{Command: &subjectpb.Command_Close{Close: &subjectpb.Close{Client: id}}})
		if err != nil {
			return err
		}
		if _, _, ok := command.end(limited(ctx, patience)); !ok {
			broken = append(broken, fmt.Errorf("client %s does not close", name))
		}
	}
	for name, watch := range r.watches {
		if watch.Method == "WatchInstances" || watch.Method == "WatchReclaims" {
			for _, line := range audit(r.commands[name].soFar(), watch.Request["resumeToken"] != nil) {
				broken = append(broken, fmt.Errorf("watch %s: %s", name, line))
			}
		}
	}
	for name, command := range r.commands {
		if _, _, ok := command.end(limited(ctx, patience)); !ok {
			broken = append(broken, fmt.Errorf("command %s does not end when its client is closed", name))
		}
	}
	if r.world.script != nil {
		for _, problem := range r.world.script.Problems() {
			broken = append(broken, fmt.Errorf("the scripted server: %s", problem))
		}
	}
	return errors.Join(broken...)
}

// limited returns a context that ends after d. It leaks no goroutine beyond d.
func limited(ctx context.Context, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(ctx, d)
	context.AfterFunc(ctx, cancel)
	return ctx
}

func (r *run) step(ctx context.Context, s Step) error {
	switch {
	case s.Connect != nil:
		return r.connect(ctx, s.Connect)
	case s.Call != nil, s.List != nil, s.Wait != nil, s.Renew != nil, s.RenewJob != nil, s.Watch != nil:
		return r.operate(ctx, s)
	case s.Convert != nil:
		return r.convert(ctx, s.Convert)
	case s.Credit != nil:
		return r.tell(&subjectpb.Command{Command: &subjectpb.Command_Credit{Credit: &subjectpb.Credit{Watch: r.id(s.Credit.Of), Count: s.Credit.Count}}})
	case s.Cancel != "":
		return r.tell(&subjectpb.Command{Command: &subjectpb.Command_Cancel{Cancel: &subjectpb.Cancel{Target: r.id(s.Cancel)}}})
	case s.Close != "":
		client := r.clients[s.Close]
		delete(r.clients, s.Close)
		command, err := r.process.send(&subjectpb.Command{Command: &subjectpb.Command_Close{Close: &subjectpb.Close{Client: client}}})
		if err != nil {
			return err
		}
		return r.expect(ctx, command, &Expect{Done: true})
	case s.Await != nil:
		command := r.commands[s.Await.Of]
		if command == nil {
			return fmt.Errorf("no command %q", s.Await.Of)
		}
		return r.expect(ctx, command, s.Await.Expect)
	case s.Events != nil:
		return r.events(ctx, s.Events)
	case s.Delays != nil:
		return r.delays(s.Delays)
	case s.Attempts != nil:
		return r.attempts(ctx, s.Attempts)
	case s.Mirror != nil:
		return r.mirror(ctx, s.Mirror)
	case s.Count != nil:
		return r.count(ctx, s.Count)
	case s.Memory != nil:
		return r.memory(s.Memory)
	case s.Signal != "":
		r.world.script.Signal(s.Signal)
	case s.Proxy != "":
		return r.disturb(s.Proxy)
	case s.Process != "":
		return r.signal(s.Process)
	case s.Cloud != nil:
		return r.world.real.change(s.Cloud)
	}
	return nil
}

func (r *run) id(name string) uint64 {
	if command := r.commands[name]; command != nil {
		return command.id
	}
	return 0
}

func (r *run) tell(command *subjectpb.Command) error {
	_, err := r.process.send(command)
	return err
}

func (r *run) disturb(how string) error {
	p := r.world.proxy
	what, rest, _ := strings.Cut(how, " ")
	switch what {
	case "cut":
		p.Cut()
	case "hold":
		p.Hold()
	case "refuse":
		p.Refuse()
		p.Cut()
	case "permit":
		p.Permit()
	case "cut-after":
		var n int
		if _, err := fmt.Sscan(rest, &n); err != nil {
			return err
		}
		p.CutAfter(n)
	default:
		return fmt.Errorf("unknown disturbance %q", how)
	}
	return nil
}

func (r *run) signal(what string) error {
	switch what {
	case "kill":
		r.world.real.end(syscall.SIGKILL)
	case "term":
		r.world.real.end(syscall.SIGTERM)
	case "start":
		return r.world.real.start()
	default:
		return fmt.Errorf("unknown signal %q", what)
	}
	return nil
}

func (r *run) connect(ctx context.Context, c *Connect) error {
	name := c.As
	if name == "" {
		name = "c"
	}
	command := &subjectpb.Connect{Target: r.world.proxy.Address(), Caller: c.Caller, Tokens: c.Tokens, Tls: c.TLS, TimeoutMs: ms(c.Timeout)}
	switch c.Target {
	case "":
	case "closed":
		// A free port could be given to the server of a case that runs beside this one; this one is not given to anybody.
		command.Target = "127.0.0.1:1"
	default:
		command.Target = c.Target
	}
	if c.TLS {
		command.CaFile = r.authority.CA
		if c.Stranger {
			command.CaFile = r.authority.Stranger
		}
	}
	if c.Certificate {
		command.CertFile, command.KeyFile = r.authority.Cert, r.authority.Key
	}
	sent, err := r.process.send(&subjectpb.Command{Command: &subjectpb.Command_Connect{Connect: command}})
	if err != nil {
		return err
	}
	want := c.Expect
	if want == nil {
		want = &Expect{Done: true}
		r.clients[name] = sent.id
	}
	return r.expect(ctx, sent, want)
}

func ms(d script.Duration) uint32 { return uint32(time.Duration(d).Milliseconds()) } //nolint:gosec // of a case

// client returns the ID of a client, and connects the default one.
func (r *run) client(ctx context.Context, name string) (uint64, error) {
	if name == "" {
		name = "c"
	}
	if _, ok := r.clients[name]; !ok {
		if name != "c" {
			return 0, fmt.Errorf("no client %q", name)
		}
		if err := r.connect(ctx, &Connect{}); err != nil {
			return 0, fmt.Errorf("connect: %w", err)
		}
	}
	return r.clients[name], nil
}
