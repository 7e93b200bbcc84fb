package main

import (
	"bytes"
	"os"
	"path/filepath"

	"github.com/goreleaser/nfpm/v2"
	"github.com/goreleaser/nfpm/v2/deb"
	"github.com/goreleaser/nfpm/v2/files"
	"github.com/goreleaser/nfpm/v2/rpm"
)

// packages writes the .deb and the .rpm of a platform.
func (b builder) packages(p platform, program string) error {
	for _, packager := range []struct {
		format    nfpm.Packager
		extension string
	}{{deb.Default, ".deb"}, {&rpm.RPM{}, ".rpm"}} {
		var out bytes.Buffer
		if err := packager.format.Package(b.packageInfo(p, program), &out); err != nil {
			return err
		}
		if err := b.write(b.base(p)+packager.extension, out.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

// packageInfo returns the contents of a package. A packager changes what it is
// given, so that each needs its own.
func (b builder) packageInfo(p platform, program string) *nfpm.Info {
	unit := func(name string) string { return filepath.Join(b.root, "deploy/systemd", name) }
	file := func(source, destination string, mode os.FileMode, kind string) *files.Content {
		return &files.Content{
			Source: source, Destination: destination, Type: kind,
			FileInfo: &files.ContentFileInfo{Owner: "root", Group: "root", Mode: mode, MTime: b.time},
		}
	}
	doc := func(name string) *files.Content {
		return file(filepath.Join(b.root, name), "/usr/share/doc/ecsd/"+name, 0o644, files.TypeFile)
	}
	info := &nfpm.Info{
		Name: "ecsd", Arch: p.arch, Platform: p.os, Version: b.version, VersionSchema: "semver", Release: "1",
		Section: "admin", Priority: "optional", License: "Apache-2.0",
		Maintainer: "The ecsd authors", Homepage: "https://github.com/ecsd-io/ecsd",
		Description: "Lifecycle and renewal of Alibaba Cloud ECS instances.\n" +
			"A gRPC service that finds the subscriptions that expire, prices them, and renews each exactly once within a budget.",
		MTime: b.time,
		Overridables: nfpm.Overridables{
			Contents: files.Contents{
				file(program, "/usr/bin/ecsd", 0o755, files.TypeFile),
				file(unit("ecsd.service"), "/usr/lib/systemd/system/ecsd.service", 0o644, files.TypeFile),
				file(unit("sysusers.conf"), "/usr/lib/sysusers.d/ecsd.conf", 0o644, files.TypeFile),
				file("", "/etc/ecsd", 0o755, files.TypeDir),
				file(unit("ecsd.yaml"), "/etc/ecsd/ecsd.yaml", 0o640, files.TypeConfigNoReplace),
				doc("README.md"), doc("CHANGELOG.md"), doc("LICENSE"),
			},
			Scripts: nfpm.Scripts{
				PostInstall: unit("postinstall.sh"),
				PreRemove:   unit("preremove.sh"),
				PostRemove:  unit("postremove.sh"),
			},
			// Without a host the package would name the machine that built it.
			RPM: nfpm.RPM{Group: "Applications/System", Summary: "Lifecycle and renewal of Alibaba Cloud ECS instances", BuildHost: "ecsd"},
		},
	}
	return nfpm.WithDefaults(info)
}
