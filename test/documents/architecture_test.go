package documents

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

const (
	architecture = "docs/architecture.md"
	module       = "github.com/ecsd-io/ecsd/"
)

var (
	picture = regexp.MustCompile("(?s)## Import picture\n.*?```text picture\n(.*?)```")
	// pictureLine matches a numbered line of the picture, or its continuation.
	pictureLine = regexp.MustCompile(`^ {2}(\d)? {2}(?: )?(\S.*)$`)
	// place matches a row of the table of places: a file and a name that it defines.
	place = regexp.MustCompile("\\]\\(\\.\\./([^)]+\\.go)\\) `(\\w+)`")
)

// TestArchitecture_ImportsPointDown compares the import picture with the imports of the server: every package has a
// line, and imports packages of greater lines only.
func TestArchitecture_ImportsPointDown(t *testing.T) {
	lines := pictureLines(t)
	list := exec.CommandContext(t.Context(), "go", "list", "-f", "{{.ImportPath}} {{join .Imports \" \"}}", "./server/...", "./operator")
	list.Dir = root
	output, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range strings.Split(strings.TrimSpace(string(output)), "\n") {
		paths := strings.Fields(row)
		from := component(paths[0])
		if lines[from] == 0 {
			t.Errorf("%s: the import picture has no %s", architecture, from)
		}
		for _, path := range paths[1:] {
			to := component(path)
			if lines[to] != 0 && from != to && lines[to] <= lines[from] {
				t.Errorf("%s (line %d of the picture) imports %s (line %d)", from, lines[from], to, lines[to])
			}
		}
	}
}

// component is the name of a package in the picture: that of its folder below server/internal. Folders below that belong
// to it.
func component(path string) string {
	path = strings.TrimPrefix(path, module)
	if inner, ok := strings.CutPrefix(path, "server/internal/"); ok {
		path, _, _ = strings.Cut(inner, "/")
	}
	return path
}

// pictureLines returns the line of each component.
func pictureLines(t *testing.T) map[string]int {
	t.Helper()
	page, err := os.ReadFile(filepath.Join(root, architecture))
	if err != nil {
		t.Fatal(err)
	}
	found := picture.FindSubmatch(page)
	if found == nil {
		t.Fatalf("%s has no import picture", architecture)
	}
	lines := map[string]int{}
	current := 0
	for _, text := range strings.Split(strings.TrimRight(string(found[1]), "\n"), "\n") {
		line := pictureLine.FindStringSubmatch(text)
		if line == nil {
			t.Fatalf("%s: not a line of the import picture: %q", architecture, text)
		}
		if line[1] != "" {
			current, _ = strconv.Atoi(line[1])
		}
		names, _, _ := strings.Cut(line[2], "    ")
		for _, name := range strings.Fields(names) {
			lines[name] = current
		}
	}
	return lines
}

// TestArchitecture_Places checks that each file of the table of places defines the name beside it.
func TestArchitecture_Places(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root, architecture))
	if err != nil {
		t.Fatal(err)
	}
	rows := place.FindAllSubmatch(page, -1)
	if len(rows) < 10 {
		t.Fatalf("%s has %d places; the table has changed its form", architecture, len(rows))
	}
	for _, row := range rows {
		source, err := os.ReadFile(filepath.Join(root, string(row[1])))
		if err != nil {
			t.Error(err)
			continue
		}
		defines := regexp.MustCompile(`(?m)^(func (\([^)]*\) )?|type )` + string(row[2]) + `\b`)
		if !defines.Match(source) {
			t.Errorf("%s: %s does not define %s", architecture, row[1], row[2])
		}
	}
}
