package operator

import (
	"bufio"
	"context"
	"strings"

	"github.com/google/uuid"
)

// confirmation holds the flags of a command that pays or destroys. Embed it, and call begin first.
type confirmation struct {
	RequestID string `name:"request-id" placeholder:"UUID" help:"ID of the request: the same command with the same ID never acts twice. Default: a new one, which is printed." group:"How:"`
	Yes       bool   `short:"y" help:"Skip the confirmation. Required if standard input is not a terminal." group:"How:"`
}

// Validate checks the flags.
func (c *confirmation) Validate() error {
	if c.RequestID != "" && uuid.Validate(c.RequestID) != nil {
		return &Error{"--request-id must be a UUID such as 0f1c8a52-6c0e-4ae3-9a35-6d1a1f3b7c11", exitUsage}
	}
	return nil
}

// begin prints and returns the request_id, before anything is sent: with it the command can be repeated safely
// whatever happens.
func (c *confirmation) begin(s *session) string {
	if c.RequestID == "" {
		c.RequestID = uuid.NewString()
	}
	s.out.Printf("request_id %s\n", c.RequestID)
	return c.RequestID
}

// confirm asks a question about what the command has shown, and returns nil if --yes is set or the answer is the word
// yes. The question states the effect and the total, such as "Release 3 instances? 2 of them run."
func (c *confirmation) confirm(ctx context.Context, s *session, question string) error {
	if c.Yes {
		return nil
	}
	return s.confirm(ctx, question)
}

// errNotTerminal is the error of a command that needs a confirmation and cannot get one.
var errNotTerminal = &Error{"cannot prompt: stdin is not a terminal; pass --yes", exitUsage}

// promptable fails if a command needs a confirmation and cannot prompt for it. Call it before anything is sent.
func promptable(streams Streams, unprompted bool) error {
	if unprompted || IsTerminal(streams.In) {
		return nil
	}
	return errNotTerminal
}

func (s *session) confirm(ctx context.Context, question string) error {
	if !IsTerminal(s.streams.In) {
		return errNotTerminal
	}
	s.out.Printf("%s Type yes: ", question)
	answer := make(chan string, 1)
	go func() { // it ends with the process if no line comes
		line, _ := bufio.NewReader(s.streams.In).ReadString('\n')
		answer <- line
	}()
	select {
	case line := <-answer:
		if strings.EqualFold(strings.TrimSpace(line), "yes") {
			return nil
		}
		return &Error{"not confirmed; nothing was done", exitUnconfirmed}
	case <-ctx.Done():
		s.out.Printf("\n")
		return &Error{"interrupted; nothing was done", exitInterrupted}
	}
}
