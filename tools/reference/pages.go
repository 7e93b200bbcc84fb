package main

import (
	"fmt"
	"regexp"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

func (c *contract) indexPage() string {
	var b strings.Builder
	b.WriteString(`# API reference

Package ` + "`ecsd.v1`" + `, gRPC. One page per service; [types](types.md) has the messages and enums that they share, and
[errors](../errors.md) has every reason of an error. Each call can return the
[errors of every call](../errors.md#errors-of-every-call), which the pages do not repeat.

Fields are in snake_case; grpcurl and JSON accept that and camelCase. A request with a field that the server does not know is
refused. The examples run against ` + "`ecsd serve --simulate`" + `, one after the other, and a test runs all of them.

`)
	for _, service := range c.services {
		fmt.Fprintf(&b, "## %s\n\n%s\n\n", link(string(service.Name()), pageOf(service)), c.markdown(strings.Join(comment(service), " "), false))
		c.methods(&b, service, pageOf(service))
	}
	return b.String()
}

// methods writes a table of the methods of a service.
func (c *contract) methods(b *strings.Builder, service protoreflect.ServiceDescriptor, page string) {
	b.WriteString("| RPC | scope | |\n|---|---|---|\n")
	for i := range service.Methods().Len() {
		m := service.Methods().Get(i)
		fmt.Fprintf(b, "| %s | `%s` | %s |\n", link(string(m.Name()), page+"#"+anchor(string(m.Name()))), scope(m), c.markdown(summary(m), false))
	}
	b.WriteString("\n")
}

// summary returns the first sentence of a method's comment, without its name.
func summary(m protoreflect.MethodDescriptor) string {
	paragraphs := comment(m)
	if len(paragraphs) == 0 {
		return ""
	}
	first := strings.TrimPrefix(sentences(paragraphs[0])[0], string(m.Name())+" ")
	return strings.ToUpper(first[:1]) + first[1:]
}

var sentenceEnd = regexp.MustCompile(`[.:] [A-Z]`)

// sentences splits a paragraph.
func sentences(paragraph string) []string {
	var all []string
	for {
		at := sentenceEnd.FindStringIndex(paragraph)
		if at == nil || paragraph[at[0]] == ':' {
			return append(all, paragraph)
		}
		all, paragraph = append(all, paragraph[:at[0]+1]), paragraph[at[0]+2:]
	}
}

// cost returns the sentences about the cost of a method in calls of the cloud.
func cost(paragraphs []string) string {
	var found []string
	for _, p := range paragraphs {
		for _, s := range sentences(p) {
			if costs.MatchString(s) {
				found = append(found, s)
			}
		}
	}
	return strings.Join(found, " ")
}

var costs = regexp.MustCompile(`(?i)\bcosts?\b|cloud calls?\b|calls? (of|to) the cloud|cloud is called`)

func (c *contract) servicePage(service protoreflect.ServiceDescriptor) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n", service.Name())
	for _, p := range comment(service) {
		b.WriteString(c.markdown(p, false) + "\n\n")
	}
	c.methods(&b, service, "")
	for i := range service.Methods().Len() {
		if err := c.method(&b, service.Methods().Get(i)); err != nil {
			return "", err
		}
	}
	return b.String(), nil
}

