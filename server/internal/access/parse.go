package access

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	// A container may have no time zones.
	_ "time/tzdata"

	"go.yaml.in/yaml/v3"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

const (
	// maxCallers bounds the callers of a file.
	maxCallers = 10_000
	// maxLiveTokens is how many tokens of a caller may be valid at a time: the old
	// and the new one of a rotation.
	maxLiveTokens = 2
)

var (
	callerName = regexp.MustCompile(`^[A-Za-z0-9._:/@+-]{1,64}$`)
	regionID   = regexp.MustCompile(`^[a-z0-9-]{1,64}$`)
	yamlLine   = regexp.MustCompile(`line (\d+)`)
)

// Parse reads an access file. The time decides which tokens are live. The error
// is an *Error with every problem.
func Parse(text []byte, now time.Time) (*File, error) {
	sum := sha256.Sum256(text)
	f := &File{
		Version: hex.EncodeToString(sum[:6]),
		byName:  map[string]*Caller{}, byToken: map[string]TokenOwner{}, byCertificate: map[Name]*Caller{}, tagKeys: map[string]bool{},
	}
	r := &reader{}
	var document yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		r.refuse(&yaml.Node{}, "callers", "is missing")
	case err != nil:
		// Not the text of the error, which can have a part of the file.
		line := 1
		if found := yamlLine.FindStringSubmatch(err.Error()); found != nil {
			line, _ = strconv.Atoi(found[1])
		}
		r.refuse(&yaml.Node{Line: line}, "", "is not YAML")
	default:
		f.read(r, document.Content[0], now)
		if err := decoder.Decode(&yaml.Node{}); !errors.Is(err, io.EOF) {
			r.refuse(&yaml.Node{Line: 1}, "", "must hold one YAML document")
		}
	}
	if len(r.problems) > 0 {
		return nil, &Error{Problems: r.problems}
	}
	return f, nil
}

func (f *File) read(r *reader, root *yaml.Node, now time.Time) {
	callers := r.fields(root, "", "callers")["callers"]
	if callers == nil {
		if len(r.problems) == 0 {
			r.refuse(root, "callers", "is missing")
		}
		return
	}
	if len(callers.Content) > maxCallers {
		r.refuse(callers, "callers", "must hold at most %d callers; got %d", maxCallers, len(callers.Content))
		return
	}
	seen := map[OIDC]string{}
	for _, at := range r.list(callers, "callers") {
		c := r.caller(at, now)
		if c == nil {
			continue
		}
		if other := f.byName[c.Name]; other != nil {
			r.refuse(at.node, at.field+".name", "%s is the name of the caller in line %d too", c.Name, other.Line)
			continue
		}
		f.byName[c.Name] = c
		f.Callers = append(f.Callers, c)
		f.index(r, at, c, seen)
	}
}

// index adds the credentials of a caller, each of which belongs to one caller.
func (f *File) index(r *reader, at entry, c *Caller, seen map[OIDC]string) {
	for _, token := range c.Tokens {
		if token.ID == "" {
			continue
		}
		if owner, twice := f.byToken[token.ID]; twice {
			r.refuse(at.node, at.field+".tokens", "the id %s is used by caller %s too", token.ID, owner.Caller.Name)
		}
		f.byToken[token.ID] = TokenOwner{token, c}
	}
	for _, name := range c.Certificates {
		if owner := f.byCertificate[name]; owner != nil {
			r.refuse(at.node, at.field+".certificates", "%s is used by caller %s too", name, owner.Name)
		}
		f.byCertificate[name] = c
	}
	for _, oidc := range c.OIDC {
		if oidc.Issuer == "" || oidc.Audience == "" || oidc.Equals == "" {
			continue
		}
		if owner, twice := seen[oidc]; twice {
			r.refuse(at.node, at.field+".oidc", "the same entry is used by caller %s too", owner)
		}
		seen[oidc] = c.Name
	}
	for _, tag := range c.Limits.Tags {
		f.tagKeys[tag.Key] = true
	}
}

func (r *reader) caller(at entry, now time.Time) *Caller {
	fields := r.fields(at.node, at.field, "name", "tokens", "certificates", "oidc", "scopes", "regions", "tags", "spend")
	if fields == nil {
		return nil
	}
	c := &Caller{Line: at.node.Line}
	if node := r.need(at, fields, "name"); node != nil {
		name, ok := r.text(node, at.field+".name")
		if ok && !callerName.MatchString(name) {
			r.refuse(node, at.field+".name", "must be 1 to 64 letters, digits and . _ - : / @ +; got %q", clip(name))
		}
		c.Name = name
	}
	if node := fields["tokens"]; node != nil {
		c.Tokens = r.tokens(node, at.field+".tokens", now)
	}
	if node := fields["certificates"]; node != nil {
		c.Certificates = r.certificates(node, at.field+".certificates")
	}
	if node := fields["oidc"]; node != nil {
		c.OIDC = r.oidc(node, at.field+".oidc")
	}
	if fields["tokens"] == nil && fields["certificates"] == nil && fields["oidc"] == nil {
		r.refuse(at.node, at.field, "must have tokens, certificates or oidc: nothing identifies the caller %s", clip(c.Name))
	}
	if node := r.need(at, fields, "scopes"); node != nil {
		c.Scopes = r.scopes(node, at.field+".scopes")
	}
	if node := fields["regions"]; node != nil {
		c.Limits.Regions = r.regions(node, at.field+".regions")
	}
	if node := fields["tags"]; node != nil {
		c.Limits.Tags = r.tags(node, at.field+".tags")
	}
	if node := fields["spend"]; node != nil {
		c.Spend = r.spend(node, at.field+".spend")
	}
	return c
}

