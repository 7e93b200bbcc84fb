package documents

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/test/lib/program"
)

// example is the block of an RPC in proto/examples.
type example struct{ name, commands string }

func examples(t *testing.T) []example {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(root, "proto/examples/*.sh"))
	if err != nil {
		t.Fatal(err)
	}
	var all []example
	for _, file := range found {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range strings.Split(strings.TrimSpace(string(text)), "\n\n") {
			head, commands, _ := strings.Cut(block, "\n")
			if commands != "" {
				all = append(all, example{strings.TrimPrefix(head, "# "), commands})
			}
		}
	}
	return all
}

// Every RPC has an example in the reference.
func TestReference_EveryMethodHasAnExample(t *testing.T) {
	var names []string
	for _, e := range examples(t) {
		names = append(names, e.name)
	}
	protoregistry.GlobalFiles.RangeFilesByPackage(ecsdv1.File_ecsd_v1_error_proto.Package(), func(file protoreflect.FileDescriptor) bool {
		for i := range file.Services().Len() {
			service := file.Services().Get(i)
			for j := range service.Methods().Len() {
				name := string(service.Name()) + "/" + string(service.Methods().Get(j).Name())
				if !slices.Contains(names, name) {
					t.Errorf("%s has no example in proto/examples", name)
				}
			}
		}
		return true
	})
}

// All examples run in order against one server. A watch ends by its own time
// limit, and so with an error, but no example is refused for its form.
func TestReference_ExamplesRun(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs the server")
	}
	t.Parallel()
	bin := programs(t)
	addresses := map[string]string{}
	for _, port := range []string{"50051", "8090", "9090"} {
		addresses["localhost:"+port] = program.FreeAddress(t)
	}
	serve(t, filepath.Join(bin, "ecsd"), addresses)
	exported := filepath.Join(t.TempDir(), "exported")
	for _, e := range examples(t) {
		t.Run(e.name, func(t *testing.T) {
			commands := e.commands
			for documented, real := range addresses {
				commands = strings.ReplaceAll(commands, documented, real)
			}
			output := run(t, bin, exported, commands)
			for _, refusal := range []string{"Code: InvalidArgument", "Code: Unimplemented", "Error invoking", "Failed to", `"error": {`} {
				if strings.Contains(output, refusal) {
					t.Errorf("%s\nfails with %q:\n%s", e.commands, refusal, output)
				}
			}
		})
	}
}
