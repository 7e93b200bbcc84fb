package documents

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const promises = "docs/promises.md"

var (
	testName = `(?:Test|Benchmark|Fuzz)[A-Z]\w*`
	oneTest  = regexp.MustCompile(testName)
	// testsOfFolder matches a list of tests with their folder: "TestA, TestB (server/internal/x)".
	testsOfFolder = regexp.MustCompile(`(` + testName + `(?:, ` + testName + `)*) \(([a-z0-9/_-]+)\)`)
)

// TestPromises_TestsExist checks that every test that docs/promises.md names exists in the folder that it names.
func TestPromises_TestsExist(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root, promises))
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(string(page), "\n") {
		named := 0
		for _, found := range testsOfFolder.FindAllStringSubmatch(line, -1) {
			source := testFiles(t, found[2])
			names := oneTest.FindAllString(found[1], -1)
			named += len(names)
			for _, name := range names {
				if !bytes.Contains(source, []byte("\nfunc "+name+"(")) {
					t.Errorf("%s line %d: there is no %s in %s", promises, i+1, name, found[2])
				}
			}
		}
		if all := oneTest.FindAllString(line, -1); len(all) != named {
			t.Errorf("%s line %d: %d of its tests %v have no folder: write TestName (folder)", promises, i+1, len(all)-named, all)
		}
	}
}

// testFiles returns the tests of a folder.
func testFiles(t *testing.T, folder string) []byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, folder, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	var all []byte
	for _, file := range slices.Sorted(slices.Values(files)) {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, source...)
	}
	return all
}
