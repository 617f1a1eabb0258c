package definition

import (
	"bytes"
	"errors"
	"path/filepath"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Parse reads a definition strictly. Its error is an *Error with every problem
// at once, in the order of the lines; the definition is nil then. The path is
// kept, and names the document in errors; it may be "".
func Parse(data []byte, path string) (*Definition, error) {
	r := &reader{lines: map[string]int{}}
	d := r.document(data, path)
	if len(r.problems) > 0 {
		return nil, &Error{Path: path, Problems: sorted(r.problems)}
	}
	d.Path, d.lines = path, r.lines
	return d, nil
}

// Line returns the line of a part such as "fields[2].property", 0 if the
// document does not have it or the definition was not read from one.
func (d *Definition) Line(part string) int { return d.lines[part] }

// The limits of a document. A definition has a few kilobytes, a hundred lines
// (more only with a large value map) and four levels. The YAML parser takes time
// quadratic in lines and in depth, so that a document made for it would hang it.
const (
	maxSize  = 1 << 20
	maxLines = 20_000
	maxWords = 100_000 // words and signs
	maxDepth = 16
)

func (r *reader) document(data []byte, path string) *Definition {
	root, ok := r.tree(data)
	if !ok || !r.version(root) {
		return nil
	}
	doc := r.section(root, "", documentPart)
	if doc.broken || doc.isSet() {
		return nil
	}
	doc.at = nil // a missing part of the document has no line
	if doc.has("associate") {
		return r.associating(doc, path)
	}
	if to := r.deliveryOf(doc); to != "" {
		return r.delivering(doc, path, to)
	}
	if target(doc) == ListMembership {
		return r.membership(doc, path)
	}
	d := r.head(doc, path)
	d.Direction = Direction(doc.word("direction"))
	if doc.missing("direction") {
		doc.problem("direction", "is missing: write to-hubspot, from-hubspot or two-way.")
	}
	d.Create = Create(doc.word("create"))
	d.Source = r.source(doc)
	d.HubSpot = r.hubspot(doc)
	d.Delete = r.deletes(doc)
	d.Duplicates = Duplicates(doc.word("duplicates"))
	d.Fields = r.fields(doc, d.Direction)
	d.Associations = r.associations(doc)
	if d.HubSpot.FilterList != "" && d.Create.InHubSpot() {
		doc.problem("create", "%s makes records in HubSpot, and a new record is in no list, so that it would leave this sync at once (filter-list). Write create: none or source, or fill the list by a sync of its own.", d.Create)
	}
	r.readOnlySource(doc, d)
	return d
}

// head reads what every definition has, beside its source.
func (r *reader) head(doc section, path string) *Definition {
	d := &Definition{ID: r.id(doc), Name: doc.text("name"), Guards: r.guards(doc), Verify: Verify(doc.word("verify"))}
	if d.Name == "" {
		d.Name = nameFor(path)
	}
	return d
}

// nameFor is the name of a sync whose document gives none.
func nameFor(path string) string {
	base := filepath.Base(path)
	if name := strings.TrimSuffix(base, filepath.Ext(base)); path != "" && name != "" {
		return name
	}
	return "Untitled sync"
}

// tree parses the YAML, which gives at most one problem: what follows a syntax
// error cannot be trusted.
func (r *reader) tree(data []byte) (root ast.Node, ok bool) {
	defer func() {
		if p := recover(); p != nil { // the parser panics on some malformed documents
			r.problem(nil, "", "this is not a YAML document that can be read. Compare it with the example in the documentation.")
			root, ok = nil, false
		}
	}()
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	// YAML takes every kind of line end for the same; the parser counts CRLF twice after a comment.
	data = bytes.ReplaceAll(bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")), []byte("\r"), []byte("\n"))
	if !r.sane(data) {
		return nil, false
	}
	file, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		r.syntaxError(err)
		return nil, false
	}
	for _, d := range file.Docs {
		if d.Body == nil {
			continue
		}
		if root != nil {
			r.problem(d.Body.GetToken(), "", "a second document starts here (---). One file describes one sync: put this one into a file of its own.")
			return nil, false
		}
		root = d.Body
	}
	if root == nil {
		r.problem(nil, "", "the document is empty. A definition starts with the line: syncline: %d", Version)
	}
	return root, root != nil
}

// sane refuses what the YAML parser should not be given.
func (r *reader) sane(data []byte) bool {
	switch {
	case len(data) > maxSize:
		r.problem(nil, "", "the document is larger than 1 MB, so it is not the definition of a sync.")
		return false
	case bytes.Count(data, []byte("\n")) > maxLines:
		r.problem(nil, "", "the document has more than 20,000 lines, so it is not the definition of a sync.")
		return false
	case !utf8.Valid(data):
		line := 1
		for rest := data; len(rest) > 0; {
			c, size := utf8.DecodeRune(rest)
			if c == utf8.RuneError && size == 1 {
				break
			}
			if c == '\n' {
				line++
			}
			rest = rest[size:]
		}
		r.problems = append(r.problems, Problem{Line: line, Msg: "this line is not UTF-8 text. Save the document as UTF-8."})
		return false
	case bytes.IndexByte(data, 0) >= 0:
		r.problem(nil, "", "the document has binary content, so it is not the definition of a sync.")
		return false
	}
	return r.shallow(data)
}

func (r *reader) shallow(data []byte) bool {
	flow, dashes, line := 0, 0, 0
	words := lexer.Tokenize(string(data))
	if len(words) > maxWords {
		r.problem(nil, "", "the document has more than 100,000 words, so it is not the definition of a sync.")
		return false
	}
	for _, t := range words {
		if t.Position != nil && t.Position.Line != line {
			line, dashes = t.Position.Line, 0
		}
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			flow++
		case token.SequenceEndType, token.MappingEndType:
			flow--
		case token.SequenceEntryType, token.MappingKeyType:
			dashes++
		}
		if flow > maxDepth || dashes > maxDepth {
			r.problem(t, "", "lists and groups are nested too deeply here. Is a bracket left open?")
			return false
		}
	}
	return true
}

