package operator

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/ecsd-io/ecsd/client"
	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/operator/output"
)

// failed converts the error of a call to the operator's terms: the reason, the problem of each flag, its source, and
// the remedy. It returns nil for nil, and an *Error as it is.
func (s *session) failed(ctx context.Context, err error) error {
	var known *Error
	var unwritten *output.WriteError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		return known
	case errors.As(err, &unwritten):
		return &Error{unwritten.Error(), exitFailed}
	}
	if ctx.Err() != nil && errors.Is(ctx.Err(), context.Canceled) {
		return &Error{"interrupted", exitInterrupted}
	}
	e := client.ErrorOf(err)
	name := e.ReasonName
	if name == "" {
		name = strings.ToUpper(e.Code.String())
	}
	text := &strings.Builder{}
	text.WriteString(name)
	remedy := s.advice(e)
	switch reason := connectionFailure(e); {
	case reason != nil:
		fmt.Fprintf(text, ": %s", fmt.Sprintf(reason.text, s.address))
		remedy = reason.remedy
	case e.ReasonName == "": // an error of the network, in the words of gRPC
		fmt.Fprintf(text, ": %s", ofGRPC.ReplaceAllString(e.Message, ""))
	case len(e.Fields) == 0: // else the message is the list of the fields
		fmt.Fprintf(text, ": %s", fieldName.ReplaceAllStringFunc(e.Message, flagOf))
	}
	for _, f := range e.Fields {
		fmt.Fprintf(text, "\n  %-10s %s", flagOf(f.GetField()), f.GetDescription())
	}
	if code := e.Metadata["ecs_code"]; code != "" {
		fmt.Fprintf(text, "\n  %-10s %s answered %s, request %s", "cloud", e.Metadata["action"], code, e.Metadata["ecs_request_id"])
	}
	fmt.Fprintf(text, "\n  %-10s %s", "to do", remedy)
	return &Error{text.String(), exitFailed}
}

// trouble is a failure of the connection in plain words.
type trouble struct {
	// sign is a part of the message of gRPC.
	sign *regexp.Regexp
	// text has a verb for the address.
	text, remedy string
}

const checkServer = "check that ecsd serve runs there, or name the server by --address, ECSD_ADDRESS or a context"

var troubles = []trouble{
	{regexp.MustCompile(`no such host|no children to pick from|produced zero addresses|name resolver`), "there is no host of the name in %s", "correct --address, ECSD_ADDRESS or the context"},
	{regexp.MustCompile(`connection refused|actively refused`), "no server listens at %s", checkServer},
	{regexp.MustCompile(`looked like an HTTP/1\.1 header`), "%s is an HTTP port, and no gRPC API", "give the address of the gRPC API, which ecsd serve prints first"},
	{regexp.MustCompile(`first record does not look like a TLS handshake`), "%s does not use TLS", "leave out --tls, or give the address of the proxy that uses it"},
	{regexp.MustCompile(`error reading server preface`), "%s closed the connection: it is no gRPC API, or requires TLS", "pass --tls if it requires TLS, else correct --address"},
	{regexp.MustCompile(`tls: failed to verify certificate: x509: certificate signed by unknown authority|certificate is not trusted`), "the certificate of %s is signed by an unknown authority", "pass the roots of your organisation by --tls-ca"},
	{regexp.MustCompile(`x509: certificate is valid for|cannot validate certificate for`), "the certificate of %s is for another name", "give the name that the certificate has as --address"},
	{regexp.MustCompile(`tls: (certificate required|bad certificate)`), "%s requires a certificate of the client", "pass --tls-cert and --tls-key"},
}

// connectionFailure returns the plain words for a failure of the connection, nil if there are none.
func connectionFailure(e *client.Error) *trouble {
	if e.ReasonName != "" || e.Code != codes.Unavailable {
		return nil
	}
	for i := range troubles {
		if troubles[i].sign.MatchString(e.Message) {
			return &troubles[i]
		}
	}
	return nil
}

