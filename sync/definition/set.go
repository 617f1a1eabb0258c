package definition

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Set is several syncs that belong together: one job, in an order that
// satisfies their links.
type Set struct {
	Name  string
	Syncs []string // the documents, as written, relative to this one; see SyncPath

	// Path is the file that it was read from, "" when it was not.
	Path string

	lines map[string]int
}

// SyncPath returns the path of the document of one of the syncs as it can be
// opened.
func (s *Set) SyncPath(i int) string { return beside(s.Path, s.Syncs[i]) }

// Line returns the line of a part such as "syncs[2]", 0 if the document does
// not have it or the set was not read from one.
func (s *Set) Line(part string) int { return s.lines[part] }

// Document is what a file holds: a definition or a set. One of the two is nil.
type Document struct {
	Definition *Definition
	Set        *Set
}

// ParseDocument reads a definition or a set strictly. Its error is an *Error
// with every problem at once, in the order of the lines. The path is kept, and
// names the document in errors; it may be "".
func ParseDocument(data []byte, path string) (Document, error) {
	if isSet(data) {
		s, err := ParseSet(data, path)
		return Document{Set: s}, err
	}
	d, err := Parse(data, path)
	return Document{Definition: d}, err
}

func isSet(data []byte) bool {
	r := &reader{lines: map[string]int{}}
	root, ok := r.tree(data)
	if !ok {
		return false
	}
	top := r.section(root, "", nil)
	return top.has("set") || top.has("syncs")
}

// ParseSet reads a set strictly, like Parse. It opens none of its syncs.
func ParseSet(data []byte, path string) (*Set, error) {
	r := &reader{lines: map[string]int{}}
	s := r.set(data)
	if len(r.problems) > 0 {
		return nil, &Error{Path: path, Problems: sorted(r.problems)}
	}
	s.Path, s.lines = path, r.lines
	return s, nil
}

func (r *reader) set(data []byte) *Set {
	root, ok := r.tree(data)
	if !ok || !r.version(root) {
		return nil
	}
	// A key of a definition is no misspelling; it is told where it belongs.
	doc := r.section(root, "", documentPart)
	if doc.broken {
		return nil
	}
	for _, e := range doc.entries {
		if !slices.Contains(setNames, e.name) {
			doc.problem(e.name, "has no meaning in a set, which only has a name and the documents of its syncs. Write it into one of those, and take it out here.")
		}
	}
	doc.at = nil // a missing part of the document has no line
	s := &Set{Name: doc.required("set", "write what the set is called."), Syncs: doc.texts("syncs")}
	if doc.missing("syncs") {
		doc.problem("syncs", "is missing: list the documents of the syncs, such as [accounts.yaml, people.yaml].")
	}
	for i, name := range s.Syncs {
		for j, earlier := range s.Syncs[:i] {
			if beside("", name) == beside("", earlier) || filepath.Clean(filepath.FromSlash(name)) == filepath.Clean(filepath.FromSlash(earlier)) {
				part := fmt.Sprintf("syncs[%d]", i)
				r.problems = append(r.problems, Problem{Line: r.lines[part], Key: part, Msg: fmt.Sprintf("%q is named already, as number %d. Keep one of the two.", name, j+1)})
				break
			}
		}
	}
	return s
}

// isSet reports a set where the definition of one sync is wanted.
func (s section) isSet() bool {
	for _, name := range []string{"set", "syncs"} {
		if s.has(name) {
			s.problem(name, "this document is a set of syncs, and what is wanted here is one sync. Name one of its documents instead.")
			return true
		}
	}
	return false
}

