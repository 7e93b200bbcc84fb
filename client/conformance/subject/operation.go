package subject

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"sync/atomic"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/ecsd-io/ecsd/client"
	"github.com/ecsd-io/ecsd/client/conformance/subjectpb"
	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

func (s *subject) connect(id uint64, c *subjectpb.Connect) (*subjectpb.Event, error) {
	var options []client.Option
	if c.GetCaller() != "" {
		options = append(options, client.WithCaller(c.GetCaller()))
	}
	switch tokens := c.GetTokens(); len(tokens) {
	case 0:
	case 1:
		options = append(options, client.WithToken(tokens[0]))
	default:
		var asked atomic.Int64
		options = append(options, client.WithTokenSource(func(context.Context) (string, error) {
			return tokens[min(int(asked.Add(1)), len(tokens))-1], nil
		}))
	}
	if c.GetTimeoutMs() > 0 {
		options = append(options, client.WithTimeout(time.Duration(c.GetTimeoutMs())*time.Millisecond))
	}
	if !c.GetTls() {
		options = append(options, client.WithInsecure())
	} else {
		config := &tls.Config{MinVersion: tls.VersionTLS12}
		if c.GetCaFile() != "" {
			text, err := os.ReadFile(c.GetCaFile())
			if err != nil {
				return nil, err
			}
			config.RootCAs = x509.NewCertPool()
			config.RootCAs.AppendCertsFromPEM(text)
		}
		if c.GetCertFile() != "" {
			pair, err := tls.LoadX509KeyPair(c.GetCertFile(), c.GetKeyFile())
			if err != nil {
				return nil, err
			}
			config.Certificates = []tls.Certificate{pair}
		}
		options = append(options, client.WithTLS(config))
	}
	dialed, err := client.Dial(c.GetTarget(), options...)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clients[id] = dialed
	return done(), nil
}

// message returns an empty message of the contract.
func message(name string, body []byte) (proto.Message, error) {
	kind, err := protoregistry.GlobalTypes.FindMessageByURL("type.googleapis.com/ecsd.v1." + name)
	if err != nil {
		return nil, err
	}
	m := kind.New().Interface()
	return m, proto.Unmarshal(body, m)
}

// stub returns the method of a service's generated client.
func stub(c *client.Client, name string) (reflect.Value, string, error) {
	service, method, _ := strings.Cut(name, ".")
	services := map[string]any{
		"InstanceService": c.Instances(), "RenewalService": c.Renewals(), "SpotService": c.Spot(), "DiskService": c.Disks(), "CatalogService": c.Catalog(), "AccessService": c.Access(),
	}
	if services[service] == nil {
		return reflect.Value{}, "", fmt.Errorf("unknown service %q", service)
	}
	found := reflect.ValueOf(services[service]).MethodByName(method)
	if !found.IsValid() {
		return reflect.Value{}, "", fmt.Errorf("unknown method %q", name)
	}
	return found, method, nil
}

func (s *subject) call(ctx context.Context, id uint64, c *subjectpb.Call) (*subjectpb.Event, error) {
	method, name, err := stub(s.client(c.GetClient()), c.GetMethod())
	if err != nil {
		return nil, err
	}
	request, err := message(name+"Request", c.GetRequest())
	if err != nil {
		return nil, err
	}
	if c.GetReportRequestId() {
		s.write(&subjectpb.Event{Id: id, Event: &subjectpb.Event_Progress{Progress: &subjectpb.Progress{RequestId: client.EnsureRequestID(request)}}})
	}
	ctx, cancel := limit(ctx, c.GetTimeoutMs())
	defer cancel()
	results := method.Call([]reflect.Value{reflect.ValueOf(ctx), reflect.ValueOf(request)})
	if failed, ok := results[1].Interface().(error); ok {
		return nil, failed
	}
	answer, ok := results[0].Interface().(proto.Message)
	if !ok {
		return nil, fmt.Errorf("%s returns no message", name)
	}
	return response(answer)
}

// list calls an iterator of the client, such as ListInstances, by its name.
func (s *subject) list(ctx context.Context, c *subjectpb.List) (*subjectpb.Event, error) {
	_, name, err := stub(s.client(c.GetClient()), c.GetMethod())
	if err != nil {
		return nil, err
	}
	request, err := message(name+"Request", c.GetRequest())
	if err != nil {
		return nil, err
	}
	iterator := reflect.ValueOf(s.client(c.GetClient())).MethodByName(name)
	if !iterator.IsValid() {
		return nil, fmt.Errorf("the client has no iterator %s", name)
	}
	items := &subjectpb.Items{}
	for item, failed := range iterator.Call([]reflect.Value{reflect.ValueOf(ctx), reflect.ValueOf(request)})[0].Seq2() {
		if failure, ok := failed.Interface().(error); ok {
			return nil, failure
		}
		m, ok := item.Interface().(proto.Message)
		if !ok {
			return nil, fmt.Errorf("an item of %s is no message", name)
		}
		body, err := proto.Marshal(m)
		if err != nil {
			return nil, err
		}
		if items.Items = append(items.Items, body); c.GetMost() > 0 && len(items.Items) == int(c.GetMost()) {
			break
		}
	}
	return &subjectpb.Event{Event: &subjectpb.Event_Items{Items: items}}, nil
}

