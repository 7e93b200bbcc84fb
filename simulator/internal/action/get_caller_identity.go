package action

import (
	"strconv"

	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

// getCallerIdentity belongs to STS. It needs no permission, so a denied RAM user can call it too.
func getCallerIdentity(w *World, c *Call) *wire.Error {
	account := strconv.FormatInt(w.OwnerID, 10)
	kind, arn, principal, role, user := "Account", "acs:ram::"+account+":root", account, "", account
	if r := c.Role; r != nil {
		kind, arn, principal, role, user = "AssumedRoleUser", assumedARN(account, *r), r.ID+":"+r.Session, r.ID, ""
	}
	out := c.open("GetCallerIdentity")
	out.Str("AccountId", account)
	out.Str("Arn", arn)
	out.Str("IdentityType", kind)
	out.Str("PrincipalId", principal)
	out.Str("RoleId", role)
	out.Str("UserId", user)
	out.Close()
	return nil
}
