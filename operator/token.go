package operator

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"

	"github.com/ecsd-io/ecsd/client"
)

// tokenFlags are the sources of the token to send.
type tokenFlags struct {
	TokenFile    string `placeholder:"FILE" env:"ECSD_TOKEN_FILE" help:"File with the token to send; read again when the server refuses it."`
	TokenCommand string `placeholder:"COMMAND" env:"ECSD_TOKEN_COMMAND" help:"Shell command that prints the token to send; run again when the server refuses it. Not with --token-file."`
}

func (f *tokenFlags) checkToken() error {
	if f.TokenFile != "" && f.TokenCommand != "" {
		return errors.New("--token-file and --token-command: give at most one")
	}
	return nil
}

// token returns the option of the token, none without a source.
func (f *tokenFlags) token() ([]client.Option, error) {
	switch {
	case f.TokenFile != "":
		if _, err := readToken(f.TokenFile); err != nil {
			return nil, &Error{fmt.Sprintf("--token-file: %v", err), exitUsage}
		}
		return []client.Option{client.WithTokenSource(func(context.Context) (string, error) { return readToken(f.TokenFile) })}, nil
	case f.TokenCommand != "":
		return []client.Option{client.WithTokenSource(func(ctx context.Context) (string, error) { return runToken(ctx, f.TokenCommand) })}, nil
	}
	return nil, nil
}

// readToken reads the token of a file. The text of an error has no part of it.
func readToken(path string) (string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	return oneToken(path, text)
}

// runToken runs the command that prints the token. Its standard error is the terminal's, as for a prompt.
func runToken(ctx context.Context, command string) (string, error) {
	shell := []string{"sh", "-c"}
	if runtime.GOOS == "windows" {
		shell = []string{"cmd", "/C"}
	}
	run := exec.CommandContext(ctx, shell[0], shell[1], command) //nolint:gosec // the command is the user's setting
	run.Stdin, run.Stderr = os.Stdin, os.Stderr
	text, err := run.Output()
	if err != nil {
		return "", fmt.Errorf("--token-command: %w", err)
	}
	return oneToken("--token-command", text)
}

func oneToken(source string, text []byte) (string, error) {
	token := strings.TrimSpace(string(text))
	if token == "" || strings.ContainsAny(token, " \r\n\t") {
		return "", fmt.Errorf("%s: want one token on one line", source)
	}
	return token, nil
}
