package operator

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/ecsd-io/ecsd/client"
	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/operator/output"
)

// Explain is `ecsd explain`.
type Explain struct {
	Connection `embed:"" group:"common"`

	ID    string `arg:"" name:"id" help:"A request_id, or the ID of a call (x-request-id), a job, a renewal, an order or an instance."`
	Limit int    `default:"200" placeholder:"N" help:"Maximum number of events of each source, the newest; 0 for all. Default ${default}."`
}

// Help is what `ecsd help explain` prints above the flags.
func (*Explain) Help() string {
	return `Tells the story of a call from the audit, the ledger and the change log: who asked when, what was decided, sent, charged and refused, and what changed afterwards. Changes are shown as far back as the history of the server reaches. The audit needs the scope access.admin; without it, the story has the rest.`
}

// Examples of the command.
func (*Explain) Examples() string {
	return `# All that happened to an instance:
ecsd explain $INSTANCE
# What became of a renewal job, for a program:
ecsd explain $JOB -o json`
}

// Validate checks the arguments.
func (c *Explain) Validate() error {
	if c.Limit < 0 {
		return errors.New("--limit must be 0 or more")
	}
	if n := len(c.ID); n < 1 || n > 128 {
		return errors.New("ID must have 1 to 128 characters")
	}
	return nil
}

// Run tells the story.
func (c *Explain) Run(ctx context.Context, streams Streams) error {
	s, err := c.dial(streams)
	if err != nil {
		return err
	}
	defer s.close()
	t := &story{
		session: s, limit: c.Limit, ids: map[string]bool{c.ID: true}, jobs: map[string]*ecsdv1.RenewalJob{},
		instances: map[string]bool{}, seen: map[string]bool{}, renewals: map[string]*ecsdv1.Renewal{},
	}
	if err := t.gather(ctx, c.ID); err != nil {
		return s.failed(ctx, err)
	}
	if len(t.events) == 0 {
		return &Error{fmt.Sprintf("no record of %q\n  %-10s pass a request_id, or the ID of a call, a job, a renewal, an order or an instance", c.ID, "to do"), exitFailed}
	}
	slices.SortStableFunc(t.events, func(a, b event) int { return a.at.Compare(b.at) })
	if err := output.List(s.out, eventColumns, t.all()); err != nil {
		return s.failed(ctx, err)
	}
	for _, note := range t.notes {
		s.out.Field("note", note)
	}
	return nil
}

// An event is one line of a story.
type event struct {
	*structpb.Struct // for JSON

	at                     time.Time
	source, who, what, ref string
	colour                 output.Colour
}

var eventColumns = []output.Column[event]{
	{Title: "TIME", Name: "time", Value: func(e event) any { return timestamppb.New(e.at) }},
	{Title: "SOURCE", Name: "source", Value: func(e event) any { return e.source }},
	{Title: "CALLER", Name: "caller", Cut: true, Drop: 1, Value: func(e event) any { return e.who }},
	{Title: "EVENT", Name: "event", Value: func(e event) any { return e.what }, Colour: func(e event) output.Colour { return e.colour }},
	{Name: "about", Value: func(e event) any { return e.ref }},
}

// A story collects events. Each object is read once.
type story struct {
	*session

	limit int
	// ids are the IDs of calls, requests, jobs and renewals that belong to it.
	ids       map[string]bool
	jobs      map[string]*ecsdv1.RenewalJob
	renewals  map[string]*ecsdv1.Renewal
	instances map[string]bool
	// seen are the audit records that were added.
	seen   map[string]bool
	first  time.Time
	events []event
	notes  []string
}

func (t *story) add(at *timestamppb.Timestamp, colour output.Colour, source, who, ref, format string, a ...any) {
	if at == nil {
		return
	}
	e := event{at: at.AsTime(), source: source, who: who, what: fmt.Sprintf(format, a...), ref: ref, colour: colour}
	if t.first.IsZero() || e.at.Before(t.first) {
		t.first = e.at
	}
	t.events = append(t.events, e)
}

