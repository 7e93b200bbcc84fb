package load_test

import (
	"flag"
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/ecsd-io/ecsd/simulator"
)

const hangzhou = "cn-hangzhou"

// TestMain runs the tests, or the server that a test started.
func TestMain(m *testing.M) {
	if settings := os.Getenv(serverVariable); settings != "" {
		os.Exit(serve(settings))
	}
	if flag.Parse(); testing.Short() {
		return // a suite of the whole system
	}
	os.Setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", simulator.DefaultAccessKeyID)
	os.Setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", simulator.DefaultAccessKeySecret)
	goleak.VerifyTestMain(m)
}
