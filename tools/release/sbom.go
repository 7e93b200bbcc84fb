package main

import (
	"bytes"
	"debug/buildinfo"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"
	"github.com/google/uuid"
)

// sbom writes the modules of a platform's program as a CycloneDX document. They
// are those that the linker wrote into the program, not those of go.mod: what a
// scanner finds in the program is what the document lists.
func (b builder) sbom(p platform, program string) error {
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		return err
	}
	main := b.component(cdx.ComponentTypeApplication, info.Main.Path, b.version)
	document := cdx.NewBOM()
	// The same build has the same number.
	document.SerialNumber = uuid.NewSHA1(uuid.NameSpaceURL, []byte(main.PackageURL+"?commit="+b.commit+"&platform="+p.os+"/"+p.arch)).URN()
	document.Metadata = &cdx.Metadata{
		Timestamp: b.time.Format(time.RFC3339),
		Component: &main,
		Properties: &[]cdx.Property{
			{Name: "ecsd:commit", Value: b.commit},
			{Name: "ecsd:platform", Value: p.os + "/" + p.arch},
		},
	}
	components := []cdx.Component{b.component(cdx.ComponentTypeLibrary, "std", "v"+strings.TrimPrefix(info.GoVersion, "go"))}
	for _, module := range info.Deps {
		component, err := b.moduleComponent(module)
		if err != nil {
			return err
		}
		components = append(components, component)
	}
	document.Components = &components
	var uses []string
	for _, component := range components {
		uses = append(uses, component.BOMRef)
	}
	document.Dependencies = &[]cdx.Dependency{{Ref: main.BOMRef, Dependencies: &uses}}
	var out bytes.Buffer
	if err := cdx.NewBOMEncoder(&out, cdx.BOMFileFormatJSON).SetPretty(true).Encode(document); err != nil {
		return err
	}
	return b.write(b.base(p)+".cdx.json", out.Bytes())
}

func (b builder) component(kind cdx.ComponentType, path, version string) cdx.Component {
	purl := fmt.Sprintf("pkg:golang/%s@%s", path, version)
	return cdx.Component{Type: kind, BOMRef: purl, Name: path, Version: version, PackageURL: purl}
}

// moduleComponent is a module with its checksum, the SHA-256 of go.sum.
func (b builder) moduleComponent(module *debug.Module) (cdx.Component, error) {
	if module.Replace != nil {
		module = module.Replace
	}
	component := b.component(cdx.ComponentTypeLibrary, module.Path, module.Version)
	encoded, ok := strings.CutPrefix(module.Sum, "h1:")
	hash, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || !ok {
		return component, fmt.Errorf("module %s has no checksum of the kind h1: %q", module.Path, module.Sum)
	}
	component.Hashes = &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA256, Value: hex.EncodeToString(hash)}}
	return component, nil
}
