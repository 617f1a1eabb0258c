package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"syncline/app/suggest"
	"syncline/sync/definition"
	"syncline/sync/engine"
	"syncline/sync/hubspot"
	"syncline/sync/mapping"
	"syncline/sync/record"
)

// Target is an object type that the records of a sync are associated with, as
// far as its portal told. It does not change.
type Target struct {
	Object     hubspot.ObjectType
	Properties []record.Property
	Labels     []string // that an association may bear, in the order of HubSpot
	Barred     string   // why no association leads there, "" where one can
}

// UsualTargets are the object types that records of a type are usually
// associated with, the commonest first.
func UsualTargets(object string) []hubspot.ObjectType {
	names := []string{"contacts", "companies", "deals"}
	if t, ok := hubspot.FindObjectType(object); ok && t.Joins != "" {
		names = append([]string{t.Joins}, t.Usual...)
	}
	out := make([]hubspot.ObjectType, len(names))
	for i, n := range names {
		out[i], _ = hubspot.FindObjectType(n)
	}
	return out
}

// Target reads what associations of the draft's records with those of another
// type rest on. That the portal has no such pair or does not let it be read is
// no error; the answer says so.
func (a *App) Target(ctx context.Context, d *Draft, object string) (Target, error) {
	to, err := d.Portal.Client.ObjectType(ctx, object)
	var none *hubspot.NoTypeError
	if errors.As(err, &none) {
		return Target{Object: hubspot.ObjectType{Name: object, Label: object, LabelSingular: object}, Barred: fmt.Sprintf("“%s” is no object type of this portal", object)}, nil
	}
	if err != nil {
		return Target{}, err
	}
	t := Target{Object: to}
	types, err := d.Portal.Client.AssociationLabels(ctx, d.Object.Path(), to.Path())
	if err == nil {
		t.Properties, err = d.Portal.Client.Properties(ctx, to.Path())
	}
	switch {
	case hubspot.IsNotShown(err):
		t.Barred = to.Absent()
		return t, nil
	case hubspot.IsUnknownPair(err):
		t.Barred = fmt.Sprintf("%s can't be associated with %s in this portal", strings.ToLower(d.Object.Label), strings.ToLower(to.Label))
		return t, nil
	case hubspot.IsScopes(err):
		t.Barred = fmt.Sprintf("this connection may not read %s", strings.ToLower(to.Label))
		return t, nil
	case err != nil:
		return t, err
	}
	for _, x := range types {
		if x.Label != "" {
			t.Labels = append(t.Labels, x.Label)
		}
	}
	return t, nil
}

// Keys are the properties by which a cell can name a record: the usual ones,
// those that HubSpot keeps unique, and the record's own id.
func (t Target) Keys() []record.Property {
	var out []record.Property
	add := func(p record.Property) {
		if !slices.ContainsFunc(out, func(o record.Property) bool { return o.Name == p.Name }) {
			out = append(out, p)
		}
	}
	named := func(name string) {
		if p, ok := t.property(name); ok {
			add(p)
		}
	}
	for _, name := range suggest.AssociationKeys(t.Object.Name) {
		named(name)
	}
	for _, p := range t.Properties {
		if p.Unique && !p.Hidden && suggest.Identifies(p) && p.Name != "hs_object_id" {
			add(p)
		}
	}
	named("hs_object_id")
	return out
}

func (t Target) property(name string) (record.Property, bool) {
	i := slices.IndexFunc(t.Properties, func(p record.Property) bool { return p.Name == name })
	if i < 0 {
		return record.Property{}, false
	}
	return t.Properties[i], true
}

// title is what people call a property, inside a sentence.
func (t Target) title(name string) string {
	if p, ok := t.property(name); ok && p.Label != "" {
		return strings.ToLower(p.Label)
	}
	return name
}

// TypeOf is the object type of a name that a definition writes, under that name.
func (f Facts) TypeOf(name string) hubspot.ObjectType {
	t, ok := hubspot.FindObjectType(name)
	for _, own := range f.Own {
		if own.ID == name || strings.EqualFold(own.Singular, name) || strings.EqualFold(own.Name, name) || strings.EqualFold(own.Label, name) {
			own.Name = name
			return own
		}
	}
	if !ok {
		label := ObjectLabel(name)
		return hubspot.ObjectType{Name: name, Singular: name, Label: label, LabelSingular: label}
	}
	return t
}

// OwnTargets are the portal's own object types that the draft's records can be
// associated with, under the names that a definition writes.
func (f Facts) OwnTargets(object string) []hubspot.ObjectType {
	var out []hubspot.ObjectType
	for _, t := range f.Own {
		if t.Singular != "" && f.TypeOf(object).ID != t.ID {
			t.Name = t.Singular
			out = append(out, t)
		}
	}
	return out
}

// Target is what is known of an object type that lines lead to; ok is false
// while it was not read.
func (f Facts) Target(object string) (t Target, ok bool) {
	t, ok = f.Targets[canonicalType(object)]
	return t, ok
}

// canonicalType is the name of an object type that a definition may write in
// several ways.
func canonicalType(object string) string {
	if t, ok := hubspot.FindObjectType(object); ok {
		return t.Name
	}
	return object
}

// cellReader reads the cells of an association's column as a run does.
type cellReader struct {
	association definition.Association
	fields      *mapping.FieldMap // nil where cells hold the keys of rows
	domains     bool
}

