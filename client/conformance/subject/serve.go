// Package subject offers the Go client to the conformance runner: commands come in, events go out.
package subject

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/ecsd-io/ecsd/client"
	"github.com/ecsd-io/ecsd/client/conformance/subjectpb"
)

// subject holds what its commands share.
type subject struct {
	work sync.WaitGroup

	writing sync.Mutex
	output  *bufio.Writer

	mu      sync.Mutex
	clients map[uint64]*client.Client
	// cancels end commands, credits let watches read.
	cancels map[uint64]context.CancelFunc
	credits map[uint64]chan uint32
}

// Serve runs the commands until the input ends.
func Serve(input io.Reader, output io.Writer) error {
	s := &subject{
		output: bufio.NewWriter(output), clients: map[uint64]*client.Client{},
		cancels: map[uint64]context.CancelFunc{}, credits: map[uint64]chan uint32{},
	}
	reader := bufio.NewReader(input)
	for {
		command, err := read(reader)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		s.begin(command)
	}
	s.mu.Lock()
	for _, c := range s.clients {
		_ = c.Close()
	}
	for _, cancel := range s.cancels {
		cancel()
	}
	s.mu.Unlock()
	s.work.Wait()
	return nil
}

func read(input io.Reader) (*subjectpb.Command, error) {
	var size [4]byte
	if _, err := io.ReadFull(input, size[:]); err != nil {
		return nil, err
	}
	body := make([]byte, binary.BigEndian.Uint32(size[:]))
	if _, err := io.ReadFull(input, body); err != nil {
		return nil, err
	}
	command := &subjectpb.Command{}
	return command, proto.Unmarshal(body, command)
}

// write sends an event.
func (s *subject) write(event *subjectpb.Event) {
	body, err := proto.Marshal(event)
	if err != nil {
		panic(err) // an event can be encoded
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	_, _ = s.output.Write(binary.BigEndian.AppendUint32(nil, uint32(len(body)))) //nolint:gosec // an event is small
	_, _ = s.output.Write(body)
	_ = s.output.Flush()
}

// begin starts a command. Connect, Credit and Cancel take effect before the next command is read.
func (s *subject) begin(command *subjectpb.Command) {
	ctx, cancel := context.WithCancel(context.Background())
	s.mu.Lock()
	switch c := command.GetCommand().(type) {
	case *subjectpb.Command_Credit:
		credits := s.credits[c.Credit.GetWatch()]
		s.mu.Unlock()
		cancel()
		if credits != nil {
			credits <- c.Credit.GetCount()
		}
		return
	case *subjectpb.Command_Cancel:
		end := s.cancels[c.Cancel.GetTarget()]
		s.mu.Unlock()
		cancel()
		if end != nil {
			end()
		}
		return
	}
	s.cancels[command.GetId()] = cancel
	if command.GetWatch() != nil {
		s.credits[command.GetId()] = make(chan uint32, 1000)
	}
	s.mu.Unlock()
	run := func() {
		defer cancel()
		event := s.run(ctx, command)
		event.Id = command.GetId()
		s.write(event)
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.cancels, command.GetId())
		delete(s.credits, command.GetId())
	}
	if command.GetConnect() != nil {
		run()
		return
	}
	s.work.Go(run)
}

// run returns the end of a command.
func (s *subject) run(ctx context.Context, command *subjectpb.Command) *subjectpb.Event {
	var end *subjectpb.Event
	var err error
	switch c := command.GetCommand().(type) {
	case *subjectpb.Command_Connect:
		end, err = s.connect(command.GetId(), c.Connect)
	case *subjectpb.Command_Close:
		end, err = done(), s.client(c.Close.GetClient()).Close()
	case *subjectpb.Command_Call:
		end, err = s.call(ctx, command.GetId(), c.Call)
	case *subjectpb.Command_List:
		end, err = s.list(ctx, c.List)
	case *subjectpb.Command_Watch:
		end, err = s.watch(ctx, command.GetId(), c.Watch)
	case *subjectpb.Command_Wait:
		end, err = s.wait(ctx, c.Wait)
	case *subjectpb.Command_Renew:
		end, err = s.renew(ctx, command.GetId(), c.Renew)
	case *subjectpb.Command_RenewJob:
		end, err = s.renewJob(ctx, command.GetId(), c.RenewJob)
	case *subjectpb.Command_Convert:
		end, err = convert(c.Convert)
	case *subjectpb.Command_Measure:
		end, err = s.measure(ctx, c.Measure)
	default:
		err = fmt.Errorf("unknown command %v", command)
	}
	if err != nil {
		return failure(err)
	}
	return end
}

func (s *subject) client(id uint64) *client.Client {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clients[id]
}

func done() *subjectpb.Event {
	return &subjectpb.Event{Event: &subjectpb.Event_Done{Done: &subjectpb.Done{}}}
}

func response(m proto.Message) (*subjectpb.Event, error) {
	body, err := proto.Marshal(m)
	return &subjectpb.Event{Event: &subjectpb.Event_Response{Response: &subjectpb.Response{Message: body}}}, err
}

// limit returns a context with a command's deadline.
func limit(ctx context.Context, milliseconds uint32) (context.Context, context.CancelFunc) {
	if milliseconds == 0 {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, time.Duration(milliseconds)*time.Millisecond)
}
