package cloud_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/ecsd-io/ecsd/server/internal/cloud"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// The keys of these tests have no recognizable form.
const (
	secretID    = "plain-id-00"
	secretKey   = "plain secret/with+signs="
	secretToken = "plain-token-00&%"
)

// allOf is every text that an error holds, down to its last cause.
func allOf(err error) string {
	var text strings.Builder
	for ; err != nil; err = errors.Unwrap(err) {
		fmt.Fprintf(&text, "%v\n%+v\n%#v\n", err, err, err)
		if failure := ecs.AsError(err); failure != nil {
			fmt.Fprintf(&text, "%+v %+v %+v\n", failure.Cloud, failure.Facts, failure.Violations)
		}
	}
	return text.String()
}

// TestEdge_NoSecretLeaves: the error of Go's HTTP client quotes the signed
// URL, and so does the cloud's SignatureDoesNotMatch.
func TestEdge_NoSecretLeaves(t *testing.T) {
	full := func(r *http.Request) string { return "http://" + r.Host + r.URL.String() }
	refusing := func(code string, message func(r *http.Request) string) func(http.ResponseWriter, *http.Request) {
		return func(w http.ResponseWriter, r *http.Request) { refuses(http.StatusBadRequest, code, message(r))(w, r) }
	}
	closed := func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			_ = conn.Close()
		}
	}
	for name, answer := range map[string]func(w http.ResponseWriter, r *http.Request){
		"the connection breaks": closed,
		"no answer comes":       func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"a proxy quotes the URL": func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusBadGateway)
			_, _ = io.WriteString(w, "cannot reach "+full(r))
		},
		"a proxy redirects": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://elsewhere.test"+r.URL.String(), http.StatusFound)
		},
		"an answer is cut": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "10000")
			_, _ = io.WriteString(w, `{"RequestId":"`+full(r))
		},
		"the signature is refused": refusing("SignatureDoesNotMatch", func(r *http.Request) string {
			return "Specified signature is not matched with our calculation. server string to sign is:POST&%2F&" + url.QueryEscape(r.URL.RawQuery)
		}),
		"the key is refused": refusing("InvalidAccessKeyId.NotFound", func(r *http.Request) string {
			return "Specified access key " + r.URL.Query().Get("AccessKeyId") + " is not found."
		}),
		"the token is refused": refusing("InvalidSecurityToken.Malformed", func(r *http.Request) string {
			return "Token [" + r.URL.Query().Get("SecurityToken") + "] or " + url.QueryEscape(r.URL.Query().Get("SecurityToken")) + " is malformed."
		}),
		"an unknown code quotes the signature": refusing("Strange.New", func(r *http.Request) string {
			return "Signature " + r.URL.Query().Get("Signature") + " of " + secretKey + " in " + full(r)
		}),
		"the request id quotes the key": func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			_ = json.NewEncoder(w).Encode(map[string]string{"Code": "Forbidden.RAM", "RequestId": full(r), "Message": r.URL.RawQuery})
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var logged bytes.Buffer
				spans := tracetest.NewSpanRecorder()
				server := &stub{answer: answer}
				edge, _ := overPipes(t, server, cloud.Config{
					Credentials:    cloud.StaticKeys(secretID, secretKey, secretToken),
					Logger:         slog.New(slog.NewJSONHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug})),
					TracerProvider: trace.NewTracerProvider(trace.WithSpanProcessor(spans)),
				})
				ctx, cancel := context.WithTimeout(t.Context(), 100*time.Second)
				defer cancel()
				_, failed := edge.Renew(ctx, ecs.RenewOrder{RegionID: hangzhou, InstanceID: "i-1", Period: ecs.Period{Count: 1, Unit: ecs.Month}, ClientToken: "t"})
				read := edge.Instances(ctx, hangzhou, []string{"i-1"})[0].Err
				if failed == nil || read == nil {
					t.Fatalf("no error: %v, %v", failed, read)
				}
				text := allOf(failed) + allOf(read) + logged.String()
				for _, span := range spans.Ended() {
					text += fmt.Sprintf("%v %v %v %+v\n", span.Name(), span.Attributes(), span.Events(), span.Status())
				}
				hidden := []string{secretID, secretKey, secretToken, url.QueryEscape(secretKey), url.QueryEscape(secretToken)}
				for _, values := range server.asked() {
					hidden = append(hidden, values.Get("Signature"), url.QueryEscape(values.Get("Signature")), values.Get("SignatureNonce"))
				}
				for _, secret := range hidden {
					if strings.Contains(text, secret) {
						t.Errorf("%q stands in:\n%s", secret, text)
					}
				}
			})
		})
	}
}

