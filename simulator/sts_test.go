package simulator_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/simulator"
)

const (
	stsVersion = "2015-04-01"
	roleARN    = "acs:ram::1234567890123456:role/Operator"
)

type assumed struct {
	AssumedRoleUser struct {
		ARN string `json:"Arn"`
		ID  string `json:"AssumedRoleId"`
	}
	Credentials struct {
		ID         string    `json:"AccessKeyId"`
		Secret     string    `json:"AccessKeySecret"`
		Token      string    `json:"SecurityToken"`
		Expiration time.Time `json:"Expiration"`
	}
}

// A temporary key of a role works in both styles of signatures, only with its token, and until it expires.
func TestAssumeRole(t *testing.T) {
	wall := time.Now()
	c := newCloud(t, simulator.Config{Wall: func() time.Time { return wall }, Skew: 2 * time.Hour})
	role := decoded[assumed](c, "AssumeRole", values{"Version": stsVersion, "RoleArn": roleARN, "RoleSessionName": "ecsd", "DurationSeconds": "900"})
	key := role.Credentials
	if left := key.Expiration.Sub(wall); left > 15*time.Minute || left < 15*time.Minute-time.Second {
		t.Errorf("expires in %s", left)
	}
	if role.AssumedRoleUser.ARN != "acs:ram::1234567890123456:assumed-role/operator/ecsd" || !strings.HasSuffix(role.AssumedRoleUser.ID, ":ecsd") {
		t.Errorf("assumed %+v", role.AssumedRoleUser)
	}
	rpc := func(token string) answer {
		return c.send(http.MethodGet, signedBy(key.ID, key.Secret, http.MethodGet, "GetCallerIdentity", values{"Version": stsVersion, "SecurityToken": token}), "")
	}
	acs3 := func() answer {
		return c.roundTrip(v3{
			key: key.ID, secret: key.Secret, action: "GetCallerIdentity", headers: values{"x-acs-version": stsVersion, "x-acs-security-token": key.Token},
		}.request(t, c.server.URL))
	}
	for name, a := range map[string]answer{"RPC": rpc(key.Token), "ACS3": acs3()} {
		var who struct{ IdentityType, Arn, RoleId, AccountId string } //nolint:revive // the cloud's names
		if err := json.Unmarshal([]byte(a.body), &who); err != nil || who.IdentityType != "AssumedRoleUser" || who.Arn != role.AssumedRoleUser.ARN ||
			who.RoleId == "" || who.AccountId != "1234567890123456" {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	if a := rpc("-"); a.code() != "InvalidSecurityToken.MismatchWithAccessKey" {
		t.Errorf("without its token: %s", a.body)
	}
	wall = wall.Add(15 * time.Minute)
	for name, a := range map[string]answer{"RPC": rpc(key.Token), "ACS3": acs3()} {
		if a.status != 400 || a.code() != "InvalidSecurityToken.Expired" {
			t.Errorf("%s after its end: %d %s", name, a.status, a.body)
		}
	}
}

func TestAssumeRole_Refused(t *testing.T) {
	c := newCloud(t, simulator.Config{MoreKeys: []simulator.AccessKey{{ID: "ram", Secret: "ram", Denied: true}}})
	with := func(more values) values {
		all := values{"Version": stsVersion, "RoleArn": roleARN, "RoleSessionName": "ecsd"}
		for k, v := range more {
			all[k] = v
		}
		return all
	}
	for _, r := range []struct {
		change values
		want   string
	}{
		{values{"RoleArn": "-"}, "400 MissingParameter"},
		{values{"RoleSessionName": "-"}, "400 MissingParameter"},
		{values{"RoleArn": "acs:ram::1:user/me"}, "400 InvalidParameter.RoleArn"},
		{values{"RoleArn": "acs:ram::42:role/other"}, "404 EntityNotExist.Role"},
		{values{"RoleSessionName": "a"}, "400 InvalidParameter.RoleSessionName"},
		{values{"RoleSessionName": "a/b"}, "400 InvalidParameter.RoleSessionName"},
		{values{"DurationSeconds": "899"}, "400 InvalidParameter.DurationSeconds"},
		{values{"DurationSeconds": "3601"}, "400 InvalidParameter.DurationSeconds"},
		{values{"Policy": "{"}, "400 InvalidParameter.PolicyGrammar"},
		{values{"Version": "2014-05-26"}, "400 InvalidParameter"},
	} {
		if a := c.call("AssumeRole", with(r.change)); fmt.Sprintf("%d %s", a.status, a.code()) != r.want {
			t.Errorf("%v: %d %s, want %s", r.change, a.status, a.code(), r.want)
		}
	}
	if a := c.send(http.MethodGet, signedBy("ram", "ram", http.MethodGet, "AssumeRole", with(nil)), ""); a.status != 403 || a.code() != "NoPermission" {
		t.Errorf("a RAM user without permission: %d %s", a.status, a.body)
	}
}

// The identity of the account's own key, by the names of the STS endpoints and in both styles.
func TestGetCallerIdentity_ByHost(t *testing.T) {
	c := newCloud(t, simulator.Config{})
	for _, host := range []string{"", "sts.aliyuncs.com", "sts.cn-hangzhou.aliyuncs.com", "sts.us-west-1.aliyuncs.com", "sts-vpc.cn-shanghai.aliyuncs.com"} {
		a := c.callHost(host, "GetCallerIdentity", values{"Version": stsVersion})
		if a.status != 200 || !strings.Contains(a.body, `"AccountId":"1234567890123456"`) || !strings.Contains(a.body, `"IdentityType":"Account"`) {
			t.Errorf("host %q: %d %s", host, a.status, a.body)
		}
		request := v3{action: "GetCallerIdentity", headers: values{"x-acs-version": stsVersion, "host": host}}
		if host == "" {
			delete(request.headers, "host")
		}
		signed := request.request(t, c.server.URL)
		if host != "" {
			signed.Host = host
		}
		if a := c.roundTrip(signed); a.status != 200 || !strings.Contains(a.body, `"AccountId":"1234567890123456"`) {
			t.Errorf("host %q with ACS3: %d %s", host, a.status, a.body)
		}
	}
}
