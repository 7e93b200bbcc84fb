package client_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// Each line of Go in the README appears, in order, in one of the examples, which are executed.
func TestReadme(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	examples, err := os.ReadFile("example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(string(readme), -1)
	if len(found) < 3 {
		t.Fatalf("%d blocks of Go", len(found))
	}
	for _, block := range found {
		if !within(block[1], strings.Split(string(examples), "\nfunc ")) {
			t.Errorf("no example has these lines:\n%s", block[1])
		}
	}
}

func within(block string, examples []string) bool {
	for _, example := range examples {
		lines := strings.Split(strings.TrimRight(block, "\n"), "\n")
		for line := range strings.Lines(example) {
			if len(lines) > 0 && strings.TrimRight(line, "\n") == lines[0] {
				lines = lines[1:]
			}
		}
		if len(lines) == 0 {
			return true
		}
	}
	return false
}
