package notify

import (
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"io"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/outbox"
)

const (
	// maxFileBytes bounds the file, and each file that it refers to.
	maxFileBytes = 1 << 20
	// maxReceivers bounds the receivers of a file.
	maxReceivers = 32
	// maxThresholds bounds the thresholds of a receiver.
	maxThresholds = 16
	// maxThreshold is the longest time before an expiry, in days.
	maxThreshold = 366
	// minCalendarKey is the length of the secret part of the calendar's path.
	minCalendarKey = 32
)

// Kind is the protocol of a receiver.
type Kind string

// The kinds.
const (
	Webhook      Kind = "webhook"
	Alertmanager Kind = "alertmanager"
	DingTalk     Kind = "dingtalk"
	Feishu       Kind = "feishu"
	WeCom        Kind = "wecom"
)

var kinds = []Kind{Webhook, Alertmanager, DingTalk, Feishu, WeCom}

// chat reports whether the URL of the kind holds the key of a robot.
func (k Kind) chat() bool { return k == DingTalk || k == Feishu || k == WeCom }

// Thresholds are the default thresholds, in days before the expiry.
var Thresholds = []int{30, 14, 7, 3, 1}

// File is a file of receivers with the secrets that it refers to.
type File struct {
	Receivers []Receiver
	// Calendar is nil if none is served.
	Calendar *Calendar
}

// Receiver is one entry of a file.
type Receiver struct {
	Name string
	Kind Kind
	// Events are those that it gets.
	Events []outbox.Event
	// Thresholds are in days before the expiry, the longest first.
	Thresholds []int
	// Selection selects the instances.
	Selection

	url    secret
	secret secret
	roots  *x509.CertPool
}

// Selection selects instances. A zero value selects all that do not renew
// automatically.
type Selection struct {
	// Regions are all if empty.
	Regions []string
	// Tags must all be on an instance.
	Tags []ecs.Tag
	// AutoRenewing includes instances that renew automatically.
	AutoRenewing bool
}

// Calendar is the calendar of a file.
type Calendar struct {
	Selection
	// Days is how far the calendar looks ahead.
	Days int

	key secret
}

// secret is a text that is in no log line and no error. It is behind a pointer,
// because fmt shows unexported fields without calling their String.
type secret struct{ text *string }

func newSecret(text string) secret { return secret{&text} }

// reveal returns the text, "" for none.
func (s secret) reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// isSet reports whether there is a text.
func (s secret) isSet() bool { return s.text != nil }

// Open reads a file of receivers, and the files and variables that it refers to.
// The regions are those that a receiver may name; nil permits any. The error is
// a *FileError if the content is wrong, and holds no secret.
func Open(path string, regions []string) (*File, error) {
	text, err := readFile(path)
	if err != nil {
		return nil, err
	}
	r := &fileReader{folder: filepath.Dir(path), regions: regions}
	f := &File{}
	if root := r.document(text); root != nil {
		r.read(f, root)
	}
	if len(r.problems) > 0 {
		return nil, &FileError{Problems: r.problems}
	}
	return f, nil
}

func readFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxFileBytes+1))
	if err == nil && len(text) > maxFileBytes {
		err = fmt.Errorf("read %s: it has more than %d bytes", path, maxFileBytes)
	}
	return text, err
}

// fileReader reads a file and what it refers to, relative to its folder.
type fileReader struct {
	reader
	folder  string
	regions []string
}

func (r *fileReader) read(f *File, root *yaml.Node) {
	m := r.mapping(root, "", "thresholds", "include_auto_renewing", "receivers", "calendar")
	defaults := Receiver{Events: outbox.Events, Thresholds: Thresholds}
	defaults.AutoRenewing = defaultTo(m.flag("include_auto_renewing"), false)
	if m.values["thresholds"] != nil {
		defaults.Thresholds = r.thresholds(m)
	}
	entries := m.list("receivers")
	if len(entries) > maxReceivers {
		r.refuse(m.values["receivers"], "receivers", "must hold at most %d receivers; got %d", maxReceivers, len(entries))
		return
	}
	for _, at := range entries {
		receiver := r.receiver(at, defaults)
		if slices.ContainsFunc(f.Receivers, func(o Receiver) bool { return o.Name == receiver.Name }) {
			r.refuse(at.node, at.field+".name", "%q is the name of another receiver too", receiver.Name)
		}
		f.Receivers = append(f.Receivers, receiver)
	}
	if node := m.values["calendar"]; node != nil {
		f.Calendar = r.calendar(entry{node, "calendar"}, defaults.AutoRenewing)
	}
	if len(r.problems) == 0 && len(f.Receivers) == 0 && f.Calendar == nil {
		r.refuse(root, "", "must have receivers, calendar or both")
	}
}

var receiverName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

