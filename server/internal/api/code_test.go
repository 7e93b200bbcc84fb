package api

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// domainReasons reads the reasons of package ecs from its source.
func domainReasons(t *testing.T) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../ecs/reason.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Values) == 1 {
			name, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			names = append(names, name)
		}
		return true
	})
	slices.Sort(names)
	return names
}

// The reasons of the domain, of the contract and of the table of codes are the
// same.
func TestCodes_ReasonsOfTheContract(t *testing.T) {
	var contract, table []string
	for name, number := range ecsdv1.ErrorReason_value {
		if number != 0 {
			contract = append(contract, strings.TrimPrefix(name, "ERROR_REASON_"))
		}
	}
	for reason := range maps.Keys(grpcCodes) {
		table = append(table, string(reason))
	}
	slices.Sort(contract)
	slices.Sort(table)
	domain := domainReasons(t)
	if !slices.Equal(contract, domain) {
		t.Errorf("the contract has the reasons %q, package ecs %q", contract, domain)
	}
	if !slices.Equal(table, domain) {
		t.Errorf("the table of codes has the reasons %q, package ecs %q", table, domain)
	}
}

var documentedReason = regexp.MustCompile(`(?m)((?:^  //.*\n)+)  ERROR_REASON_(\w+) = [1-9]`)

// Each reason is documented with its code, what became of the money, whether a
// retry helps, and what to do.
func TestCodes_Documented(t *testing.T) {
	text, err := os.ReadFile("../../../proto/ecsd/v1/error.proto")
	if err != nil {
		t.Fatal(err)
	}
	documented := documentedReason.FindAllStringSubmatch(string(text), -1)
	if len(documented) != len(grpcCodes) {
		t.Errorf("%d reasons have a comment, want %d", len(documented), len(grpcCodes))
	}
	for _, match := range documented {
		comment, reason := match[1], ecs.Reason(match[2])
		if !strings.Contains(comment, "\n  // Code: "+codeNames[grpcCode(reason)]+".\n") {
			t.Errorf("%s: the comment does not say \"Code: %s.\"", reason, codeNames[grpcCode(reason)])
		}
		for _, label := range []string{"Money: ", "Retry: ", "To do: "} {
			if !strings.Contains(comment, "\n  // "+label) {
				t.Errorf("%s: the comment has no line that begins with %q", reason, label)
			}
		}
	}
}

var codeNames = map[codes.Code]string{
	codes.InvalidArgument: "INVALID_ARGUMENT", codes.FailedPrecondition: "FAILED_PRECONDITION", codes.AlreadyExists: "ALREADY_EXISTS",
	codes.NotFound: "NOT_FOUND", codes.ResourceExhausted: "RESOURCE_EXHAUSTED", codes.Aborted: "ABORTED", codes.OutOfRange: "OUT_OF_RANGE",
	codes.Unavailable: "UNAVAILABLE", codes.Unknown: "UNKNOWN", codes.PermissionDenied: "PERMISSION_DENIED", codes.Internal: "INTERNAL",
	codes.Unauthenticated: "UNAUTHENTICATED", codes.DeadlineExceeded: "DEADLINE_EXCEEDED", codes.Canceled: "CANCELLED",
}

// Bad input, as the domain sees it, is INVALID_ARGUMENT.
func TestCodes_BadInput(t *testing.T) {
	for reason, code := range grpcCodes {
		if reason.BadInput() != (code == codes.InvalidArgument) {
			t.Errorf("%s: BadInput is %t, the code %s", reason, reason.BadInput(), code)
		}
	}
}

// A used-up budget or quota has a QuotaFailure; a shortage of the cloud, a
// throttle or a slow reader has none.
func TestCodes_QuotaFailure(t *testing.T) {
	for reason := range grpcCodes {
		e := &ecs.Error{Reason: reason, Message: "m", Cloud: ecs.CloudError{Action: "DescribeInstances"}, RegionID: "cn-hangzhou"}
		var subjects []string
		for _, d := range details(e) {
			if quota, ok := d.(*errdetails.QuotaFailure); ok {
				subjects = append(subjects, quota.GetViolations()[0].GetSubject())
			}
		}
		var want []string
		switch reason {
		case "QUOTA_EXCEEDED", "RATE_BUDGET_EXHAUSTED", "BUDGET_EXCEEDED", "SPEND_CAP_EXCEEDED",
			"TOO_MANY_WATCHES", "TOO_MANY_WATCHES_OF_CALLER", "TOO_MANY_WATCHED_IDS":
			want = []string{"action:cn-hangzhou/DescribeInstances"}
		}
		if !slices.Equal(subjects, want) {
			t.Errorf("%s: QuotaFailure of %q, want %q", reason, subjects, want)
		}
	}
}
