package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"aead.dev/minisign"
)

// platform is an operating system and an architecture, in Go's names.
type platform struct{ os, arch string }

func platforms() []platform {
	return []platform{
		{"linux", "amd64"}, {"linux", "arm64"},
		{"darwin", "amd64"}, {"darwin", "arm64"},
		{"windows", "amd64"}, {"windows", "arm64"},
	}
}

// program is the name of the program's file.
func (p platform) program() string {
	if p.os == "windows" {
		return "ecsd.exe"
	}
	return "ecsd"
}

// builder builds one release.
type builder struct {
	root, out       string
	version, commit string
	// time is that of the commit, and of every file in every artifact.
	time time.Time
	// clients is set if the client packages are built.
	clients bool
	// key signs the checksums; nil means no signature.
	key *minisign.PrivateKey
	// log takes one line per artifact.
	log io.Writer
}

// number is the version without its v, as packages and file names have it.
func (b builder) number() string { return strings.TrimPrefix(b.version, "v") }

// base is the name of a platform's artifacts without an extension.
func (b builder) base(p platform) string {
	return fmt.Sprintf("ecsd_%s_%s_%s", b.number(), p.os, p.arch)
}

// build writes the artifacts of the platforms and their checksums to b.out,
// which it replaces.
func (b builder) build(ctx context.Context, platforms []platform) error {
	if err := os.RemoveAll(b.out); err != nil {
		return err
	}
	if err := os.MkdirAll(b.out, 0o755); err != nil {
		return err
	}
	programs, err := os.MkdirTemp("", "ecsd-release-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(programs)
	var linux []platform
	for _, p := range platforms {
		program := filepath.Join(programs, b.base(p))
		if err := b.compile(ctx, p, program); err != nil {
			return err
		}
		if err := b.artifacts(p, program); err != nil {
			return fmt.Errorf("%s: %w", b.base(p), err)
		}
		if p.os == "linux" {
			linux = append(linux, p)
		}
	}
	if err := b.image(linux, programs); err != nil {
		return fmt.Errorf("image: %w", err)
	}
	if err := b.chart(); err != nil {
		return fmt.Errorf("chart: %w", err)
	}
	if err := b.openAPI(ctx); err != nil {
		return fmt.Errorf("OpenAPI document: %w", err)
	}
	if err := b.monitoring(); err != nil {
		return fmt.Errorf("monitoring: %w", err)
	}
	if err := b.clientPackages(ctx); err != nil {
		return fmt.Errorf("client packages (CLIENTS=no omits them): %w", err)
	}
	if err := b.checksums(); err != nil {
		return err
	}
	return b.sign()
}

// artifacts writes what is made of one platform's program.
func (b builder) artifacts(p platform, program string) error {
	if err := b.archive(p, program); err != nil {
		return err
	}
	if err := b.sbom(p, program); err != nil || p.os != "linux" {
		return err
	}
	return b.packages(p, program)
}

// compile builds the program of a platform.
func (b builder) compile(ctx context.Context, p platform, program string) error {
	fmt.Fprintf(b.log, "compiling ecsd for %s/%s\n", p.os, p.arch)
	const build = "github.com/ecsd-io/ecsd/server/internal/telemetry."
	program, err := filepath.Abs(program)
	if err != nil {
		return err
	}
	// The toolchain's stamp of the repository depends on the tags of the clone.
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-tags=grpcnotrace,nopgxregisterdefaulttypes", // as make build and the tests
		"-ldflags", fmt.Sprintf("-s -w -X %sreleaseVersion=%s -X %sreleaseCommit=%s", build, b.version, build, b.commit),
		"-o", program, "./server/cmd/ecsd")
	cmd.Dir = b.root
	// Later settings win over those of the caller, whose flags could change the bytes.
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+p.os, "GOARCH="+p.arch,
		"GOAMD64=v1", "GOARM64=v8.0", "GOFLAGS=", "GOEXPERIMENT=", "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("compile for %s/%s: %w\n%s", p.os, p.arch, err, out)
	}
	return nil
}

// checksums writes the SHA-256 of every artifact as `sha256sum --check` reads
// it.
func (b builder) checksums() error {
	entries, err := os.ReadDir(b.out)
	if err != nil {
		return err
	}
	var lines []string
	for _, entry := range entries {
		hash, err := hashOf(filepath.Join(b.out, entry.Name()))
		if err != nil {
			return err
		}
		lines = append(lines, hash+"  "+entry.Name()+"\n")
	}
	slices.SortFunc(lines, func(a, b string) int { return strings.Compare(a[2*sha256.Size:], b[2*sha256.Size:]) })
	return b.write(checksumsFile, []byte(strings.Join(lines, "")))
}

// checksumsFile is the name of the file of checksums.
const checksumsFile = "checksums.txt"

func hashOf(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// write writes an artifact and logs it.
func (b builder) write(name string, content []byte) error {
	if err := os.WriteFile(filepath.Join(b.out, name), content, 0o644); err != nil {
		return err
	}
	fmt.Fprintf(b.log, "wrote %s (%.1f MB)\n", name, float64(len(content))/1e6)
	return nil
}
