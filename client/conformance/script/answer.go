package script

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"
)

// Answers are the answers per method, such as "GetInstance": the first one to its first attempt, and so on. The last one
// is repeated.
type Answers map[string][]Answer

// Answer is the server's reaction to one attempt. Its parts happen in their order here.
type Answer struct {
	// Header is metadata that is sent first.
	Header map[string]string `yaml:"header"`
	// Until waits for a signal of the case.
	Until string `yaml:"until"`
	// Delay waits.
	Delay Duration `yaml:"delay"`
	// Send are the messages of a stream, in the notation of Message.
	Send []string `yaml:"send"`
	// Respond is the response of a unary call, in JSON's names.
	Respond map[string]any `yaml:"respond"`
	// Fail ends the call with an error.
	Fail *Failure `yaml:"fail"`
	// End ends a stream without an error. Without Fail and End, a stream stays open and silent.
	End bool `yaml:"end"`
	// Cut resets all connections.
	Cut bool `yaml:"cut"`
	// Hang leaves a unary call without a response.
	Hang bool `yaml:"hang"`
}

// Duration is a duration in YAML, such as 300ms.
type Duration time.Duration

// UnmarshalText reads it.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	*d = Duration(parsed)
	return err
}

// Failure is an error, with the details that ecsd sends.
type Failure struct {
	Code    string `yaml:"code"`
	Message string `yaml:"message"`
	// Reason is the name of the reason without its prefix. An error without one has no details, as those of a proxy.
	Reason string `yaml:"reason"`
	// Retry is the delay of RetryInfo. The trailer grpc-retry-pushback-ms has it too, unless Pushback is set.
	Retry *Duration `yaml:"retry"`
	// Pushback is the trailer; "none" omits it.
	Pushback string            `yaml:"pushback"`
	Metadata map[string]string `yaml:"metadata"`
	// Fields are the fields of a BadRequest.
	Fields []string `yaml:"fields"`
	// Domain replaces "ecsd".
	Domain string `yaml:"domain"`
}

// code returns the gRPC code of a name.
func (f *Failure) code() (codes.Code, error) {
	var code codes.Code
	if err := code.UnmarshalJSON([]byte(strconv.Quote(f.Code))); err != nil {
		return 0, fmt.Errorf("code %q: %w", f.Code, err)
	}
	return code, nil
}

// status returns the error as it travels.
func (f *Failure) status() error {
	code, err := f.code()
	if err != nil {
		return status.Error(codes.Internal, err.Error())
	}
	message := f.Message
	if message == "" {
		message = "because of " + f.Reason
	}
	st := status.New(code, message)
	var details []protoadapt.MessageV1
	if f.Reason != "" {
		domain := f.Domain
		if domain == "" {
			domain = "ecsd"
		}
		details = append(details, &errdetails.ErrorInfo{Reason: f.Reason, Domain: domain, Metadata: f.Metadata})
	}
	if f.Retry != nil {
		details = append(details, &errdetails.RetryInfo{RetryDelay: durationpb.New(time.Duration(*f.Retry))})
	}
	if len(f.Fields) > 0 {
		bad := &errdetails.BadRequest{}
		for _, field := range f.Fields {
			bad.FieldViolations = append(bad.FieldViolations, &errdetails.BadRequest_FieldViolation{Field: field, Description: "invalid " + field})
		}
		details = append(details, bad)
	}
	if len(details) > 0 {
		with, err := st.WithDetails(details...)
		if err != nil {
			return status.Error(codes.Internal, err.Error())
		}
		st = with
	}
	return st.Err()
}

// pushback returns the trailer, "" for none.
func (f *Failure) pushback() string {
	switch {
	case f.Pushback == "none", f.Pushback == "" && f.Retry == nil:
		return ""
	case f.Pushback != "":
		return f.Pushback
	}
	return strconv.FormatInt(time.Duration(*f.Retry).Milliseconds(), 10)
}

// Check returns an error if an answer of a case is malformed.
func (a Answers) Check() error {
	for method, answers := range a {
		descriptor, err := find(method)
		if err != nil {
			return err
		}
		for _, answer := range answers {
			if answer.Fail != nil {
				if _, err := answer.Fail.code(); err != nil {
					return fmt.Errorf("%s: %w", method, err)
				}
			}
			if len(answer.Send) > 0 && !descriptor.IsStreamingServer() || answer.Respond != nil && descriptor.IsStreamingServer() {
				return fmt.Errorf("%s: send is for streams, respond for unary calls", method)
			}
			if !slices.ContainsFunc(answer.Send, isDirective) {
				for _, line := range answer.Send {
					if _, err := Message(string(descriptor.Output().Name()), line); err != nil {
						return fmt.Errorf("%s: %w", method, err)
					}
				}
			}
		}
	}
	return nil
}

// isDirective reports whether a line of Send is no message: until SIGNAL, pause DURATION, flood COUNT [COUNT BEFORE].
func isDirective(line string) bool {
	word, _, _ := strings.Cut(line, " ")
	return word == "until" || word == "pause" || word == "flood"
}
