package renewal

// Changed reports that a job was written, as the runner does.
func (e *Engine) Changed(jobID string) { e.feeds.Changed(jobID) }
