package runner

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/ecsd-io/ecsd/client/conformance/script"
	"github.com/ecsd-io/ecsd/client/conformance/subjectpb"
)

// fill sets the fields of a message, in JSON's names.
func fill(m proto.Message, fields map[string]any) error {
	text, err := json.Marshal(fields)
	if err != nil {
		return err
	}
	return protojson.Unmarshal(text, m)
}

// expect waits for the end of a command and compares it.
func (r *run) expect(ctx context.Context, command *running, want *Expect) error {
	return r.compare(ctx, command, want, command.response)
}

func (r *run) compare(ctx context.Context, command *running, want *Expect, response proto.Message) error {
	if want == nil {
		want = &Expect{}
	}
	limit := patience
	if want.Within > 0 {
		limit = time.Duration(want.Within) + slack
	}
	events, took, ok := command.end(limited(ctx, limit))
	if !ok {
		return fmt.Errorf("no end within %s", limit)
	}
	if took < time.Duration(want.Least) {
		return fmt.Errorf("it took %s, want at least %s", took, time.Duration(want.Least))
	}
	end := events[len(events)-1]
	if want.Progress != nil {
		id, err := progress(events, want.Progress)
		if err != nil {
			return err
		}
		r.reported = id
	}
	failure := end.GetFailure()
	switch {
	case want.Failure != nil:
		if failure == nil {
			return fmt.Errorf("it ended with %v, want a failure", end)
		}
		return want.Failure.compare(failure)
	case want.Ended && (failure == nil || failure.GetCode() != "CRASHED"):
		return nil
	case failure != nil:
		return fmt.Errorf("it failed: %v", failure)
	case want.Done:
		if end.GetDone() == nil {
			return fmt.Errorf("it ended with %v, want done", end)
		}
	case want.Value != "":
		if got := end.GetValue().GetText(); got != want.Value {
			return fmt.Errorf("value %q, want %q", got, want.Value)
		}
	case want.Items != nil:
		return r.items(end.GetItems().GetItems(), want.Items, command.item)
	case want.Response != nil:
		if response == nil || end.GetResponse() == nil {
			return fmt.Errorf("it ended with %v, want a response", end)
		}
		return same(end.GetResponse().GetMessage(), response, r.resolved(want.Response))
	}
	return nil
}

func (r *run) items(got [][]byte, want []map[string]any, kind proto.Message) error {
	if len(got) != len(want) {
		return fmt.Errorf("%d items, want %d", len(got), len(want))
	}
	for i := range want {
		if err := same(got[i], kind, r.resolved(want[i])); err != nil {
			return fmt.Errorf("item %d: %w", i, err)
		}
	}
	return nil
}

// same compares the fields that are wanted.
func same(encoded []byte, kind proto.Message, want any) error {
	if kind == nil {
		return errors.New("unknown type of message")
	}
	m := kind.ProtoReflect().New().Interface()
	if err := proto.Unmarshal(encoded, m); err != nil {
		return err
	}
	text, err := protojson.MarshalOptions{UseEnumNumbers: false}.Marshal(m)
	if err != nil {
		return err
	}
	var got any
	if err := json.Unmarshal(text, &got); err != nil {
		return err
	}
	// The wanted value makes the same trip, so that numbers have the same type.
	wanted, err := json.Marshal(want)
	if err != nil {
		return err
	}
	var normal any
	if err := json.Unmarshal(wanted, &normal); err != nil {
		return err
	}
	if path, ok := subset(normal, got, ""); !ok {
		return fmt.Errorf("%s differs: got %s, want %s", path, text, wanted)
	}
	return nil
}

// subset reports whether got has everything that want has, and where it does not.
func subset(want, got any, path string) (string, bool) {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return path, false
		}
		for key, value := range w {
			if at, ok := subset(value, g[key], path+"."+key); !ok {
				return at, false
			}
		}
		return "", true
	case []any:
		g, ok := got.([]any)
		if !ok && len(w) > 0 || len(g) != len(w) {
			return path, false
		}
		for i := range w {
			if at, ok := subset(w[i], g[i], fmt.Sprintf("%s[%d]", path, i)); !ok {
				return at, false
			}
		}
		return "", true
	}
	return path, reflect.DeepEqual(want, got)
}

func (f *FailureIs) compare(got *subjectpb.Failure) error {
	var wrong []error
	check := func(ok bool, what string, want any) {
		if !ok {
			wrong = append(wrong, fmt.Errorf("the failure's %s is not %v: %v", what, want, got))
		}
	}
	check(f.Code == "" || got.GetCode() == f.Code, "code", f.Code)
	check(f.Codes == nil || slices.Contains(f.Codes, got.GetCode()), "code", f.Codes)
	check(f.Reason == nil || got.GetReason() == *f.Reason, "reason", f.Reason)
	check(strings.Contains(strings.ToLower(got.GetMessage()), strings.ToLower(f.Message)), "message", f.Message)
	for _, not := range f.Not {
		check(!strings.Contains(got.GetMessage(), not), "message", "without "+not)
	}
	check(f.Fields == nil || slices.Equal(got.GetFields(), f.Fields), "fields", f.Fields)
	check(f.Retryable == nil || got.GetRetryable() == *f.Retryable, "retryable", f.Retryable)
	check(f.RetryAfter == 0 || got.GetRetryAfterMs() == ms(f.RetryAfter), "retry_after", time.Duration(f.RetryAfter))
	for key, value := range f.Metadata {
		check(got.GetMetadata()[key] == value, "metadata "+key, value)
	}
	check(f.RequestID == "" || got.GetRequestId() == f.RequestID || f.RequestID == "any" && got.GetRequestId() != "", "request_id", f.RequestID)
	return errors.Join(wrong...)
}

