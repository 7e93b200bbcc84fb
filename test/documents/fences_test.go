package documents

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// anyFence matches a fenced block with its info string.
var anyFence = regexp.MustCompile("(?sm)^```([^\n]*)\n(.*?)^```$")

// TestFences checks that every fenced block of every document has one of the kinds that some test checks:
//
//   - sh is run by TestDocuments, and a text block right after it must match its output;
//   - sh in other documents needs resources that tests lack, such as an account, and must be valid Bash;
//   - text picture is a drawing;
//   - go, python, ts and java are lines of the smoke tests of the clients or of their examples, which make test-clients
//     runs, or of the tests of the vendor's SDKs, which make test-sdks runs;
//   - rust and cpp are lines of the clients that make test-languages compiles and runs; csharp elsewhere is not checked;
//   - xml is the dependency of a Maven project, as the examples have it;
//   - yaml and json appear only in the README, and tests of the command line and of the SDK layer read them: a
//     settings file, a RAM policy.
func TestFences(t *testing.T) {
	for _, page := range pages(t, ".", "docs", "docs/adr", "test", "client/java") {
		name, err := filepath.Rel(root, page)
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		end, before := 0, ""
		for _, at := range anyFence.FindAllSubmatchIndex(text, -1) {
			kind, body := string(text[at[2]:at[3]]), string(text[at[4]:at[5]])
			adjacent := strings.TrimSpace(string(text[end:at[0]])) == ""
			if err := checkFence(name, kind, body, adjacent && before == "sh"); err != nil {
				t.Errorf("%s line %d: %v", name, 1+strings.Count(string(text[:at[0]]), "\n"), err)
			}
			end, before = at[1], kind
		}
	}
}

// pages returns the documents in folders of the repository.
func pages(t *testing.T, folders ...string) []string {
	t.Helper()
	var all []string
	for _, folder := range folders {
		found, err := filepath.Glob(filepath.Join(root, folder, "*.md"))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, found...)
	}
	return all
}

func checkFence(document, kind, body string, followsRun bool) error {
	switch kind {
	case "sh":
		if !slices.Contains(files, document) {
			return fmt.Errorf("a command in a document whose blocks are not run")
		}
	case "text":
		if !followsRun {
			return fmt.Errorf("an excerpt that follows no command")
		}
	case "sh elsewhere":
		if output, err := exec.Command("bash", "-n", "-c", body).CombinedOutput(); err != nil {
			return fmt.Errorf("%w: %s", err, output)
		}
	case "go", "python", "ts", "java", "rust", "cpp":
		return inSmokeTest(kind, body)
	case "xml":
		pom, err := os.ReadFile(filepath.Join(root, "client/java/examples/pom.xml"))
		if err == nil && !strings.Contains(strings.Join(strings.Fields(string(pom)), ""), strings.Join(strings.Fields(body), "")) {
			err = fmt.Errorf("not in the project of the Java examples")
		}
		return err
	case "yaml", "json":
		if document != "README.md" {
			return fmt.Errorf("%s outside of the README", kind)
		}
	case "text picture", "csharp elsewhere":
	default:
		return fmt.Errorf("nothing checks a block of the kind %q", kind)
	}
	return nil
}

// inSmokeTest searches for the block's lines, in order, in one file of the language's smoke test or of the tests of the
// vendor's SDK.
func inSmokeTest(language, body string) error {
	found := fmt.Errorf("the lines are in no test of %s in test/clients or test/sdks, and in no example of its client", language)
	search := func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rest := string(text)
		for line := range strings.Lines(body) {
			_, after, ok := strings.Cut(rest, line)
			if !ok {
				return nil
			}
			rest = after
		}
		found = nil
		return nil
	}
	client := map[string]string{"ts": "typescript"}[language]
	for _, suite := range []string{"test/clients/" + language, "test/sdks/" + language, "client/" + cmp.Or(client, language) + "/examples"} {
		folder := filepath.Join(root, suite)
		if _, err := os.Stat(folder); os.IsNotExist(err) {
			continue
		}
		if err := filepath.WalkDir(folder, search); err != nil {
			return err
		}
	}
	return found
}

var link = regexp.MustCompile(`\]\(([^)#:]+)(?:#[^)]*)?\)`)

// TestLinks checks that every file and folder exists that a document links to.
func TestLinks(t *testing.T) {
	for _, page := range pages(t, ".", "client", "client/java", "docs", "docs/adr", "docs/reference", "test") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range link.FindAllSubmatch(text, -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(page), string(found[1]))); err != nil {
				t.Errorf("%s links to %s: %v", page, found[1], err)
			}
		}
	}
}

// TestSuites_Listed checks that test/README.md links to every suite, so that a new one has a purpose and a command.
func TestSuites_Listed(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join(root, "test", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	folders, err := os.ReadDir(filepath.Join(root, "test"))
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range folders {
		if folder.IsDir() && !strings.Contains(string(readme), "]("+folder.Name()+")") {
			t.Errorf("test/README.md does not list test/%s", folder.Name())
		}
	}
}
