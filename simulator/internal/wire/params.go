package wire

import (
	"errors"
	"slices"
	"strconv"
	"strings"
)

// ErrMalformed reports a query or a form body with invalid percent-encoding.
var ErrMalformed = errors.New("malformed percent-encoding")

// MaxListLength is the maximum count of elements of a repeated parameter (Name.1, Name.2, ...) that are read. It is
// above every limit of the cloud, so that an action can still detect a list that is too long.
const MaxListLength = 1000

type param struct{ key, value string }

// Params are the parameters of one request, query and form merged, sorted by key. If a key repeats, the first value
// counts.
type Params struct {
	list []param
	// read, if set, is called with each key that is looked up.
	read func(key string)
}

// Observed returns the parameters; read is called with each key that is looked up in them.
func (p Params) Observed(read func(key string)) Params {
	p.read = read
	return p
}

// Parse decodes a raw query and a form body (either may be empty).
func Parse(rawQuery, form string) (Params, error) {
	p := Params{list: make([]param, 0, 2+strings.Count(rawQuery, "&")+strings.Count(form, "&"))}
	for _, raw := range []string{rawQuery, form} {
		for raw != "" {
			var pair string
			pair, raw, _ = strings.Cut(raw, "&")
			if pair == "" {
				continue
			}
			rawKey, rawValue, _ := strings.Cut(pair, "=")
			key, err := unescape(rawKey)
			if err != nil {
				return Params{}, err
			}
			value, err := unescape(rawValue)
			if err != nil {
				return Params{}, err
			}
			p.list = append(p.list, param{key, value})
		}
	}
	slices.SortStableFunc(p.list, func(a, b param) int { return strings.Compare(a.key, b.key) })
	p.list = slices.CompactFunc(p.list, func(a, b param) bool { return a.key == b.key })
	return p, nil
}

// Lookup returns the value of key and whether the request has it.
func (p Params) Lookup(key string) (string, bool) {
	if p.read != nil {
		p.read(key)
	}
	i, ok := slices.BinarySearchFunc(p.list, key, func(e param, k string) int { return strings.Compare(e.key, k) })
	if !ok {
		return "", false
	}
	return p.list[i].value, true
}

// Get returns the value of key, or "" if the request does not have it.
func (p Params) Get(key string) string {
	v, _ := p.Lookup(key)
	return v
}

// With returns the parameters, plus those of others that are missing.
func (p Params) With(others map[string]string) Params {
	merged := Params{list: slices.Clone(p.list), read: p.read}
	for key, value := range others {
		if _, ok := p.Lookup(key); !ok {
			merged.list = append(merged.list, param{key, value})
		}
	}
	slices.SortFunc(merged.list, func(a, b param) int { return strings.Compare(a.key, b.key) })
	return merged
}

// Each calls f for every parameter in the order of the keys.
func (p Params) Each(f func(key, value string)) {
	for _, e := range p.list {
		f(e.key, e.value)
	}
}

// List returns the values of Name.1, Name.2, ... up to the first missing one, at most [MaxListLength].
func (p Params) List(name string) []string {
	var values []string
	for i := 1; i <= MaxListLength; i++ {
		v, ok := p.Lookup(name + "." + strconv.Itoa(i))
		if !ok {
			break
		}
		values = append(values, v)
	}
	return values
}

// Pair is one element of a repeated key and value, such as a tag or a filter.
type Pair struct {
	Key, Value       string
	HasKey, HasValue bool
}

// Pairs returns Name.1.Key and Name.1.Value, Name.2.Key, ... up to the first
// element that has neither, at most [MaxListLength]. The cloud also knows both in lower case.
func (p Params) Pairs(name string) []Pair {
	var pairs []Pair
	for i := 1; i <= MaxListLength; i++ {
		var pair Pair
		prefix := name + "." + strconv.Itoa(i)
		pair.Key, pair.HasKey = p.either(prefix+".Key", prefix+".key")
		pair.Value, pair.HasValue = p.either(prefix+".Value", prefix+".value")
		if !pair.HasKey && !pair.HasValue {
			break
		}
		pairs = append(pairs, pair)
	}
	return pairs
}

// either returns the value of the first key that the request has.
func (p Params) either(first, second string) (string, bool) {
	if v, ok := p.Lookup(first); ok {
		return v, true
	}
	return p.Lookup(second)
}

func unescape(s string) (string, error) {
	if !strings.ContainsAny(s, "%+") {
		return s, nil
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '+':
			out = append(out, ' ')
		case '%':
			if i+2 >= len(s) {
				return "", ErrMalformed
			}
			high, low := unhex(s[i+1]), unhex(s[i+2])
			if high < 0 || low < 0 {
				return "", ErrMalformed
			}
			out = append(out, byte(high<<4|low))
			i += 2
		default:
			out = append(out, s[i])
		}
	}
	return string(out), nil
}

func unhex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}
