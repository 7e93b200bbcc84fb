package ecs

import "unicode/utf8"

// Clip cuts a text to at most n bytes, between two characters, and marks the
// cut. It is for external texts in errors and log lines.
func Clip(text string, n int) string {
	const mark = "…"
	if len(text) <= n {
		return text
	}
	end := max(0, n-len(mark))
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + mark
}