// progress compares the reports of a helper. Consecutive equal ones count once: how often a helper reports is its own
// matter.
func progress(events []*subjectpb.Event, want []string) (requestID string, _ error) {
	var got []string
	ids := map[string]bool{}
	for _, event := range events {
		p := event.GetProgress()
		if p == nil {
			continue
		}
		ids[p.GetRequestId()] = true
		line := fmt.Sprint(p.GetState())
		if p.GetTotal() > 0 {
			line += fmt.Sprintf(" %d/%d", p.GetEnded(), p.GetTotal())
		}
		if len(got) == 0 || got[len(got)-1] != line {
			got = append(got, line)
		}
	}
	switch {
	case len(ids) != 1 || ids[""]:
		return "", fmt.Errorf("the reports have request_ids %v, want the same one in each", ids)
	case !slices.Equal(got, want):
		return "", fmt.Errorf("the reports are %q, want %q", got, want)
	}
	for id := range ids {
		requestID = id
	}
	return requestID, nil
}

// events compares the next events of a watch, or of each one that was started together.
func (r *run) events(ctx context.Context, e *Events) error {
	of := e.Of
	if of == "" {
		of = "watch"
	}
	limit := patience
	if e.Within > 0 {
		limit = time.Duration(e.Within) + slack
	}
	ctx = limited(ctx, limit)
	found := false
	for name := range r.watches {
		if name == of || strings.HasPrefix(name, of+"-") {
			found = true
			if err := r.eventsOf(ctx, name, e); err != nil {
				return fmt.Errorf("watch %s: %w", name, err)
			}
		}
	}
	if !found {
		return fmt.Errorf("no watch %q", of)
	}
	return nil
}

func (r *run) eventsOf(ctx context.Context, name string, e *Events) error {
	var got []string
	for len(got) < len(e.Want) {
		event := r.commands[name].at(ctx, r.read[name])
		if event == nil {
			return fmt.Errorf("no more events, got %s, want %s", quoted(got), quoted(e.Want))
		}
		r.read[name]++
		observed := event.GetObserved()
		if observed == nil {
			return fmt.Errorf("it ended with %v, got %s, want %s", event, quoted(got), quoted(e.Want))
		}
		if slices.Contains(e.Skip, observed.GetKind()) {
			continue
		}
		got = append(got, story(observed))
		if at := len(got) - 1; got[at] != e.Want[at] {
			return fmt.Errorf("event %d differs: got %s, want %s", at+1, quoted(got), quoted(e.Want))
		}
	}
	return nil
}

func quoted(lines []string) string {
	return "\n\t" + strings.Join(lines, "\n\t") + "\n"
}

// delays compares the delays that a watch reported, exactly.
func (r *run) delays(d *Delays) error {
	of := d.Of
	if of == "" {
		of = "watch"
	}
	command := r.commands[of]
	if command == nil {
		return fmt.Errorf("no watch %q", of)
	}
	var got []time.Duration
	for _, event := range command.soFar() {
		if o := event.GetObserved(); o.GetKind() == "interrupted" {
			got = append(got, time.Duration(o.GetDelayMs())*time.Millisecond)
		}
	}
	if len(got) < len(d.Bounds) {
		return fmt.Errorf("%d interruptions, want %d", len(got), len(d.Bounds))
	}
	for i, bounds := range d.Bounds {
		if len(bounds) != 2 || got[i] < time.Duration(bounds[0]) || got[i] > time.Duration(bounds[1]) {
			return fmt.Errorf("the delays are %s; delay %d must be within %v", got, i+1, durations(bounds))
		}
	}
	return nil
}

func durations(all []script.Duration) []time.Duration {
	var d []time.Duration
	for _, one := range all {
		d = append(d, time.Duration(one))
	}
	return d
}

// count waits for a number of events.
func (r *run) count(ctx context.Context, c *Count) error {
	command := r.commands[c.Of]
	if command == nil {
		return fmt.Errorf("no watch %q", c.Of)
	}
	limit := caseLimit
	if c.Within > 0 {
		limit = time.Duration(c.Within)
	}
	ctx = limited(ctx, limit)
	last := int64(0)
	for {
		event := command.at(ctx, r.read[c.Of])
		if event.GetObserved() == nil {
			return fmt.Errorf("it reported %d events, then %v; want %d", last, event, c.Events)
		}
		r.read[c.Of]++
		switch last = event.GetObserved().GetCount(); {
		case last == c.Events:
			return nil
		case last > c.Events:
			return fmt.Errorf("it reported %d events, want %d", last, c.Events)
		}
	}
}

// memory compares the memory of the subject.
func (r *run) memory(m *Memory) error {
	now, err := r.process.memory()
	if err != nil {
		return err
	}
	if r.base < 0 {
		r.base = now
		return nil
	}
	if growth := now - r.base; growth > m.Growth {
		return fmt.Errorf("the process grew by %d MiB from %d MiB, want at most %d MiB", growth, r.base, m.Growth)
	}
	return nil
}
