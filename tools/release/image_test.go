package main

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

// maxImage is the size of one platform's image, compressed.
const maxImage = 20_000_000

// checkImage reads the layout and the configuration of the image of
// linux/amd64, and runs it.
func checkImage(t *testing.T, b builder) {
	folder := t.TempDir()
	unpack(t, tar.NewReader(bytes.NewReader(readFile(t, filepath.Join(b.out, "ecsd_1.2.3_image.tar")))), folder)
	outer, err := layout.ImageIndexFromPath(folder)
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Index(outer); err != nil {
		t.Errorf("invalid layout: %v", err)
	}
	images, err := partial.FindImages(onlyIndex(t, outer), func(d v1.Descriptor) bool {
		return d.Platform != nil && d.Platform.String() == "linux/amd64"
	})
	if err != nil || len(images) != 1 {
		t.Fatalf("%d images for linux/amd64: %v", len(images), err)
	}
	config, err := images[0].ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	if user := config.Config.User; user != "65532:65532" {
		t.Errorf("user %q", user)
	}
	if _, ok := config.Config.Volumes["/data"]; !ok || !slices.Equal(config.Config.Entrypoint, []string{"/ecsd"}) {
		t.Errorf("volumes %v, entry point %v", config.Config.Volumes, config.Config.Entrypoint)
	}
	if !config.Created.Equal(commitTime) {
		t.Errorf("created at %v, want %v", config.Created, commitTime)
	}
	layers, err := images[0].Layers()
	if err != nil {
		t.Fatal(err)
	}
	var size int64
	for _, layer := range layers {
		n, err := layer.Size()
		if err != nil {
			t.Fatal(err)
		}
		size += n
	}
	t.Logf("layers: %.1f MB compressed", float64(size)/1e6)
	if size >= maxImage {
		t.Errorf("the layers have %d bytes, want less than %d", size, maxImage)
	}
	runImage(t, folder)
}

// onlyIndex returns the index of the image that the layout's index names.
func onlyIndex(t *testing.T, outer v1.ImageIndex) v1.ImageIndex {
	t.Helper()
	indexes, err := partial.FindIndexes(outer, func(v1.Descriptor) bool { return true })
	if err != nil || len(indexes) != 1 {
		t.Fatalf("%d indexes in the layout: %v", len(indexes), err)
	}
	return indexes[0]
}

// unpack writes the files of a tar.
func unpack(t *testing.T, in *tar.Reader, root string) {
	t.Helper()
	if err := os.MkdirAll(root, 0o755); err != nil {
		t.Fatal(err)
	}
	for {
		header, err := in.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(root, header.Name)
		if !strings.HasPrefix(path, root) {
			t.Fatalf("%s leaves the folder", header.Name)
		}
		if header.Typeflag == tar.TypeDir {
			err = os.MkdirAll(path, 0o755)
		} else {
			var content []byte
			if content, err = io.ReadAll(in); err == nil {
				err = os.WriteFile(path, content, 0o644)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
