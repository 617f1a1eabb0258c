package definition

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// reader walks the syntax tree of a document and collects what is wrong with
// it, so that a person sees every problem at once.
type reader struct {
	problems []Problem
	lines    map[string]int
}

func (r *reader) problem(at *token.Token, key, format string, args ...any) {
	p := Problem{Key: key, Msg: fmt.Sprintf(format, args...)}
	if at != nil && at.Position != nil {
		p.Line, p.Column = at.Position.Line, at.Position.Column
	}
	r.problems = append(r.problems, p)
}

// note remembers where a part of the document stands.
func (r *reader) note(key string, at *token.Token) {
	if at != nil && at.Position != nil {
		r.lines[key] = at.Position.Line
	}
}

// entry is one key of a mapping with its value.
type entry struct {
	name  string
	key   *token.Token
	value ast.Node
}

// section is a mapping of the document.
type section struct {
	r       *reader
	part    *part  // what the grammar knows of it; nil: any key
	path    string // "" for the whole document
	at      *token.Token
	entries []entry
	index   map[string]int // of entries, by name
	broken  bool           // it is no mapping, which was reported
	// meant are the known keys that a misspelled one most likely stands for, so
	// that they are not reported as missing too.
	meant []string
}

// section reads a node as a mapping with the keys of a part of the grammar only;
// nil allows any key.
func (r *reader) section(n ast.Node, path string, of *part) section {
	s := section{r: r, part: of, path: path, at: n.GetToken(), index: map[string]int{}}
	known := of.names()
	var pairs []*ast.MappingValueNode
	switch m := n.(type) {
	case *ast.MappingNode:
		pairs = m.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{m}
	default:
		s.broken = true
		r.problem(s.at, path, "must be a group of keys with values%s, not %s.", example(known), kind(n))
		return s
	}
	for _, p := range pairs {
		name, ok := keyText(p.Key)
		if !ok {
			r.problem(p.Key.GetToken(), path, "a key must be a plain word, not %s.", kind(p.Key))
			continue
		}
		e := entry{name: name, key: p.Key.GetToken(), value: p.Value}
		if first, ok := s.find(name); ok {
			r.problem(e.key, s.sub(name), "%q stands here a second time; it is already in line %d. Keep one of the two.", name, first.key.Position.Line)
			continue
		}
		if known != nil && !slices.Contains(known, name) {
			if near, ok := nearest(name, known); ok {
				s.meant = append(s.meant, near)
			}
			r.problem(e.key, s.sub(name), "there is no key %q here.%s", name, didYouMean(name, known))
			continue
		}
		r.note(s.sub(name), e.key)
		s.index[name] = len(s.entries)
		s.entries = append(s.entries, e)
	}
	return s
}

func example(known []string) string {
	if len(known) == 0 {
		return ""
	}
	return " (" + strings.Join(known[:min(len(known), 4)], ", ") + " …)"
}

func (s section) sub(name string) string {
	if s.path == "" {
		return name
	}
	return s.path + "." + name
}

func (s section) find(name string) (entry, bool) {
	i, ok := s.index[name]
	if !ok {
		return entry{}, false
	}
	return s.entries[i], true
}

// has reports whether the key is there, with a value or without.
func (s section) has(name string) bool {
	_, ok := s.find(name)
	return ok
}

// missing reports whether the key is not there, not even misspelled.
func (s section) missing(name string) bool {
	return !s.broken && !s.has(name) && !slices.Contains(s.meant, name)
}

// place returns where the key stands, or else where the section does.
func (s section) place(name string) *token.Token {
	if e, ok := s.find(name); ok {
		return e.key
	}
	return s.at
}

// problem reports something about a key of the section.
func (s section) problem(name, format string, args ...any) {
	s.r.problem(s.place(name), s.sub(name), format, args...)
}

// text returns a scalar, "" if the key is not there. A key that is there
// without a value is a problem.
func (s section) text(name string) string {
	e, ok := s.find(name)
	if !ok {
		return ""
	}
	v, ok := s.r.scalar(e.value, s.sub(name))
	if ok && v == "" {
		s.problem(name, "has no value. Write one, or take the line out.")
	}
	return v
}

