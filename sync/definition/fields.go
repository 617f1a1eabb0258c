package definition

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"syncline/sync/record"
	"syncline/sync/transform"
)

// Flows reports whether the field's values flow in the direction, which is
// ToHubSpot or FromHubSpot.
func (f Field) Flows(d Direction) bool { return f.Direction == d || f.Direction == TwoWay }

// Name is the field's name for people: its column, or what it is.
func (f Field) Name() string {
	if f.Field == "" && f.Constant != nil {
		return "constant " + strconv.Quote(*f.Constant)
	}
	return f.Field
}

// WayBack returns the transforms that bring a property's value into the
// field's form: those that are written, or else the inverse of ToHubSpot. It
// reports false where there is none.
func (f Field) WayBack() (transform.Chain, bool) {
	if len(f.FromHubSpot) > 0 || len(f.ToHubSpot) == 0 {
		return f.FromHubSpot, true
	}
	return f.ToHubSpot.Inverse()
}

func (r *reader) fields(doc section, def Direction) []Field {
	if doc.missing("fields") {
		doc.problem("fields", "is missing: list at least one pair, such as - { field: Email, property: email }.")
	}
	var out []Field
	for i, n := range doc.items("fields", false) {
		if s := r.section(n, fmt.Sprintf("fields[%d]", i), fieldPart); !s.broken {
			out = append(out, r.field(s, def))
		}
	}
	return out
}

func (r *reader) field(s section, def Direction) Field {
	f := Field{
		Field:     s.text("field"),
		Property:  s.required("property", "name the property that the field goes with."),
		Direction: Direction(cmp.Or(s.word("direction"), string(def))),
		Conflict:  Policy(s.word("conflict")),
		Unmapped:  s.word("unmapped"),
		Blank:     s.word("blank"),
		Compare:   record.Comparison(s.word("compare")),
		Values:    r.values(s),
	}
	var toOK, fromOK bool
	f.ToHubSpot, toOK = r.chain(s, "to-hubspot")
	f.FromHubSpot, fromOK = r.chain(s, "from-hubspot")
	for i, step := range f.FromHubSpot {
		if columns := step.Columns(); fromOK && len(columns) > 0 {
			s.problem("from-hubspot", "step %d (%s) names the column %q, but on the way back there is only the property's value. Use that alone.", i+1, step.Name, columns[0])
		}
	}
	if s.has("constant") {
		r.constant(s, &f)
		return f
	}
	if s.missing("field") {
		s.problem("field", "is missing: name the column, or give a constant.")
	}
	if s.has("unmapped") && !s.has("values") {
		s.problem("unmapped", "has no meaning without values, the map that it completes. Take the line out, or add values.")
	}
	r.wayBack(s, f, toOK && fromOK)
	return f
}

// constant completes a field that has no column.
func (r *reader) constant(s section, f *Field) {
	e, _ := s.find("constant")
	if v, ok := r.scalar(e.value, s.sub("constant")); ok {
		f.Constant = &v
	}
	if s.has("field") {
		s.problem("constant", "stands beside field. Keep one of the two: a constant needs no column.")
	}
	if s.has("direction") && f.Direction != ToHubSpot {
		s.problem("direction", "%q is not possible for a constant, which only flows to HubSpot. Take the line out.", f.Direction)
	}
	for _, name := range []string{"values", "unmapped", "blank", "to-hubspot", "from-hubspot"} {
		if s.has(name) {
			s.problem(name, "has no meaning for a constant. Take the line out.")
		}
	}
	f.Direction = ToHubSpot
}

// wayBack reports a field that flows to the source but has no unambiguous way
// back from the property's form.
func (r *reader) wayBack(s section, f Field, chains bool) {
	if !f.Flows(FromHubSpot) {
		if s.has("from-hubspot") && f.Direction == ToHubSpot {
			s.problem("from-hubspot", "has no effect, because the field only flows to HubSpot. Take the line out, or write direction: two-way.")
		}
		return
	}
	if chains {
		back, ok := f.WayBack()
		if ok && f.Direction == FromHubSpot && len(f.ToHubSpot) > 0 && len(f.FromHubSpot) == 0 && len(back) == 0 {
			s.problem("to-hubspot", "has no effect, because the field only flows from HubSpot, and what leads back from it is the value as it is. Write it as from-hubspot, take the line out, or write direction: two-way.")
		}
		if !ok {
			s.problem("to-hubspot", "has no way back (%s), but the field flows to the source too. Add from-hubspot, or write direction: to-hubspot.", names(f.ToHubSpot))
		}
	}
	pairs := f.Values.Pairs()
	for _, i := range f.Values.ambiguous() {
		first, _ := f.Values.From(pairs[i].Property)
		s.problem("values", "%q and %q both become %q, so the way back is not clear. Keep one of them, or write direction: to-hubspot.", first, pairs[i].Field, pairs[i].Property)
	}
}