func (c *contract) method(b *strings.Builder, m protoreflect.MethodDescriptor) error {
	name := string(m.Parent().Name()) + "/" + string(m.Name())
	if scope(m) == "" {
		return fmt.Errorf("%s has no option (ecsd.v1.access).scope", name)
	}
	fmt.Fprintf(b, "## %s\n\n", m.Name())
	var about, failures []string
	for _, p := range comment(m) {
		if strings.HasPrefix(p, "Errors") || strings.HasPrefix(p, "The stream ends") {
			failures = append(failures, p)
			continue
		}
		about = append(about, p)
		b.WriteString(c.markdown(p, false) + "\n\n")
	}
	b.WriteString("| | |\n|---|---|\n")
	fmt.Fprintf(b, "| Scope | `%s` |\n", scope(m))
	fmt.Fprintf(b, "| Idempotency | %s |\n", idempotency(m))
	if text := cost(about); text != "" {
		fmt.Fprintf(b, "| Cost | %s |\n", c.markdown(strings.TrimPrefix(text, "Cost: "), false))
	}
	if m.IsStreamingServer() {
		b.WriteString("| Stream | The server sends a stream of responses. |\n")
	}
	fmt.Fprintf(b, "\n**Request** `%s`\n\n", m.Input().Name())
	c.fields(b, m.Input())
	fmt.Fprintf(b, "**Response** `%s`\n\n", m.Output().Name())
	c.fields(b, m.Output())
	c.failures(b, failures)
	if example := c.examples[name]; example != "" {
		fmt.Fprintf(b, "**Example**\n\n```sh\n%s\n```\n\n", example)
	}
	return nil
}

var (
	errorsIntroduction = regexp.MustCompile(`^Errors[^:]*: `)
	thoseOf            = regexp.MustCompile(`those of (\w+\.)?(\w+)`)
)

const ofEveryCall = "[those of every call](../errors.md#errors-of-every-call)"

// failures writes the paragraphs about the errors of a method. The comments
// introduce the list in several ways.
func (c *contract) failures(b *strings.Builder, paragraphs []string) {
	if len(paragraphs) == 0 {
		paragraphs = []string{"Errors: those of every call."}
	}
	for i, p := range paragraphs {
		begin := ""
		switch list := errorsIntroduction.ReplaceAllString(p, ""); {
		case i > 0:
		case list == p || strings.HasPrefix(list, "those of"):
			begin, p = "**Errors**: ", list
		default:
			begin, p = "**Errors**, besides "+ofEveryCall+": ", list
		}
		b.WriteString(begin + c.linkMethods(c.markdown(p, true)) + "\n\n")
	}
}

// linkMethods links the methods in "those of Method".
func (c *contract) linkMethods(text string) string {
	return thoseOf.ReplaceAllStringFunc(text, func(found string) string {
		if found == "those of every" {
			return found
		}
		method := thoseOf.FindStringSubmatch(found)[2]
		for _, service := range c.services {
			if m := service.Methods().ByName(protoreflect.Name(method)); m != nil {
				return "those of " + link(method, pageOf(service)+"#"+anchor(method))
			}
		}
		return found
	})
}

func idempotency(m protoreflect.MethodDescriptor) string {
	switch {
	case onlyReads(m):
		return "Reads only; safe to retry."
	case m.Input().Fields().ByName("request_id") != nil:
		return "With a `request_id` a retry has no second effect and returns the outcome of the first."
	}
	return "No `request_id`: see above before you retry."
}

func (c *contract) typesPage() string {
	var b strings.Builder
	b.WriteString("# Types\n\nThe messages and enums that the services share.\n\n## Messages\n\n")
	for _, m := range c.messages {
		fmt.Fprintf(&b, "### %s\n\n", shortName(m))
		for _, p := range comment(m) {
			b.WriteString(c.markdown(p, false) + "\n\n")
		}
		c.fields(&b, m)
	}
	b.WriteString("## Enums\n\n")
	for _, e := range c.enums {
		fmt.Fprintf(&b, "### %s\n\n", shortName(e))
		for _, p := range comment(e) {
			b.WriteString(c.markdown(p, false) + "\n\n")
		}
		b.WriteString("| value | description |\n|---|---|\n")
		for i := range e.Values().Len() {
			v := e.Values().Get(i)
			fmt.Fprintf(&b, "| `%s` | %s |\n", v.Name(), c.markdown(strings.Join(comment(v), "<br>"), false))
		}
		b.WriteString("\n")
	}
	return b.String()
}
