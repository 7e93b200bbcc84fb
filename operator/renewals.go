package operator

import (
	"io"

	"github.com/ecsd-io/ecsd/operator/output"
)

// Renewals is `ecsd renewals`. Mount it in a kong command line that binds a
// context.Context and a [Streams].
type Renewals struct {
	Connection `embed:"" group:"common"`

	Create    createCommand    `cmd:"" help:"Renew many instances: preview the cost, confirm, start."`
	Watch     watchCommand     `cmd:"" help:"Follow a job to its end. Ctrl-C stops watching, not the job."`
	List      listCommand      `cmd:"" help:"List jobs, the newest first."`
	Show      showCommand      `cmd:"" help:"Show a job with its renewals and their attempts."`
	Cancel    cancelCommand    `cmd:"" help:"Cancel a job: skip every renewal that was not sent. Those that may have been paid are settled."`
	Attention attentionCommand `cmd:"" help:"List the renewals that need a decision, because their outcome is unknown."`
	Resolve   resolveCommand   `cmd:"" help:"Settle a renewal that needs attention. Check the orders in the cloud's console first."`
	Export    exportCommand    `cmd:"" help:"Write renewals as CSV to standard output, or as JSON with -o json."`
}

// Help is what `ecsd help renewals` prints above the flags.
func (Renewals) Help() string {
	return `These commands call a running server (ecsd serve).`
}

// Streams are the standard streams of a command.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// IsTerminal reports whether the stream is a terminal.
func IsTerminal(stream any) bool { return output.IsTerminal(stream) }
