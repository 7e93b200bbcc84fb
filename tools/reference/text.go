package main

import (
	"fmt"
	"regexp"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

var upper = regexp.MustCompile(`\b[A-Z][A-Z_]*[A-Z]\b`)

// markdown escapes a comment, and links the reasons that it names. In free text
// a word without an underscore, such as CANCELLED, may be another value.
func (c *contract) markdown(text string, errors bool) string {
	text = strings.NewReplacer("&", "&amp;", "<", "&lt;", "*", `\*`, "|", `\|`, "[", `\[`).Replace(text)
	return upper.ReplaceAllStringFunc(text, func(word string) string {
		for _, r := range c.reasons {
			if r.name == word && (errors || strings.Contains(word, "_")) {
				return link("`"+word+"`", "../errors.md#"+strings.ToLower(word))
			}
		}
		return word
	})
}

func link(text, to string) string { return "[" + text + "](" + to + ")" }

// pageOf returns the file of a service's page, such as instance-service.md.
func pageOf(service protoreflect.ServiceDescriptor) string {
	return strings.ToLower(strings.TrimSuffix(string(service.Name()), "Service")) + "-service.md"
}

// shortName returns a name without the package.
func shortName(d protoreflect.Descriptor) string {
	return strings.TrimPrefix(string(d.FullName()), contractPackage+".")
}

// anchor returns the anchor of a heading that is the name.
func anchor(name string) string {
	return strings.ToLower(strings.ReplaceAll(name, ".", ""))
}

// fieldType returns the type of a field, with a link to its description.
func fieldType(f protoreflect.FieldDescriptor) string {
	name := f.Kind().String()
	var of protoreflect.Descriptor
	switch {
	case f.IsMap():
		return fmt.Sprintf("map of %s to %s", f.MapKey().Kind(), f.MapValue().Kind())
	case f.Message() != nil:
		of = f.Message()
	case f.Enum() != nil:
		of = f.Enum()
	}
	switch {
	case of == nil:
	case of.ParentFile().Package() != contractPackage:
		name = string(of.Name())
	case shortName(of) == "ErrorReason":
		name = link("ErrorReason", "../errors.md")
	default:
		name = link(shortName(of), "types.md#"+anchor(shortName(of)))
	}
	switch {
	case f.IsList():
		return "repeated " + name
	case f.HasOptionalKeyword():
		return "optional " + name
	}
	return name
}

// fields writes the fields of a message as a table.
func (c *contract) fields(b *strings.Builder, m protoreflect.MessageDescriptor) {
	if m.Fields().Len() == 0 {
		b.WriteString("No fields.\n\n")
		return
	}
	b.WriteString("| field | type | description |\n|---|---|---|\n")
	for i := range m.Fields().Len() {
		f := m.Fields().Get(i)
		var text []string
		if o := f.ContainingOneof(); o != nil && !o.IsSynthetic() {
			text = append(text, fmt.Sprintf("One of `%s`.", o.Name()))
			if o.Fields().Get(0) == f {
				text = append(text, comment(o)...)
			}
		}
		text = append(text, comment(f)...)
		for j := range text {
			text[j] = c.markdown(text[j], false)
		}
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", f.Name(), fieldType(f), strings.Join(text, "<br>"))
	}
	b.WriteString("\n")
}
