package api

import (
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

const (
	maxIDs       = 1000
	maxFilterIDs = 100
	// maxFilterValues bounds each list of values in a filter, maxFilterEnums each
	// list of enum values.
	maxFilterValues = 100
	maxFilterEnums  = 10
	maxTags         = 20
	maxPageSize     = 1000
	defaultPage     = 100
	maxRegionIDs    = 100
	maxStates       = 32
	maxViolations   = 20 // violations kept, so that an error stays small
	namedInText     = 3  // violations that the message names
)

// check collects the violations of a request, field by field, and never stops
// at the first.
type check struct {
	violations []ecs.Violation
	// more counts the violations that were not kept.
	more int
	// reason is the reason shared by all violations, INVALID_FIELD if they differ.
	reason ecs.Reason
	region string
}

// fail notes that a field breaks a rule.
func (c *check) fail(field, rule string, args ...any) {
	c.failAs(ecs.ReasonInvalidField, field, rule, args...)
}

// failAs adds a violation with its own reason.
func (c *check) failAs(reason ecs.Reason, field, rule string, args ...any) {
	if c.reason == "" {
		c.reason = reason
	} else if c.reason != reason {
		c.reason = ecs.ReasonInvalidField
	}
	if len(c.violations) == maxViolations {
		c.more++
		return
	}
	c.violations = append(c.violations, ecs.Violation{Field: field, Rule: fmt.Sprintf(rule, args...)})
}

// join adds the violations of another check.
func (c *check) join(o check) {
	for _, v := range o.violations {
		c.failAs(o.reason, v.Field, "%s", v.Rule)
	}
	c.more += o.more
}

// joinAt adds the violations of a check of a message in the request, at its
// path.
func (c *check) joinAt(path string, o check) {
	for i := range o.violations {
		o.violations[i].Field = path + o.violations[i].Field
	}
	c.join(o)
}

// err returns nil if nothing is wrong. The message names the first three
// violations and counts the rest.
func (c *check) err() error {
	if len(c.violations) == 0 {
		return nil
	}
	texts := make([]string, 0, namedInText+1)
	for _, v := range c.violations[:min(namedInText, len(c.violations))] {
		texts = append(texts, v.Field+" "+v.Rule)
	}
	if rest := len(c.violations) + c.more - len(texts); rest > 0 {
		texts = append(texts, fmt.Sprintf("and %d more", rest))
	}
	e := ecs.Errorf(c.reason, "%s", strings.Join(texts, "; "))
	e.Violations = c.violations
	return e.On(c.region, "")
}

func (c *check) instanceID(field, id string) {
	if !ecs.ValidInstanceID(id) {
		c.fail(field, "%s; got %s", ecs.InstanceIDRule, quoted(id))
	}
}

// ids checks a list of ids: how many, their form, and that none is twice.
func (c *check) ids(field string, ids []string, least, most int) {
	if len(ids) < least || len(ids) > most {
		c.fail(field, "must hold %d to %d ids; got %d", least, most, len(ids))
		return
	}
	seen := make(map[string]int, len(ids))
	for i, id := range ids {
		first, twice := seen[id]
		seen[id] = i
		if !twice && ecs.ValidInstanceID(id) {
			continue
		}
		at := fmt.Sprintf("%s[%d]", field, i)
		c.instanceID(at, id)
		if twice {
			c.fail(at, "must not repeat %s[%d] (%s)", field, first, quoted(id))
		}
	}
}

// requestID checks the ID that makes a call idempotent, and returns its canonical
// spelling.
func (c *check) requestID(id string) string {
	if parsed, err := uuid.Parse(id); err == nil && len(id) == 36 && parsed != uuid.Nil {
		return parsed.String()
	}
	if id == "" {
		c.fail("request_id", "is required: a UUID, new for each call that is meant, such as 0f1c8a52-6c0e-4ae3-9a35-6d1a1f3b7c11")
	} else {
		c.fail("request_id", "must be a UUID such as 0f1c8a52-6c0e-4ae3-9a35-6d1a1f3b7c11; got %s", quoted(id))
	}
	return ""
}

// requestIDUnless is requestID, except that a dry run needs none.
func (c *check) requestIDUnless(dryRun bool, id string) string {
	if dryRun && id == "" {
		return ""
	}
	return c.requestID(id)
}

// optionalRequestID is requestID for a call that may be sent without one.
func (c *check) optionalRequestID(id string) string {
	if id == "" {
		return ""
	}
	return c.requestID(id)
}

// limitOrAny checks the required limit of a price: an amount in the field of that
// name, or any_price. It returns the zero value for any price.
func (c *check) limitOrAny(field string, req proto.Message) ecs.Money {
	m := req.ProtoReflect()
	set := m.WhichOneof(m.Descriptor().Oneofs().ByName("price_limit"))
	switch {
	case set == nil:
		c.fail(field, "is required: the highest price that may be paid; or set any_price to true")
	case set.Name() == "any_price":
		if !m.Get(set).Bool() {
			c.fail("any_price", "must be true if it is set: set %s to limit the price", field)
		}
	default:
		return c.limit(field, m.Get(set).Message().Interface().(*ecsdv1.Money))
	}
	return ecs.Money{}
}

// limit checks an amount that limits a price: it has a currency and is more
// than 0.
func (c *check) limit(field string, m *ecsdv1.Money) ecs.Money {
	limit := ecs.Money{CurrencyCode: m.GetCurrencyCode(), Units: m.GetUnits(), Nanos: m.GetNanos()}
	switch {
	case !limit.Valid():
		c.fail(field, "must have a currency_code of three capital letters such as CNY, and nanos from 0 to 999999999")
	case limit.Units < 0 || limit.Nanos < 0 || (limit.Units == 0 && limit.Nanos == 0):
		c.fail(field, "must be more than 0; set any_price to true to allow any price")
	}
	return limit
}

// period checks that a period is given and sold for its use.
func (c *check) period(field string, p *ecsdv1.Period, sale ecs.Sale) ecs.Period {
	if p == nil {
		c.fail(field, "is required: one of %s", sale)
		return ecs.Period{}
	}
	period := ecs.Period{Count: p.GetCount(), Unit: periodUnits.from(p.GetUnit())}
	switch {
	case period.Unit == ecs.PeriodUnitUnknown:
		c.fail(field+".unit", "must be PERIOD_UNIT_WEEK, PERIOD_UNIT_MONTH or PERIOD_UNIT_YEAR")
	case !sale.Includes(period):
		c.failAs(ecs.ReasonPeriodNotSold, field+".count", "must be a period that is sold: %s; got %s", sale, period)
	}
	return period
}

// expiryBounds is common to the messages with an absolute window of expiry.
type expiryBounds interface {
	GetExpireStartTime() *timestamppb.Timestamp
	GetExpireEndTime() *timestamppb.Timestamp
}

// window checks an absolute window of expiry. prefix precedes the names of its
// fields.
func (c *check) window(prefix string, m expiryBounds) ecs.Window {
	w := ecs.Window{After: c.time(prefix+"_start_time", m.GetExpireStartTime()), Before: c.time(prefix+"_end_time", m.GetExpireEndTime())}
	if !w.After.IsZero() && !w.Before.IsZero() && !w.Before.After(w.After) {
		c.fail(prefix+"_end_time", "must be later than %s_start_time (%s); got %s", prefix, w.After.Format(time.RFC3339), w.Before.Format(time.RFC3339))
	}
	return w
}

// time checks a time; unset is the zero time. The zero time itself and others
// before 1970 are refused: programs send them for "not set", and it would be
// taken for that.
func (c *check) time(field string, t *timestamppb.Timestamp) time.Time {
	if t == nil {
		return time.Time{}
	}
	if err := t.CheckValid(); err != nil || t.GetSeconds() < 0 {
		c.fail(field, "must be a valid time from 1970-01-01T00:00:00Z to 9999-12-31T23:59:59Z; leave it unset for none")
		return time.Time{}
	}
	return t.AsTime()
}

func (c *check) span(field string, d *durationpb.Duration) time.Duration {
	if err := d.CheckValid(); err != nil || d.AsDuration() <= 0 {
		c.fail(field, "must be longer than 0")
		return 0
	}
	return d.AsDuration()
}

// staleness is how old a response may be, 0 for one that is read now.
func (c *check) staleness(d *durationpb.Duration) time.Duration {
	if d == nil {
		return 0
	}
	if err := d.CheckValid(); err != nil || d.AsDuration() < 0 {
		c.fail("max_staleness", "must be 0 (read the cloud now) or longer")
		return 0
	}
	return d.AsDuration()
}

// pageSize returns the page size of a list.
func (c *check) pageSize(size int32) int {
	switch {
	case size < 0:
		c.fail("page_size", "must be 0 (meaning %d) to %d; got %d", defaultPage, maxPageSize, size)
		return 0
	case size == 0:
		return defaultPage
	}
	return min(int(size), maxPageSize)
}

// quoted shows a value of a request, cut short.
func quoted(s string) string {
	const most = 64
	return fmt.Sprintf("%q", ecs.Clip(s, most))
}
