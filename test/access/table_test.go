package access_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server"
	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/test/lib/credential"
)

// methods returns every RPC of the contract.
func methods(t testing.TB) []protoreflect.MethodDescriptor {
	t.Helper()
	var all []protoreflect.MethodDescriptor
	protoregistry.GlobalFiles.RangeFilesByPackage(ecsdv1.File_ecsd_v1_access_proto.Package(), func(file protoreflect.FileDescriptor) bool {
		for i := range file.Services().Len() {
			of := file.Services().Get(i).Methods()
			for j := range of.Len() {
				all = append(all, of.Get(j))
			}
		}
		return true
	})
	if len(all) < 40 {
		t.Fatalf("the contract has %d RPCs", len(all))
	}
	return all
}

// scopeOf returns the scope of an RPC as an access file names it.
func scopeOf(t testing.TB, method protoreflect.MethodDescriptor) string {
	t.Helper()
	rule, _ := proto.GetExtension(method.Options(), ecsdv1.E_Access).(*ecsdv1.AccessRule)
	if rule.GetScope() == ecsdv1.Scope_SCOPE_UNSPECIFIED {
		t.Fatalf("%s has no scope", method.FullName())
	}
	return scopeName(rule.GetScope())
}

func scopeName(scope ecsdv1.Scope) string {
	return strings.Replace(strings.ToLower(strings.TrimPrefix(scope.String(), "SCOPE_")), "_", ".", 1)
}

func scopes() []string {
	var names []string
	values := ecsdv1.Scope(0).Descriptor().Values()
	for i := 1; i < values.Len(); i++ {
		names = append(names, scopeName(ecsdv1.Scope(values.Get(i).Number())))
	}
	return names
}

// message makes a message of a type of the contract.
func message(t testing.TB, descriptor protoreflect.MessageDescriptor) proto.Message {
	t.Helper()
	kind, err := protoregistry.GlobalTypes.FindMessageByName(descriptor.FullName())
	if err != nil {
		t.Fatal(err)
	}
	return kind.New().Interface()
}

// invoke calls an RPC. Of a stream it takes the first message.
func invoke(ctx context.Context, t testing.TB, conn *grpc.ClientConn, method protoreflect.MethodDescriptor, request proto.Message) (proto.Message, error) {
	t.Helper()
	name := "/" + string(method.Parent().FullName()) + "/" + string(method.Name())
	response := message(t, method.Output())
	if !method.IsStreamingServer() {
		return response, conn.Invoke(ctx, name, request, response)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, name)
	if err != nil {
		return nil, err
	}
	// A stream that was refused ends the sends too; RecvMsg has the reason.
	_ = stream.SendMsg(request)
	_ = stream.CloseSend()
	return response, stream.RecvMsg(response)
}

// identity is one kind of caller.
type identity struct {
	name string
	conn *grpc.ClientConn
	// scopes are those of the caller, nil for all; reason is that of its refusal if
	// it is not identified.
	scopes []string
	reason string
}

const everything = "scopes: [\"*\"]"

