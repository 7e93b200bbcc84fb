package operator

import (
	"io"
	"os"

	"github.com/mattn/go-isatty"
)

// Renewals is `ecsd renewals`. Mount it in a kong command line that binds a
// context.Context and a [Streams].
type Renewals struct {
	Connection `embed:""`

	Create  createCommand  `cmd:"" help:"Renew many instances: show the plan, ask for confirmation, and begin."`
	Watch   watchCommand   `cmd:"" help:"Follow a job to its end. Ctrl-C stops watching, not the job."`
	List    listCommand    `cmd:"" help:"List jobs, the newest first."`
	Show    showCommand    `cmd:"" help:"Show a job with its renewals and their attempts."`
	Cancel  cancelCommand  `cmd:"" help:"Skip the renewals of a job that were not sent. Those that may have been paid are settled."`
	Resolve resolveCommand `cmd:"" help:"Decide about a renewal that needs attention. Look at the orders in the cloud's console first."`
	Export  exportCommand  `cmd:"" help:"Write renewals as CSV or JSON to standard output."`
}

// Help is what `ecsd help renewals` prints above the flags.
func (Renewals) Help() string {
	return `The commands call a running server (ecsd serve), as any client does.

Exit codes: 0 done, or nothing to renew; 1 the server or the connection failed, or refused; 2 an invalid command line; 3 the job that was watched ended otherwise than SUCCEEDED; 4 not confirmed, so nothing was begun; 5 something expires and none of it can be renewed, the plan shows why; 130 Ctrl-C.`
}

// Streams are the standard streams of a command.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// IsTerminal reports whether the stream is a terminal.
func IsTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && isatty.IsTerminal(file.Fd())
}
