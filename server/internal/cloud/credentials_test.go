package cloud_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/cloud"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/simulator"
)

// source returns the keys of a test, and counts the requests.
type source struct {
	give  func(question int64) (cloud.Keys, error)
	takes time.Duration

	questions, atOnce, most atomic.Int64
}

func (s *source) Retrieve(ctx context.Context) (cloud.Keys, error) {
	n := s.questions.Add(1)
	if now := s.atOnce.Add(1); now > s.most.Load() {
		s.most.Store(now)
	}
	defer s.atOnce.Add(-1)
	if s.takes > 0 {
		select {
		case <-time.After(s.takes):
		case <-ctx.Done():
			return cloud.Keys{}, ctx.Err()
		}
	}
	return s.give(n)
}

// numbered returns new keys for every request.
func numbered(question int64) (cloud.Keys, error) {
	return cloud.Keys{
		AccessKeyID: fmt.Sprintf("id-%d", question), AccessKeySecret: "secret", SecurityToken: fmt.Sprintf("session-%d", question),
	}, nil
}

// onlyEnvironment limits the chain to the variables that a test sets.
func onlyEnvironment(t *testing.T) {
	for name, value := range map[string]string{
		"ALIBABA_CLOUD_ACCESS_KEY_ID": "", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "", "ALIBABA_CLOUD_SECURITY_TOKEN": "",
		"ALIBABA_CLOUD_OIDC_TOKEN_FILE": "", "ALIBABA_CLOUD_ROLE_ARN": "", "ALIBABA_CLOUD_CREDENTIALS_URI": "",
		"ALIBABA_CLOUD_CLI_PROFILE_DISABLED": "true", "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true",
		"ALIBABA_CLOUD_CREDENTIALS_FILE": filepath.Join(t.TempDir(), "none"),
	} {
		t.Setenv(name, value)
	}
}

func TestKeys_FromSDKChain(t *testing.T) {
	onlyEnvironment(t)
	t.Setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", "sts-id")
	t.Setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "sts-secret")
	t.Setenv("ALIBABA_CLOUD_SECURITY_TOKEN", "sts-token")
	_, edge := simulated(t, simulator.Config{
		MoreKeys: []simulator.AccessKey{{ID: "sts-id", Secret: "sts-secret", SecurityToken: "sts-token"}},
	}, cloud.Config{Credentials: cloud.Chain()})
	if err := edge.Ping(soon(t)); err != nil {
		t.Error(err)
	}
}

// TestKeys_ChainNotPinned: the SDK's chain keeps the last source for ever if
// all failed once.
func TestKeys_ChainNotPinned(t *testing.T) {
	onlyEnvironment(t)
	failing := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(failing.Close)
	t.Setenv("ALIBABA_CLOUD_CREDENTIALS_URI", failing.URL)
	chain := cloud.Chain()
	if _, err := chain.Retrieve(t.Context()); err == nil {
		t.Fatal("keys from nowhere")
	}
	t.Setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", "late-id")
	t.Setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "late-secret")
	if keys, err := chain.Retrieve(t.Context()); err != nil || keys.AccessKeyID != "late-id" {
		t.Errorf("after the keys came: %q, %v", keys.AccessKeyID, err)
	}
}

// TestKeys_ChainRefreshedOnce: the SDK's providers hold no lock, and renew in
// every call that finds the keys near their end.
func TestKeys_ChainRefreshedOnce(t *testing.T) {
	onlyEnvironment(t)
	var questions atomic.Int64
	uri := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		questions.Add(1)
		_, _ = fmt.Fprintf(w, `{"Code":"Success","AccessKeyId":"%s","AccessKeySecret":"%s","SecurityToken":"session","Expiration":"%s"}`,
			simulator.DefaultAccessKeyID, simulator.DefaultAccessKeySecret, time.Now().Add(time.Minute).UTC().Format(time.RFC3339))
	}))
	t.Cleanup(uri.Close)
	t.Setenv("ALIBABA_CLOUD_CREDENTIALS_URI", uri.URL)
	_, edge := simulated(t, simulator.Config{}, cloud.Config{Credentials: cloud.Chain()})
	ctx := soon(t)
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if err := edge.Ping(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := questions.Load(); n != 1 {
		t.Errorf("50 calls asked for keys %d times, want once", n)
	}
}

func TestKeys_OneReadAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		keys := &source{give: numbered, takes: time.Second}
		edge, _ := overPipes(t, &stub{answer: fine}, cloud.Config{Credentials: keys})
		for range 3 {
			var all sync.WaitGroup
			for range 50 {
				all.Go(func() {
					if err := edge.Ping(t.Context()); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			time.Sleep(5 * time.Minute) // the keys are not good any more
		}
		if keys.questions.Load() != 3 || keys.most.Load() != 1 {
			t.Errorf("%d questions, %d at once; want 3, one at a time", keys.questions.Load(), keys.most.Load())
		}
	})
}

