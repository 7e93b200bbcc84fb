package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
)

const contractPackage = "ecsd.v1"

// contract is what the pages are written from.
type contract struct {
	services []protoreflect.ServiceDescriptor
	messages []protoreflect.MessageDescriptor // no request or response of an RPC
	enums    []protoreflect.EnumDescriptor
	reasons  []reason
	// reasonsComment is the comment of ErrorReason.
	reasonsComment []string
	examples       map[string]string // by service/method
}

func readContract(raw []byte) (*contract, error) {
	// The options of the contract are in its own files, so these are read twice.
	var files descriptorpb.FileDescriptorSet
	if err := proto.Unmarshal(raw, &files); err != nil {
		return nil, err
	}
	registry, err := protodesc.NewFiles(&files)
	if err != nil {
		return nil, err
	}
	files.Reset()
	if err := (proto.UnmarshalOptions{Resolver: dynamicpb.NewTypes(registry)}).Unmarshal(raw, &files); err != nil {
		return nil, err
	}
	if registry, err = protodesc.NewFiles(&files); err != nil {
		return nil, err
	}
	c := &contract{}
	called := map[protoreflect.FullName]bool{}
	registry.RangeFilesByPackage(contractPackage, func(file protoreflect.FileDescriptor) bool {
		for i := range file.Services().Len() {
			service := file.Services().Get(i)
			c.services = append(c.services, service)
			for j := range service.Methods().Len() {
				method := service.Methods().Get(j)
				called[method.Input().FullName()], called[method.Output().FullName()] = true, true
			}
		}
		for i := range file.Enums().Len() {
			c.enums = append(c.enums, file.Enums().Get(i))
		}
		return true
	})
	registry.RangeFilesByPackage(contractPackage, func(file protoreflect.FileDescriptor) bool {
		c.addMessages(file.Messages(), called)
		return true
	})
	byName(c.services)
	byName(c.messages)
	byName(c.enums)
	i := slices.IndexFunc(c.enums, func(e protoreflect.EnumDescriptor) bool { return e.Name() == "ErrorReason" })
	if i < 0 {
		return nil, fmt.Errorf("no enum ErrorReason")
	}
	c.reasonsComment = comment(c.enums[i])
	c.reasons, err = readReasons(c.enums[i])
	c.enums = slices.Delete(c.enums, i, i+1) // it has its own page
	return c, err
}

func (c *contract) addMessages(messages protoreflect.MessageDescriptors, called map[protoreflect.FullName]bool) {
	for i := range messages.Len() {
		m := messages.Get(i)
		if m.IsMapEntry() {
			continue
		}
		if !called[m.FullName()] {
			c.messages = append(c.messages, m)
		}
		c.addMessages(m.Messages(), called)
		for j := range m.Enums().Len() {
			c.enums = append(c.enums, m.Enums().Get(j))
		}
	}
}

func byName[D protoreflect.Descriptor](all []D) {
	slices.SortFunc(all, func(a, b D) int { return cmp.Compare(a.FullName(), b.FullName()) })
}

// comment returns the paragraphs of a descriptor's comment.
func comment(d protoreflect.Descriptor) []string {
	text := d.ParentFile().SourceLocations().ByDescriptor(d).LeadingComments
	var paragraphs []string
	for _, p := range strings.Split(strings.TrimSpace(text), "\n\n") {
		if p = strings.Join(strings.Fields(p), " "); p != "" {
			paragraphs = append(paragraphs, p)
		}
	}
	return paragraphs
}

// scope returns the scope of a method as an access file has it, such as
// instances.read.
func scope(m protoreflect.MethodDescriptor) (name string) {
	m.Options().ProtoReflect().Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		if f.FullName() != contractPackage+".access" {
			return true
		}
		field := f.Message().Fields().ByName("scope")
		value := field.Enum().Values().ByNumber(v.Message().Get(field).Enum())
		name = strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(string(value.Name()), "SCOPE_"), "_", "."))
		return false
	})
	return name
}

func onlyReads(m protoreflect.MethodDescriptor) bool {
	options, _ := m.Options().(*descriptorpb.MethodOptions)
	return options.GetIdempotencyLevel() == descriptorpb.MethodOptions_NO_SIDE_EFFECTS
}

// reason is a value of ErrorReason, with the labelled parts of its comment.
type reason struct {
	name, cause                      string
	code, money, retry, do, metadata string
}

func readReasons(enum protoreflect.EnumDescriptor) ([]reason, error) {
	var all []reason
	for i := range enum.Values().Len() {
		value := enum.Values().Get(i)
		if value.Number() == 0 {
			continue
		}
		r := reason{name: strings.TrimPrefix(string(value.Name()), "ERROR_REASON_")}
		parts := map[string]*string{"Code": &r.code, "Money": &r.money, "Retry": &r.retry, "To do": &r.do, "Metadata": &r.metadata}
		at := &r.cause
		for line := range strings.Lines(enum.ParentFile().SourceLocations().ByDescriptor(value).LeadingComments) {
			line = strings.TrimSpace(line)
			if label, rest, ok := strings.Cut(line, ": "); ok && parts[label] != nil {
				at, line = parts[label], rest
			}
			*at = strings.TrimSpace(*at + " " + line)
		}
		r.code = strings.TrimSuffix(r.code, ".")
		if r.cause == "" || r.code == "" || r.money == "" || r.retry == "" || r.do == "" {
			return nil, fmt.Errorf("the comment of %s lacks the cause, or one of Code, Money, Retry and To do", value.Name())
		}
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b reason) int { return cmp.Compare(a.name, b.name) })
	return all, nil
}

var exampleOf = regexp.MustCompile(`ecsd\.v1\.(\w+/\w+)`)

// readExamples reads the examples by service and method. A file is a sequence
// of blocks that a blank line ends; a block begins with "# Service/Method".
func readExamples(folder string) (map[string]string, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.sh"))
	if err != nil {
		return nil, err
	}
	all := map[string]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		for _, block := range strings.Split(strings.TrimSpace(string(text)), "\n\n") {
			head, commands, _ := strings.Cut(block, "\n")
			name, ok := strings.CutPrefix(head, "# ")
			if !ok || strings.Contains(name, " ") {
				continue // a comment on the file, or a preparation
			}
			if match := exampleOf.FindAllStringSubmatch(commands, -1); !slices.ContainsFunc(match, func(m []string) bool { return m[1] == name }) {
				return nil, fmt.Errorf("%s: the example of %s does not call it", file, name)
			}
			if _, twice := all[name]; twice {
				return nil, fmt.Errorf("%s: %s has two examples", file, name)
			}
			all[name] = commands
		}
	}
	return all, nil
}
