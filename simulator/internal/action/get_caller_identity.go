package action

import (
	"strconv"

	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

// getCallerIdentity belongs to STS. It needs no permission, so a denied RAM user can call it too.
func getCallerIdentity(w *World, c *Call) *wire.Error {
	account := strconv.FormatInt(w.OwnerID, 10)
	out := c.open("GetCallerIdentity")
	out.Str("AccountId", account)
	out.Str("Arn", "acs:ram::"+account+":root")
	out.Str("IdentityType", "Account")
	out.Str("PrincipalId", account)
	out.Str("RoleId", "")
	out.Str("UserId", account)
	out.Close()
	return nil
}
