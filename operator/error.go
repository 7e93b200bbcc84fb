package operator

// The exit codes other than 0; see [Renewals.Help].
const (
	exitFailed       = 1
	exitUsage        = 2
	exitNotSucceeded = 3
	exitUnconfirmed  = 4
	// exitNoneRenewable: some instances expire, and none of them can be renewed.
	exitNoneRenewable = 5
	exitInterrupted   = 130
)

// Error is the failure of a command.
type Error struct {
	text string
	code int
}

// Error returns the text to print: a line, then indented lines with details.
func (e *Error) Error() string { return e.text }

// ExitCode returns the exit code of the process.
func (e *Error) ExitCode() int { return e.code }