// all returns the events, with the document of each for JSON.
func (t *story) all() iter.Seq2[event, error] {
	return func(yield func(event, error) bool) {
		for _, e := range t.events {
			fields := map[string]any{"time": e.at.UTC().Format(time.RFC3339Nano), "source": e.source, "event": e.what}
			for name, value := range map[string]string{"caller": e.who, "about": e.ref} {
				if value != "" {
					fields[name] = value
				}
			}
			var err error
			if e.Struct, err = structpb.NewStruct(fields); !yield(e, err) {
				return
			}
		}
	}
}

// ledgerID is the longest ID in the ledger, in bytes. That of a call may be longer.
const ledgerID = 64

// gather reads everything about an ID.
func (t *story) gather(ctx context.Context, id string) error {
	if strings.HasPrefix(id, "i-") {
		t.instances[id] = true
		for _, read := range []func(context.Context) error{
			func(ctx context.Context) error { return t.audit(ctx, &ecsdv1.ListAuditRecordsRequest{InstanceId: id}) },
			func(ctx context.Context) error {
				return t.renewalsOf(ctx, &ecsdv1.ListRenewalsRequest{InstanceId: id})
			},
			t.modifications, t.changes,
		} {
			if err := read(ctx); err != nil {
				return err
			}
		}
		return nil
	}
	if err := t.audit(ctx, &ecsdv1.ListAuditRecordsRequest{RelatedId: id}); err != nil {
		return err
	}
	// The ledger knows the ID too: as that of a renewal, of an order, or of a job.
	if len(id) <= ledgerID {
		for _, request := range []*ecsdv1.ListRenewalsRequest{{RenewalId: id}, {OrderId: id}} {
			if err := t.renewalsOf(ctx, request); err != nil {
				return err
			}
		}
	}
	if len(t.renewals) == 0 {
		for job := range maps.Clone(t.ids) {
			if err := t.job(ctx, job); err != nil {
				return err
			}
		}
	}
	for related := range maps.Clone(t.ids) { // such as the cancel of a job, which names no request
		if related != id {
			if err := t.audit(ctx, &ecsdv1.ListAuditRecordsRequest{RelatedId: related}); err != nil {
				return err
			}
		}
	}
	if err := t.modifications(ctx); err != nil {
		return err
	}
	return t.changes(ctx)
}

// audit adds the records of a request. Without the right to read the audit there
// are none.
func (t *story) audit(ctx context.Context, request *ecsdv1.ListAuditRecordsRequest) error {
	request.PageSize = pageSize(t.limit)
	for r, err := range output.Limit(t.limit, t.client.ListAuditRecords(ctx, request)) {
		if codeOf(err) == codes.PermissionDenied {
			if len(t.notes) == 0 {
				t.notes = append(t.notes, "the audit is not shown, because this caller lacks the scope access.admin")
			}
			return nil
		}
		if err != nil {
			return err
		}
		if t.seen[r.GetRecordId()] || t.onlyOf(r.GetInstanceIds()) {
			continue
		}
		t.seen[r.GetRecordId()] = true
		if request.GetInstanceId() == "" {
			t.know(r.GetRequestId(), r.GetJobId())
			for _, id := range r.GetInstanceIds() {
				t.instances[id] = true
			}
		}
		what := []string{r.GetRpc(), strings.ToLower(strings.ReplaceAll(output.Enum(r.GetDecision()), "_", " "))}
		colour := output.Plain
		switch r.GetDecision() {
		case ecsdv1.AuditDecision_AUDIT_DECISION_PAID:
			colour = output.Good
		case ecsdv1.AuditDecision_AUDIT_DECISION_REFUSED, ecsdv1.AuditDecision_AUDIT_DECISION_UNKNOWN:
			colour = output.Bad
		}
		for _, part := range []string{r.GetReason(), instancesWord(r.GetInstanceIds())} {
			if part != "" && part != "-" {
				what = append(what, part)
			}
		}
		if r.GetPrice() != nil {
			what = append(what, "for "+output.Money(r.GetPrice()))
		}
		if r.GetOrderId() != "" {
			what = append(what, "order "+r.GetOrderId())
		}
		if r.GetNote() != "" {
			what = append(what, "("+r.GetNote()+")")
		}
		t.add(r.GetRecordTime(), colour, "audit", r.GetCaller(), cmp.Or(r.GetCallId(), r.GetJobId(), r.GetRequestId()), "%s", strings.Join(what, " "))
	}
	return nil
}