func TestKeys_RenewedWhileUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		keys := &source{give: numbered, takes: 2 * time.Second}
		server := &stub{answer: fine}
		edge, _ := overPipes(t, server, cloud.Config{Credentials: keys})
		if err := edge.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		for range 30 {
			time.Sleep(time.Second)
			asked := time.Now()
			if err := edge.Ping(t.Context()); err != nil || time.Since(asked) != 0 {
				t.Fatalf("%s later: %v after %s", asked.Sub(began), err, time.Since(asked))
			}
		}
		last := server.asked()[30]
		if last.Get("AccessKeyId") != "id-3" || last.Get("SecurityToken") != "session-3" {
			t.Errorf("half a minute later calls are signed by %s, want id-3", last.Get("AccessKeyId"))
		}
	})
}

func TestKeys_RefusedKeysReadAgain(t *testing.T) {
	for code, tries := range map[string]int{"InvalidSecurityToken.Expired": 2, "InvalidAccessKeyId.NotFound": 1} {
		synctest.Test(t, func(t *testing.T) {
			keys := &source{give: numbered}
			server := &stub{answer: func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Query().Get("AccessKeyId") == "id-1" {
					refuses(http.StatusNotFound, code, "no")(w, r)
					return
				}
				fine(w, r)
			}}
			edge, _ := overPipes(t, server, cloud.Config{Credentials: keys})
			err := edge.Ping(t.Context())
			if len(server.asked()) != tries || (tries == 2) != (err == nil) {
				t.Errorf("%s: %v after %d tries, want %d", code, err, len(server.asked()), tries)
			}
			if err := edge.Ping(t.Context()); err != nil {
				t.Errorf("%s: the next call does not ask for new keys: %v", code, err)
			}
		})
	}
}

func TestKeys_FailingSourceNotStormed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		keys := &source{give: func(question int64) (cloud.Keys, error) {
			if question == 1 {
				return cloud.Keys{}, errors.New("GET http://100.100.100.200/?AccessKeySecret=topsecret: refused")
			}
			return numbered(question)
		}}
		edge, _ := overPipes(t, &stub{answer: fine}, cloud.Config{Credentials: keys})
		for range 100 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
			err := edge.Ping(ctx)
			cancel()
			if reasonOf(t, err) != ecs.ReasonCredentialsUnavailable || strings.Contains(allOf(err), "topsecret") {
				t.Fatalf("got %v, want CREDENTIALS_UNAVAILABLE without the secret", err)
			}
		}
		if n := keys.questions.Load(); n != 1 {
			t.Errorf("%d questions within a second of a failure, want 1", n)
		}
		time.Sleep(time.Second)
		if err := edge.Ping(t.Context()); err != nil {
			t.Errorf("the source is well again: %v", err)
		}
	})
}

func TestCredentials_StuckSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		edge, _ := overPipes(t, &stub{answer: fine}, cloud.Config{Credentials: &source{give: numbered, takes: time.Hour}})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		_, err := edge.Renew(ctx, order("i-1"))
		failure := ecs.AsError(err)
		if failure == nil || failure.Reason != ecs.ReasonDeadlineExceeded || failure.Effect != ecs.EffectNone || time.Since(began) != time.Second {
			t.Errorf("got %+v after %s, want DEADLINE_EXCEEDED without effect after a second", failure, time.Since(began))
		}
	})
}

func TestKeys_SourcePanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		edge, _ := overPipes(t, &stub{answer: fine}, cloud.Config{Credentials: &source{give: func(int64) (cloud.Keys, error) { panic("boom") }}})
		if err := edge.Ping(t.Context()); reasonOf(t, err) != ecs.ReasonCredentialsUnavailable {
			t.Errorf("got %v, want CREDENTIALS_UNAVAILABLE", err)
		}
	})
}

// TestScrub_OldSecretsStayHidden: a response to a call under keys that were replaced
// meanwhile may still quote them.
func TestScrub_OldSecretsStayHidden(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &stub{answer: fine}
		edge, _ := overPipes(t, server, cloud.Config{Credentials: &source{give: numbered}})
		for range 3 {
			if err := edge.Ping(t.Context()); err != nil {
				t.Fatal(err)
			}
			time.Sleep(5 * time.Minute)
		}
		server.answer = refuses(http.StatusForbidden, "Strange.New", "session-1 session-2 session-3 id-1")
		err := edge.Ping(t.Context())
		for _, old := range []string{"session-1", "session-2", "session-3", "id-1"} {
			if strings.Contains(allOf(err), old) {
				t.Errorf("%s stands in %v", old, err)
			}
		}
	})
}
