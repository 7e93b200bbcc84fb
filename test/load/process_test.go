package load_test

import (
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"testing"
)

// process is a server in its own process.
type process struct {
	t       testing.TB
	command *exec.Cmd
	orders  io.WriteCloser
	answers *json.Decoder
	address string
}

// start starts a server and waits until its address is known. If ECSD_LOAD_PROFILES names a folder, an ecsd writes its
// profiles there.
func start(t testing.TB, s settings) *process {
	t.Helper()
	if !s.Bare {
		s.Profiles = os.Getenv("ECSD_LOAD_PROFILES")
	}
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, command: exec.Command(program)}
	p.command.Env = append(os.Environ(), serverVariable+"="+string(text))
	p.command.Stderr = os.Stderr
	if p.orders, err = p.command.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	output, err := p.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.answers = json.NewDecoder(output)
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.end)
	p.address = p.answer().Address
	return p
}

// end closes the server and waits for its exit.
func (p *process) end() {
	if p.command == nil {
		return
	}
	p.orders.Close()
	if err := p.command.Wait(); err != nil {
		p.t.Errorf("a server ended with %v", err)
	}
	p.command = nil
}

// kill ends the server as a crash does.
func (p *process) kill() {
	if err := p.command.Process.Kill(); err != nil {
		p.t.Error(err)
	}
	_ = p.command.Wait() // the error reports the kill
	p.orders.Close()
	p.command = nil
}

// send sends an order to the server and returns its response.
func (p *process) send(o order) usage {
	p.t.Helper()
	if err := json.NewEncoder(p.orders).Encode(o); err != nil {
		p.t.Fatal(err)
	}
	return p.answer()
}

func (p *process) usage() usage {
	p.t.Helper()
	return p.send(order{})
}

func (p *process) answer() usage {
	p.t.Helper()
	var u usage
	if err := p.answers.Decode(&u); err != nil {
		p.t.Fatalf("a server's process: %v", err)
	}
	return u
}
