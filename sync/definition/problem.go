package definition

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// Problem is one thing that keeps a definition from working.
type Problem struct {
	Line, Column int    // 1-based; 0 where there is no place for it
	Key          string // the part of the document, such as "fields[2].property"
	Msg          string // what is wrong and what to do, in sentences
}

// String says where the problem is and what it is, on one line.
func (p Problem) String() string {
	var b strings.Builder
	if p.Line > 0 {
		fmt.Fprintf(&b, "line %d: ", p.Line)
	}
	if p.Key != "" {
		b.WriteString(p.Key + ": ")
	}
	b.WriteString(p.Msg)
	return b.String()
}

// Error is everything that is wrong with one document.
type Error struct {
	Path     string // "" when it was not read from a file
	Problems []Problem
}

// Error lists every problem, each on a line of its own.
func (e *Error) Error() string {
	name := "the definition"
	if e.Path != "" {
		name = filepath.Base(e.Path)
	}
	if len(e.Problems) == 1 {
		return name + ": " + e.Problems[0].String()
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s has %d problems:", name, len(e.Problems))
	for _, p := range e.Problems {
		b.WriteString("\n  " + p.String())
	}
	return b.String()
}

// sorted orders problems by where they are.
func sorted(ps []Problem) []Problem {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return ps
}
