package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// clientPackages writes the wheel, the npm tarball and the JARs of the clients.
func (b builder) clientPackages(ctx context.Context) error {
	if !b.clients {
		fmt.Fprintln(b.log, "no client packages: CLIENTS=no")
		return nil
	}
	folder, err := os.MkdirTemp("", "ecsd-clients-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	fmt.Fprintln(b.log, "building the client packages")
	cmd := exec.CommandContext(ctx, "make", "--directory", b.root, "--no-print-directory", "client-packages", "OUT="+folder, "VERSION="+b.number())
	cmd.Env = append(os.Environ(), "SOURCE_DATE_EPOCH="+strconv.FormatInt(b.time.Unix(), 10), "MAKEFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	found := map[string]int{}
	for _, entry := range entries {
		found[filepath.Ext(entry.Name())]++
	}
	if want := (map[string]int{".whl": 1, ".tgz": 1, ".jar": 3, ".pom": 1}); !maps.Equal(found, want) {
		return fmt.Errorf("the build wrote files %v, want %v", found, want)
	}
	for _, entry := range entries {
		content, err := os.ReadFile(filepath.Join(folder, entry.Name()))
		if err != nil {
			return err
		}
		if err := b.write(entry.Name(), content); err != nil {
			return err
		}
	}
	return nil
}

// monitoring writes the rules of Prometheus and the dashboards of Grafana, if
// the release has them.
func (b builder) monitoring() error {
	var items []item
	for _, name := range []string{"grafana", "prometheus"} {
		files, err := folderItems(filepath.Join(b.root, "deploy", name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		items = append(items, item{name: name + "/", mode: 0o755})
		for _, file := range files {
			file.name = name + "/" + file.name
			items = append(items, file)
		}
	}
	if items == nil {
		return nil
	}
	return b.tarGzip("ecsd_"+b.number()+"_monitoring.tar.gz", items)
}
