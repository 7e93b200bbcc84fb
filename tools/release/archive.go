package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"time"
)

// item is a file of an archive; a name that ends with a slash is a folder.
type item struct {
	name    string
	mode    int64
	owner   int
	content []byte
}

// archive writes the archive of a platform: the program, the licence, the README
// and the changelog in one folder.
func (b builder) archive(p platform, program string) error {
	folder := b.base(p) + "/"
	items := []item{{name: folder, mode: 0o755}}
	for _, file := range []struct {
		path, name string
		mode       int64
	}{
		{filepath.Join(b.root, "CHANGELOG.md"), "CHANGELOG.md", 0o644},
		{filepath.Join(b.root, "LICENSE"), "LICENSE", 0o644},
		{filepath.Join(b.root, "README.md"), "README.md", 0o644},
		{program, p.program(), 0o755},
	} {
		content, err := os.ReadFile(file.path)
		if err != nil {
			return err
		}
		items = append(items, item{name: folder + file.name, mode: file.mode, content: content})
	}
	write, extension := writeTarGzip, ".tar.gz"
	if p.os == "windows" {
		write, extension = writeZip, ".zip"
	}
	var out bytes.Buffer
	if err := write(&out, items, b.time); err != nil {
		return err
	}
	return b.write(b.base(p)+extension, out.Bytes())
}

// tarGzip writes an artifact of items.
func (b builder) tarGzip(name string, items []item) error {
	var out bytes.Buffer
	if err := writeTarGzip(&out, items, b.time); err != nil {
		return err
	}
	return b.write(name, out.Bytes())
}

// writeTarGzip writes items with the time when, and no time or name of its own.
func writeTarGzip(w io.Writer, items []item, when time.Time) error {
	zipped, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	if err := writeTar(zipped, items, when); err != nil {
		return err
	}
	return zipped.Close()
}

func writeTar(w io.Writer, items []item, when time.Time) error {
	out := tar.NewWriter(w)
	for _, i := range items {
		header := &tar.Header{
			Typeflag: tar.TypeReg, Name: i.name, Mode: i.mode, Uid: i.owner, Gid: i.owner,
			Size: int64(len(i.content)), ModTime: when, Format: tar.FormatUSTAR,
		}
		if i.name[len(i.name)-1] == '/' {
			header.Typeflag = tar.TypeDir
		}
		if err := out.WriteHeader(header); err != nil {
			return err
		}
		if _, err := out.Write(i.content); err != nil {
			return err
		}
	}
	return out.Close()
}

func writeZip(w io.Writer, items []item, when time.Time) error {
	out := zip.NewWriter(w)
	for _, i := range items {
		header := &zip.FileHeader{Name: i.name, Modified: when, Method: zip.Deflate}
		header.SetMode(os.FileMode(i.mode))
		if i.name[len(i.name)-1] == '/' {
			header.SetMode(os.ModeDir | os.FileMode(i.mode))
			header.Method = zip.Store
		}
		file, err := out.CreateHeader(header)
		if err != nil {
			return err
		}
		if _, err := file.Write(i.content); err != nil {
			return err
		}
	}
	return out.Close()
}
