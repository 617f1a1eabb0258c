package engine

import "fmt"

// Rows of files stand in lines. Those of databases, of portals and of queries have
// none, and their line is 0.

// inLine says where a row stands, with the space before it.
func inLine(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" in line %d", n)
}

// oneIn says where one of several rows stands.
func oneIn(n int) string {
	if n == 0 {
		return ""
	}
	return ", one stands" + inLine(n)
}

// lineOr names a row by its line, or else.
func lineOr(n int, or string) string {
	if n == 0 {
		return or
	}
	return fmt.Sprintf("line %d", n)
}

// lineFirst names a row at the start of a sentence.
func lineFirst(n int) string {
	if n == 0 {
		return "The row"
	}
	return fmt.Sprintf("Line %d", n)
}
