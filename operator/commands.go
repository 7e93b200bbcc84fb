package operator

// Commands are the commands of this package, in the order of the help. Embed them in a kong command line that binds a
// context.Context and [Streams], and that has the options [Contexts], [Group] and [Help].
type Commands struct {
	Renewals Renewals `cmd:"" help:"Renew many instances under one budget, and show the results."`
	Spending Spending `cmd:"" help:"Show what callers may spend and have spent, and stop all spending."`
	Audit    Audit    `cmd:"" help:"Show, export and verify the audit of payments, changes and refusals."`

	Context       ContextCommands      `cmd:"" help:"Name servers with their settings, and choose one."`
	Completion    CompletionCommand    `cmd:"" help:"Print the completion script of a shell."`
	CompleteWords CompleteWordsCommand `cmd:"" hidden:""`
}
