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

	Create  createCommand  `cmd:"" help:"Renew many instances: preview the cost, confirm, start."`
	Watch   watchCommand   `cmd:"" help:"Follow a job to its end. Ctrl-C stops watching, not the job."`
	List    listCommand    `cmd:"" help:"List jobs, the newest first."`
	Show    showCommand    `cmd:"" help:"Show a job with its renewals and their attempts."`
	Cancel  cancelCommand  `cmd:"" help:"Cancel a job: skip every renewal that was not sent. Those that may have been paid are settled."`
	Resolve resolveCommand `cmd:"" help:"Settle a renewal that needs attention. Check the orders in the cloud's console first."`
	Export  exportCommand  `cmd:"" help:"Write renewals as CSV or JSON to standard output."`
}

// Help is what `ecsd help renewals` prints above the flags.
func (Renewals) Help() string {
	return `These commands call a running server (ecsd serve).

Exit codes: 0 done, or nothing to renew; 1 the server or the connection failed, or the request was rejected; 2 an invalid command line; 3 the watched job did not succeed; 4 not confirmed, no job was created; 5 instances expire but none can be renewed, the plan shows why; 130 Ctrl-C.`
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
