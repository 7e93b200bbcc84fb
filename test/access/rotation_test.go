package access_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/ecsd-io/ecsd/client"
	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server"
	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/test/lib/credential"
)

// fault keeps renewals from their end.
func fault(t *testing.T, w *world) {
	t.Helper()
	if _, err := w.sim.AddFault(simulator.Fault{Action: "RenewInstance", Kind: "throttle", Count: 1000}); err != nil {
		t.Fatal(err)
	}
}

// follower is a watcher with the names of the instance that it was told.
type follower struct {
	mu            sync.Mutex
	names         []string
	interruptions int
	marks         int // checkpoints since the last interruption
	failed        error
}

func (f *follower) follow(ctx context.Context, c *client.Client, id string, heartbeat time.Duration, ready func()) {
	for event, err := range c.Watch(ctx, &ecsdv1.WatchInstancesRequest{
		InstanceIds: []string{id}, Delivery: ecsdv1.WatchDelivery_WATCH_DELIVERY_EVERY_CHANGE, HeartbeatInterval: durationpb.New(heartbeat),
	}) {
		f.mu.Lock()
		switch e := event.(type) {
		case *client.Snapshot:
			f.names = append(f.names, e.Instance.GetInstanceName())
		case *client.Changed:
			f.names = append(f.names, e.Instance.GetInstanceName())
		case *client.Interrupted:
			f.interruptions++
			f.marks = 0
		case *client.Checkpoint:
			f.marks++
			if e.Snapshot {
				ready()
			}
		}
		if err != nil && ctx.Err() == nil {
			f.failed = err
		}
		f.mu.Unlock()
	}
}

