package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Kind is what a fault does.
type Kind string

// The kinds of faults.
const (
	// Throttled refuses with Throttling, 400, or the variant that Code names
	// (Throttling.User, Throttling.Api), and with the header
	// x-acs-retry-after where RetryAfter is set.
	Throttled Kind = "throttle"
	// Failed answers HTTPStatus and Code, 500 InternalError by default.
	Failed Kind = "error"
	// Reset resets the connection.
	Reset Kind = "reset"
	// LostReply acts and closes the connection without a reply.
	LostReply Kind = "lost_reply"
	// Slow waits for Delay, of the wall clock: after acting, unless When is
	// Before. A paid call that waits before acting holds its client token,
	// so that another with the same token finds it in progress, and acts in
	// the end, whether the client still waits or not.
	Slow Kind = "slow"
	// Cut acts and breaks off in the middle of the reply's body.
	Cut Kind = "cut"
	// HTML answers 502 with a page, as a proxy in between does.
	HTML Kind = "html"
	// NumericCode answers HTTPStatus (500 by default) and the body
	// {"Code":500,...} whose code is a number.
	NumericCode Kind = "numeric_code"
	// Poison answers 500 InternalError and spoils the call's client token:
	// each reuse is answered IdempotentFailed. With When After, the call is
	// paid for all the same.
	Poison Kind = "poison"
	// Denied treats the caller as a RAM user without permission: a list is
	// empty, a dry run and all else is Forbidden.RAM.
	Denied Kind = "denied"
	// Omitted leaves the instance that InstanceID names out of the answer of
	// a DescribeInstances that might list it.
	Omitted Kind = "omit"
)

// When is on which side of the commit a fault strikes.
type When string

// Before and After the call has had its effect.
const (
	Before When = "before"
	After  When = "after"
)

// Fault is a disturbance that strikes some calls. Every fault that matches a
// call strikes it; where two would answer it, the older one does.
type Fault struct {
	// ID names the fault; the simulator fills it in.
	ID string `json:"id,omitempty"`
	// Action is the action that is struck; "*" or empty means all.
	Action string `json:"action,omitempty"`
	// RegionID and InstanceID, where set, spare calls about anything else.
	RegionID   string `json:"region_id,omitempty"`
	InstanceID string `json:"instance_id,omitempty"`
	// Kind is what happens. It is required.
	Kind Kind `json:"kind"`
	// When is before or after the effect. Empty means what the kind is for:
	// after for slow, lost_reply and cut, before for all others.
	When When `json:"when,omitempty"`
	// HTTPStatus, Code and Message are of the answer, where Kind gives one;
	// what is not set has the kind's default.
	HTTPStatus int    `json:"http_status,omitempty"`
	Code       string `json:"code,omitempty"`
	Message    string `json:"message,omitempty"`
	// Delay is how long a slow fault waits, at most [MaxDelay].
	Delay Duration `json:"delay,omitempty"`
	// RetryAfter is the wait that a throttle names, in steps of 1 ms.
	RetryAfter Duration `json:"retry_after,omitempty"`
	// Probability is how likely a call that matches is struck, above 0 and
	// at most 1; 0 stands for 1.
	Probability float64 `json:"probability,omitempty"`
	// Count is how many calls are struck before the fault is spent; 0 means
	// without end.
	Count int `json:"count,omitempty"`
	// Struck is how many calls were struck so far.
	Struck int `json:"struck"`
}

// MaxDelay is the longest that a fault makes a call wait.
const MaxDelay = 10 * time.Minute

// Check tells what is wrong with a fault, and fills in When.
func (f *Fault) Check() error {
	defaultWhen, ok := map[Kind]When{
		Throttled: Before, Failed: Before, Reset: Before, LostReply: After, Slow: After,
		Cut: After, HTML: Before, NumericCode: Before, Poison: Before, Denied: Before,
		Omitted: Before,
	}[f.Kind]
	switch {
	case !ok:
		return fmt.Errorf("kind %q: want throttle, error, reset, lost_reply, slow, cut, html, numeric_code, poison, denied or omit", f.Kind)
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
	case f.Kind == Slow && f.Delay == 0:
		return errors.New("delay: a slow fault needs one")
	case f.RetryAfter < 0:
		return fmt.Errorf("retry_after %s: want 0 or more", time.Duration(f.RetryAfter))
	case f.Kind == Denied && f.When == After:
		return errors.New("when after: a call is denied before it acts")
	case f.Kind == Omitted && (f.InstanceID == "" || f.Action != "DescribeInstances"):
		return errors.New("omit: needs the instance_id that is left out, and action DescribeInstances")
	}
	if f.When == "" {
		f.When = defaultWhen
	}
	return nil
}

// Duration is a time.Duration that JSON writes as a text such as "1m30s".
type Duration time.Duration

// MarshalJSON implements json.Marshaler.
func (d Duration) MarshalJSON() ([]byte, error) { return json.Marshal(time.Duration(d).String()) }

// UnmarshalJSON reads a text such as "10s" or "36h".
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
