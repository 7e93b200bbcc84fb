package main

import (
	"context"

	"github.com/ecsd-io/ecsd/server"
)

// migrateCommand is `ecsd migrate`.
type migrateCommand struct {
	Database string `placeholder:"DATABASE" help:"The database, as in serve --database. Default sqlite:ecsd.db."`
}

// Run brings the schema up to date.
func (c *migrateCommand) Run(ctx context.Context, out output) error {
	return server.Migrate(ctx, c.Database, out.stdout)
}