// required is text for a key that must be there; why says what it is for.
func (s section) required(name, why string) string {
	if s.missing(name) {
		s.problem(name, "is missing: %s", why)
	}
	return s.text(name)
}

// word is text that must be one of the words that the grammar has for the key;
// without the key it is what the grammar says.
func (s section) word(name string) string {
	k := s.part.key(name)
	def := ""
	if slices.Contains(k.words, k.without) {
		def = k.without
	}
	if !s.has(name) {
		return def
	}
	v := s.text(name)
	if v == "" || slices.Contains(k.words, v) {
		return v
	}
	e, _ := s.find(name)
	s.r.problem(e.value.GetToken(), s.sub(name), "%q is not possible here.%s", v, didYouMean(v, k.words))
	return def
}

// flag is true or false, false without the key.
func (s section) flag(name string) bool { return s.word(name) == "true" }

// items returns the elements of a list, none without the key. A single value
// is a list of one where that is allowed.
func (s section) items(name string, single bool) []ast.Node {
	e, ok := s.find(name)
	if !ok {
		return nil
	}
	list, ok := e.value.(*ast.SequenceNode)
	switch {
	case !ok && single && isScalar(e.value):
		if s.text(name) == "" {
			return nil
		}
		return []ast.Node{e.value}
	case !ok:
		s.r.problem(e.key, s.sub(name), "must be a list, not %s.", kind(e.value))
		return nil
	case len(list.Values) == 0:
		s.problem(name, "is an empty list. Fill it, or take the line out.")
	}
	for i, n := range list.Values {
		s.r.note(fmt.Sprintf("%s[%d]", s.sub(name), i), n.GetToken())
	}
	return list.Values
}

// mayBeEmpty is items for a list that says something by being empty.
func (s section) mayBeEmpty(name string) []ast.Node {
	if e, ok := s.find(name); ok {
		if list, ok := e.value.(*ast.SequenceNode); ok && len(list.Values) == 0 {
			return nil
		}
	}
	return s.items(name, false)
}

// texts is a list of scalars, none of them empty.
func (s section) texts(name string) []string {
	var out []string
	for i, n := range s.items(name, true) {
		key := fmt.Sprintf("%s[%d]", s.sub(name), i)
		v, ok := s.r.scalar(n, key)
		if ok && v == "" {
			s.r.problem(n.GetToken(), key, "is empty. Write a value, or take it out.")
		}
		if v != "" {
			out = append(out, v)
		}
	}
	return out
}

// child returns the section under a key.
func (s section) child(name string, of *part) (section, bool) {
	e, ok := s.find(name)
	if !ok {
		return section{}, false
	}
	if _, null := e.value.(*ast.NullNode); null {
		s.problem(name, "has nothing under it. Indent its keys under it%s, or take the line out.", example(of.names()))
		return section{}, false
	}
	sub := s.r.section(e.value, s.sub(name), of)
	sub.at = e.key
	return sub, !sub.broken
}

// scalar returns a node's text as it was written, so that 007, NO and 1.0 stay
// what they are; "" for null.
func (r *reader) scalar(n ast.Node, key string) (string, bool) {
	if v, ok := keyText(n); ok {
		return v, true
	}
	switch n := n.(type) {
	case *ast.NullNode:
		return "", true
	case *ast.LiteralNode:
		return n.Value.Value, true
	}
	r.problem(n.GetToken(), key, "must be a single value, not %s.", kind(n))
	return "", false
}

func isScalar(n ast.Node) bool {
	_, ok := n.(ast.ScalarNode)
	return ok
}

// keyText returns the text of a scalar that may be a key.
func keyText(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	}
	return "", false
}

// kind names what a node is, for people.
func kind(n ast.Node) string {
	switch n.(type) {
	case *ast.SequenceNode:
		return "a list"
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a group of keys"
	case *ast.NullNode:
		return "nothing"
	case *ast.AnchorNode, *ast.AliasNode, *ast.MergeKeyNode:
		return "a reference (&, * or <<); write the value out"
	case *ast.TagNode:
		return "a tag (!); write the value without it"
	case *ast.MappingKeyNode:
		return "a complex key (?)"
	}
	return "a single value"
}
