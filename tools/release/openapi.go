package main

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/bufbuild/protocompile"
	"github.com/google/gnostic/cmd/protoc-gen-openapi/generator"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/compiler/protogen"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/pluginpb"
)

// openAPI writes the messages of the contract as an OpenAPI document. Each method is a POST to its gRPC path with the
// JSON form of its request, as gateways without annotations map it: Envoy with auto_mapping, and grpc-gateway with
// generate_unbound_methods. Streams have no such form and are left out.
func (b builder) openAPI(ctx context.Context) error {
	request, err := b.contract(ctx)
	if err != nil {
		return err
	}
	for _, file := range request.GetProtoFile() {
		bindMethods(file)
	}
	plugin, err := protogen.Options{}.New(request)
	if err != nil {
		return err
	}
	var (
		version, title, description = b.number(), "ecsd", "The messages of ecsd.v1 in JSON, as a gateway in front of the gRPC API serves them."
		naming, enums, mode         = "json", "string", "merged"
		names, responses, depth     = false, true, 2
	)
	out := plugin.NewGeneratedFile("openapi.yaml", "")
	if err := generator.NewOpenAPIv3Generator(plugin, generator.Configuration{
		Version: &version, Title: &title, Description: &description, Naming: &naming, FQSchemaNaming: &names,
		EnumType: &enums, CircularDepth: &depth, DefaultResponse: &responses, OutputMode: &mode,
	}, plugin.Files).Run(out); err != nil {
		return err
	}
	content, err := out.Content()
	if err != nil {
		return err
	}
	return b.write("ecsd_"+b.number()+"_openapi.yaml", content)
}

// contract compiles proto/ to what protoc gives to its plugins.
func (b builder) contract(ctx context.Context) (*pluginpb.CodeGeneratorRequest, error) {
	folder := filepath.Join(b.root, "proto")
	paths, err := filepath.Glob(filepath.Join(folder, "ecsd/v1/*.proto"))
	if err != nil || len(paths) == 0 {
		return nil, fmt.Errorf("no contract in %s: %w", folder, err)
	}
	request := &pluginpb.CodeGeneratorRequest{}
	for _, path := range paths {
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return nil, err
		}
		request.FileToGenerate = append(request.FileToGenerate, filepath.ToSlash(name))
	}
	compiler := protocompile.Compiler{
		Resolver:       protocompile.WithStandardImports(&protocompile.SourceResolver{ImportPaths: []string{folder}}),
		SourceInfoMode: protocompile.SourceInfoStandard,
	}
	files, err := compiler.Compile(ctx, request.GetFileToGenerate()...)
	if err != nil {
		return nil, err
	}
	added := map[string]bool{}
	for _, file := range files {
		request.ProtoFile = appendFile(request.ProtoFile, added, file)
	}
	return request, nil
}

// appendFile appends a file after its imports.
func appendFile(all []*descriptorpb.FileDescriptorProto, added map[string]bool, file protoreflect.FileDescriptor) []*descriptorpb.FileDescriptorProto {
	if added[file.Path()] {
		return all
	}
	added[file.Path()] = true
	for i := range file.Imports().Len() {
		all = appendFile(all, added, file.Imports().Get(i).FileDescriptor)
	}
	return append(all, protodesc.ToFileDescriptorProto(file))
}

// bindMethods gives each method that is no stream an HTTP path. The document has only methods with a path.
func bindMethods(file *descriptorpb.FileDescriptorProto) {
	for _, service := range file.GetService() {
		for _, method := range service.GetMethod() {
			if method.GetServerStreaming() || method.GetClientStreaming() {
				continue
			}
			if method.Options == nil {
				method.Options = &descriptorpb.MethodOptions{}
			}
			proto.SetExtension(method.GetOptions(), annotations.E_Http, &annotations.HttpRule{
				Pattern: &annotations.HttpRule_Post{Post: "/" + file.GetPackage() + "." + service.GetName() + "/" + method.GetName()},
				Body:    "*",
			})
		}
	}
}
