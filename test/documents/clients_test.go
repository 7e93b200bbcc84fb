package documents

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const (
	// firstListLines is the most code from an empty project to the first list, firstWatchLines that of a watch that resumes.
	firstListLines  = 10
	firstWatchLines = 13
)

var (
	// frame matches lines that any program of the language has: imports, the package, the class with its main method.
	frame = regexp.MustCompile(`^(import |package |public final class |public static void main\(|//)`)
	// brackets matches lines that only close what another line opened.
	brackets = regexp.MustCompile(`^[]})(;, {]*$`)
)

// TestClients_FewLines counts the lines of code in the manuals of the clients: the first block is a program that lists, after one
// command that installs the package, and the first block about watches is a watch that resumes. Other tests run these blocks.
func TestClients_FewLines(t *testing.T) {
	for language, manual := range map[string]struct{ readme, kind, install, watch string }{
		"Go":         {"client/README.md", "go", "```sh\ngo get ", "**Watch** "},
		"Python":     {"client/python/README.md", "python", "```sh\npip install ", "## Watch"},
		"TypeScript": {"client/typescript/README.md", "js", "```sh\nnpm install ", "## Watch"},
		"Java":       {"client/java/README.md", "java", "```xml\n<dependency>", "## Watch"},
	} {
		text, err := os.ReadFile(filepath.Join(root, manual.readme))
		if err != nil {
			t.Fatal(err)
		}
		before, _, found := strings.Cut(string(text), "```"+manual.kind+"\n")
		if !found || strings.Count(before, manual.install) != 1 || strings.Count(before, "```") != 2 {
			t.Errorf("%s: want one block before the program, beginning with %q", manual.readme, manual.install)
		}
		if lines := codeLines(t, string(text), manual.kind); lines > firstListLines {
			t.Errorf("%s: the first list takes %d lines, want at most %d", language, lines, firstListLines)
		}
		_, rest, found := strings.Cut(string(text), manual.watch)
		if !found {
			t.Errorf("%s has no %q", manual.readme, manual.watch)
		}
		if lines := codeLines(t, rest, manual.kind); lines > firstWatchLines {
			t.Errorf("%s: a watch that resumes takes %d lines, want at most %d", language, lines, firstWatchLines)
		}
	}
}

// codeLines counts the lines of the first block of a kind: those with code of the program's own.
func codeLines(t *testing.T, text, kind string) (count int) {
	t.Helper()
	_, rest, _ := strings.Cut(text, "```"+kind+"\n")
	block, _, found := strings.Cut(rest, "```")
	if !found {
		t.Fatalf("no block of %s", kind)
	}
	for line := range strings.Lines(block) {
		line = strings.TrimSpace(line)
		if !brackets.MatchString(line) && !frame.MatchString(line) {
			count++
		}
	}
	return count
}