func (r *reader) syntaxError(err error) {
	var syntax *yaml.SyntaxError
	if !errors.As(err, &syntax) {
		r.problem(nil, "", "this is not a YAML document that can be read: %v", err)
		return
	}
	msg, hint := syntax.Message, ""
	switch {
	case strings.Contains(msg, "mapping value is not allowed"):
		msg, hint = "a colon is not allowed here", ` Put a value that holds ": " between quotes, and indent the lines of one group alike.`
	case strings.Contains(msg, "tab character"), strings.Contains(msg, `'\t'`), strings.Contains(msg, "'\t'"):
		msg, hint = "a tab is not allowed here", " Indent with spaces."
	case strings.Contains(msg, "reserved character"):
		hint = " Put the value between quotes."
	case strings.Contains(msg, "end token"), strings.Contains(msg, "find end character"), strings.Contains(msg, "must be specified"):
		hint = " Close the bracket or the quotes that open here or before."
	case strings.Contains(msg, "non-map value"):
		msg, hint = "a key with a value was expected here", " Write it as key: value, with a space after the colon."
	}
	r.problem(syntax.Token, "", "this cannot be read as YAML: %s.%s", msg, hint)
}

// version checks the format version first, because nothing that this program
// has to say about a newer format would be right.
func (r *reader) version(root ast.Node) bool {
	probe := &reader{lines: map[string]int{}}
	s := probe.section(root, "", nil)
	if s.broken {
		r.problem(root.GetToken(), "", "this is not the definition of a sync. It starts with the line: syncline: %d", Version)
		return false
	}
	e, ok := s.find("syncline")
	if !ok {
		r.problem(nil, "syncline", "is missing: the first line of a definition is syncline: %d", Version)
		return true
	}
	text, _ := probe.scalar(e.value, "syncline")
	switch n, err := strconv.Atoi(text); {
	case err != nil || n < 1:
		r.problem(e.value.GetToken(), "syncline", "must be the number of the format version, which is %d.", Version)
	case n > Version:
		r.problem(e.value.GetToken(), "syncline", "this document has format version %d, which is newer than this Syncline can read (%d). Update Syncline.", n, Version)
		return false
	}
	return true
}