func (r *fileReader) receiver(at entry, c Receiver) Receiver {
	m := r.mapping(at.node, at.field, "name", "kind", "url", "url_file", "url_env", "secret_file", "secret_env", "ca_file",
		"events", "thresholds", "regions", "tags", "include_auto_renewing")
	if len(m.values) == 0 {
		return c
	}
	name, ok := m.text("name")
	if !ok && m.values["name"] == nil || ok && !receiverName.MatchString(name) {
		r.refuse(orNode(m.values["name"], at.node), m.at("name"), "must be 1 to 63 lower-case letters, digits and dashes; got %q", ecs.Clip(name, 64))
	}
	kind, _ := m.text("kind")
	c.Name, c.Kind = name, Kind(kind)
	if !slices.Contains(kinds, c.Kind) {
		r.refuse(orNode(m.values["kind"], at.node), m.at("kind"), "must be webhook, alertmanager, dingtalk, feishu or wecom; got %q", ecs.Clip(kind, 32))
		return c
	}
	c.url = r.url(m, c.Kind)
	c.secret = r.secret(m, c.Kind)
	if path, ok := m.text("ca_file"); ok {
		c.roots = r.authorities(m, path)
	}
	if m.values["events"] != nil {
		c.Events = nil
		for _, word := range m.words("events", "expiry, attention, deduction or drift", func(w string) bool { return slices.Contains(outbox.Events, outbox.Event(w)) }) {
			c.Events = append(c.Events, outbox.Event(word))
		}
	}
	if m.values["thresholds"] != nil {
		c.Thresholds = r.thresholds(m)
	}
	c.Selection = r.selection(m, c.AutoRenewing)
	return c
}

func orNode(node, other *yaml.Node) *yaml.Node {
	if node != nil {
		return node
	}
	return other
}

func defaultTo(value *bool, fallback bool) bool {
	if value == nil {
		return fallback
	}
	return *value
}

func (r *fileReader) selection(m mapping, autoRenewing bool) Selection {
	want := "the ID of a region, such as cn-hangzhou"
	if r.regions != nil {
		want = "a served region: " + strings.Join(r.regions, ", ")
	}
	s := Selection{AutoRenewing: defaultTo(m.flag("include_auto_renewing"), autoRenewing)}
	s.Regions = m.words("regions", want, func(region string) bool {
		return region != "" && (r.regions == nil || slices.Contains(r.regions, region))
	})
	tags := m.values["tags"]
	if tags == nil {
		return s
	}
	if tags.Kind != yaml.MappingNode || len(tags.Content) == 0 {
		r.refuse(tags, m.at("tags"), "must be a mapping of tags, such as {team: billing}")
		return s
	}
	for i := 0; i < len(tags.Content); i += 2 {
		key, value := tags.Content[i], tags.Content[i+1]
		if key.Kind != yaml.ScalarNode || key.Value == "" || value.Kind != yaml.ScalarNode || value.Tag == "!!null" || value.Value == "" {
			r.refuse(key, m.at("tags"), "must be a mapping of tags, such as {team: billing}")
			continue
		}
		s.Tags = append(s.Tags, ecs.Tag{Key: key.Value, Value: value.Value})
	}
	return s
}

func (r *fileReader) thresholds(m mapping) []int {
	want := fmt.Sprintf("a number of days from 0 (the expiry) to %d", maxThreshold)
	words := m.words("thresholds", want, func(w string) bool {
		days, err := strconv.Atoi(w)
		return err == nil && days >= 0 && days <= maxThreshold && strconv.Itoa(days) == w
	})
	if len(words) > maxThresholds {
		r.refuse(m.values["thresholds"], m.at("thresholds"), "must hold at most %d thresholds; got %d", maxThresholds, len(words))
	}
	days := make([]int, len(words))
	for i, word := range words {
		days[i], _ = strconv.Atoi(word)
	}
	slices.Sort(days)
	slices.Reverse(days)
	return days
}

func (r *fileReader) calendar(at entry, autoRenewing bool) *Calendar {
	m := r.mapping(at.node, at.field, "path_file", "path_env", "days", "regions", "tags", "include_auto_renewing")
	c := &Calendar{Days: 90, Selection: r.selection(m, autoRenewing)}
	if text, ok := m.text("days"); ok {
		days, err := strconv.Atoi(text)
		if err != nil || days < 1 || days > maxThreshold {
			r.refuse(m.values["days"], m.at("days"), "must be a number of days from 1 to %d; got %q", maxThreshold, ecs.Clip(text, 32))
		}
		c.Days = days
	}
	key, found := r.reference(m, "path")
	if !found && len(m.values) > 0 && m.values["path_file"] == nil && m.values["path_env"] == nil {
		r.refuse(at.node, m.at("path_file"), "is missing: path_file or path_env must name the secret part of the path")
	}
	if found && !calendarKey.MatchString(key.reveal()) {
		r.refuse(at.node, m.at("path_file"), "the secret must have %d to 128 letters, digits, - and _", minCalendarKey)
	}
	c.key = key
	return c
}

