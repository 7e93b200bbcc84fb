package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Kind is the effect of a fault.
type Kind string

// The kinds of faults; [Kinds] has the effect of each.
const (
	Throttled   Kind = "throttle"
	Failed      Kind = "error"
	Reset       Kind = "reset"
	LostReply   Kind = "lost_reply"
	Slow        Kind = "slow"
	Cut         Kind = "cut"
	HTML        Kind = "html"
	NumericCode Kind = "numeric_code"
	Poison      Kind = "poison"
	Denied      Kind = "denied"
	DeniedEmpty Kind = "denied_empty"
	Omitted     Kind = "omit"
	Stale       Kind = "stale"
	Reordered   Kind = "reorder"
	Empty       Kind = "empty"
	Late        Kind = "late"
)

// KindInfo describes a kind of fault.
type KindInfo struct {
	Kind Kind
	// When is the default of [Fault.When].
	When When
	// Does is the effect, for docs/simulator.md.
	Does string
}

// Kinds returns all kinds in the order of the documentation.
func Kinds() []KindInfo {
	return []KindInfo{
		{Throttled, Before, "400 Throttling, or the variant in `code` (Throttling.User, Throttling.Api), with the header x-acs-retry-after if `retry_after` is set"},
		{Failed, Before, "`http_status` and `code`, 500 InternalError by default"},
		{Reset, Before, "the connection is reset"},
		{LostReply, After, "the connection is closed without a response"},
		{Slow, After, "a wait of `delay`, at most 10m of the wall clock. A paid call that waits before its effect occupies its client token: another call with the token finds it in progress. It is executed even if the client has left"},
		{Cut, After, "the response ends in the middle of its body"},
		{HTML, Before, "502 with an HTML page, as from a proxy"},
		{NumericCode, Before, "`http_status` (500) and a JSON body with a numeric Code, as from a proxy"},
		{Poison, Before, "500 InternalError, and the client token is spoiled: each further use gets IdempotentFailed. With `when` after, the call is paid nevertheless"},
		{Denied, Before, "the caller is a RAM user without permission, and gets 403 Forbidden.RAM; DescribeInstanceStatus and DescribeSnapshots return an empty list"},
		{DeniedEmpty, Before, "as `denied`, with the cloud's behaviour until 2025-12-20: DescribeInstances and DescribeDisks return an empty list, and only their dry run is Forbidden.RAM"},
		{Omitted, Before, "DescribeInstances leaves out the instance `instance_id`, or without it one instance of each page of a list by filter"},
		{Stale, Before, "reads see the instances as they were `delay` ago, at most 10m of the simulated clock, but not as they were before the fault was added"},
		{Reordered, Before, "DescribeInstances lists in a random order. A page by token has its instances in another order; pages by number are cut from lists of different orders, so that they repeat and miss instances"},
		{Empty, Before, "the lists of billing are empty, without an error"},
		{Late, Before, "the lists of billing leave out the orders that are younger than `delay`, of the simulated clock"},
	}
}

// findKind returns the description of a kind.
func findKind(k Kind) (KindInfo, bool) {
	for _, info := range Kinds() {
		if info.Kind == k {
			return info, true
		}
	}
	return KindInfo{}, false
}

// kindNames returns the names of all kinds, for an error.
func kindNames() string {
	var names []string
	for _, info := range Kinds() {
		names = append(names, string(info.Kind))
	}
	return strings.Join(names, ", ")
}

// When is the side of the commit on which a fault occurs.
type When string

// Before and After the effect of the call.
const (
	Before When = "before"
	After  When = "after"
)

// Fault disturbs some calls. Every fault that matches a call applies to it. If two faults would respond, the older one
// does.
type Fault struct {
	// ID identifies the fault; the simulator sets it.
	ID string `json:"id,omitempty"`
	// Action is the affected action; "*" or empty means all.
	Action string `json:"action,omitempty"`
	// RegionID and InstanceID, if set, exclude calls about anything else.
	RegionID   string `json:"region_id,omitempty"`
	InstanceID string `json:"instance_id,omitempty"`
	// Kind is the effect. It is required.
	Kind Kind `json:"kind"`
	// When is before or after the effect. Empty means the default of the kind.
	When When `json:"when,omitempty"`
	// HTTPStatus, Code and Message belong to the response, if Kind sends one. Unset fields have the kind's default.
	HTTPStatus int    `json:"http_status,omitempty"`
	Code       string `json:"code,omitempty"`
	Message    string `json:"message,omitempty"`
	// Delay is the wait of a slow fault, or the age of a late or stale one, at most [MaxDelay].
	Delay Duration `json:"delay,omitempty"`
	// RetryAfter is the retry delay in the response of a throttle, in steps of 1 ms.
	RetryAfter Duration `json:"retry_after,omitempty"`
	// Probability is the probability that a matching call is affected, above 0 and at most 1; 0 means 1.
	Probability float64 `json:"probability,omitempty"`
	// Count is the count of calls that the fault affects before it is spent; 0 means no limit.
	Count int `json:"count,omitempty"`
	// Struck is the count of affected calls so far.
	Struck int `json:"struck"`
}

// MaxDelay limits the wait that a fault adds to a call.
const MaxDelay = 10 * time.Minute

// Check validates a fault, and sets the default of When.
func (f *Fault) Check() error {
	info, ok := findKind(f.Kind)
	switch {
	case !ok:
		return fmt.Errorf("kind %q: want one of %s", f.Kind, kindNames())
	case f.When != "" && f.When != Before && f.When != After:
		return fmt.Errorf("when %q: want before or after", f.When)
	case f.Probability < 0 || f.Probability > 1:
		return fmt.Errorf("probability %v: want 0 to 1", f.Probability)
	case f.Count < 0:
		return fmt.Errorf("count %d: want 0 or more", f.Count)
	case f.HTTPStatus != 0 && (f.HTTPStatus < 400 || f.HTTPStatus > 599):
		return fmt.Errorf("http_status %d: want 400 to 599", f.HTTPStatus)
	case f.Delay < 0 || time.Duration(f.Delay) > MaxDelay:
		return fmt.Errorf("delay %s: want 0 to %s", time.Duration(f.Delay), MaxDelay)
	case (f.Kind == Slow || f.Kind == Late || f.Kind == Stale) && f.Delay == 0:
		return fmt.Errorf("delay: a %s fault needs one", f.Kind)
	case f.RetryAfter < 0:
		return fmt.Errorf("retry_after %s: want 0 or more", time.Duration(f.RetryAfter))
	case (f.Kind == Denied || f.Kind == DeniedEmpty) && f.When == After:
		return errors.New("when after: a call is denied before it acts")
	case (f.Kind == Omitted || f.Kind == Reordered) && f.Action != "DescribeInstances":
		return fmt.Errorf("%s: needs action DescribeInstances", f.Kind)
	}
	if f.When == "" {
		f.When = info.When
	}
	return nil
}

// Duration is a time.Duration with a JSON text form such as "1m30s".
type Duration time.Duration

// MarshalJSON implements json.Marshaler.
func (d Duration) MarshalJSON() ([]byte, error) { return json.Marshal(time.Duration(d).String()) }

// UnmarshalJSON parses a text such as "10s" or "36h".
func (d *Duration) UnmarshalJSON(b []byte) error {
	var text string
	if err := json.Unmarshal(b, &text); err != nil {
		return fmt.Errorf("duration %s: want a text such as \"10s\"", b)
	}
	parsed, err := time.ParseDuration(text)
	if err != nil {
		return fmt.Errorf("duration %q: want a text such as \"10s\"", text)
	}
	*d = Duration(parsed)
	return nil
}
