package server

import (
	"net/url"
	"strings"
)

// HoldsPassword reports whether the address of a database or another URL holds
// a password, or may hold one in a form that is not a URL.
func HoldsPassword(address string) bool {
	if strings.HasPrefix(address, "sqlite:") {
		return false
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" && u.RawQuery == "" || strings.Contains(u.Path, "@") {
		user, _, at := strings.Cut(address, "@")
		return strings.Contains(strings.ToLower(address), "password") || at && strings.Contains(user, ":")
	}
	if password, _ := u.User.Password(); password != "" {
		return true
	}
	for name := range u.Query() {
		if strings.Contains(strings.ToLower(name), "password") {
			return true
		}
	}
	return false
}