var calendarKey = regexp.MustCompile(fmt.Sprintf(`^[A-Za-z0-9_-]{%d,128}$`, minCalendarKey))

var variable = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// reference returns the text that KEY_file or KEY_env refers to, without the
// white space around it. found is false if neither is set, or it is wrong.
func (r *fileReader) reference(m mapping, key string) (_ secret, found bool) {
	inFile, inEnv := m.values[key+"_file"], m.values[key+"_env"]
	if inFile != nil && inEnv != nil {
		r.refuse(inEnv, m.at(key+"_env"), "excludes %s_file: set one of the two", key)
		return secret{}, false
	}
	var value string
	switch {
	case inFile != nil:
		path, ok := m.text(key + "_file")
		if !ok {
			return secret{}, false
		}
		text, err := readFile(r.path(path))
		if err != nil {
			r.refuse(inFile, m.at(key+"_file"), "must be a file that can be read: %v", err)
			return secret{}, false
		}
		value = string(text)
	case inEnv != nil:
		name, ok := m.text(key + "_env")
		if !ok {
			return secret{}, false
		}
		if !variable.MatchString(name) || strings.HasPrefix(name, "ECSD_") {
			r.refuse(inEnv, m.at(key+"_env"), "must be the name of an environment variable that does not begin with ECSD_")
			return secret{}, false
		}
		value = os.Getenv(name)
	default:
		return secret{}, false
	}
	value = strings.TrimSpace(value)
	if value == "" || strings.ContainsFunc(value, func(c rune) bool { return c <= ' ' || c == 0x7f }) {
		r.refuse(orNode(inFile, inEnv), m.at(key+map[bool]string{true: "_file", false: "_env"}[inFile != nil]), "refers to a text that is empty or has white space")
		return secret{}, false
	}
	return newSecret(value), true
}

func (r *fileReader) path(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(r.folder, path)
}

// url returns the URL of a receiver. It is in the file only if it has no secret.
func (r *fileReader) url(m mapping, kind Kind) secret {
	inFile := m.values["url"]
	raw, ok := r.reference(m, "url")
	at, field := orNode(m.values["url_file"], m.values["url_env"]), m.at("url_file")
	switch {
	case inFile != nil && at != nil:
		r.refuse(at, field, "excludes url: set one of url, url_file and url_env")
		return secret{}
	case inFile != nil:
		at, field = inFile, m.at("url")
		var text string
		if text, ok = m.text("url"); !ok {
			return secret{}
		}
		if kind.chat() {
			r.refuse(at, field, "holds the key of the robot: set url_file or url_env")
			return secret{}
		}
		raw = newSecret(text)
	case at == nil:
		r.refuse(m.node, m.at("url"), "is missing: set one of url (not for chat), url_file and url_env")
		return secret{}
	case !ok:
		return secret{}
	}
	u, err := url.Parse(raw.reveal())
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.Fragment != "":
		r.refuse(at, field, "must be a URL such as https://hooks.corp/ecsd")
	case inFile != nil && (u.User != nil || u.RawQuery != ""):
		r.refuse(at, field, "must not hold a password or a query, which may be secret: set url_file or url_env")
	case kind.chat() && u.Scheme != "https" && !isLoopback(u.Hostname()):
		r.refuse(at, field, "must begin with https://, because it holds the key of the robot")
	}
	return raw
}

func isLoopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}

// secret returns the secret of a receiver: the key of signatures, or the token
// of Alertmanager.
func (r *fileReader) secret(m mapping, kind Kind) secret {
	raw, ok := r.reference(m, "secret")
	at := orNode(m.values["secret_file"], m.values["secret_env"])
	switch {
	case at == nil && kind == Webhook:
		r.refuse(m.node, m.at("secret_file"), "is missing: a webhook needs secret_file or secret_env, the key of its signatures")
	case at != nil && kind == WeCom:
		r.refuse(at, m.at("secret_file"), "must not be set: WeCom has no signatures")
	case ok && kind == Webhook:
		if key, err := webhookKey(raw); err != nil || len(key) < 24 || len(key) > 64 {
			r.refuse(at, m.at("secret_file"), "must refer to whsec_ and 24 to 64 bytes in base64")
		}
	}
	return raw
}

// webhookKey decodes the key of the signatures of a webhook.
func webhookKey(s secret) ([]byte, error) {
	return base64.StdEncoding.DecodeString(strings.TrimPrefix(s.reveal(), "whsec_"))
}

func (r *fileReader) authorities(m mapping, path string) *x509.CertPool {
	text, err := readFile(r.path(path))
	if err != nil {
		r.refuse(m.values["ca_file"], m.at("ca_file"), "must be a file that can be read: %v", err)
		return nil
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		r.refuse(m.values["ca_file"], m.at("ca_file"), "must hold certificates in PEM form")
	}
	return pool
}
