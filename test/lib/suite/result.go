package suite

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
)

// ResultsVariable is the environment variable that names the file of results. Without it nothing is recorded.
const ResultsVariable = "ECSD_TEST_RESULTS"

// Outcome is how a suite ended.
type Outcome string

// The outcomes.
const (
	Passed  Outcome = "passed"
	Failed  Outcome = "failed"
	Skipped Outcome = "skipped"
)

// Result is the result of one suite, a line of JSON in the file.
type Result struct {
	Suite   string
	Outcome Outcome
	// Missing names the missing tools of a skipped suite, and how to install them.
	Missing string `json:",omitempty"`
}

// Record appends a result to the file.
func Record(r Result) error {
	path := os.Getenv(ResultsVariable)
	if path == "" {
		return nil
	}
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(append(line, '\n'))
	return errors.Join(err, file.Close())
}

// Results reads the results in a file. A missing file has none.
func Results(path string) ([]Result, error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var all []Result
	for lines := json.NewDecoder(file); ; {
		var r Result
		if err := lines.Decode(&r); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		all = append(all, r)
	}
}

// Summarize prints which suites ran and which were skipped. Its last line counts them.
func Summarize(out io.Writer, results []Result) {
	suites := map[Outcome][]string{}
	skipped, reasons := map[string][]string{}, []string(nil)
	for _, r := range results {
		suites[r.Outcome] = append(suites[r.Outcome], r.Suite)
		if r.Outcome == Skipped {
			if skipped[r.Missing] == nil {
				reasons = append(reasons, r.Missing)
			}
			skipped[r.Missing] = append(skipped[r.Missing], r.Suite)
		}
	}
	for _, o := range []Outcome{Passed, Failed} {
		if len(suites[o]) > 0 {
			fmt.Fprintf(out, "%s: %s\n", o, strings.Join(suites[o], ", "))
		}
	}
	for _, reason := range reasons {
		fmt.Fprintf(out, "skipped: %s, missing: %s\n", strings.Join(skipped[reason], ", "), reason)
	}
	fmt.Fprintf(out, "%d passed, %d failed", len(suites[Passed]), len(suites[Failed]))
	if n := len(suites[Skipped]); n > 0 {
		fmt.Fprintf(out, ", %d skipped", n)
	}
	fmt.Fprintln(out)
}
