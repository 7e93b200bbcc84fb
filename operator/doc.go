// Package operator implements the commands of a running server, such as `ecsd renewals`, and `ecsd context` and `ecsd
// completion`, which serve them.
//
// A command line that kong has parsed and the standard streams come in; calls of package client go out. The package has
// no more access than any other client: it imports client, the generated contract and its package output, and nothing
// of the server.
//
// A command returns nil, or an [Error] with the problem, the remedy and the exit code.
//
// # A new command
//
// [listCommand] is the model of a command that lists, [freezeCommand] of one that changes, [createCommand] of one that
// pays.
//
//   - The flags are a struct. A group of commands embeds [Connection] once, as [Renewals] does; a command without a group
//     embeds it directly: Connection `embed:"" group:"common"`. It adds --context, --address, -o, --utc and the others,
//     which a context or a variable may set. A flag --region gets the default regions of the context.
//   - Validate checks the flags before any call, and names the flag and the permitted values. The exit code is then 2.
//   - Run takes a context, the [Streams], and the group. dial returns a session: the client, and the printer in out.
//   - A result goes through package output only: [list] for a list that is read page by page, output.Message for one
//     message. Columns name their values; the package formats times, Money, periods and enums in all formats, and fits
//     a table into the terminal. Text for people goes through out.Printf and out.Field.
//   - A command that pays or destroys embeds [confirmation]: begin prints the request_id, then the command shows what it
//     will do, by a dry run (validate_only) if the RPC has one, then confirm asks, then the call is sent.
//   - An error of a call passes session.failed, which adds the flag and the remedy; add fields and reasons to its tables.
//   - Examples returns lines of Bash for the help. A test runs each of them.
package operator