// know adds IDs that belong to the story.
func (t *story) know(ids ...string) {
	for _, id := range ids {
		if id != "" {
			t.ids[id] = true
		}
	}
}

// codeOf returns the code of an error of a call.
func codeOf(err error) codes.Code {
	if err == nil {
		return codes.OK
	}
	return client.ErrorOf(err).Code
}

// onlyOf reports whether the story is of one renewal, and a record is about other
// instances of its job.
func (t *story) onlyOf(instances []string) bool {
	if len(t.renewals) != 1 || len(t.jobs) > 0 || len(instances) == 0 {
		return false
	}
	return !slices.ContainsFunc(instances, func(id string) bool { return t.instances[id] })
}

// renewalsOf adds the renewals of a request.
func (t *story) renewalsOf(ctx context.Context, request *ecsdv1.ListRenewalsRequest) error {
	request.PageSize = pageSize(t.limit)
	for r, err := range output.Limit(t.limit, t.client.ListRenewals(ctx, request)) {
		if err != nil {
			return err
		}
		if t.renewals[r.GetRenewalId()] == nil {
			t.renewals[r.GetRenewalId()] = r
			t.renewal(r)
		}
	}
	return nil
}

// renewal adds the attempts and the end of a renewal.
func (t *story) renewal(r *ecsdv1.Renewal) {
	t.instances[r.GetInstanceId()] = true
	t.know(r.GetRenewalId(), r.GetJobId(), r.GetRequestId())
	t.add(r.GetCreateTime(), output.Plain, "renewal", r.GetCaller(), r.GetRenewalId(), "planned: %s in %s for %s, expires %s",
		r.GetInstanceId(), r.GetRegionId(), buysWord(r.GetPeriod(), r.GetTargetExpireDay()), t.out.Time(r.GetExpireTimeBefore()))
	for _, a := range r.GetAttempts() {
		outcome := "in progress"
		if a.GetOutcome() != 0 {
			outcome = strings.ToLower(output.Enum(a.GetOutcome()))
		}
		t.add(a.GetSendTime(), output.Plain, "renewal", "", r.GetRenewalId(), "order for %s sent, attempt %d: %s", r.GetInstanceId(), a.GetNumber(),
			strings.TrimSpace(strings.Join([]string{outcome, a.GetEcsCode(), a.GetEcsRequestId()}, " ")))
	}
	colour := output.Plain
	switch r.GetState() {
	case ecsdv1.RenewalState_RENEWAL_STATE_RENEWED:
		colour = output.Good
	case ecsdv1.RenewalState_RENEWAL_STATE_FAILED, ecsdv1.RenewalState_RENEWAL_STATE_NEEDS_ATTENTION:
		colour = output.Bad
	}
	what := r.GetInstanceId() + " is " + standing(r.GetState(), r.GetReason())
	if after := r.GetExpireTimeAfter(); after != nil {
		what += ", expires " + t.out.Time(after)
	}
	if r.GetOrderId() != "" {
		what += fmt.Sprintf(", order %s for %s", r.GetOrderId(), output.Money(r.GetPrice()))
	}
	t.add(r.GetUpdateTime(), colour, "renewal", "", r.GetRenewalId(), "%s", what)
}

