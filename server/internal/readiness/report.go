package readiness

import "time"

// Report is what /readyz shows.
type Report struct {
	// Ready says whether the overall service is SERVING.
	Ready    bool                  `json:"ready"`
	Draining bool                  `json:"draining,omitempty"`
	Parts    map[string]PartReport `json:"parts"`
}

// PartReport is what is known of one part.
type PartReport struct {
	Ready bool `json:"ready"`
	// Since is when it became so.
	Since time.Time `json:"since"`
	// FailedChecks is how many checks in a row have failed.
	FailedChecks int `json:"failed_checks,omitempty"`
	// Error is the last check's, "" where it passed.
	Error string `json:"error,omitempty"`
}

// Report tells what the last checks found.
func (p *Prober) Report() Report {
	p.mu.Lock()
	defer p.mu.Unlock()
	report := Report{Ready: !p.draining, Draining: p.draining, Parts: make(map[string]PartReport, len(p.parts))}
	for name, state := range p.parts {
		part := PartReport{Ready: state.ready, Since: state.since.UTC(), FailedChecks: state.failures}
		if state.err != nil {
			part.Error = state.err.Error()
		}
		report.Parts[name] = part
		report.Ready = report.Ready && state.ready
	}
	return report
}