// every way in, valid and not, and every scope.
func identities(w *world) []identity {
	day, past := time.Now().Add(24*time.Hour), time.Now().Add(-time.Hour)
	theirs := credential.NewAuthority(w.t)
	pair := func(a *credential.Authority, until time.Time) *credential.Pair {
		p := a.Issue(w.t, credential.Names{URI: "spiffe://corp/platform"}, until)
		return &p
	}
	all := []identity{
		{name: "none", conn: w.dial("", nil), reason: "UNAUTHENTICATED"},
		{name: "wrong token", conn: w.dial(credential.Token("admin", "guessed"), nil), reason: "UNAUTHENTICATED"},
		{name: "expired token", conn: w.dial(tokenOf("ended"), nil), reason: "AUTH_EXPIRED"},
		{name: "certificate of another authority", conn: w.dial("", pair(theirs, day)), reason: "UNAUTHENTICATED"},
		{name: "expired certificate", conn: w.dial("", pair(w.authority, past)), reason: "AUTH_EXPIRED"},
		{name: "OIDC, wrong subject", conn: w.dial(w.issuer.Sign(w.t, w.claims("nobody", day)), nil), reason: "UNAUTHENTICATED"},
		{name: "OIDC, unknown key", conn: w.dial(w.issuer.SignUnknown(w.t, "key-1", w.claims("ci", day)), nil), reason: "UNAUTHENTICATED"},
		{name: "OIDC, expired", conn: w.dial(w.issuer.Sign(w.t, w.claims("ci", past)), nil), reason: "AUTH_EXPIRED"},
		{name: "token", conn: w.dial(tokenOf("admin"), nil)},
		{name: "certificate", conn: w.dial("", pair(w.authority, day))},
		{name: "OIDC", conn: w.dial(w.issuer.Sign(w.t, w.claims("ci", day)), nil)},
		{name: "region", conn: w.dial(tokenOf("region"), nil)},
		{name: "tag", conn: w.dial(tokenOf("tag"), nil)},
	}
	for _, scope := range scopes() {
		all = append(all, identity{name: "scope " + scope, conn: w.dial(tokenOf(callerOf(scope)), nil), scopes: []string{scope}})
	}
	return all
}

// callerOf is the caller of the tests with one scope.
func callerOf(scope string) string { return strings.ReplaceAll(scope, ".", "-") }

// callers is the access file of the tests.
func callers(w *world) string {
	text := "callers:\n" + entry("admin", everything) +
		"  - name: ended\n    tokens: [{id: ended, sha256: \"" + credential.Hash(tokenOf("ended")) + "\", not_after: 2020-01-01T00:00:00Z}]\n    " + everything + "\n" +
		"  - name: platform\n    certificates: [{uri: \"spiffe://corp/platform\"}]\n    " + everything + "\n" +
		"  - name: ci\n    oidc: {issuer: \"" + w.issuer.URL + "\", audience: ecsd, equals: ci}\n    " + everything + "\n" +
		entry("region", everything+"\nregions: ["+hangzhou+"]") +
		entry("tag", everything+"\ntags: {team: billing}")
	for _, scope := range scopes() {
		text += entry(callerOf(scope), "scopes: ["+scope+"]")
	}
	return text
}

