package action

import (
	"encoding/json"
	"hash/fnv"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/ecsd-io/ecsd/simulator/internal/auth"
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

// The errors of AssumeRole.
var (
	errRoleDenied = wire.Refuse(403, "NoPermission",
		"You are not authorized to do this action. You should be authorized by RAM.")
	errRoleARN = wire.Refuse(400, "InvalidParameter.RoleArn",
		"The parameter RoleArn is wrongly formed.")
	errRoleSession = wire.Refuse(400, "InvalidParameter.RoleSessionName",
		"The parameter RoleSessionName is wrongly formed.")
	errRoleDuration = wire.Refuse(400, "InvalidParameter.DurationSeconds",
		"The Min/Max value of DurationSeconds is 15min/1hr.")
	errRolePolicy = wire.Refuse(400, "InvalidParameter.PolicyGrammar",
		"The parameter Policy has not passed grammar check.")
	errNoRole = wire.Refuse(404, "EntityNotExist.Role",
		"The specified Role not exists .")
)

var (
	roleARN     = regexp.MustCompile(`^acs:ram::(\d+):role/([a-zA-Z0-9.-]{1,64})$`)
	roleSession = regexp.MustCompile(`^[a-zA-Z0-9.@_-]{2,64}$`)
)

// The life of a temporary key, and the size of a policy in bytes.
const (
	minRoleSeconds = 900
	maxRoleSeconds = 3600
	maxRolePolicy  = 2048
)

// assumeRole issues a temporary key. Every role of the account exists, and permits everything that its caller may do. The
// cloud refuses the account's own key; here it may assume roles, because it is the only key of the default settings.
func assumeRole(w *World, c *Call) *wire.Error {
	p := c.Params
	for _, name := range []string{"RoleArn", "RoleSessionName"} {
		if p.Get(name) == "" {
			return wire.Missing(name)
		}
	}
	name := roleARN.FindStringSubmatch(p.Get("RoleArn"))
	session, policy := p.Get("RoleSessionName"), p.Get("Policy")
	life, refusal := c.number("DurationSeconds", maxRoleSeconds, minRoleSeconds, maxRoleSeconds)
	switch {
	case c.Denied:
		return errRoleDenied
	case name == nil:
		return errRoleARN
	case !roleSession.MatchString(session):
		return errRoleSession
	case refusal != nil:
		return errRoleDuration
	case len(policy) > maxRolePolicy || policy != "" && !json.Valid([]byte(policy)):
		return errRolePolicy
	case name[1] != strconv.FormatInt(w.OwnerID, 10):
		return errNoRole
	}
	role := auth.Role{ID: roleNumber(name[2]), Name: name[2], Session: session}
	key := w.Auth.Issue(role, time.Duration(life)*time.Second)
	out := c.open(c.Name)
	out.Object("AssumedRoleUser")
	out.Str("Arn", assumedARN(name[1], role))
	out.Str("AssumedRoleId", role.ID+":"+session)
	out.End()
	out.Object("Credentials")
	out.Str("AccessKeyId", key.ID)
	out.Str("AccessKeySecret", key.Secret)
	out.Str("SecurityToken", key.SecurityToken)
	out.Str("Expiration", key.Expires.UTC().Format(time.RFC3339))
	out.End()
	out.Close()
	return nil
}

func assumedARN(account string, r auth.Role) string {
	return "acs:ram::" + account + ":assumed-role/" + strings.ToLower(r.Name) + "/" + r.Session
}

// roleNumber returns the number of a role, always the same for a name.
func roleNumber(name string) string {
	h := fnv.New64a()
	h.Write([]byte(name))
	return "3" + strconv.FormatUint(1e16+h.Sum64()%1e16, 10)
}
