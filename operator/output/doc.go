// Package output writes the results of commands: as a table for people, or as JSON or CSV for programs.
//
// The rows or messages of a command and its [Options] come in; text on the streams goes out. A [Printer] holds what all
// commands share: the format, the time zone, the width and the colours of the terminal. In JSON and CSV, standard output
// has the result only, and everything for people goes to standard error.
//
// A list is written while it is read, with memory for the first rows only. Text of others, such as the name of an
// instance, reaches a terminal without control characters.
//
// The package makes no calls and ends no process.
package output
