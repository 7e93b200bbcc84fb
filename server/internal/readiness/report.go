package readiness

import "time"

// Report is the content of /readyz.
type Report struct {
	// Ready reports whether the overall service is SERVING.
	Ready    bool                  `json:"ready"`
	Draining bool                  `json:"draining,omitempty"`
	Parts    map[string]PartReport `json:"parts"`
}

// PartReport is the last known state of one part.
type PartReport struct {
	Ready bool `json:"ready"`
	// Optional: the part affects no health.
	Optional bool `json:"optional,omitempty"`
	// Since is when it became so.
	Since time.Time `json:"since"`
	// FailedChecks is how many checks in a row have failed.
	FailedChecks int `json:"failed_checks,omitempty"`
	// Error is the error of the last check, "" if it passed.
	Error string `json:"error,omitempty"`
}

// Report returns the results of the last checks.
func (p *Prober) Report() Report {
	p.mu.Lock()
	defer p.mu.Unlock()
	report := Report{Ready: !p.draining, Draining: p.draining, Parts: make(map[string]PartReport, len(p.parts))}
	for name, state := range p.parts {
		part := PartReport{Ready: state.ready, Optional: state.optional, Since: state.since.UTC(), FailedChecks: state.failures}
		if state.err != nil {
			part.Error = state.err.Error()
		}
		report.Parts[name] = part
		report.Ready = report.Ready && (state.ready || state.optional)
	}
	return report
}
