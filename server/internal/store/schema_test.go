package store

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/ecsd-io/ecsd/test/postgres"
)

// A schema of another version is refused by name and number, and not touched.
func TestSchemaVersions(t *testing.T) {
	for name, address := range map[string]string{
		"sqlite": "sqlite:" + filepath.Join(t.TempDir(), "ecsd.db"), "postgres": postgres.Database(t),
	} {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			before, program, err := Migrate(ctx, address)
			if err != nil || before != 0 || program < 1 {
				t.Fatalf("a new database: from %d to %d, %v", before, program, err)
			}
			if before, after, err := Migrate(ctx, address); err != nil || before != program || after != program {
				t.Errorf("again: from %d to %d, %v", before, after, err)
			}
			s, err := Open(ctx, address)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.db.Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (1000, '1')"); err != nil {
				t.Fatal(err)
			}
			_ = s.Close()
			newer := SchemaError{Database: 1000, Program: program}
			var refused *SchemaError
			if _, err := Open(ctx, address); !errors.As(err, &refused) || *refused != newer {
				t.Errorf("open a newer schema: %v, want %v", err, &newer)
			}
			if _, _, err := Migrate(ctx, address); !errors.As(err, &refused) || *refused != newer {
				t.Errorf("migrate a newer schema: %v, want %v", err, &newer)
			}
		})
	}
}
