package operator

// The exit codes other than 0; see [Renewals.Help].
const (
	exitFailed       = 1
	exitUsage        = 2
	exitNotSucceeded = 3
	exitUnconfirmed  = 4
	// exitNoneRenewable: something expires, and none of it can be renewed.
	exitNoneRenewable = 5
	exitInterrupted   = 130
)

// Error is why a command did not do what it was asked to.
type Error struct {
	text string
	code int
}

// Error is what to print: a line, and lines with details under it.
func (e *Error) Error() string { return e.text }

// ExitCode is what the process ends with.
func (e *Error) ExitCode() int { return e.code }