func (s *subject) wait(ctx context.Context, c *subjectpb.Wait) (*subjectpb.Event, error) {
	request := &ecsdv1.WaitInstancesRequest{}
	if err := proto.Unmarshal(c.GetRequest(), request); err != nil {
		return nil, err
	}
	ctx, cancel := limit(ctx, c.GetTimeoutMs())
	defer cancel()
	results, err := s.client(c.GetClient()).Wait(ctx, request)
	if err != nil {
		return nil, err
	}
	return response(&ecsdv1.WaitInstancesResponse{Results: results})
}

func (s *subject) renew(ctx context.Context, id uint64, c *subjectpb.Renew) (*subjectpb.Event, error) {
	request := &ecsdv1.RenewInstanceRequest{}
	if err := proto.Unmarshal(c.GetRequest(), request); err != nil {
		return nil, err
	}
	ctx, cancel := limit(ctx, c.GetTimeoutMs())
	defer cancel()
	renewal, err := s.client(c.GetClient()).Renew(ctx, request, func(p client.RenewalProgress) {
		s.write(&subjectpb.Event{Id: id, Event: &subjectpb.Event_Progress{Progress: &subjectpb.Progress{RequestId: p.RequestID, State: int32(p.Renewal.GetState())}}})
	})
	if err != nil {
		return nil, err
	}
	return response(renewal)
}

func (s *subject) renewJob(ctx context.Context, id uint64, c *subjectpb.RenewJob) (*subjectpb.Event, error) {
	request := &ecsdv1.CreateRenewalJobRequest{}
	if err := proto.Unmarshal(c.GetRequest(), request); err != nil {
		return nil, err
	}
	ctx, cancel := limit(ctx, c.GetTimeoutMs())
	defer cancel()
	job, err := s.client(c.GetClient()).RenewJob(ctx, request, func(p client.JobProgress) {
		s.write(&subjectpb.Event{Id: id, Event: &subjectpb.Event_Progress{Progress: &subjectpb.Progress{
			RequestId: p.RequestID, JobId: p.Job.GetJobId(), State: int32(p.Job.GetState()), Total: p.Total, Ended: p.Ended,
		}}})
	})
	if err != nil {
		return nil, err
	}
	return response(job)
}

func convert(c *subjectpb.Convert) (*subjectpb.Event, error) {
	value := func(text string) (*subjectpb.Event, error) {
		return &subjectpb.Event{Event: &subjectpb.Event_Value{Value: &subjectpb.Value{Text: text}}}, nil
	}
	switch v := c.GetValue().(type) {
	case *subjectpb.Convert_ToMoney:
		amount, currency, _ := strings.Cut(v.ToMoney, " ")
		money, err := client.Money(amount, currency)
		if err != nil {
			return nil, err
		}
		return response(money)
	case *subjectpb.Convert_FromMoney:
		money := &ecsdv1.Money{}
		if err := proto.Unmarshal(v.FromMoney, money); err != nil {
			return nil, err
		}
		return value(client.MoneyString(money))
	case *subjectpb.Convert_ToPeriod:
		var n int32
		var unit string
		if _, err := fmt.Sscan(v.ToPeriod, &n, &unit); err != nil {
			return nil, err
		}
		return response(map[string]func(int32) *ecsdv1.Period{"weeks": client.Weeks, "months": client.Months, "years": client.Years}[unit](n))
	case *subjectpb.Convert_FromTimestamp:
		at := &timestamppb.Timestamp{}
		if err := proto.Unmarshal(v.FromTimestamp, at); err != nil {
			return nil, err
		}
		return value(at.AsTime().Format(time.RFC3339Nano))
	}
	return nil, errors.New("nothing to convert")
}

// failure reports an error as the client's error type shows it.
func failure(err error) *subjectpb.Event {
	e := client.ErrorOf(err)
	f := &subjectpb.Failure{
		Code: codeName(e.Code), Reason: e.ReasonName, Message: err.Error(), Retryable: client.IsRetryable(err), RequestId: e.RequestID,
		RetryAfterMs: uint32(e.RetryDelay.Milliseconds()), Metadata: e.Metadata, //nolint:gosec // of a case
	}
	for _, field := range e.Fields {
		f.Fields = append(f.Fields, field.GetField())
	}
	return &subjectpb.Event{Event: &subjectpb.Event_Failure{Failure: f}}
}

// codeName returns the name of a code in capitals, such as NOT_FOUND.
func codeName(c codes.Code) string {
	if c == codes.Canceled {
		return "CANCELLED"
	}
	var b strings.Builder
	for i, r := range c.String() {
		if i > 0 && r >= 'A' && r <= 'Z' {
			b.WriteByte('_')
		}
		b.WriteRune(r)
	}
	return strings.ToUpper(b.String())
}
