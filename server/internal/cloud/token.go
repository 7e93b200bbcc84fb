package cloud

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// maxToken is the longest client token that the cloud takes.
const maxToken = 64

// checkToken refuses a call that pays or destroys and has no token that makes
// it safe to send twice.
func checkToken(token, regionID, instanceID string) error {
	if validToken(token) {
		return nil
	}
	return ecs.Errorf(ecs.ReasonClientTokenRejected,
		"a call that pays or destroys needs a client token of 1 to %d printable ASCII characters; nothing was sent", maxToken).On(regionID, instanceID)
}

func validToken(token string) bool {
	if token == "" || len(token) > maxToken {
		return false
	}
	for i := range len(token) {
		if token[i] <= ' ' || token[i] > '~' {
			return false
		}
	}
	return true
}

// tokenFor returns the token of one of the calls that execute one order on many
// IDs: the cloud refuses a token that is reused with other IDs. The same order
// on the same IDs has the same token, in any order of the IDs.
func tokenFor(order string, ids []string) string {
	sum := sha256.Sum256([]byte(order + " " + strings.Join(slices.Sorted(slices.Values(ids)), ",")))
	return hex.EncodeToString(sum[:])[:maxToken/2]
}
