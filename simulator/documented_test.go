package simulator_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
	"github.com/ecsd-io/ecsd/simulator/internal/action"
)

var update = flag.Bool("update", false, "write the tables of docs/simulator.md anew")

const document = "../docs/simulator.md"

// documentedHost is the address in the examples of the document.
const documentedHost = "localhost:8090"

// The tables of docs/simulator.md match the code.
func TestDocumented(t *testing.T) {
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	want := string(text)
	for name, table := range map[string]string{"routes": routeTable(), "faults": faultTable(), "actions": actionTable()} {
		section := regexp.MustCompile(`(?s)(<!-- ` + name + `:[^\n]*-->\n).*(<!-- /` + name + ` -->\n)`)
		if !section.MatchString(want) {
			t.Fatalf("%s has no marks for %s", document, name)
		}
		want = section.ReplaceAllString(want, "${1}"+strings.ReplaceAll(table, "$", "$$")+"${2}")
	}
	if string(text) == want {
		return
	}
	if !*update {
		t.Fatalf("%s differs from the code; run go test ./simulator -run Documented -update (-document +code):\n%s", document, cmp.Diff(string(text), want))
	}
	if err := os.WriteFile(document, []byte(want), 0o600); err != nil {
		t.Fatal(err)
	}
}

func routeTable() string {
	var b strings.Builder
	b.WriteString("| route | effect | example |\n|---|---|---|\n")
	for _, r := range control.Routes() {
		fmt.Fprintf(&b, "| `%s %s` | %s | `%s` |\n", r.Method, control.Prefix+r.Path, r.Does, r.Example(documentedHost, "INSTANCE_ID"))
	}
	return b.String()
}

func actionTable() string {
	var b strings.Builder
	b.WriteString("| product | version | actions |\n|---|---|---|\n")
	for _, p := range action.Products() {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", p.Name, p.Version, strings.Join(slices.Sorted(maps.Keys(p.Actions)), ", "))
	}
	return b.String()
}

func faultTable() string {
	var b strings.Builder
	b.WriteString("| kind | effect | default of `when` |\n|---|---|---|\n")
	for _, k := range control.Kinds() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", k.Kind, k.Does, k.When)
	}
	return b.String()
}

// Each example of the listing runs with curl and succeeds.
func TestControl_Examples(t *testing.T) {
	c := newCloud(t, simulator.Config{Instances: simulator.DemoInstances})
	listing := fetch[control.RouteList](c, "GET", "", "")
	if len(listing.Routes) != len(control.Routes()) {
		t.Errorf("%d routes are listed, %d exist", len(listing.Routes), len(control.Routes()))
	}
	for _, r := range listing.Routes {
		t.Run(r.Method+" "+r.Path, func(t *testing.T) {
			output, err := exec.CommandContext(t.Context(), "bash", "-c", r.Example+" --fail-with-body").CombinedOutput()
			if err != nil {
				t.Fatalf("%s: %v\n%s", r.Example, err, output)
			}
			if !json.Valid(output) {
				t.Errorf("%s: no JSON:\n%s", r.Example, output)
			}
		})
	}
}
