package server

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ecsd-io/ecsd/server/internal/telemetry"
)

const (
	rulesFile     = "../deploy/prometheus/ecsd.rules.yaml"
	dashboardFile = "../deploy/grafana/ecsd.json"
)

// exported returns the labels of each metric of a server.
func exported(t *testing.T) map[string][]string {
	t.Helper()
	cfg := DefaultConfig()
	cfg.Simulate, cfg.Listen, cfg.Admin, cfg.Simulator = true, "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"
	s, err := New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	// Only a server with --notify has receivers.
	s.metrics.Notifications(func(context.Context) ([]telemetry.ReceiverLoad, error) { return nil, nil })
	descriptions := make(chan *prometheus.Desc)
	go func() {
		defer close(descriptions)
		s.metrics.Registry.Describe(descriptions)
	}()
	labels := map[string][]string{}
	described := regexp.MustCompile(`fqName: "([^"]+)".*variableLabels: \{([^}]*)\}`)
	for d := range descriptions {
		if found := described.FindStringSubmatch(d.String()); found != nil {
			labels[found[1]] = strings.FieldsFunc(found[2], func(r rune) bool { return r == ',' })
		}
	}
	return labels
}

// use is a metric in an expression, with the labels that select or group it.
var (
	use      = regexp.MustCompile(`\b((?:ecsd|grpc_server)_[a-z_]+)(?:\{([^}]*)\})?`)
	selected = regexp.MustCompile(`([a-z_]+)\s*(?:=~|!=|!~|=)`)
	grouped  = regexp.MustCompile(`(?:by|without) \(([^)]*)\)`)
	shown    = regexp.MustCompile(`\{\{ ?(?:\$labels\.)?([a-z_]+) ?\}\}`)
)

// checkExpression compares an expression with the metrics. Prometheus itself adds
// instance and job.
func checkExpression(t *testing.T, where, expression, text string, metrics map[string][]string) {
	t.Helper()
	found := use.FindAllStringSubmatch(expression, -1)
	if len(found) == 0 {
		t.Errorf("%s: no metric in %s", where, expression)
	}
	known := []string{"instance", "job"}
	for _, f := range found {
		labels, ok := metrics[f[1]]
		if !ok {
			t.Errorf("%s: the server has no metric %s", where, f[1])
			continue
		}
		for _, s := range selected.FindAllStringSubmatch(f[2], -1) {
			if !slices.Contains(labels, s[1]) {
				t.Errorf("%s: %s has no label %s, but %v", where, f[1], s[1], labels)
			}
		}
		known = append(known, labels...)
	}
	used := shown.FindAllStringSubmatch(text, -1)
	for _, g := range grouped.FindAllStringSubmatch(expression, -1) {
		for label := range strings.SplitSeq(g[1], ",") {
			used = append(used, []string{"", strings.TrimSpace(label)})
		}
	}
	for _, u := range used {
		if !slices.Contains(known, u[1]) {
			t.Errorf("%s: no metric in %s has the label %s", where, expression, u[1])
		}
	}
}

// Every metric and label of the rules and of the dashboard is exported.
func TestMonitoring_MetricsExist(t *testing.T) {
	metrics := exported(t)
	rules, err := os.ReadFile(rulesFile)
	if err != nil {
		t.Fatal(err)
	}
	alerts := strings.Split(string(rules), "- alert: ")[1:]
	if len(alerts) < 12 {
		t.Errorf("the file has %d alerts", len(alerts))
	}
	for _, alert := range alerts {
		name, _, _ := strings.Cut(alert, "\n")
		_, rest, _ := strings.Cut(alert, "expr: ")
		expression, text, _ := strings.Cut(rest, "\n")
		checkExpression(t, name, expression, text, metrics)
	}
	text, err := os.ReadFile(dashboardFile)
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Panels []struct {
			ID      int
			Type    string
			Title   string
			Targets []struct{ Expr, LegendFormat string }
		}
	}
	if err := json.Unmarshal(text, &dashboard); err != nil {
		t.Fatal(err)
	}
	ids := map[int]bool{}
	for _, panel := range dashboard.Panels {
		if ids[panel.ID] {
			t.Errorf("%s has the ID of another panel", panel.Title)
		}
		ids[panel.ID] = true
		if panel.Type != "row" && len(panel.Targets) == 0 {
			t.Errorf("%s shows nothing", panel.Title)
		}
		for _, target := range panel.Targets {
			checkExpression(t, panel.Title, target.Expr, target.LegendFormat, metrics)
		}
	}
}

// The alerts fire for what they are about, by their tests of promtool.
func TestMonitoring_Rules(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip("no promtool: apt-get install --no-install-recommends prometheus")
	}
	for _, args := range [][]string{{"check", "rules", "ecsd.rules.yaml"}, {"test", "rules", "ecsd.rules.test.yaml"}} {
		command := exec.CommandContext(t.Context(), promtool, args...)
		command.Dir = filepath.Dir(rulesFile)
		if output, err := command.CombinedOutput(); err != nil {
			t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, output)
		}
	}
	tests, err := os.ReadFile(filepath.Join(filepath.Dir(rulesFile), "ecsd.rules.test.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	rules, err := os.ReadFile(rulesFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, alert := range regexp.MustCompile(`- alert: (\w+)`).FindAllStringSubmatch(string(rules), -1) {
		if !strings.Contains(string(tests), "alertname: "+alert[1]+"\n") {
			t.Errorf("%s has no test", alert[1])
		}
	}
}