// Every RPC with every identity: a caller that is not identified gets one of
// two reasons and one of two texts, one without the scope gets PERMISSION_DENIED
// with it, and any other passes both checks. The empty requests are mostly
// invalid, which is decided after the checks.
func TestTable(t *testing.T) {
	w := newWorld(t, callers, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	texts := map[string]map[string]bool{}
	all := identities(w)
	for _, method := range methods(t) {
		scope := scopeOf(t, method)
		for _, id := range all {
			_, err := invoke(ctx, t, id.conn, method, message(t, method.Input()))
			got := outcomeOf(err)
			switch {
			case id.reason != "":
				if got.code != codes.Unauthenticated || got.reason != id.reason {
					t.Errorf("%s as %s: %v %s, want UNAUTHENTICATED %s", method.Name(), id.name, got.code, got.reason, id.reason)
				}
				if texts[id.reason] == nil {
					texts[id.reason] = map[string]bool{}
				}
				texts[id.reason][status.Convert(err).Message()] = true
			case id.scopes != nil && id.scopes[0] != scope:
				if got.code != codes.PermissionDenied || got.reason != "PERMISSION_DENIED" || got.info.GetMetadata()["scope"] != scope {
					t.Errorf("%s as %s: %v %s %v, want PERMISSION_DENIED with %s", method.Name(), id.name, got.code, got.reason, got.info.GetMetadata(), scope)
				}
			case got.code == codes.Unauthenticated, got.reason == "PERMISSION_DENIED", got.code == codes.Internal, got.code == codes.Unavailable:
				t.Errorf("%s as %s: %v, want it to pass", method.Name(), id.name, err)
			}
		}
	}
	for reason, different := range texts {
		if len(different) != 1 {
			t.Errorf("%s has %d texts, which say why a credential failed: %v", reason, len(different), different)
		}
	}
	if len(w.sim.Ledger(simulator.LedgerFilter{})) != 0 {
		t.Error("an empty request has paid")
	}
}

// Health answers without a credential; reflection by its mode.
func TestProbes(t *testing.T) {
	for mode, want := range map[string]map[bool]codes.Code{
		"on":            {false: codes.OK, true: codes.OK},
		"off":           {false: codes.Unimplemented, true: codes.Unimplemented},
		"authenticated": {false: codes.Unauthenticated, true: codes.OK},
	} {
		t.Run(mode, func(t *testing.T) {
			w := newWorld(t, callers, func(c *server.Config) { c.Reflection = mode })
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			for known, conn := range map[bool]*grpc.ClientConn{false: w.dial("", nil), true: w.dial(tokenOf(callerOf("instances.read")), nil)} {
				if _, err := grpc_health_v1.NewHealthClient(conn).Check(ctx, &grpc_health_v1.HealthCheckRequest{}); err != nil {
					t.Errorf("health, identified %t: %v", known, err)
				}
				stream, err := grpc_reflection_v1.NewServerReflectionClient(conn).ServerReflectionInfo(ctx)
				if err != nil {
					t.Fatal(err)
				}
				// A stream that was refused ends the sends too; Recv has the reason.
				_ = stream.Send(&grpc_reflection_v1.ServerReflectionRequest{MessageRequest: &grpc_reflection_v1.ServerReflectionRequest_ListServices{}})
				_ = stream.CloseSend()
				if _, err := stream.Recv(); status.Code(err) != want[known] {
					t.Errorf("reflection, identified %t: %v, want %v", known, err, want[known])
				}
			}
		})
	}
}

// The verified name is the caller in the log and in the ledger, whatever the
// metadata says, and the log has the cause of a refusal, but no credential.
func TestVerifiedName(t *testing.T) {
	w := newWorld(t, callers, nil)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	id := w.seed(hangzhou, nil)
	admin := w.dial(tokenOf("admin"), nil)
	named := metadata.AppendToOutgoingContext(ctx, "ecsd-caller", "somebody-else")
	job, err := ecsdv1.NewRenewalServiceClient(admin).CreateRenewalJob(named, &ecsdv1.CreateRenewalJobRequest{
		RequestId:  "0190b3a0-0000-7000-8000-000000000001",
		Selection:  &ecsdv1.RenewalSelection{By: &ecsdv1.RenewalSelection_Instances{Instances: &ecsdv1.NamedInstances{InstanceIds: []string{id}}}},
		Term:       &ecsdv1.CreateRenewalJobRequest_Period{Period: &ecsdv1.Period{Count: 1, Unit: ecsdv1.PeriodUnit_PERIOD_UNIT_MONTH}},
		PriceLimit: &ecsdv1.CreateRenewalJobRequest_AnyPrice{AnyPrice: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := job.GetJob().GetCaller(); got != "admin" {
		t.Errorf("the caller of the job is %q, want admin", got)
	}
	wrong := credential.Token("admin", "guessed")
	_, _ = instances(w.dial(wrong, nil)).GetInstance(named, &ecsdv1.GetInstanceRequest{InstanceId: id})
	log := w.log.String()
	if !strings.Contains(log, `"caller":"admin"`) || strings.Contains(log, "somebody-else") {
		t.Errorf("the log does not have the verified name alone: %s", log)
	}
	if !strings.Contains(log, `"reason":"UNAUTHENTICATED"`) || !strings.Contains(log, "the secret of token admin is wrong") {
		t.Errorf("the log does not have the cause of the refusal: %s", log)
	}
	for _, secret := range []string{tokenOf("admin")[12:], wrong[12:]} {
		if strings.Contains(log, secret) {
			t.Errorf("the log has a token: %s", log)
		}
	}
}
