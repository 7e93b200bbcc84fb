package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Kind is the effect of a fault.
type Kind string

// The kinds of faults.
const (
	// Throttled rejects with Throttling, 400, or the variant in Code (Throttling.User, Throttling.Api), and with the
	// header x-acs-retry-after if RetryAfter is set.
	Throttled Kind = "throttle"
	// Failed responds with HTTPStatus and Code, 500 InternalError by default.
	Failed Kind = "error"
	// Reset resets the connection.
	Reset Kind = "reset"
	// LostReply acts and closes the connection without a response.
	LostReply Kind = "lost_reply"
	// Slow waits for Delay, of the wall clock: after acting, unless When is Before. A paid call that waits before
	// acting holds its client token, so that another call with the same token finds it in progress. It acts in the end
	// even if the client has left.
	Slow Kind = "slow"
	// Cut acts and breaks off in the middle of the response body.
	Cut Kind = "cut"
	// HTML responds with 502 and an HTML page, as a proxy does.
	HTML Kind = "html"
	// NumericCode responds with HTTPStatus (500 by default) and the body {"Code":500,...} with a numeric code.
	NumericCode Kind = "numeric_code"
	// Poison responds with 500 InternalError and spoils the call's client token: each reuse gets IdempotentFailed. With
	// When After, the call is paid nevertheless.
	Poison Kind = "poison"
	// Denied treats the caller as a RAM user without permission: a list is empty, a dry run and everything else is
	// Forbidden.RAM.
	Denied Kind = "denied"
	// Omitted leaves the instance InstanceID out of the responses of DescribeInstances.
	Omitted Kind = "omit"
)

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
	// When is before or after the effect. Empty means the default of the kind: after for slow, lost_reply and cut,
	// before for all others.
	When When `json:"when,omitempty"`
	// HTTPStatus, Code and Message belong to the response, if Kind sends one. Unset fields have the kind's default.
	HTTPStatus int    `json:"http_status,omitempty"`
	Code       string `json:"code,omitempty"`
	Message    string `json:"message,omitempty"`
	// Delay is the wait of a slow fault, at most [MaxDelay].
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
