package main

import (
	"fmt"
	"strings"
)

// errorsPage writes the page of all reasons. The page about the cloud's codes
// has a heading for each reason that some code becomes.
func (c *contract) errorsPage(cloud string) string {
	var b strings.Builder
	b.WriteString(`# Errors

Every error of ecsd is a gRPC status with details. The reasons are the values of ErrorReason in
` + link("error.proto", "../proto/ecsd/v1/error.proto") + `. The failed item of a batch has the same details in its ` + link("ItemError", "reference/types.md#itemerror") + `.

`)
	paragraphs := c.reasonsComment
	for i, p := range paragraphs {
		if strings.HasPrefix(p, "Every call can return") {
			b.WriteString("## Errors of every call\n\n")
		}
		if i == 0 {
			continue // the introduction above
		}
		b.WriteString(strings.ReplaceAll(c.markdown(p, true), "../errors.md#", "#") + "\n\n")
	}
	b.WriteString("## Reasons\n\n| reason | code | retry |\n|---|---|---|\n")
	for _, r := range c.reasons {
		retry, _, _ := strings.Cut(r.retry, ";")
		fmt.Fprintf(&b, "| %s | `%s` | %s |\n", link("`"+r.name+"`", "#"+strings.ToLower(r.name)), r.code, strings.TrimSuffix(retry, "."))
	}
	b.WriteString("\n")
	for _, r := range c.reasons {
		fmt.Fprintf(&b, "### %s\n\n%s\n\n- Code: `%s`.\n- Money: %s\n- Retry: %s\n- To do: %s\n", r.name, r.cause, r.code, r.money, r.retry, r.do)
		if r.metadata != "" {
			fmt.Fprintf(&b, "- Metadata: %s\n", r.metadata)
		}
		if strings.Contains(cloud, "\n### "+r.name+"\n") {
			fmt.Fprintf(&b, "- %s.\n", link("Error codes of the cloud", "cloud-errors.md#"+strings.ToLower(r.name)))
		}
		b.WriteString("\n")
	}
	return b.String()
}
