package telemetry

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// releaseVersion and releaseCommit are set by the linker in a release: the
// toolchain's own stamp depends on the tags of the clone, and would make two
// builds of one commit differ.
var releaseVersion, releaseCommit string

// Build identifies this program, as the release or the Go toolchain stamped it.
type Build struct {
	// Version is the version of the release or of the module, "(devel)" for a
	// build from a work tree without a tag.
	Version string
	// Revision is the commit, "" if the build had no repository; Modified reports
	// that the work tree differed from it.
	Revision string
	Modified bool
	// GoVersion is the toolchain's.
	GoVersion string
}

// ReadBuild reads the build information of the running program.
func ReadBuild() Build {
	build := Build{Version: "(devel)", GoVersion: runtime.Version()}
	if releaseVersion != "" {
		build.Version, build.Revision = releaseVersion, releaseCommit
		return build
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return build
	}
	if info.Main.Version != "" {
		build.Version = info.Main.Version
	}
	for _, setting := range info.Settings {
		switch setting.Key {
		case "vcs.revision":
			build.Revision = setting.Value
		case "vcs.modified":
			build.Modified = setting.Value == "true"
		}
	}
	return build
}

// String is the line that `ecsd version` prints.
func (b Build) String() string {
	line := "ecsd " + b.Version
	if b.Revision != "" {
		line += " commit " + b.Revision
		if b.Modified {
			line += " (modified)"
		}
	}
	return fmt.Sprintf("%s %s %s/%s", line, b.GoVersion, runtime.GOOS, runtime.GOARCH)
}
