package api

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// word is the form of ids and names of the cloud that have no published
// grammar: images, vSwitches, security groups, categories.
var word = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}$`)

// word checks an id of the cloud; empty is none.
func (c *check) word(field, value string) string {
	if value != "" && !word.MatchString(value) {
		c.fail(field, "must be at most 128 letters, digits and . _ : / -, beginning with a letter or digit; got %s", quoted(value))
	}
	return value
}

// words checks a list of ids: how many, their form, and that none is twice.
func (c *check) words(field string, values []string, most int) []string {
	return c.list(field, values, most, func(at, value string) {
		if c.word(at, value); value == "" {
			c.fail(at, "must not be empty")
		}
	})
}

// list checks that a list is not too long and repeats nothing, and each value
// by the given rule.
func (c *check) list(field string, values []string, most int, each func(at, value string)) []string {
	if len(values) > most {
		c.fail(field, "must hold at most %d; got %d", most, len(values))
		return nil
	}
	seen := make(map[string]int, len(values))
	for i, value := range values {
		at := fmt.Sprintf("%s[%d]", field, i)
		each(at, value)
		if first, twice := seen[value]; twice {
			c.fail(at, "must not repeat %s[%d] (%s)", field, first, quoted(value))
		}
		seen[value] = i
	}
	return values
}

// text checks free text; empty is none. The cloud refuses text that begins like
// an address.
func (c *check) text(field, value string, least, most int) string {
	switch n := utf8.RuneCountInString(value); {
	case value == "":
	case n < least || n > most:
		c.fail(field, "must be empty or %d to %d characters; got %d", least, most, n)
	case strings.HasPrefix(value, "http://") || strings.HasPrefix(value, "https://"):
		c.fail(field, "must not begin with http:// or https://")
	}
	return value
}

// hostName checks a host name; empty is none. It may hold the cloud's notation
// of numbered names.
func (c *check) hostName(field, value string) string {
	switch {
	case c.text(field, value, 2, 64) == "":
	case strings.ContainsFunc(value, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }):
		c.fail(field, "must hold no space")
	case strings.Trim(value, ".-") != value || strings.Contains(value, "..") || strings.Contains(value, "--"):
		c.fail(field, "must not begin or end with a period or hyphen, nor repeat one")
	}
	return value
}

// The characters of a password, by kind.
const (
	capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	smalls   = "abcdefghijklmnopqrstuvwxyz"
	digits   = "0123456789"
	specials = "()`~!@#$%^&*-_+=|{}[]:;'<>,.?/"
)

// password checks a password; empty is none. No violation quotes it.
func (c *check) password(field, value string) string {
	kinds := 0
	for _, kind := range []string{capitals, smalls, digits, specials} {
		if strings.ContainsAny(value, kind) {
			kinds++
		}
	}
	if value != "" && (len(value) < 8 || len(value) > 30 || kinds < 3 || strings.Trim(value, capitals+smalls+digits+specials) != "") {
		c.fail(field, "must be 8 to 30 characters of three kinds at least: capital letters, small letters, digits, %s", specials)
	}
	return value
}

func (c *check) zoneID(field, id string) string {
	if id != "" && !ecs.ValidZoneID(id) {
		c.fail(field, "%s; got %s", ecs.ZoneIDRule, quoted(id))
	}
	return id
}

func (c *check) instanceType(field, name string) {
	if !ecs.ValidInstanceType(name) {
		c.fail(field, "%s; got %s", ecs.InstanceTypeRule, quoted(name))
	}
}

// instanceTypes checks a list of instance types.
func (c *check) instanceTypes(field string, names []string, most int) []string {
	return c.list(field, names, most, c.instanceType)
}

// newTags checks tags to be set; the cloud has more rules for them than for
// tags in a filter.
func (c *check) newTags(field string, tags []*ecsdv1.Tag) []ecs.Tag {
	if len(tags) <= maxTags {
		for i, t := range tags {
			c.tagKey(fmt.Sprintf("%s[%d].key", field, i), t.GetKey())
			if hasAddress(t.GetValue()) {
				c.fail(fmt.Sprintf("%s[%d].value", field, i), "must not contain http:// or https://")
			}
		}
	}
	return c.tags(field, tags)
}

// maxTagText is how many characters the key or the value of a tag has at most.
const maxTagText = 128

// tagKey checks a key to be set. The list check refuses an empty one.
func (c *check) tagKey(field, key string) {
	switch {
	case hasAddress(key):
		c.fail(field, "must not contain http:// or https://")
	case strings.HasPrefix(key, "aliyun") || strings.HasPrefix(key, "acs:"):
		c.fail(field, "must not begin with aliyun or acs:, which the cloud keeps for itself; got %s", quoted(key))
	case key == ecs.RequestTag:
		c.fail(field, "must not be %s, by which is found what a request made", ecs.RequestTag)
	}
}

func hasAddress(text string) bool {
	return strings.Contains(text, "http://") || strings.Contains(text, "https://")
}

// maxNote is the maximum length of a note for auditors, in characters.
const maxNote = 256

// note checks a note and returns it.
func (c *check) note(note string) string {
	if n := utf8.RuneCountInString(note); n > maxNote {
		c.fail("note", "must have at most %d characters; got %d", maxNote, n)
	}
	return note
}
