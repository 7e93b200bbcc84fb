// Command release builds the artifacts of a release into dist/VERSION: archives
// with the static program for each platform, packages and an image for Linux,
// a Helm chart, the client packages, an OpenAPI document of the messages, rules
// and dashboards, software bills of materials, and their checksums with a
// signature. It needs no container daemon. The client packages need Python,
// Node.js and a JDK with Maven, everything else Go and git.
//
// Two runs on one commit with one Go toolchain write the same bytes: every time
// is that of the commit, every owner is root, and no path of the machine is in a
// file.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/semver"
)

func main() {
	root := flag.String("root", "../..", "the `folder` of the product")
	version := flag.String("version", "", "the `version` to release, such as v1.2.3")
	key := flag.String("key", "", "a `file` with the secret key of minisign that signs the checksums; "+keyPassword+" has its password")
	clients := flag.String("clients", "yes", "no to omit the client packages, which need Python, Node.js and a JDK with Maven")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := release(ctx, *root, *version, *key, *clients); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

// release builds every artifact of the commit that root is at.
func release(ctx context.Context, root, version, key, clients string) error {
	if clients != "yes" && clients != "no" {
		return fmt.Errorf("invalid CLIENTS %q: want yes or no", clients)
	}
	if !semver.IsValid(version) || semver.Canonical(version) != version || semver.Build(version) != "" {
		return fmt.Errorf("invalid VERSION %q: want vX.Y.Z or vX.Y.Z-PRERELEASE, such as v1.2.3", version)
	}
	commit, when, err := head(ctx, root)
	if err != nil {
		return err
	}
	b := builder{
		root: root, out: filepath.Join(root, "dist", version),
		version: version, commit: commit, time: when, clients: clients == "yes", log: os.Stdout,
	}
	if key != "" {
		secret, err := signingKey(key)
		if err != nil {
			return err
		}
		b.key = &secret
	}
	return b.build(ctx, platforms())
}

// head returns the commit that the work tree is at and its time. It fails if the
// tree has changes, because the artifacts would not be those of the commit.
func head(ctx context.Context, root string) (commit string, when time.Time, err error) {
	changes, err := git(ctx, root, "status", "--porcelain")
	if err != nil {
		return "", time.Time{}, err
	}
	if changes != "" {
		return "", time.Time{}, errors.New("the work tree has changes; commit or stash them:\n" + changes)
	}
	line, err := git(ctx, root, "log", "-1", "--format=%H %ct")
	if err != nil {
		return "", time.Time{}, err
	}
	commit, seconds, _ := strings.Cut(line, " ")
	unix, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return "", time.Time{}, fmt.Errorf("read the time of commit %s: %w", commit, err)
	}
	return commit, time.Unix(unix, 0).UTC(), nil
}

func git(ctx context.Context, root string, args ...string) (string, error) {
	out, err := exec.CommandContext(ctx, "git", append([]string{"-C", root}, args...)...).Output()
	if err != nil {
		return "", fmt.Errorf("git %s: %w", args[0], err)
	}
	return strings.TrimSpace(string(out)), nil
}