// need returns the value of a required key.
func (r *reader) need(at entry, fields map[string]*yaml.Node, key string) *yaml.Node {
	node := fields[key]
	if node == nil {
		r.refuse(at.node, at.field+"."+key, "is missing")
	}
	return node
}

func (r *reader) scopes(node *yaml.Node, field string) Scopes {
	var set Scopes
	for _, at := range r.list(node, field) {
		name, ok := r.text(at.node, at.field)
		switch {
		case !ok:
		case name == AllScopes:
			set |= ScopesOf(scopes[:]...)
		case bit(Scope(name)) == 0:
			r.refuse(at.node, at.field, "unknown scope %q; the scopes are %s, and %q for all", clip(name), ScopesOf(scopes[:]...), AllScopes)
		default:
			set |= bit(Scope(name))
		}
	}
	return set
}

func (r *reader) regions(node *yaml.Node, field string) []string {
	var ids []string
	for _, at := range r.list(node, field) {
		id, ok := r.text(at.node, at.field)
		switch {
		case !ok:
		case !regionID.MatchString(id):
			r.refuse(at.node, at.field, "must be the ID of a region, such as cn-hangzhou; got %q", clip(id))
		case slices.Contains(ids, id):
			r.refuse(at.node, at.field, "%s is there twice", id)
		default:
			ids = append(ids, id)
		}
	}
	return ids
}

func (r *reader) tags(node *yaml.Node, field string) []ecs.Tag {
	if node.Kind != yaml.MappingNode || len(node.Content) == 0 {
		r.refuse(node, field, "must be a mapping of tags, such as {team: billing}")
		return nil
	}
	var tags []ecs.Tag
	for i := 0; i < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		at := join(field, clip(key.Value))
		switch {
		case key.Kind != yaml.ScalarNode || key.Value == "" || value.Kind != yaml.ScalarNode || value.Tag == "!!null" || value.Value == "":
			r.refuse(key, at, "must be a key and a value, both texts")
		case len(key.Value) > 128 || len(value.Value) > 128:
			r.refuse(key, at, "key and value must have at most 128 bytes")
		case slices.ContainsFunc(tags, func(t ecs.Tag) bool { return t.Key == key.Value }):
			r.refuse(key, at, "is there twice")
		default:
			tags = append(tags, ecs.Tag{Key: key.Value, Value: value.Value})
		}
	}
	return tags
}

func (r *reader) spend(node *yaml.Node, field string) []Cap {
	var caps []Cap
	for _, at := range r.list(node, field) {
		fields := r.fields(at.node, at.field, "limit", "per", "time_zone", "max_each")
		c := Cap{Zone: time.UTC}
		if node := r.need(at, fields, "limit"); node != nil {
			c.Limit = r.money(node, at.field+".limit")
		}
		if node := r.need(at, fields, "per"); node != nil {
			per, ok := r.text(node, at.field+".per")
			var err error
			if c.Per, err = ecs.ParseSpan(per); ok && err != nil {
				r.refuse(node, at.field+".per", "must be day, week, month or year; got %q", clip(per))
			}
		}
		if node := fields["time_zone"]; node != nil {
			if name, ok := r.text(node, at.field+".time_zone"); ok {
				zone, err := time.LoadLocation(name)
				if err != nil || name == "Local" {
					r.refuse(node, at.field+".time_zone", "must be a name such as Asia/Shanghai or UTC; got %q", clip(name))
				} else {
					c.Zone = zone
				}
			}
		}
		if node := fields["max_each"]; node != nil {
			c.MaxEach = r.money(node, at.field+".max_each")
			if code := c.MaxEach.CurrencyCode; code != "" && c.Limit.CurrencyCode != "" && code != c.Limit.CurrencyCode {
				r.refuse(node, at.field+".max_each", "must be in the currency of the limit, %s; got %s", c.Limit.CurrencyCode, code)
			}
		}
		if slices.ContainsFunc(caps, func(o Cap) bool { return o.Per == c.Per && o.Limit.CurrencyCode == c.Limit.CurrencyCode }) {
			r.refuse(at.node, at.field, "there is another limit per %s in %s", clip(string(c.Per)), c.Limit.CurrencyCode)
		}
		caps = append(caps, c)
	}
	return caps
}

// money reads an amount such as "50000 CNY".
func (r *reader) money(node *yaml.Node, field string) ecs.Money {
	text, ok := r.text(node, field)
	if !ok {
		return ecs.Money{}
	}
	number, currency, _ := strings.Cut(text, " ")
	amount, err := ecs.ParseMoney(currency, number)
	if err != nil || !amount.Valid() || amount.Units < 0 || amount.Nanos < 0 {
		r.refuse(node, field, "must be an amount such as 50000 CNY, not less than 0; got %q", clip(text))
		return ecs.Money{}
	}
	return amount
}