// TestNetworkError_NamesNoURL dials a closed port.
func TestNetworkError_NamesNoURL(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	endpoint := listener.Addr().String()
	_ = listener.Close()
	edge := newEdge(t, cloud.Config{Endpoint: endpoint, EndpointScheme: "http", Credentials: cloud.StaticKeys(secretID, secretKey, secretToken)})
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err = edge.Renew(ctx, ecs.RenewOrder{RegionID: hangzhou, InstanceID: "i-1", Period: ecs.Period{Count: 1, Unit: ecs.Month}, ClientToken: "t"})
	failure := ecs.AsError(err)
	if failure == nil || failure.Reason != ecs.ReasonCloudUnreachable && failure.Reason != ecs.ReasonDeadlineExceeded || failure.Effect != ecs.EffectNone {
		t.Errorf("got %+v, want a failure without effect: nothing was sent", failure)
	}
	for _, secret := range []string{secretID, "Signature", url.QueryEscape(secretToken)} {
		if strings.Contains(allOf(err), secret) {
			t.Errorf("%q stands in:\n%s", secret, allOf(err))
		}
	}
}

// TestNetworkError_Scrubbed: the text of a proxy or a resolver is not
// trusted.
func TestNetworkError_Scrubbed(t *testing.T) {
	transport := cloud.Transport()
	transport.DialContext = func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("no route for http://ecs.test/?AccessKeyId=" + secretID + "&Signature=c2lnbmF0dXJl with " + secretKey)
	}
	config := cloud.Config{Endpoint: "ecs.test", EndpointScheme: "http", Credentials: cloud.StaticKeys(secretID, secretKey, secretToken)}
	synctest.Test(t, func(t *testing.T) {
		edge, err := cloud.NewOver(defaults(config), transport)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = edge.Close() })
		err = edge.Ping(t.Context())
		text := allOf(err)
		for _, secret := range []string{secretID, secretKey, "c2lnbmF0dXJl"} {
			if err == nil || strings.Contains(text, secret) {
				t.Errorf("%q stands in:\n%s", secret, text)
			}
		}
	})
}

// TestRefusal_UnknownCodeKeepsText: a code that is not in the table is passed on.
func TestRefusal_UnknownCodeKeepsText(t *testing.T) {
	edge := edgeTo(t, &stub{answer: refuses(http.StatusForbidden, "Strange.NewRule", "The moon is not full; call +86 95187.")}, cloud.Config{})
	_, err := edge.Regions(soon(t))
	failure := ecs.AsError(err)
	if failure == nil || failure.Reason != ecs.ReasonCloudRejected || failure.Retry != ecs.RetryNever {
		t.Fatalf("got %v, want CLOUD_REJECTED for good", err)
	}
	want := ecs.CloudError{Code: "Strange.NewRule", RequestID: "R1", Action: "DescribeRegions", HTTPStatus: http.StatusForbidden}
	if failure.Cloud != want || !strings.Contains(failure.Message, "The moon is not full; call +86 95187.") {
		t.Errorf("got %+v, want the cloud's code, request id and text", failure)
	}
}
