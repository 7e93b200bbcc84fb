package main

import (
	"bytes"
	"fmt"
	"testing"
)

func TestSections(t *testing.T) {
	var out bytes.Buffer
	all := &sections{out: &out}
	first, second, third := all.add(), all.add(), all.add()
	fmt.Fprint(second, "c")
	fmt.Fprint(first, "a")
	fmt.Fprint(third, "e")
	third.end()
	fmt.Fprint(first, "b")
	if out.String() != "ab" {
		t.Errorf("printed %q while the first runs, want ab", out.String())
	}
	first.end()
	fmt.Fprint(second, "d")
	second.end()
	if out.String() != "abcde" {
		t.Errorf("printed %q, want abcde", out.String())
	}
}
