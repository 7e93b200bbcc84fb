package server

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/access"
)

// DevelopmentAccess returns the access file and the token file of a folder, for
// trials. If the folder has neither, it creates both, for one caller with all
// scopes, and only this user can read them.
func DevelopmentAccess(folder, caller string) (accessFile, tokenFile string, err error) {
	accessFile, tokenFile = filepath.Join(folder, "access.yaml"), filepath.Join(folder, "token")
	var missing []string
	for _, path := range []string{accessFile, tokenFile} {
		switch _, err := os.Stat(path); {
		case errors.Is(err, fs.ErrNotExist):
			missing = append(missing, path)
		case err != nil:
			return "", "", err
		}
	}
	switch len(missing) {
	case 0:
		return accessFile, tokenFile, nil
	case 1:
		return "", "", fmt.Errorf("%s is missing: access.yaml and token belong together; restore it, or remove the other", missing[0])
	}
	token, entry, err := newToken(caller, time.Time{})
	if err != nil {
		return "", "", err
	}
	file := fmt.Sprintf("callers:\n  - name: %s\n    %s\n    scopes: [%q]\n", caller, entry, access.AllScopes)
	for _, f := range []struct{ path, text string }{{accessFile, file}, {tokenFile, token + "\n"}} {
		if err := os.WriteFile(f.path, []byte(f.text), 0o600); err != nil {
			return "", "", err
		}
	}
	return accessFile, tokenFile, nil
}