// names lists the transforms of a chain that have no way back.
func names(c transform.Chain) string {
	var out []string
	for _, step := range c {
		if _, ok := (transform.Chain{step}).Inverse(); !ok {
			out = append(out, step.Name)
		}
	}
	return strings.Join(out, ", ")
}

func (r *reader) values(s section) *ValueMap {
	m, ok := s.child("values", nil)
	if !ok {
		return nil
	}
	var pairs []Pair
	for _, e := range m.entries {
		v, ok := r.scalar(e.value, m.sub(e.name))
		if ok {
			pairs = append(pairs, Pair{Field: e.name, Property: v})
		}
	}
	if len(m.entries) == 0 {
		s.problem("values", "is an empty map. Fill it, or take the line out.")
	}
	return NewValueMap(pairs...)
}

// chain reads a list of transforms, and reports whether all of them are right.
func (r *reader) chain(s section, name string) (transform.Chain, bool) {
	before := len(r.problems)
	var c transform.Chain
	for i, n := range s.items(name, true) {
		key := fmt.Sprintf("%s[%d]", s.sub(name), i)
		step, ok := r.step(n, key)
		if !ok {
			continue
		}
		if err := transform.Check(step); err != nil {
			r.problem(n.GetToken(), key, "%s", sentence(err))
			continue
		}
		c = append(c, step)
	}
	return c, len(r.problems) == before
}

// sentence is an error's text with its full stop.
func sentence(err error) string {
	text := err.Error()
	if strings.HasSuffix(text, ".") || strings.HasSuffix(text, "?") {
		return text
	}
	return text + "."
}

// step reads a transform: its name alone, or { name: argument }, or
// { name: { argument: value } }.
func (r *reader) step(n ast.Node, key string) (transform.Step, bool) {
	if isScalar(n) {
		name, ok := r.scalar(n, key)
		if ok && name == "" {
			r.problem(n.GetToken(), key, "is empty. Name a transform, or take it out.")
		}
		return transform.Step{Name: name}, ok && name != ""
	}
	before := len(r.problems)
	s := r.section(n, key, nil)
	if s.broken || len(r.problems) > before {
		return transform.Step{}, false
	}
	if len(s.entries) != 1 {
		r.problem(n.GetToken(), key, "must be one transform with its arguments, such as { phone: { region: DE } }. Give each transform an element of its own.")
		return transform.Step{}, false
	}
	e := s.entries[0]
	step := transform.Step{Name: e.name}
	switch e.value.(type) {
	case *ast.NullNode:
		return step, true
	case *ast.MappingNode, *ast.MappingValueNode:
		args, before := r.section(e.value, s.sub(e.name), nil), len(r.problems)
		for _, a := range args.entries {
			step = withArg(step, a.name, r.argument(a.value, args.sub(a.name)))
		}
		return step, len(r.problems) == before
	}
	before = len(r.problems)
	step = withArg(step, "", r.argument(e.value, s.sub(e.name)))
	return step, len(r.problems) == before
}

func withArg(s transform.Step, name string, v any) transform.Step {
	if s.Args == nil {
		s.Args = map[string]any{}
	}
	s.Args[name] = v
	return s
}

// argument returns a transform's argument: a whole number or a boolean where
// nothing of what was written is lost by that, else the text, so that +49 and
// 0049 stay what they are.
func (r *reader) argument(n ast.Node, key string) any {
	text, _ := r.scalar(n, key)
	switch n.(type) {
	case *ast.IntegerNode:
		if i, err := strconv.Atoi(text); err == nil && strconv.Itoa(i) == text {
			return i
		}
	case *ast.BoolNode:
		if text == "true" || text == "false" {
			return text == "true"
		}
	}
	return text
}
