// Package suite runs the parts of make test. A part whose tools are missing is skipped with one line that names the command
// that installs them, and fails if CI is set. The results of all parts end in one summary.
package suite
