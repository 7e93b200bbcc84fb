package client_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/ecsd-io/ecsd/client"
)

// Every List RPC has an iterator. If you add one, add its iterator.
func TestLists_EveryRPC(t *testing.T) {
	c := reflect.TypeFor[*client.Client]()
	lists := 0
	for read := range client.Reads() {
		name := read[strings.LastIndex(read, "/")+1:]
		if !strings.HasPrefix(name, "List") {
			continue
		}
		lists++
		if _, ok := c.MethodByName(name); !ok {
			t.Errorf("the client has no iterator %s", name)
		}
	}
	if lists < 15 {
		t.Errorf("%d List RPCs, want at least 15", lists)
	}
}
