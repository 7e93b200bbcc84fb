package main

import (
	"bytes"
	"crypto/rand"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"aead.dev/minisign"
	cdx "github.com/CycloneDX/cyclonedx-go"
	openapi "github.com/google/gnostic/openapiv3"
)

// checkSBOM compares the document with the modules that `go version -m` prints
// of the program in the archive.
func checkSBOM(t *testing.T, b builder) {
	p := platform{"linux", "amd64"}
	program := filepath.Join(t.TempDir(), "ecsd")
	items := untar(t, readFile(t, filepath.Join(b.out, b.base(p)+".tar.gz")))
	if err := os.WriteFile(program, items[b.base(p)+"/ecsd"].content, 0o755); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("go", "version", "-m", program).Output()
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for line := range strings.Lines(string(out)) {
		if fields := strings.Fields(line); fields[0] == "dep" {
			want = append(want, fields[1]+"@"+fields[2])
		}
	}
	var document cdx.BOM
	content := readFile(t, filepath.Join(b.out, b.base(p)+".cdx.json"))
	if err := cdx.NewBOMDecoder(bytes.NewReader(content), cdx.BOMFileFormatJSON).Decode(&document); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, component := range *document.Components {
		if component.Name == "std" {
			continue
		}
		got = append(got, component.Name+"@"+component.Version)
		if component.Hashes == nil || len((*component.Hashes)[0].Value) != 64 {
			t.Errorf("%s has no SHA-256", component.Name)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if len(want) == 0 || !slices.Equal(got, want) {
		t.Errorf("the document lists %v, the program has %v", got, want)
	}
	if main := document.Metadata.Component; main.Version != b.version {
		t.Errorf("version %q of the document, want %q", main.Version, b.version)
	}
}

// TestSign_ChangedChecksums signs with keys of both kinds, and changes what was
// signed.
func TestSign_ChangedChecksums(t *testing.T) {
	public, private, err := minisign.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := private.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	encrypted, err := minisign.EncryptKey("correct", private)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(keyPassword, "correct")
	for name, text := range map[string][]byte{"plain": plain, "encrypted": encrypted} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "key")
			if err := os.WriteFile(path, text, 0o600); err != nil {
				t.Fatal(err)
			}
			key, err := signingKey(path)
			if err != nil {
				t.Fatal(err)
			}
			b := builder{out: t.TempDir(), version: "v1.2.3", time: commitTime, key: &key, log: t.Output()}
			content := []byte("00  ecsd\n")
			if err := b.write(checksumsFile, content); err != nil {
				t.Fatal(err)
			}
			if err := b.sign(); err != nil {
				t.Fatal(err)
			}
			signature := readFile(t, filepath.Join(b.out, checksumsFile+".minisig"))
			if !minisign.Verify(public, content, signature) {
				t.Error("the signature does not verify")
			}
			if minisign.Verify(public, []byte("01  ecsd\n"), signature) {
				t.Error("the signature verifies other checksums")
			}
			other := bytes.Replace(signature, []byte("version:v1.2.3"), []byte("version:v1.2.4"), 1)
			if bytes.Equal(other, signature) || minisign.Verify(public, content, other) {
				t.Error("the signature verifies another version")
			}
			verifyIndependently(t, b.out, public)
			if err := b.sign(); err != nil {
				t.Fatal(err)
			}
			if again := readFile(t, filepath.Join(b.out, checksumsFile+".minisig")); !bytes.Equal(again, signature) {
				t.Error("two signatures of one release differ")
			}
		})
	}
	t.Setenv(keyPassword, "wrong")
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, encrypted, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := signingKey(path); err == nil || !strings.Contains(err.Error(), keyPassword) {
		t.Errorf("a wrong password: %v", err)
	}
}

// verifyIndependently verifies the signature in a folder with the program
// minisign, if it is installed, and with other checksums.
func verifyIndependently(t *testing.T, folder string, public minisign.PublicKey) {
	t.Helper()
	if _, err := exec.LookPath("minisign"); err != nil && os.Getenv("CI") != "true" {
		t.Log("minisign is missing: apt-get install minisign")
		return
	}
	text, err := public.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	key, other := filepath.Join(t.TempDir(), "ecsd.pub"), filepath.Join(t.TempDir(), checksumsFile)
	for name, content := range map[string][]byte{key: text, other: []byte("01  ecsd\n")} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	signature := filepath.Join(folder, checksumsFile+".minisig")
	command(t, "minisign", "-V", "-p", key, "-x", signature, "-m", filepath.Join(folder, checksumsFile))
	if out, err := exec.Command("minisign", "-V", "-p", key, "-x", signature, "-m", other).CombinedOutput(); err == nil {
		t.Errorf("minisign verified other checksums:\n%s", out)
	}
}

// TestSign_KeyOfMinisign signs with a key that the program minisign made.
func TestSign_KeyOfMinisign(t *testing.T) {
	needs(t, "minisign", "minisign")
	folder := t.TempDir()
	secret := filepath.Join(folder, "ecsd.key")
	command(t, "minisign", "-G", "-W", "-p", filepath.Join(folder, "ecsd.pub"), "-s", secret)
	key, err := signingKey(secret)
	if err != nil {
		t.Fatal(err)
	}
	b := builder{out: folder, version: "v1.2.3", time: commitTime, key: &key, log: t.Output()}
	if err := b.write(checksumsFile, []byte("00  ecsd\n")); err != nil {
		t.Fatal(err)
	}
	if err := b.sign(); err != nil {
		t.Fatal(err)
	}
	command(t, "minisign", "-V", "-p", filepath.Join(folder, "ecsd.pub"), "-m", filepath.Join(folder, checksumsFile))
}

// checkOpenAPI parses the document, which has each method of the contract that
// is no stream, and resolves its references.
func checkOpenAPI(t *testing.T, b builder) {
	content := readFile(t, filepath.Join(b.out, "ecsd_1.2.3_openapi.yaml"))
	document, err := openapi.ParseDocument(content)
	if err != nil {
		t.Fatal(err)
	}
	request, err := b.contract(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, file := range request.GetProtoFile() {
		for _, service := range file.GetService() {
			for _, method := range service.GetMethod() {
				if !method.GetServerStreaming() {
					want = append(want, "/"+file.GetPackage()+"."+service.GetName()+"/"+method.GetName())
				}
			}
		}
	}
	for _, path := range document.GetPaths().GetPath() {
		got = append(got, path.GetName())
		if path.GetValue().GetPost().GetDescription() == "" {
			t.Errorf("%s has no description", path.GetName())
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if len(want) == 0 || !slices.Equal(got, want) {
		t.Errorf("paths %v, want %v", got, want)
	}
	schemas := map[string]bool{}
	for _, schema := range document.GetComponents().GetSchemas().GetAdditionalProperties() {
		schemas[schema.GetName()] = true
	}
	for line := range strings.Lines(string(content)) {
		if _, name, found := strings.Cut(line, "#/components/schemas/"); found && !schemas[strings.TrimRight(name, "'\n")] {
			t.Errorf("no schema %s", name)
		}
	}
}

// number parses a number that a command printed.
func number(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil {
		t.Fatal(err)
	}
	return n
}
