package cloud_test

import (
	"net/url"
	"testing"

	"github.com/ecsd-io/ecsd/server/internal/cloud"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/simulator"
)

// The account is read from STS, also by a RAM user without permission.
func TestAccountID(t *testing.T) {
	denied := simulator.AccessKey{ID: "ram", Secret: "ram", Denied: true}
	_, edge := simulated(t, simulator.Config{MoreKeys: []simulator.AccessKey{denied}}, cloud.Config{Credentials: cloud.StaticKeys("ram", "ram", "")})
	id, err := edge.AccountID(soon(t))
	if err != nil || id != "1234567890123456" {
		t.Errorf("the account is %q (%v), want that of the simulator", id, err)
	}
	if _, err := edge.Regions(soon(t)); reasonOf(t, err) != ecs.ReasonCloudPermissionDenied {
		t.Errorf("the RAM user has permissions: %v", err)
	}
}

func TestAccountID_NotInTheResponse(t *testing.T) {
	endpoint, edge := document(t, func(int, url.Values) (int, string) { return accepted(`"AccountId":""`) })
	if id, err := edge.AccountID(soon(t)); err == nil {
		t.Errorf("the account is %q, want an error", id)
	}
	wants(t, endpoint.of("GetCallerIdentity")[0], map[string]string{"Version": "2015-04-01"})
}
