package main

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

func TestFailures(t *testing.T) {
	output := "ok  \ta\t1s\n--- FAIL: TestB (2s)\n    b_test.go:1: lost\n" + strings.Repeat("    the log\n", 50) + "FAIL\nFAIL\tb\t2s\nok  \tc\t1s\n"
	var out bytes.Buffer
	f := &failures{out: &out}
	for chunk := range strings.SplitSeq(output, "o") { // chunks end anywhere
		if _, err := io.WriteString(f, chunk+"o"); err != nil {
			t.Fatal(err)
		}
	}
	if out.String() != output+"o" {
		t.Errorf("passed on %q", out.String())
	}
	if want := "--- FAIL: TestB (2s)\n    b_test.go:1: lost\n" + strings.Repeat("    the log\n", linesKept-2) + "FAIL\tb\t2s\n"; f.kept.String() != want {
		t.Errorf("kept %q, want %q", f.kept.String(), want)
	}
}
