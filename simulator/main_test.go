package simulator_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/auth/credentials"
	sdkerrors "github.com/aliyun/alibaba-cloud-sdk-go/sdk/errors"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/responses"
	"github.com/aliyun/alibaba-cloud-sdk-go/services/ecs"
	"go.uber.org/goleak"

	"github.com/ecsd-io/ecsd/simulator"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start is the simulated time at the start of the tests: a Friday noon in UTC+8.
var start = time.Date(2026, 11, 20, 4, 0, 0, 0, time.UTC)

// cloud is a simulator behind HTTP, with a client of the vendor's SDK.
type cloud struct {
	*simulator.Simulator
	t      testing.TB
	server *httptest.Server
	client *sdk.Client
}

// newCloud starts a simulator with a manual clock, unless the config says otherwise.
func newCloud(t testing.TB, config simulator.Config) *cloud {
	t.Helper()
	if config.Start.IsZero() {
		config.Start = start
	}
	if config.Speed == 0 {
		config.ByHand = true
	}
	s, err := simulator.New(config)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s)
	t.Cleanup(func() {
		_ = s.Close()
		server.Close()
	})
	return (&cloud{Simulator: s, t: t, server: server}).another()
}

// another returns the same cloud with a separate client: the SDK's is not safe for concurrent use.
func (c *cloud) another() *cloud {
	c.t.Helper()
	transport := &http.Transport{}
	c.t.Cleanup(transport.CloseIdleConnections)
	key := credentials.NewAccessKeyCredential(simulator.DefaultAccessKeyID, simulator.DefaultAccessKeySecret)
	client, err := sdk.NewClientWithOptions("cn-hangzhou", sdk.NewConfig(), key)
	if err != nil {
		c.t.Fatal(err)
	}
	client.GetConfig().Transport = transport
	client.SetTransport(transport)
	client.Domain = strings.TrimPrefix(c.server.URL, "http://")
	return &cloud{Simulator: c.Simulator, t: c.t, server: c.server, client: client}
}

// do sends a request of the SDK and fails the test on an error.
func (c *cloud) do(request requests.AcsRequest, response responses.AcsResponse) {
	c.t.Helper()
	if err := c.client.DoAction(request, response); err != nil {
		c.t.Fatalf("%s: %v", request.GetActionName(), err)
	}
}

// refused sends a request and returns the cloud's error.
func (c *cloud) refused(request requests.AcsRequest, response responses.AcsResponse) sdkerrors.Error {
	c.t.Helper()
	err := c.client.DoAction(request, response)
	var refusal *sdkerrors.ServerError
	if !errors.As(err, &refusal) {
		c.t.Fatalf("%s: got error %v, want a refusal of the server", request.GetActionName(), err)
	}
	return refusal
}

// code sends a request and returns the error code, "" for none.
func (c *cloud) code(request requests.AcsRequest, response responses.AcsResponse) string {
	c.t.Helper()
	err := c.client.DoAction(request, response)
	if err == nil {
		return ""
	}
	var refusal *sdkerrors.ServerError
	if !errors.As(err, &refusal) {
		c.t.Fatalf("%s: %v", request.GetActionName(), err)
	}
	return refusal.ErrorCode()
}

// seed creates instances and returns their IDs.
func (c *cloud) seed(s simulator.Seed) []string {
	c.t.Helper()
	ids, err := c.Seed(s)
	if err != nil {
		c.t.Fatal(err)
	}
	return ids
}

func (c *cloud) advance(d time.Duration) {
	c.t.Helper()
	if _, err := c.Advance(d); err != nil {
		c.t.Fatal(err)
	}
}

// renew renews an instance by months and returns the order ID and the error code.
func (c *cloud) renew(id, months, token string) (orderID, code string) {
	c.t.Helper()
	request := ecs.CreateRenewInstanceRequest()
	request.InstanceId, request.Period, request.ClientToken = id, requests.Integer(months), token
	response := ecs.CreateRenewInstanceResponse()
	code = c.code(request, response)
	return response.OrderId, code
}
