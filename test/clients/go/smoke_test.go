// Package smoke makes a few calls with the generated Go client, as another team's program would. It uses the server at
// ECSD_ADDRESS, which make test-clients sets; without it the tests are skipped.
package smoke

import (
	"os"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

func TestListRegions(t *testing.T) {
	client := ecsdv1.NewCatalogServiceClient(dial(t))

	answer, err := client.ListRegions(t.Context(), &ecsdv1.ListRegionsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, region := range answer.GetRegions() {
		if region.GetIsDefault() && region.GetServed() && region.GetRegionId() != "" {
			return
		}
	}
	t.Errorf("no served default region in %v", answer.GetRegions())
}

func TestGetInstance_Unknown(t *testing.T) {
	client := ecsdv1.NewInstanceServiceClient(dial(t))

	_, err := client.GetInstance(t.Context(), &ecsdv1.GetInstanceRequest{
		RegionId: "cn-hangzhou", InstanceId: "i-bp1nosuchinstance000",
	})
	if status.Code(err) != codes.NotFound {
		t.Fatalf("got %v, want NOT_FOUND", err)
	}
	info := detail[*errdetails.ErrorInfo](t, err)
	if info.GetReason() != "INSTANCE_NOT_FOUND" || info.GetDomain() != "ecsd" || info.GetMetadata()["region_id"] != "cn-hangzhou" {
		t.Errorf("got %v, want INSTANCE_NOT_FOUND of ecsd in cn-hangzhou", info)
	}
}

func TestGetInstance_MalformedID(t *testing.T) {
	client := ecsdv1.NewInstanceServiceClient(dial(t))

	_, err := client.GetInstance(t.Context(), &ecsdv1.GetInstanceRequest{InstanceId: "not an id"})
	if status.Code(err) != codes.InvalidArgument {
		t.Fatalf("got %v, want INVALID_ARGUMENT", err)
	}
	if reason := detail[*errdetails.ErrorInfo](t, err).GetReason(); reason != "INVALID_FIELD" {
		t.Errorf("got reason %q, want INVALID_FIELD", reason)
	}
	violations := detail[*errdetails.BadRequest](t, err).GetFieldViolations()
	if len(violations) != 1 || violations[0].GetField() != "instance_id" {
		t.Errorf("got violations %v, want one of instance_id", violations)
	}
}

func dial(t *testing.T) *grpc.ClientConn {
	t.Helper()
	address := os.Getenv("ECSD_ADDRESS")
	if address == "" {
		t.Skip("ECSD_ADDRESS names no server: run make test-clients")
	}
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// detail is the detail of type D that the status err carries.
func detail[D any](t *testing.T, err error) D {
	t.Helper()
	for _, d := range status.Convert(err).Details() {
		if d, ok := d.(D); ok {
			return d
		}
	}
	var none D
	t.Fatalf("%v carries no %T", err, none)
	return none
}
