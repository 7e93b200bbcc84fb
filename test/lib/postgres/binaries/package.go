package binaries

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/ulikunitz/xz"
)

// version is that of the packages io.zonky.test.postgres:embedded-postgres-binaries-PLATFORM. To change it, take the sums
// from the .jar.sha256 files beside the packages.
const version = "17.11.0"

// sums are the SHA-256 of the packages, by platform.
var sums = map[string]string{
	"linux-amd64":        "0dd7b72b6f335b8ecfb355fa24c5781e8a93edd09880bb77eb52ebbf29b3e96d",
	"linux-amd64-alpine": "ace9a6f95b1c98ce84c9841267cd04ebee5d7de5dc7b8fea148ead44f145afbd",
	"linux-arm64v8":      "8b042e0ea418b1927d95399207950da0734d27fe01e29503ade3bdc464ad4c2b",
	"darwin-amd64":       "d464ff178e9860ba204662ac23fa547504b7fd392392ff2fb92e3fd73b5bdb64",
	"darwin-arm64v8":     "a1c2786acb0c398f9b2d76806fc52f5dc8b222cbc8e9383a9b9702084daaf3a5",
}

// archive is a package: a JAR with a .txz inside.
type archive struct {
	platform, sum string
}

// pinned returns the package for this machine.
func pinned() (archive, error) {
	platform := runtime.GOOS + "-" + strings.Replace(runtime.GOARCH, "arm64", "arm64v8", 1)
	if musl, _ := filepath.Glob("/lib/ld-musl-*"); len(musl) > 0 {
		platform += "-alpine"
	}
	sum, ok := sums[platform]
	if !ok {
		return archive{}, fmt.Errorf("no package of PostgreSQL for %s", platform)
	}
	return archive{platform, sum}, nil
}

// folder returns the package's folder of programs in the cache of this repository. It downloads the package if the cache
// lacks it.
func (a archive) folder(ctx context.Context, report func(string)) (string, error) {
	root, err := repositoryRoot()
	if err != nil {
		return "", err
	}
	cache := filepath.Join(root, ".cache", "postgres")
	target := filepath.Join(cache, version+"-"+a.platform)
	programs := filepath.Join(target, "bin")
	if isProgram(programs, "postgres") {
		return programs, nil
	}
	base, err := repository()
	if err != nil {
		return "", err
	}
	report(fmt.Sprintf("PostgreSQL: downloading package %s for %s into .cache/postgres", version, a.platform))
	artifact := "embedded-postgres-binaries-" + a.platform
	jar, err := download(ctx, base, path.Join("io/zonky/test/postgres", artifact, version, artifact+"-"+version+".jar"), a.sum)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", err
	}
	// The folder gets its name once it is complete. Another process may have been faster.
	partial, err := os.MkdirTemp(cache, "partial-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(partial)
	if err := errors.Join(unpack(jar, partial), os.Chmod(partial, 0o755)); err != nil {
		return "", err
	}
	if err := os.Rename(partial, target); err != nil && !isProgram(programs, "postgres") {
		return "", err
	}
	return programs, nil
}

// repositoryRoot returns the folder of go.mod above the current one: a test runs in the folder of its package.
func repositoryRoot() (string, error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder, nil
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			return "", errors.New("no go.mod in this folder or above")
		}
		folder = parent
	}
}

// unpack writes the files of the package's .txz into a folder.
func unpack(jar []byte, folder string) error {
	content, err := zip.NewReader(bytes.NewReader(jar), int64(len(jar)))
	if err != nil {
		return err
	}
	names, err := fs.Glob(content, "*.txz")
	if err != nil || len(names) != 1 {
		return fmt.Errorf("the package has %d .txz files, want 1: %w", len(names), err)
	}
	file, err := content.Open(names[0])
	if err != nil {
		return err
	}
	defer file.Close()
	plain, err := xz.NewReader(file)
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return err
	}
	defer root.Close()
	for items := tar.NewReader(plain); ; {
		item, err := items.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = write(root, item, items)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", names[0], err)
		}
	}
}

func write(root *os.Root, item *tar.Header, content io.Reader) error {
	name := path.Clean(item.Name)
	if item.Typeflag == tar.TypeDir {
		return root.MkdirAll(name, 0o755)
	}
	if err := root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	switch item.Typeflag {
	case tar.TypeSymlink:
		return root.Symlink(item.Linkname, name)
	case tar.TypeReg:
		file, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, item.FileInfo().Mode().Perm())
		if err != nil {
			return err
		}
		_, err = io.Copy(file, content)
		return errors.Join(err, file.Close())
	default:
		return fmt.Errorf("%s has the unknown type %c", name, item.Typeflag)
	}
}
