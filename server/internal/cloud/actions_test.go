package cloud_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ecsd-io/ecsd/server/internal/cloud"
)

// Actions names each request that the package makes, and no other.
func TestActions(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	made := map[string]bool{}
	request := regexp.MustCompile(`(?:sdkecs|sts|bssopenapi|quotas)\.Create(\w+)Request\(`)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range request.FindAllStringSubmatch(string(source), -1) {
			made[found[1]] = true
		}
	}
	for action := range made {
		if !slices.Contains(cloud.Actions(), action) {
			t.Errorf("%s is called and not in Actions", action)
		}
	}
	for _, action := range cloud.Actions() {
		if !made[action] {
			t.Errorf("%s is in Actions and not called", action)
		}
	}
	if !slices.IsSorted(cloud.Actions()) {
		t.Error("Actions are not in order")
	}
}
