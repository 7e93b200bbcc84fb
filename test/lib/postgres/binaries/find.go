package binaries

import (
	"context"
	"errors"
	"fmt"
)

// Variable is the environment variable that selects the PostgreSQL of the tests.
const Variable = "ECSD_TEST_POSTGRES"

// The values of Variable. Without one, Find prefers the package to an installed PostgreSQL.
const (
	Package = "package" // the package only
	Machine = "machine" // an installed PostgreSQL only
	Skip    = "skip"    // none: the caller skips its tests
)

// Find returns the folder with initdb and postgres that the value of Variable selects. It calls report with one line if
// it downloads the package, and if it uses an installed PostgreSQL because the package is not available.
func Find(ctx context.Context, value string, report func(line string)) (string, error) {
	switch value {
	case Machine:
		return installed()
	case Package, "":
	default:
		return "", fmt.Errorf("invalid %s %q: want %s, %s, %s or nothing", Variable, value, Package, Machine, Skip)
	}
	p, err := pinned()
	if err == nil {
		var folder string
		if folder, err = p.folder(ctx, report); err == nil {
			return folder, nil
		}
	}
	if value == Package {
		return "", err
	}
	folder, missing := installed()
	if missing != nil {
		return "", errors.Join(err, missing)
	}
	report(fmt.Sprintf("PostgreSQL: using %s, because its package is not available: %v", folder, err))
	return folder, nil
}
