package runner

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/ecsd-io/ecsd/client/conformance/script"
)

// Case is one promise of the clients.
type Case struct {
	// Name is "area/what".
	Name string `yaml:"name"`
	// About is the promise, in one sentence.
	About string `yaml:"about"`
	// Server is "real" for an ecsd with a simulated cloud, or empty for a scripted server.
	Server string `yaml:"server"`
	// Fleet is the number of instances of the simulated cloud.
	Fleet int `yaml:"fleet"`
	// TLS is "server" or "mutual" if the scripted server has certificates, or empty.
	TLS string `yaml:"tls"`
	// Alone runs the case in a process of its own, with no other case.
	Alone bool `yaml:"alone"`
	// Long cases take minutes, and run only if they are asked for.
	Long   bool           `yaml:"long"`
	Script script.Answers `yaml:"script"`
	Steps  []Step         `yaml:"steps"`
}

// Step is one thing that happens in a case: exactly one field is set.
type Step struct {
	// Commands of the subject.
	Connect  *Connect   `yaml:"connect"`
	Call     *Operation `yaml:"call"`
	List     *Operation `yaml:"list"`
	Wait     *Operation `yaml:"wait"`
	Renew    *Operation `yaml:"renew"`
	RenewJob *Operation `yaml:"renew_job"`
	Watch    *Operation `yaml:"watch"`
	Convert  *Convert   `yaml:"convert"`
	Credit   *Credit    `yaml:"credit"`
	Cancel   string     `yaml:"cancel"`
	Close    string     `yaml:"close"`

	// Expectations.
	Await    *Await    `yaml:"await"`
	Events   *Events   `yaml:"events"`
	Delays   *Delays   `yaml:"delays"`
	Attempts *Attempts `yaml:"attempts"`
	Mirror   *Mirror   `yaml:"mirror"`
	Memory   *Memory   `yaml:"memory"`
	Count    *Count    `yaml:"count"`

	// Actions of the server, the network and the cloud.
	Signal  string `yaml:"signal"`
	Proxy   string `yaml:"proxy"`
	Process string `yaml:"process"`
	Cloud   *Cloud `yaml:"cloud"`
}

// Connect creates a client. A case that has no such step before its first command gets a default client, "c".
type Connect struct {
	As      string          `yaml:"as"`
	Caller  string          `yaml:"caller"`
	Tokens  []string        `yaml:"tokens"`
	Timeout script.Duration `yaml:"timeout"`
	// TLS connects with TLS and trusts the server's authority, unless Stranger is set. Certificate passes the client's.
	TLS         bool `yaml:"tls"`
	Stranger    bool `yaml:"stranger"`
	Certificate bool `yaml:"certificate"`
	// Target replaces the proxy's address. "closed" is an address that nothing listens at.
	Target string  `yaml:"target"`
	Expect *Expect `yaml:"expect"`
}

// Operation is a command that uses a client.
type Operation struct {
	// As names it, for later steps. Its default is its kind, such as "watch".
	As     string `yaml:"as"`
	Client string `yaml:"client"`
	// Method is the name of an RPC, such as GetInstance. A watch watches its stream.
	Method  string          `yaml:"method"`
	Request map[string]any  `yaml:"request"`
	Timeout script.Duration `yaml:"timeout"`
	// Credit limits the events that a watch reads. CountOnly reports only the checkpoints.
	Credit    uint32 `yaml:"credit"`
	CountOnly bool   `yaml:"count_only"`
	// Most limits the items of a list.
	Most uint32 `yaml:"most"`
	// ReportRequestID asks for the request_id before the call.
	ReportRequestID bool `yaml:"report_request_id"`
	// Times starts it that often.
	Times int `yaml:"times"`
	// Background does not wait for its end. A watch is always in the background.
	Background bool    `yaml:"background"`
	Expect     *Expect `yaml:"expect"`
}

// Convert converts a value.
type Convert struct {
	ToMoney       string         `yaml:"to_money"`
	FromMoney     map[string]any `yaml:"from_money"`
	ToPeriod      string         `yaml:"to_period"`
	FromTimestamp string         `yaml:"from_timestamp"`
	Expect        *Expect        `yaml:"expect"`
}

// Credit lets a watch read more events.
type Credit struct {
	Of    string `yaml:"of"`
	Count uint32 `yaml:"count"`
}

// Await waits for the end of a command in the background.
type Await struct {
	Of     string  `yaml:"of"`
	Expect *Expect `yaml:"expect"`
}

// Expect is the end of a command. Only the parts that are set are compared.
type Expect struct {
	// Response holds fields of the response, in JSON's names.
	Response map[string]any `yaml:"response"`
	Failure  *FailureIs     `yaml:"failure"`
	// Items holds fields of each item of a list.
	Items []map[string]any `yaml:"items"`
	Value string           `yaml:"value"`
	Done  bool             `yaml:"done"`
	// Ended accepts Done and Failure.
	Ended bool `yaml:"ended"`
	// Progress are the reports, as "STATE ENDED/TOTAL", the request_id being "given" or "made".
	Progress []string `yaml:"progress"`
	// Least and Within bound its duration. Within has some slack for a busy machine.
	Least  script.Duration `yaml:"least"`
	Within script.Duration `yaml:"within"`
}

