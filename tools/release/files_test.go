package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"testing"
)

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// untar returns the files of a compressed tar by name, and checks that each has
// the commit's time.
func untar(t *testing.T, content []byte) map[string]item {
	t.Helper()
	unzipped, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	items := map[string]item{}
	for in := tar.NewReader(unzipped); ; {
		header, err := in.Next()
		if errors.Is(err, io.EOF) {
			return items
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		if !header.ModTime.Equal(commitTime) {
			t.Errorf("time of %s: %v, want %v", header.Name, header.ModTime, commitTime)
		}
		items[header.Name] = item{name: header.Name, mode: header.Mode, owner: header.Uid, content: content}
	}
}
