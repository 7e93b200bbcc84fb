package main

import (
	"bytes"
	"encoding/pem"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// imageUser is the user and group of the program in the image, the number that
// distroless images call nonroot.
const imageUser = 65532

// certificates is the place where Go looks for the authorities first.
const certificates = "etc/ssl/certs/ca-certificates.crt"

// image writes the image of all platforms as an OCI layout in a tar, which
// `docker load`, podman, skopeo and crane read.
func (b builder) image(platforms []platform, programs string) error {
	if len(platforms) == 0 {
		return nil
	}
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, p := range platforms {
		image, err := b.platformImage(p, filepath.Join(programs, b.base(p)))
		if err != nil {
			return err
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{
			Add:        image,
			Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: p.os, Architecture: p.arch}},
		})
	}
	folder := filepath.Join(programs, "image")
	path, err := layout.Write(folder, empty.Index)
	if err != nil {
		return err
	}
	if err := path.AppendIndex(index, layout.WithAnnotations(map[string]string{
		"org.opencontainers.image.ref.name": b.number(),
		"io.containerd.image.name":          "ecsd:" + b.number(),
	})); err != nil {
		return err
	}
	items, err := folderItems(folder)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := writeTar(&out, items, b.time); err != nil {
		return err
	}
	return b.write("ecsd_"+b.number()+"_image.tar", out.Bytes())
}

// platformImage is an image without a base: the program, the authorities of
// TLS, and the folders that it writes to.
//
// The authorities are a file and not a part of the program, so that an operator
// can mount another one over it, a scanner finds it, and the program for
// machines, which have their own, stays smaller.
func (b builder) platformImage(p platform, program string) (v1.Image, error) {
	content, err := os.ReadFile(program)
	if err != nil {
		return nil, err
	}
	layer, err := b.layer([]item{
		{name: "data/", mode: 0o700, owner: imageUser},
		{name: "etc/", mode: 0o755},
		{name: "etc/ssl/", mode: 0o755},
		{name: "etc/ssl/certs/", mode: 0o755},
		{name: certificates, mode: 0o644, content: authorities()},
		{name: "tmp/", mode: 0o1777},
		{name: "ecsd", mode: 0o755, content: content},
	})
	if err != nil {
		return nil, err
	}
	image := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	if image, err = mutate.Append(image, mutate.Addendum{
		Layer:     layer,
		MediaType: types.OCILayer,
		History:   v1.History{Created: v1.Time{Time: b.time}, CreatedBy: "make release"},
	}); err != nil {
		return nil, err
	}
	return mutate.ConfigFile(image, b.imageConfig(p, image))
}

// imageConfig completes the configuration of image, which has the layer.
func (b builder) imageConfig(p platform, image v1.Image) *v1.ConfigFile {
	config, err := image.ConfigFile()
	if err != nil {
		panic(err) // mutate computes it from a layer in memory
	}
	config = config.DeepCopy()
	config.OS, config.Architecture, config.Created = p.os, p.arch, v1.Time{Time: b.time}
	config.Config = v1.Config{
		User:       "65532:65532",
		Entrypoint: []string{"/ecsd"},
		Cmd:        []string{"serve"},
		// The default database is a relative path. It is not set here, because the
		// environment would win over a file of settings.
		WorkingDir:   "/data",
		Volumes:      map[string]struct{}{"/data": {}},
		ExposedPorts: map[string]struct{}{"50051/tcp": {}, "9090/tcp": {}},
		Labels: map[string]string{
			"org.opencontainers.image.title":    "ecsd",
			"org.opencontainers.image.licenses": "Apache-2.0",
			"org.opencontainers.image.source":   "https://github.com/ecsd-io/ecsd",
			"org.opencontainers.image.version":  b.number(),
			"org.opencontainers.image.revision": b.commit,
		},
	}
	return config
}

func (b builder) layer(items []item) (v1.Layer, error) {
	var content bytes.Buffer
	if err := writeTar(&content, items, b.time); err != nil {
		return nil, err
	}
	open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content.Bytes())), nil }
	return tarball.LayerFromOpener(open, tarball.WithCompressionLevel(9), tarball.WithMediaType(types.OCILayer))
}

// authorities are Mozilla's roots in PEM form, but for those that are trusted
// under a condition, which the form cannot express.
func authorities() []byte {
	var out bytes.Buffer
	for root := range bundle.Roots() {
		if root.Constraint != nil {
			continue
		}
		// A buffer takes every block.
		_ = pem.Encode(&out, &pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate})
	}
	return out.Bytes()
}

// folderItems reads a folder in lexical order.
func folderItems(folder string) ([]item, error) {
	var items []item
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || path == folder {
			return err
		}
		name := filepath.ToSlash(strings.TrimPrefix(path, folder+string(filepath.Separator)))
		if entry.IsDir() {
			items = append(items, item{name: name + "/", mode: 0o755})
			return nil
		}
		content, err := os.ReadFile(path)
		items = append(items, item{name: name, mode: 0o644, content: content})
		return err
	})
	return items, err
}
