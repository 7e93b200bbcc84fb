package cloud

import (
	"encoding/json"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"testing"
)

var (
	policyBlock = regexp.MustCompile("(?s)```json\n(.*?)```")
	// Every request that the edge sends is made by one of these functions.
	requestMade = regexp.MustCompile(`sdkecs\.Create(\w+)Request\(`)
)

// The RAM policy that the README shows allows every action that the edge calls.
func TestPolicy_README(t *testing.T) {
	text, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	block := policyBlock.FindSubmatch(text)
	if block == nil {
		t.Fatal("the README shows no policy")
	}
	var policy struct {
		Version   string
		Statement []struct {
			Effect, Resource string
			Action           []string
		}
	}
	if err := json.Unmarshal(block[1], &policy); err != nil {
		t.Fatal(err)
	}
	allowed := func(action string) bool {
		for _, statement := range policy.Statement {
			for _, pattern := range statement.Action {
				if ok, err := path.Match(pattern, "ecs:"+action); ok && err == nil && statement.Effect == "Allow" {
					return true
				}
			}
		}
		return false
	}
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, source := range sources {
		code, err := os.ReadFile(source)
		if err != nil {
			t.Fatal(err)
		}
		for _, made := range requestMade.FindAllSubmatch(code, -1) {
			found++
			if action := string(made[1]); !allowed(action) {
				t.Errorf("%s calls %s, which the README's policy does not allow", source, action)
			}
		}
	}
	if found == 0 {
		t.Error("no request is made in this package")
	}
}
