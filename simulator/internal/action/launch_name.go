package action

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

// naming generates the names of the instances of one launch.
type naming struct {
	prefix, suffix string
	first, digits  int
	// numbered is set if the names differ by a number.
	numbered bool
}

// of returns the name of the instance with a number; fallback if the request has no name.
func (n naming) of(number int, fallback string) string {
	switch {
	case n.prefix == "" && n.suffix == "" && !n.numbered:
		return fallback
	case !n.numbered:
		return n.prefix
	}
	return fmt.Sprintf("%s%0*d%s", n.prefix, n.digits, n.first+number, n.suffix)
}

// uniqueDigits is the length of a unique suffix: 001 to 999.
const uniqueDigits = 3

// parseNaming parses a name, which may number the instances: by the form prefix[first,digits]suffix, or by a unique
// suffix.
func parseNaming(text string, unique bool) (naming, bool) {
	before, rest, bracket := strings.Cut(text, "[")
	if !bracket {
		if text == "" || !unique {
			return naming{prefix: text}, true
		}
		return naming{prefix: text, first: 1, digits: uniqueDigits, numbered: true}, true
	}
	inside, after, closed := strings.Cut(rest, "]")
	first, digits, comma := strings.Cut(inside, ",")
	n := naming{prefix: before, suffix: after, numbered: true, first: 0, digits: 6}
	var errFirst, errDigits error
	if first != "" {
		n.first, errFirst = strconv.Atoi(first)
	}
	if digits != "" {
		n.digits, errDigits = strconv.Atoi(digits)
	}
	fine := closed && comma && errFirst == nil && errDigits == nil &&
		0 <= n.first && n.first <= 999999 && 1 <= n.digits && n.digits <= 6
	return n, fine
}

func readNames(_ *World, c *Call, l *launch) *wire.Error {
	unique := false
	if l.run {
		var refusal *wire.Error
		if unique, _, refusal = c.boolean("UniqueSuffix"); refusal != nil {
			return refusal
		}
		l.hostNames = c.Params.List("HostNames")
	}
	var fine bool
	if l.name, fine = parseNaming(c.Params.Get("InstanceName"), unique); !fine {
		return errInstanceName
	}
	if l.host, fine = parseNaming(c.Params.Get("HostName"), unique); !fine {
		return errHostName
	}
	// The longest name of the launch must be valid.
	switch last := l.name.of(l.amount-1, ""); {
	case last == "":
	case unique && utf8.RuneCountInString(last) > maxNameLength:
		return errNameExceeds
	case !validName(last):
		return errInstanceName
	}
	switch last := l.host.of(l.amount-1, ""); {
	case last == "":
	case unique && len(last) > maxHostLength:
		return errHostExceeds
	case !validHost(last, l.image.OSType):
		return errHostName
	}
	if len(l.hostNames) > 0 {
		if len(l.hostNames) > l.amount || c.Params.Get("HostName") != "" {
			return errHostNames
		}
		for _, name := range l.hostNames {
			if !validHost(name, l.image.OSType) {
				return errHostName
			}
		}
	}
	l.description = c.Params.Get("Description")
	if !validDescription(l.description) {
		return errDescription
	}
	return nil
}

const (
	maxNameLength    = 128
	maxHostLength    = 64
	maxWindowsLength = 15
)

// validName reports whether s is a valid name of an instance, a disk or a snapshot.
func validName(s string) bool {
	length := utf8.RuneCountInString(s)
	if length < 2 || length > maxNameLength || hasScheme(s) {
		return false
	}
	for n, r := range s {
		if n == 0 && !unicode.IsLetter(r) {
			return false
		}
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(":_.-", r) {
			return false
		}
	}
	return true
}

func validHost(s, osType string) bool {
	longest, digitsOnly := maxHostLength, true
	if osType == "windows" {
		longest = maxWindowsLength
		if strings.Contains(s, ".") {
			return false
		}
	}
	for _, r := range s {
		if r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '.' && r != '-' {
			return false
		}
		digitsOnly = digitsOnly && unicode.IsDigit(r)
	}
	for _, bad := range []string{"..", "--", ".-", "-."} {
		if strings.Contains(s, bad) {
			return false
		}
	}
	return len(s) >= 2 && len(s) <= longest && strings.Trim(s, ".-") == s && (osType != "windows" || !digitsOnly)
}

// validDescription reports whether s is a valid description; "" is.
func validDescription(s string) bool {
	length := utf8.RuneCountInString(s)
	return s == "" || length >= 2 && length <= 256 && !hasScheme(s)
}

func hasScheme(s string) bool {
	return strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://")
}
