package main

import (
	"bytes"
	"io"
)

// failures passes output on, and keeps the first lines of each failed Go test: the log of a server, which follows them,
// can be longer than what a CI system shows.
type failures struct {
	out  io.Writer
	line []byte
	kept bytes.Buffer
	// left is how many lines of the current failure are still kept.
	left int
}

const (
	linesKept = 10  // of one failure
	bytesKept = 400 // of one line
)

func (f *failures) Write(output []byte) (int, error) {
	for line := range bytes.Lines(output) {
		f.line = append(f.line, line...)
		if line[len(line)-1] == '\n' {
			f.keep(f.line)
			f.line = f.line[:0]
		}
	}
	return f.out.Write(output)
}

func (f *failures) keep(line []byte) {
	switch {
	case bytes.HasPrefix(line, []byte("--- FAIL")), bytes.HasPrefix(line, []byte("panic:")), bytes.HasPrefix(line, []byte("WARNING: DATA RACE")):
		f.left = linesKept
	case bytes.HasPrefix(line, []byte("FAIL\t")): // names the package
		f.left = 1
	case bytes.HasPrefix(line, []byte("FAIL")):
		f.left = 0
	}
	if f.left == 0 {
		return
	}
	f.left--
	line = bytes.TrimSuffix(line, []byte("\n"))
	f.kept.Write(line[:min(len(line), bytesKept)])
	f.kept.WriteByte('\n')
}
