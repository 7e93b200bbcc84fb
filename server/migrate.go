package server

import (
	"context"
	"fmt"
	"io"

	"github.com/ecsd-io/ecsd/server/internal/store"
)

// Migrate upgrades the schema of a database to the version of this build,
// creates it if the database is new, and prints the versions on out.
func Migrate(ctx context.Context, database string, out io.Writer) error {
	database = Config{Database: database}.resolved().Database
	if err := store.CheckAddress(database); err != nil {
		return &ConfigError{Rule: fmt.Sprintf("--database: %q: %v", store.Redact(database), err)}
	}
	before, after, err := store.Migrate(ctx, database)
	switch {
	case err != nil:
		return fmt.Errorf("--database %s: %w", store.Redact(database), err)
	case before == after:
		fmt.Fprintf(out, "%s has schema %d already\n", store.Redact(database), after)
	default:
		fmt.Fprintf(out, "%s: schema %d is now %d\n", store.Redact(database), before, after)
	}
	return nil
}