// Tokens, certificates and keys of the issuer rotate under watchers: none loses
// a change, all are back within ten seconds after the old credentials have lost
// their right, and the old ones let nobody in. ECSD_TEST_ACCESS_WATCHERS sets
// the number of watchers.
func TestRotation_UnderWatchers(t *testing.T) {
	n, heartbeat := watchers(t), 2*time.Second
	if n > 1000 {
		heartbeat = 10 * time.Second // a client closes a stream that is silent for three of them
	}
	file := func(w *world, tokens ...string) string {
		list := ""
		for i, token := range tokens {
			if i > 0 {
				list += ", "
			}
			list += "{id: " + token + ", sha256: \"" + credential.Hash(tokenOf(token)) + "\"}"
		}
		return "callers:\n" + entry("reference", "scopes: [instances.read]") +
			"  - name: token\n    tokens: [" + list + "]\n    scopes: [instances.read]\n" +
			"  - name: ci\n    oidc: {issuer: \"" + w.issuer.URL + "\", audience: ecsd, equals: ci}\n    scopes: [instances.read]\n" +
			"  - name: platform\n    certificates: [{uri: \"spiffe://corp/platform\"}]\n    scopes: [instances.read]\n"
	}
	w := newWorld(t, func(w *world) string { return file(w, "old") }, func(c *server.Config) { c.PollInterval = time.Second; c.LogLevel = "info" })
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	id := w.seed(hangzhou, nil)
	day := time.Now().Add(24 * time.Hour)
	next := credential.NewAuthority(t)
	issue := func(a *credential.Authority) *credential.Pair {
		pair := a.Issue(t, credential.Names{URI: "spiffe://corp/platform"}, day)
		return &pair
	}
	var token, jwt atomic.Pointer[string]
	var pair atomic.Pointer[credential.Pair]
	set := func(p *atomic.Pointer[string], text string) string { p.Store(&text); return text }
	set(&token, tokenOf("old"))
	oldJWT, oldPair := set(&jwt, w.issuer.Sign(t, w.claims("ci", day))), issue(w.authority)
	pair.Store(oldPair)
	roots := w.authority.Pool()
	source := func(p *atomic.Pointer[string]) client.Option {
		return client.WithTokenSource(func(context.Context) (string, error) { return *p.Load(), nil })
	}
	config := &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	withPair := config.Clone()
	withPair.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		p := pair.Load().TLS(t)
		return &p, nil
	}
	dial := func(options ...client.Option) *client.Client {
		c, err := client.Dial(w.at.GRPC, options...)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	kinds := [][]client.Option{
		{client.WithTLS(config), source(&token)}, {client.WithTLS(config), source(&jwt)}, {client.WithTLS(withPair)},
	}
	following, stop := context.WithCancel(ctx)
	defer stop()
	var running, ready sync.WaitGroup
	reference := &follower{}
	all := make([]*follower, n)
	begin := func(f *follower, c *client.Client) {
		ready.Add(1)
		done := sync.OnceFunc(ready.Done)
		running.Go(func() { f.follow(following, c, id, heartbeat, done) })
	}
	referenceClient := dial(client.WithTLS(config), client.WithToken(tokenOf("reference")))
	var clients []*client.Client
	begin(reference, referenceClient)
	const perClient = 200
	current := make([]*client.Client, len(kinds))
	for i := range all {
		kind := i % len(kinds)
		if i/len(kinds)%perClient == 0 {
			current[kind] = dial(kinds[kind]...)
			clients = append(clients, current[kind])
		}
		all[i] = &follower{}
		begin(all[i], current[kind])
	}
	ready.Wait()
	writing, stopWriting := context.WithCancel(ctx)
	var writer sync.WaitGroup
	writer.Go(func() {
		tick := time.NewTicker(300 * time.Millisecond)
		defer tick.Stop()
		for k := 0; ; k++ {
			name := fmt.Sprintf("name-%d", k)
			if err := w.sim.Change(id, simulator.Change{InstanceName: &name}); err != nil {
				t.Error(err)
			}
			select {
			case <-writing.Done():
				return
			case <-tick.C:
			}
		}
	})

	// The new credentials become valid beside the old ones, and the clients get them.
	write(t, w.accessFile, []byte(file(w, "old", "new")))
	write(t, w.tlsClientCA, append(slices.Clone(w.authority.PEM), next.PEM...))
	w.waitLog(ctx, "access file changed")
	w.waitLog(ctx, "TLS files changed")
	w.issuer.AddKey(t)
	w.issuer.WithdrawOldKey()
	set(&token, tokenOf("new"))
	set(&jwt, w.issuer.Sign(t, w.claims("ci", day)))
	pair.Store(issue(next))
	// The old ones end. The first token with the new key has the keys fetched again.
	write(t, w.accessFile, []byte(file(w, "new")))
	write(t, w.tlsClientCA, next.PEM)
	fresh := dial(client.WithTLS(config), source(&jwt))
	get := func(c *client.Client) outcome {
		once, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		_, err := c.Instances().GetInstance(once, &ecsdv1.GetInstanceRequest{InstanceId: id})
		return outcomeOf(err)
	}
	ended := map[string]*client.Client{
		"token": dial(client.WithTLS(config), client.WithToken(tokenOf("old"))), "JWT": dial(client.WithTLS(config), client.WithToken(oldJWT)),
		"certificate": dial(client.WithTLS(&tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{oldPair.TLS(t)}})),
	}
	w.until(ctx, "the old credentials are refused", func() bool {
		if get(fresh).reason != "" {
			return false
		}
		for _, c := range ended {
			if get(c).reason != "UNAUTHENTICATED" {
				return false
			}
		}
		return true
	})
	refused := time.Now()
	w.until(ctx, "every watcher is back", func() bool {
		for i, f := range all {
			f.mu.Lock()
			back, failed := f.interruptions > 0 && f.marks > 0, f.failed
			f.mu.Unlock()
			if failed != nil {
				t.Fatalf("watcher %d ended with %v", i, failed)
			}
			if !back {
				return false
			}
		}
		return true
	})
	t.Logf("%d watchers were back %v after the old credentials were refused", n, time.Since(refused).Round(100*time.Millisecond))
	if late := time.Since(refused); late > 10*time.Second {
		t.Errorf("the watchers were back after %v, want 10s at most", late)
	}
	stopWriting()
	writer.Wait()
	last := "the last"
	if err := w.sim.Change(id, simulator.Change{InstanceName: &last}); err != nil {
		t.Fatal(err)
	}
	for i, f := range slices.Concat(all, []*follower{reference}) {
		w.until(ctx, fmt.Sprintf("watcher %d has the last change", i), func() bool {
			f.mu.Lock()
			defer f.mu.Unlock()
			return f.failed != nil || len(f.names) > 0 && f.names[len(f.names)-1] == last
		})
	}
	stop()
	running.Wait()
	for _, c := range append(clients, referenceClient, fresh) {
		c.Close()
	}
	for _, c := range ended {
		c.Close()
	}
	if reference.interruptions != 0 {
		t.Errorf("the watcher whose credential stays was interrupted %d times", reference.interruptions)
	}
	for i, f := range all {
		if f.failed != nil {
			t.Errorf("watcher %d ended with %v", i, f.failed)
			continue
		}
		// Each watcher began with a name that the reference was told too.
		from := slices.Index(reference.names, f.names[0])
		if from < 0 || !slices.Equal(reference.names[from:], f.names) {
			t.Errorf("watcher %d was told %v, want %v", i, f.names, reference.names)
		}
	}
}