// flags maps fields to the flags that set them.
var flags = map[string]string{
	"request_id": "--request-id", "instance_ids": "INSTANCE", "region_id": "--region", "region_ids": "--region",
	"expire_start_time": "--expire-after", "expire_end_time": "--expire-before", "within": "--within",
	"period": "--period", "target_expire_day": "--until-day", "max_total_price": "--budget", "any_price": "--any-price", "include_expired": "--no-expired",
	"only_if_expiring_before": "--only-if-expiring-before", "filter.instance_name": "--name", "filter.tags": "--tag",
	"filter.security_group_id": "--security-group", "filter.vpc_id": "--vpc", "filter.vswitch_id": "--vswitch",
	"filter.zone_ids": "--zone", "filter.instance_types": "--type", "filter.resource_group_id": "--resource-group", "job_id": "JOB", "renewal_id": "RENEWAL", "order_id": "--order-id",
	"note": "--note", "payment_start_time": "--paid-since", "payment_end_time": "--paid-until", "create_start_time": "--since", "create_end_time": "--until",
}

// ofGRPC matches the prefix that gRPC adds when it wraps an error.
var ofGRPC = regexp.MustCompile(`rpc error: code = \w+ desc = |(connection error: desc = "transport: .*?: )|"$`)

// fieldName matches the name of a field in a message.
var fieldName = regexp.MustCompile(`\b[a-z]+(_[a-z]+)+\b`)

var index = regexp.MustCompile(`\[\d+\].*`)

// flagOf returns the flag that sets a field, or the field if there is none.
func flagOf(field string) string {
	name := index.ReplaceAllString(field, "")
	for _, message := range []string{"job.", "selection.window.", "selection.instances."} {
		name = strings.TrimPrefix(name, message)
	}
	for name != "" {
		if flag := flags[name]; flag != "" {
			return flag
		}
		cut := strings.LastIndexByte(name, '.')
		name = name[:max(cut, 0)]
	}
	return field
}

// advices map a reason to a remedy, beyond its message.
var advices = map[ecsdv1.ErrorReason]string{
	ecsdv1.ErrorReason_ERROR_REASON_REQUEST_ID_REUSED:       "leave --request-id out for a new job, or repeat the command that it was first used with",
	ecsdv1.ErrorReason_ERROR_REASON_JOB_TOO_LARGE:           "take a smaller window or more filters, and create several jobs",
	ecsdv1.ErrorReason_ERROR_REASON_PRICE_UNAVAILABLE:       "take a period that the cloud prices, or leave --budget out",
	ecsdv1.ErrorReason_ERROR_REASON_CURRENCY_MISMATCH:       "give the amount in the currency of the account",
	ecsdv1.ErrorReason_ERROR_REASON_JOB_NOT_FOUND:           "ecsd renewals list shows the jobs that there are",
	ecsdv1.ErrorReason_ERROR_REASON_RENEWAL_NOT_FOUND:       "ecsd renewals attention lists those that need a decision, ecsd renewals show JOB those of a job",
	ecsdv1.ErrorReason_ERROR_REASON_JOB_FINISHED:            "nothing; ecsd renewals show JOB prints the result",
	ecsdv1.ErrorReason_ERROR_REASON_RENEWAL_SETTLED:         "nothing; ecsd renewals show JOB prints the result",
	ecsdv1.ErrorReason_ERROR_REASON_CLOUD_PERMISSION_DENIED: "have the server's RAM user allowed the action",
	ecsdv1.ErrorReason_ERROR_REASON_CREDENTIALS_INVALID:     "replace the server's keys",
}

func (s *session) advice(e *client.Error) string {
	switch advice := advices[e.Reason]; {
	case advice != "":
		return advice
	case len(e.Fields) > 0:
		return "correct that and retry; nothing was stored"
	case e.ReasonName == "" && e.Code == codes.Unavailable:
		return checkServer + ", and --tls if it needs that"
	case e.ReasonName == "" && e.Code == codes.Unimplemented:
		return "check that --address " + s.address + " is an ecsd of this version"
	case e.Retryable && e.RetryDelay > 0:
		return "retry in " + e.RetryDelay.Round(time.Second).String()
	case e.Retryable || e.Code == codes.Unavailable || e.Code == codes.DeadlineExceeded:
		return "retry"
	case e.ReasonName != "":
		return "see docs/errors.md for " + e.ReasonName
	}
	return "see the log of the server"
}
