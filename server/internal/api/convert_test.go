package api

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/lifecycle"
	"github.com/ecsd-io/ecsd/server/internal/spot"
)

// TestInstance_EveryFieldConverted fills a value of the domain and wants every field
// of the response set: a field that is forgotten is empty.
func TestInstance_EveryFieldConverted(t *testing.T) {
	words := map[string]string{
		"Disk.Type": "system", "Disk.RawStatus": "In_use", "Snapshot.DiskType": "data", "Stock.RawStatus": "SoldOut",
	}
	var disk ecs.Disk
	var snapshot ecs.Snapshot
	var stock ecs.Stock
	var zone ecs.Zone
	var kind ecs.InstanceType
	var advice ecs.SpotAdvice
	var market spot.Zone
	var series spot.Series
	var move ecs.Transition
	var quote ecs.Quote
	var outcome lifecycle.Outcome
	var modified ledger.Modification
	for _, value := range []any{&disk, &snapshot, &stock, &zone, &kind, &advice, &market, &series, &move, &quote, &outcome, &modified} {
		fill(reflect.ValueOf(value).Elem(), words)
	}
	modified.State = ledger.ModificationSucceeded
	order := ecs.LaunchOrder{Count: 2, Spec: ecs.InstanceSpec{Period: ecs.Period{Count: 1, Unit: ecs.Month}}}
	for _, message := range []proto.Message{
		diskProto(&disk), snapshotProto(&snapshot),
		stockProto([]ecs.Stock{stock})[0], zonesProto([]ecs.Zone{zone})[0], instanceTypesProto([]ecs.InstanceType{kind})[0],
		spotAdviceProto([]ecs.SpotAdvice{advice})[0], spotZonesProto([]spot.Zone{market})[0], spotPricesProto(&series),
		transitionResults([]ecs.Result[ecs.Transition]{{ID: "i-1", Value: move}})[0], launchQuoteProto(&quote, order),
		account(func() string { return "1" }).modificationProto(modified),
		account(nil).releaseResults([]ecs.Result[lifecycle.Outcome]{{ID: "i-1", Value: outcome}})[0].GetRelease().GetDisks()[0],
	} {
		wantFull(t, message.ProtoReflect())
	}
	if outcome := account(nil).releaseResults([]ecs.Result[lifecycle.Outcome]{{ID: "i-1", Value: outcome}})[0].GetRelease(); !outcome.GetReleased() || outcome.GetInstance() == nil ||
		outcome.GetDisks()[0].GetOutcome() != ecsdv1.DiskOutcome_DISK_OUTCOME_DELETED {
		t.Errorf("release %v", outcome)
	}
}

// fill sets every field of a value to something other than its zero value.
func fill(v reflect.Value, words map[string]string) {
	if _, isTime := v.Interface().(time.Time); isTime {
		v.Set(reflect.ValueOf(time.Unix(1e9, 0).UTC()))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if !v.Type().Field(i).IsExported() {
				continue
			}
			if word := words[v.Type().Name()+"."+v.Type().Field(i).Name]; word != "" {
				v.Field(i).SetString(word)
				continue
			}
			fill(v.Field(i), words)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), words)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), words)
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Float64:
		v.SetFloat(1)
	default:
		v.SetInt(1)
	}
}

// wantFull checks that every field of a message is set; of a oneof, one is.
func wantFull(t *testing.T, m protoreflect.Message) {
	t.Helper()
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		field := fields.Get(i)
		switch {
		case field.ContainingOneof() != nil && m.WhichOneof(field.ContainingOneof()) != field:
		case !m.Has(field):
			t.Errorf("%s is not set", field.FullName())
		case field.FullName() == "ecsd.v1.InstanceModification.error": // an error has what its reason has
		case field.Message() != nil && !field.IsList() && field.Message().ParentFile().Package() == "ecsd.v1":
			wantFull(t, m.Get(field).Message())
		}
	}
}

// The refusal of a guard names the field that would allow the request: in the
// status of a call, and in the error of an item. It is no bad request.
func TestGuard_NamesTheField(t *testing.T) {
	guard := ecs.Errorf(ecs.ReasonIncorrectStatus, "instance i-1 is running").On("cn-hangzhou", "i-1")
	guard.Violations = []ecs.Violation{{Field: "force", Rule: "must be true to release what runs"}}
	err := StatusError(guard)
	violation := detail[*errdetails.PreconditionFailure](t, err).GetViolations()[0]
	if violation.GetType() != "INCORRECT_INSTANCE_STATUS" || violation.GetSubject() != "instance:i-1" || violation.GetDescription() != "force must be true to release what runs" {
		t.Errorf("precondition %v", violation)
	}
	for _, d := range details(guard) {
		if bad, ok := d.(*errdetails.BadRequest); ok {
			t.Errorf("a guard is said to be bad input: %v", bad)
		}
	}
	item := itemError(guard)
	if p := item.GetPreconditions(); len(p) != 1 || p[0].GetField() != "force" || p[0].GetDescription() != "must be true to release what runs" {
		t.Errorf("item %v", item)
	}
	if got := item.GetMetadata(); got["region_id"] != "cn-hangzhou" || got["instance_id"] != "i-1" {
		t.Errorf("metadata %v, want that of the status", got)
	}
	plain := itemError(ecs.Errorf(ecs.ReasonInstanceNotFound, "gone"))
	if len(plain.GetPreconditions()) != 0 {
		t.Errorf("item %v", plain)
	}
}

// A field that the edge refuses has the path that the caller sent it under.
func TestBadInput_FieldsOfSpecNamedByPath(t *testing.T) {
	refused := ecs.Errorf(ecs.ReasonInvalidField, "period must be unset")
	refused.Violations = []ecs.Violation{{Field: "period", Rule: "r"}, {Field: "count", Rule: "r"}, {Field: "spec.spot", Rule: "r"}}
	var fields []string
	for _, v := range ecs.AsError(inSpec(refused)).Violations {
		fields = append(fields, v.Field)
	}
	if want := []string{"spec.period", "count", "spec.spot"}; !slices.Equal(fields, want) {
		t.Errorf("fields %v, want %v", fields, want)
	}
	if refused.Violations[0].Field != "period" {
		t.Error("the error itself was changed")
	}
}
