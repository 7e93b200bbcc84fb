package operator

// Commands are the commands of this package, in the order of the help. Embed them in a kong command line that binds a
// context.Context and [Streams], and that has the options [Contexts], [Group] and [Help].
type Commands struct {
	Status    Status    `cmd:"" help:"Show the health of a server, how old its view is, and what needs a person."`
	Expiring  Expiring  `cmd:"" help:"List the subscriptions that expire, in order of expiry."`
	Instances Instances `cmd:"" help:"List, create, start, stop, change, release and watch instances."`
	Renewals  Renewals  `cmd:"" help:"Renew many instances under one budget, and show the results."`
	AutoRenew AutoRenew `cmd:"" help:"Show and set whether the cloud renews subscriptions."`
	Quote     Quote     `cmd:"" help:"Show what renewals and new instances would cost."`
	Spot      Spot      `cmd:"" help:"Show spot prices and advice, and watch reclaims."`
	Disks     Disks     `cmd:"" help:"List disks, and list and create snapshots."`
	Catalog   Catalog   `cmd:"" help:"List regions, zones, instance types and their stock."`
	Spending  Spending  `cmd:"" help:"Show what callers may spend and have spent, and stop all spending."`
	Audit     Audit     `cmd:"" help:"Show, export and verify the audit of payments, changes and refusals."`
	Explain   Explain   `cmd:"" help:"Tell the story of a call, a job, a renewal, an order or an instance."`

	Context       ContextCommands      `cmd:"" help:"Name servers with their settings, and choose one."`
	Completion    CompletionCommand    `cmd:"" help:"Print the completion script of a shell."`
	CompleteWords CompleteWordsCommand `cmd:"" hidden:""`
}