// Load reads the definitions of the set, in the order in which it names them.
// Its error holds every problem of every document as an *Error.
func (s *Set) Load() ([]*Definition, error) {
	var all []*Definition
	var errs []error
	own := &Error{Path: s.Path}
	for i, name := range s.Syncs {
		part := fmt.Sprintf("syncs[%d]", i)
		problem := func(format string, args ...any) {
			own.Problems = append(own.Problems, Problem{Line: s.Line(part), Key: part, Msg: fmt.Sprintf(format, args...)})
		}
		doc, err := LoadDocument(s.SyncPath(i))
		var file *FileError
		switch {
		case errors.As(err, &file):
			problem("%s.", strings.TrimPrefix(file.Error(), file.Path+": "))
		case err != nil:
			errs = append(errs, err)
		case doc.Set != nil:
			problem("%q is a set itself, and a set holds no sets. Name its syncs here instead: %s.", name, strings.Join(doc.Set.Syncs, ", "))
		default:
			all = append(all, doc.Definition)
		}
	}
	if len(own.Problems) > 0 {
		errs = slices.Insert(errs, 0, error(own))
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return all, nil
}

// Ordered is a set in an order in which each sync comes after those that it has
// links to; those without links between them keep the order that the set has.
type Ordered struct {
	Syncs []*Definition
	Names []string // of the documents, as the set writes them
	Notes []string // sentences: which syncs outside of the set it rests on
	// Again are the names of those that find by a match property what a later one makes: after
	// all, what they associate is gone through once more.
	Again []string
}

// Order brings the definitions of a set, as Load returns them, into order: each
// after those that it has links to and, as far as no circle comes of it, after
// those that make what it finds by a match property. exists tells whether there is
// a file at a path, alike whether two names mean one object type. A link in a
// circle, and one to a document that is not there, is an *Error.
func (s *Set) Order(all []*Definition, exists func(path string) bool, alike func(a, b string) bool) (Ordered, error) {
	o := orderer{set: s, all: all, at: map[string]int{}, again: map[int]map[int]bool{}, state: make([]int, len(all))}
	for i, d := range all {
		o.at[same(d.Path)] = i
	}
	var errs []error
	for i := range all {
		if err := o.links(i, exists); err != nil {
			errs = append(errs, err)
		}
	}
	if len(errs) > 0 {
		return Ordered{}, errors.Join(errs...)
	}
	o.matches(alike)
	for i := range all {
		if circle := o.visit(i, nil); circle != nil {
			return Ordered{}, &Error{Path: s.Path, Problems: []Problem{{Line: s.Line("syncs"), Key: "syncs",
				Msg: fmt.Sprintf("these syncs rest on each other in a circle: %s. Take one of these links out of its document; a sync of its own can make those associations after both.", strings.Join(circle, " → "))}}}
		}
	}
	return o.out, nil
}

// same is a path in the form in which two are compared.
func same(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return filepath.Clean(path)
}

// orderer walks the links of a set.
type orderer struct {
	set   *Set
	all   []*Definition
	at    map[string]int       // by path
	on    [][]int              // what each rests on
	again map[int]map[int]bool // those that name what comes after them -> what
	state []int                // 0 not seen, 1 being visited, 2 placed
	out   Ordered
}

// links notes what a sync rests on.
func (o *orderer) links(i int, exists func(string) bool) error {
	d := o.all[i]
	var on []int
	var problems []Problem
	for _, l := range d.Links() {
		path := d.LinkPath(l.LinkKey)
		other, inside := o.at[same(path)]
		switch {
		case inside && other == i: // rows of one sync that name each other
		case inside:
			on = append(on, other)
		case exists(path):
			note := fmt.Sprintf("%s rests on %s, which is not in this set: it is taken as its own last run left it.", o.set.Syncs[i], l.Sync)
			if !slices.Contains(o.out.Notes, note) {
				o.out.Notes = append(o.out.Notes, note)
			}
		default:
			problems = append(problems, Problem{Line: d.Line(l.Part + ".sync"), Key: l.Part + ".sync",
				Msg: fmt.Sprintf("there is no document %s beside this one.%s", l.Sync, didYouMean(l.Sync, o.set.Syncs))})
		}
	}
	o.on = append(o.on, on)
	if len(problems) > 0 {
		return &Error{Path: d.Path, Problems: sorted(problems)}
	}
	return nil
}

// matches notes what each sync finds by a match property and another one makes: first
// where it would make them itself, with nothing but that property, if it came before.
// Where the two rest on each other, what is made later is associated at the end, which
// a note says.
func (o *orderer) matches(alike func(a, b string) bool) {
	for _, making := range []bool{true, false} {
		for i, d := range o.all {
			for k, other := range o.all {
				if i != k && !slices.Contains(o.on[i], k) && d.finds(other, making, alike) {
					o.comesAfter(i, k)
				}
			}
		}
	}
}

// comesAfter puts a sync after another one, unless that rests on it.
func (o *orderer) comesAfter(i, k int) {
	if !o.reaches(k, i) {
		o.on[i] = append(o.on[i], k)
		return
	}
	if o.again[i] == nil {
		o.again[i] = make(map[int]bool)
	}
	if o.again[i][k] {
		return
	}
	o.again[i][k] = true
	o.out.Notes = append(o.out.Notes, fmt.Sprintf("%s and %s name records of each other. %s comes first: what it names of those that %s makes waits, and is associated at the end of the same run of the set.",
		o.set.Syncs[i], o.set.Syncs[k], o.set.Syncs[i], o.set.Syncs[k]))
}

// finds reports whether a sync associates records by a property that another one
// gives to the records that it makes; with making only where it makes missing ones.
func (d *Definition) finds(other *Definition, making bool, alike func(a, b string) bool) bool {
	if other.Associate != nil || other.Deliver != nil || !other.Create.InHubSpot() {
		return false
	}
	by := func(object string, e End) bool {
		return e.Link.Field == "" && alike(object, other.HubSpot.Object) && slices.ContainsFunc(other.Fields, func(f Field) bool {
			return f.Property == e.Match.Property && f.Flows(ToHubSpot)
		})
	}
	if x := d.Associate; x != nil {
		return !making && (by(x.From.Object, x.From.End) || by(x.To.Object, x.To.End))
	}
	return slices.ContainsFunc(d.Associations, func(a Association) bool { return a.CreateMissing == making && by(a.To, a.End) })
}

// reaches reports whether a sync rests on another, at whatever distance.
func (o *orderer) reaches(from, to int) bool {
	seen := make([]bool, len(o.all))
	var walk func(int) bool
	walk = func(at int) bool {
		if at == to {
			return true
		}
		if seen[at] {
			return false
		}
		seen[at] = true
		return slices.ContainsFunc(o.on[at], walk)
	}
	return walk(from)
}

// visit places a sync after those that it rests on. It returns the circle that
// it finds, if there is one.
func (o *orderer) visit(i int, way []int) []string {
	switch o.state[i] {
	case 2:
		return nil
	case 1:
		var circle []string
		for _, k := range append(way[slices.Index(way, i):], i) {
			circle = append(circle, o.set.Syncs[k])
		}
		return circle
	}
	o.state[i] = 1
	for _, other := range o.on[i] {
		if circle := o.visit(other, append(slices.Clone(way), i)); circle != nil {
			return circle
		}
	}
	o.state[i] = 2
	o.out.Syncs, o.out.Names = append(o.out.Syncs, o.all[i]), append(o.out.Names, o.set.Syncs[i])
	if len(o.again[i]) > 0 {
		o.out.Again = append(o.out.Again, o.set.Syncs[i])
	}
	return nil
}

// YAML writes the set as a document that ParseSet reads as an equal one. It
// fails only on texts that are not UTF-8.
func (s *Set) YAML() ([]byte, error) {
	w := &writer{}
	w.pair(0, "syncline", strconv.Itoa(Version))
	w.text(0, "set", s.Name)
	w.line(0, "syncs:")
	for _, name := range s.Syncs {
		w.line(2, "- "+scalar(name))
	}
	if !utf8.ValidString(w.String()) {
		return nil, fmt.Errorf("the set %q holds text that is not UTF-8", s.Name)
	}
	return []byte(w.String()), nil
}