// FailureIs are the expected parts of an error.
type FailureIs struct {
	Code string `yaml:"code"`
	// Codes are several permitted codes, for errors that gRPC libraries make.
	Codes  []string `yaml:"codes"`
	Reason *string  `yaml:"reason"`
	// Message is a part of the message. No Not may be in it.
	Message    string            `yaml:"message"`
	Not        []string          `yaml:"not"`
	Fields     []string          `yaml:"fields"`
	Retryable  *bool             `yaml:"retryable"`
	RetryAfter script.Duration   `yaml:"retry_after"`
	Metadata   map[string]string `yaml:"metadata"`
	// RequestID is the expected one, or "any" for one that the client made.
	RequestID string `yaml:"request_id"`
}

// Events compares the next events of a watch with their stories: see story.
type Events struct {
	Of   string   `yaml:"of"`
	Want []string `yaml:"want"`
	// Skip ignores events of these kinds.
	Skip   []string        `yaml:"skip"`
	Within script.Duration `yaml:"within"`
}

// Delays compares the delays of the interruptions of a watch so far with their bounds.
type Delays struct {
	Of     string              `yaml:"of"`
	Bounds [][]script.Duration `yaml:"bounds"`
}

// Attempts compares what the scripted server saw of a method.
type Attempts struct {
	Method string `yaml:"method"`
	// Count is the number of attempts; the step waits for it.
	Count *int `yaml:"count"`
	// Gaps are the least and the greatest time between consecutive attempts. The greatest has slack.
	Gaps [][]script.Duration `yaml:"gaps"`
	// SameRequestID requires one request_id, not empty, in all attempts; RequestID this one, or "reported" for the one
	// that the last command reported.
	SameRequestID bool   `yaml:"same_request_id"`
	RequestID     string `yaml:"request_id"`
	// DistinctRequestIDs requires a different request_id in each.
	DistinctRequestIDs bool `yaml:"distinct_request_ids"`
	// NoRequestID requires none.
	NoRequestID bool `yaml:"no_request_id"`
	// Tokens and PageTokens are the resume_token and the page_token of each attempt. Request holds fields of each request.
	Tokens     []string       `yaml:"tokens"`
	PageTokens []string       `yaml:"page_tokens"`
	Request    map[string]any `yaml:"request"`
	// Metadata are the values per attempt. An empty one means none.
	Metadata map[string][]string `yaml:"metadata"`
	// Deadline bounds the deadline of each attempt; two zeros mean none.
	Deadline []script.Duration `yaml:"deadline"`
	// Cancelled is the time within which the server sees the end of the last attempt by the client.
	Cancelled script.Duration `yaml:"cancelled"`
}

// Mirror waits until the state by the events of a watch is that of the real server.
type Mirror struct {
	Of     string          `yaml:"of"`
	Within script.Duration `yaml:"within"`
}

// Count waits until a watch with count_only has reported that many events. They include the checkpoints.
type Count struct {
	Of     string          `yaml:"of"`
	Events int64           `yaml:"events"`
	Within script.Duration `yaml:"within"`
}

// Memory compares the memory of the subject's process. The first one of a case is the base.
type Memory struct {
	// Growth is the greatest growth since the base, in MiB.
	Growth int `yaml:"growth"`
}

// Cloud changes instances of the simulated cloud, each by its index.
type Cloud struct {
	Stop    []int `yaml:"stop"`
	Vanish  []int `yaml:"vanish"`
	Reclaim []int `yaml:"reclaim"`
}

// Load reads all cases of a folder.
func Load(files fs.FS) ([]*Case, error) {
	names, err := fs.Glob(files, "*.yaml")
	if err != nil {
		return nil, err
	}
	var all []*Case
	seen := map[string]bool{}
	for _, name := range names {
		file, err := files.Open(name)
		if err != nil {
			return nil, err
		}
		decoder := yaml.NewDecoder(file)
		decoder.KnownFields(true)
		var cases []*Case
		err = decoder.Decode(&cases)
		_ = file.Close()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		area := strings.TrimSuffix(path.Base(name), ".yaml")
		for _, c := range cases {
			if err := c.check(area); err != nil {
				return nil, fmt.Errorf("%s: case %q: %w", name, c.Name, err)
			}
			if seen[c.Name] {
				return nil, fmt.Errorf("%s: case %q exists twice", name, c.Name)
			}
			seen[c.Name] = true
			all = append(all, c)
		}
	}
	return all, nil
}

func (c *Case) check(area string) error {
	switch {
	case !strings.HasPrefix(c.Name, area+"/"):
		return fmt.Errorf("the name must start with %s/", area)
	case c.About == "":
		return errors.New("about is empty")
	case c.Server != "" && c.Server != "real":
		return fmt.Errorf("unknown server %q", c.Server)
	}
	for i, step := range c.Steps {
		set := 0
		value := reflect.ValueOf(step)
		for f := range value.NumField() {
			if !value.Field(f).IsZero() {
				set++
			}
		}
		if set != 1 {
			return fmt.Errorf("step %d has %d parts, want 1", i+1, set)
		}
	}
	return c.Script.Check()
}
