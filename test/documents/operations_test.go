package documents

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestOperations_LogEvents checks that the server has each event that docs/operations.md names, so that an alert on it
// works.
func TestOperations_LogEvents(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root, "docs/operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	var source strings.Builder
	err = filepath.WalkDir(filepath.Join(root, "server"), func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		source.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	events := regexp.MustCompile("(?m)^\\| (?:INFO|WARN|ERROR) \\| `([^`]+)`").FindAllStringSubmatch(string(page), -1)
	if len(events) < 15 {
		t.Fatalf("the page has %d events", len(events))
	}
	for _, event := range events {
		if !strings.Contains(source.String(), `"`+event[1]+`"`) {
			t.Errorf("the server does not log %q", event[1])
		}
	}
}