// reader makes the reader of a line. A property that is not known yet is read
// as a text.
func (f Facts) reader(a definition.Association) (*cellReader, error) {
	r := &cellReader{association: a}
	if a.End.Link.Sync != "" {
		return r, nil
	}
	t, known := f.Target(a.To)
	object := t.Object
	if !known {
		object, _ = hubspot.FindObjectType(a.To)
	}
	p, ok := t.property(a.End.Match.Property)
	if !ok {
		p = record.Property{Name: a.End.Match.Property, Type: record.TypeString, FieldType: "text"}
	}
	r.domains = p.Name == object.Domain
	var err error
	r.fields, err = mapping.New(partOf(a, object.Name, true), engine.MapObject(object), []record.Property{p}, f.Env)
	return r, err
}

// partOf is the definition by which a run finds the records of a line, and with
// create makes them.
func partOf(a definition.Association, object string, create bool) *definition.Definition {
	key := a.End.Match
	d := &definition.Definition{Source: definition.Source{Kind: "csv", Key: []string{key.Field}}, HubSpot: definition.HubSpot{Object: object, Match: []definition.MatchKey{key}},
		Direction: definition.ToHubSpot, Create: definition.CreateNone}
	if create {
		d.Create = definition.CreateHubSpot
		d.Fields = []definition.Field{{Field: key.Field, Property: key.Property, Direction: definition.ToHubSpot, Conflict: definition.Review, Blank: "ignore"}}
	}
	return d
}

// parts are what one cell names, each as it stands.
func (r *cellReader) parts(cell string) []string {
	if r.association.Split == "" {
		return []string{record.Trimmed(cell)}
	}
	var out []string
	for _, part := range strings.Split(cell, r.association.Split) {
		if part = record.Trimmed(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// read is how a cell is read, several records with · between them. An error
// says what is wrong with the cell.
func (r *cellReader) read(cell string) (string, error) {
	var out []string
	for _, part := range r.parts(cell) {
		ref, err := r.one(part)
		if err != nil {
			return "", err
		}
		if ref != "" && !slices.Contains(out, ref) {
			out = append(out, ref)
		}
	}
	return strings.Join(out, " · "), nil
}

func (r *cellReader) one(part string) (string, error) {
	if r.fields == nil {
		return part, nil
	}
	if r.domains && strings.Contains(part, "@") && !strings.Contains(part, "://") {
		return "", fmt.Errorf("%q is an e-mail address and no domain", part)
	}
	cells := record.Values{r.association.End.Match.Field: record.Text(part)}
	values, problems := r.fields.RowValues(cells)
	for _, msg := range problems {
		return "", fmt.Errorf("%s", msg)
	}
	if msg := r.fields.Refuses(r.association.End.Match.Property, record.Text(part)); msg != "" {
		return "", fmt.Errorf("%s", msg)
	}
	return r.fields.RowMatch(cells, values)[0], nil
}

// PreviewAssociation shows how up to n cells of a line are read, one that can't
// be among them, and counts the rows whose cells can.
func (f Facts) PreviewAssociation(a definition.Association, n int) LinePreview {
	var out LinePreview
	r, err := f.reader(a)
	if err != nil {
		return out
	}
	var failed *Example
	for _, c := range f.cellsOf(a.End.Field()) {
		text, err := r.read(c.value.String())
		out.Rows += c.rows
		if err != nil {
			if failed == nil {
				failed = &Example{Before: c.value, Err: err}
			}
			continue
		}
		out.Converts += c.rows
		if len(out.Examples) < n {
			if label := labelIn(a.Label, c.row); label != "" {
				text += " (" + label + ")"
			}
			out.Examples = append(out.Examples, Example{Before: c.value, After: record.Text(text)})
		}
	}
	if failed != nil && n > 0 {
		out.Examples = append(out.Examples[:min(len(out.Examples), n-1)], *failed)
	}
	return out
}

// labelIn is the label that a row gives, "" where all rows have the same.
func labelIn(l definition.Label, row record.Values) string {
	if l.Field == "" {
		return ""
	}
	cell := record.Trimmed(row[l.Field].String())
	if name, ok := l.Values[cell]; ok {
		return name
	}
	return cell
}

// cellsOf are the different values of a column, those of the sample first and
// with their rows' other cells.
func (f Facts) cellsOf(column string) []cells {
	var counts []ValueCount
	if f.Census != nil {
		counts, _ = f.Census.Values(column)
	}
	rows := make(map[string]int, len(counts))
	for _, c := range counts {
		rows[c.Value] = c.Rows
	}
	var out []cells
	seen := map[string]bool{}
	for _, row := range f.rows {
		if v := row.Fields[column]; !v.Empty() && !seen[v.String()] {
			seen[v.String()] = true
			out = append(out, cells{row.Fields, v, max(rows[v.String()], 1)})
		}
	}
	for _, c := range counts {
		if !seen[c.Value] {
			out = append(out, cells{nil, record.Text(c.Value), c.Rows})
		}
	}
	return out
}

// FailingAssociation lists the cells of a line that name no record, the
// commonest first.
func (f Facts) FailingAssociation(a definition.Association) []FailedValue {
	var out []FailedValue
	r, err := f.reader(a)
	if err != nil {
		return nil
	}
	for _, c := range f.cellsOf(a.End.Field()) {
		if _, err := r.read(c.value.String()); err != nil {
			out = append(out, FailedValue{ValueCount{c.value.String(), c.rows}, err.Error()})
		}
	}
	slices.SortStableFunc(out, func(a, b FailedValue) int { return b.Rows - a.Rows })
	return out
}
