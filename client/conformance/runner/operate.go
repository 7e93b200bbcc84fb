package runner

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/ecsd-io/ecsd/client/conformance/script"
	"github.com/ecsd-io/ecsd/client/conformance/subjectpb"
	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// operate starts a command and, unless it is in the background, waits for its end.
func (r *run) operate(ctx context.Context, s Step) error {
	var o *Operation
	kind := ""
	for _, part := range []struct {
		operation    *Operation
		kind, method string
	}{
		{s.Call, "call", ""}, {s.List, "list", ""}, {s.Watch, "watch", "WatchInstances"},
		{s.Wait, "wait", "WaitInstances"}, {s.Renew, "renew", "RenewInstance"}, {s.RenewJob, "renew_job", "CreateRenewalJob"},
	} {
		if part.operation != nil {
			copied := *part.operation // the case runs again with the next subject
			o, kind = &copied, part.kind
			if o.Method == "" {
				o.Method = part.method
			}
		}
	}
	client, err := r.client(ctx, o.Client)
	if err != nil {
		return err
	}
	fields, _ := r.resolved(o.Request).(map[string]any)
	request, err := script.Request(o.Method, fields)
	if err != nil {
		return err
	}
	command, err := commandOf(kind, o, client, request)
	if err != nil {
		return err
	}
	response, item, err := script.Results(o.Method)
	if err != nil {
		return err
	}
	switch kind {
	case "renew":
		response = &ecsdv1.Renewal{}
	case "renew_job":
		response = &ecsdv1.RenewalJob{}
	}
	name := o.As
	if name == "" {
		name = kind
	}
	for n := range max(o.Times, 1) {
		sent, err := r.process.send(proto.CloneOf(command), response, item)
		if err != nil {
			return err
		}
		key := name
		if o.Times > 1 {
			key = fmt.Sprintf("%s-%d", name, n+1)
		}
		r.commands[key] = sent
		if kind == "watch" {
			r.watches[key] = o
			continue
		}
		if !o.Background {
			if err := r.expect(ctx, sent, o.Expect); err != nil {
				return err
			}
		}
	}
	return nil
}

// resolved replaces "$N" by the ID of instance N of the fleet.
func (r *run) resolved(value any) any {
	switch v := value.(type) {
	case string:
		var n int
		if _, err := fmt.Sscanf(v, "$%d", &n); err == nil && r.world.real != nil && n < len(r.world.real.instances) {
			return r.world.real.instances[n]
		}
	case []any:
		all := make([]any, len(v))
		for i := range v {
			all[i] = r.resolved(v[i])
		}
		return all
	case map[string]any:
		all := make(map[string]any, len(v))
		for key := range v {
			all[key] = r.resolved(v[key])
		}
		return all
	}
	return value
}

func commandOf(kind string, o *Operation, client uint64, request []byte) (*subjectpb.Command, error) {
	service, err := script.Service(o.Method)
	if err != nil {
		return nil, err
	}
	method := service + "." + o.Method
	switch kind {
	case "call":
		return &subjectpb.Command{Command: &subjectpb.Command_Call{Call: &subjectpb.Call{
			Client: client, Method: method, Request: request, TimeoutMs: ms(o.Timeout), ReportRequestId: o.ReportRequestID,
		}}}, nil
	case "list":
		return &subjectpb.Command{Command: &subjectpb.Command_List{List: &subjectpb.List{Client: client, Method: method, Request: request, Most: o.Most}}}, nil
	case "wait":
		return &subjectpb.Command{Command: &subjectpb.Command_Wait{Wait: &subjectpb.Wait{Client: client, Request: request, TimeoutMs: ms(o.Timeout)}}}, nil
	case "renew":
		return &subjectpb.Command{Command: &subjectpb.Command_Renew{Renew: &subjectpb.Renew{Client: client, Request: request, TimeoutMs: ms(o.Timeout)}}}, nil
	case "renew_job":
		return &subjectpb.Command{Command: &subjectpb.Command_RenewJob{RenewJob: &subjectpb.RenewJob{Client: client, Request: request, TimeoutMs: ms(o.Timeout)}}}, nil
	}
	subject, ok := map[string]subjectpb.Watch_Subject{
		"WatchInstances": subjectpb.Watch_SUBJECT_INSTANCES, "WatchReclaims": subjectpb.Watch_SUBJECT_RECLAIMS,
		"WatchRenewalJob": subjectpb.Watch_SUBJECT_RENEWAL_JOB, "WatchReleaseJob": subjectpb.Watch_SUBJECT_RELEASE_JOB,
	}[o.Method]
	if !ok {
		return nil, fmt.Errorf("%s is no watch", o.Method)
	}
	return &subjectpb.Command{Command: &subjectpb.Command_Watch{Watch: &subjectpb.Watch{
		Client: client, Subject: subject, Request: request, Credit: o.Credit, CountOnly: o.CountOnly,
	}}}, nil
}

func (r *run) convert(ctx context.Context, c *Convert) error {
	command := &subjectpb.Convert{}
	switch {
	case c.ToMoney != "":
		command.Value = &subjectpb.Convert_ToMoney{ToMoney: c.ToMoney}
	case c.ToPeriod != "":
		command.Value = &subjectpb.Convert_ToPeriod{ToPeriod: c.ToPeriod}
	case c.FromTimestamp != "":
		at, err := time.Parse(time.RFC3339Nano, c.FromTimestamp)
		if err != nil {
			return err
		}
		encoded, err := proto.Marshal(timestamppb.New(at))
		if err != nil {
			return err
		}
		command.Value = &subjectpb.Convert_FromTimestamp{FromTimestamp: encoded}
	default:
		money := &ecsdv1.Money{}
		if err := fill(money, c.FromMoney); err != nil {
			return err
		}
		encoded, err := proto.Marshal(money)
		if err != nil {
			return err
		}
		command.Value = &subjectpb.Convert_FromMoney{FromMoney: encoded}
	}
	sent, err := r.process.send(&subjectpb.Command{Command: &subjectpb.Command_Convert{Convert: command}})
	if err != nil {
		return err
	}
	kind := proto.Message(&ecsdv1.Money{})
	if c.ToPeriod != "" {
		kind = &ecsdv1.Period{}
	}
	return r.compare(ctx, sent, c.Expect, kind)
}