// job adds a job with its renewals, if the ID is that of one.
func (t *story) job(ctx context.Context, id string) error {
	if t.jobs[id] != nil || len(id) > ledgerID {
		return nil
	}
	got, err := ask(ctx, t.GetRenewalJob, &ecsdv1.GetRenewalJobRequest{JobId: id})
	switch code := codeOf(err); {
	case code == codes.NotFound || code == codes.PermissionDenied:
		return nil
	case err != nil:
		return err
	}
	job := got.GetJob()
	t.jobs[id] = job
	t.know(id, job.GetRequestId())
	f := count(job)
	t.add(job.GetCreateTime(), output.Plain, "job", job.GetCaller(), id, "created: %s", output.Plural(f.all, "renewal"))
	if job.GetState() != ecsdv1.RenewalJobState_RENEWAL_JOB_STATE_PENDING {
		t.add(job.GetUpdateTime(), jobColour(job.GetState()), "job", "", id, "is %s: %d of %d done, %s spent", output.Enum(job.GetState()), f.done, f.all, output.Money(job.GetSpent()))
	}
	return t.renewalsOf(ctx, &ecsdv1.ListRenewalsRequest{JobId: id})
}

// modifications adds those of the instances that belong to the story.
func (t *story) modifications(ctx context.Context) error {
	for _, instance := range slices.Sorted(maps.Keys(t.instances)) {
		if len(t.instances) > 20 {
			return nil // those of a job, which modifies none
		}
		list := t.client.ListModifications(ctx, &ecsdv1.ListModificationsRequest{InstanceId: instance, PageSize: pageSize(t.limit)})
		for m, err := range output.Limit(t.limit, list) {
			if codeOf(err) == codes.PermissionDenied {
				return nil
			}
			if err != nil {
				return err
			}
			if !t.ids[instance] && !t.ids[m.GetRequestId()] && !t.ids[m.GetModificationId()] {
				continue
			}
			t.add(m.GetCreateTime(), output.Plain, "modification", m.GetCaller(), m.GetModificationId(), "asked: %s for %s", instance, output.Money(m.GetPrice()))
			t.add(m.GetUpdateTime(), output.Plain, "modification", "", m.GetModificationId(), "%s", strings.TrimSpace(instance+" is "+output.Enum(m.GetState())+" "+m.GetError().GetReason()))
		}
	}
	return nil
}

// changes adds the changes of the instances that the story caused, or all if it is
// of an instance.
func (t *story) changes(ctx context.Context) error {
	for some := range slices.Chunk(slices.Sorted(maps.Keys(t.instances)), 1000) {
		request := &ecsdv1.ListChangesRequest{InstanceIds: some, PageSize: 1000}
		if !t.first.IsZero() && !t.ids[some[0]] {
			request.StartTime = timestamppb.New(t.first.Add(-time.Minute)) // clocks of servers differ
		}
		var kept []*ecsdv1.InstanceChange
		for change, err := range t.client.ListChanges(ctx, request) {
			if codeOf(err) == codes.PermissionDenied {
				return nil
			}
			if err != nil {
				return err
			}
			cause := change.GetCause()
			if t.ids[change.GetInstanceId()] || t.ids[cause.GetRequestId()] || t.ids[cause.GetCallId()] || t.ids[cause.GetRenewalId()] || t.ids[cause.GetJobId()] {
				if kept = append(kept, change); t.limit > 0 && len(kept) > t.limit {
					kept = kept[1:]
				}
			}
		}
		for _, change := range kept {
			t.change(change)
		}
	}
	return nil
}

func (t *story) change(c *ecsdv1.InstanceChange) {
	what := fmt.Sprintf("%s was %s", c.GetInstanceId(), strings.ToLower(output.Enum(c.GetKind())))
	if fields := c.GetChangedFields(); len(fields) > 0 {
		what += ": " + strings.Join(fields, ", ")
	}
	if slices.Contains(c.GetChangedFields(), "status") {
		what += fmt.Sprintf(", from %s to %s", output.Enum(c.GetPreviousStatus()), output.Enum(c.GetInstance().GetStatus()))
	}
	if slices.Contains(c.GetChangedFields(), "expire_time") {
		what += ", expires " + t.out.Time(c.GetInstance().GetExpireTime())
	}
	cause := c.GetCause()
	if cause != nil {
		what += " by " + cmp.Or(cause.GetRpc(), cause.GetAction())
	}
	t.add(c.GetFoundTime(), output.Plain, "change", cause.GetCaller(), c.GetInstanceId(), "%s", what)
}
