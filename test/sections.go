package main

import (
	"bytes"
	"io"
	"sync"
)

// sections prints the outputs of concurrent commands one after the other: the first one directly, each later one once all
// before it have ended.
type sections struct {
	mu  sync.Mutex
	out io.Writer
	all []*section
}

// section is the output of one command. The mutex of its sections guards its fields.
type section struct {
	of          *sections
	held        bytes.Buffer
	live, ended bool
}

// add returns the next section.
func (s *sections) add() *section {
	s.mu.Lock()
	defer s.mu.Unlock()
	one := &section{of: s}
	s.all = append(s.all, one)
	s.advance()
	return one
}

// advance makes sections live up to the first one that has not ended. The caller holds the mutex.
func (s *sections) advance() {
	for _, one := range s.all {
		if !one.live {
			one.live = true
			_, _ = one.held.WriteTo(s.out)
		}
		if !one.ended {
			return
		}
	}
}

// Write prints the output, or defers it.
func (s *section) Write(output []byte) (int, error) {
	s.of.mu.Lock()
	defer s.of.mu.Unlock()
	if s.live {
		return s.of.out.Write(output)
	}
	return s.held.Write(output)
}

func (s *section) end() {
	s.of.mu.Lock()
	defer s.of.mu.Unlock()
	s.ended = true
	s.of.advance()
}
