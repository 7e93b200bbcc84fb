package main

import (
	"bytes"
	"crypto/rand"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"aead.dev/minisign"
	cdx "github.com/CycloneDX/cyclonedx-go"
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
