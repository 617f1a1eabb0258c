package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"

	"syncline/sync/definition"
	"syncline/sync/hubspot"
	"syncline/sync/merge"
	"syncline/sync/record"
	"syncline/sync/transform"
)

// mapping is a definition's field map made ready: it takes the cells of a row
// and the properties of a record to the form in which they are compared, and
// back to the form in which they are written.
//
// That form is the property's, so that a transform on the way to HubSpot is
// done before comparing. Only a field that flows solely from HubSpot through
// transforms without a way back is compared in the source's form.
type mapping struct {
	def        *definition.Definition
	object     hubspot.ObjectType
	fields     []mapped
	byProperty map[string]*mapped
	env        transform.Env
	syncKey    string        // property, "" = none
	match      []record.Rule // of each match key
	properties []string      // what to read of a record
	columns    map[string]bool
	arguments  []string // of transforms: an expression may name columns
}

// mapped is one line of the field map.
type mapped struct {
	definition.Field
	prop         record.Property
	rule         record.Rule
	merge        merge.Field
	back         transform.Chain // to the source's form
	inSourceForm bool
	email        bool // a contact's address, which HubSpot checks
}

// column is the field's name in the source, "" for a constant.
func (f *mapped) column() string { return f.Field.Field }

// newMapping joins a checked definition with the portal's schema.
func newMapping(def *definition.Definition, object hubspot.ObjectType, schema []record.Property, env transform.Env) (*mapping, error) {
	m := &mapping{def: def, object: object, env: env, byProperty: make(map[string]*mapped)}
	known := make(map[string]record.Property, len(schema))
	for _, p := range schema {
		known[p.Name] = p
	}
	m.fields = make([]mapped, 0, len(def.Fields))
	for _, f := range def.Fields {
		x, err := newMapped(f, known[f.Property], env)
		if err != nil {
			return nil, err
		}
		x.email = object.ID == "0-1" && f.Property == "email"
		m.fields = append(m.fields, x)
	}
	for i := range m.fields {
		m.byProperty[m.fields[i].Property] = &m.fields[i]
	}
	for _, k := range def.HubSpot.Match {
		m.match = append(m.match, record.Rule{Compare: record.DefaultComparison(known[k.Property]), Region: env.Region})
	}
	m.properties = m.wanted(known)
	m.useColumns()
	return m, nil
}

// useColumns notes the columns of the source that the sync rests on.
func (m *mapping) useColumns() {
	d := m.def
	m.columns = map[string]bool{d.Source.Modified: true}
	for _, k := range d.Source.Key {
		m.columns[k] = true
	}
	if f := d.Delete.FlagRow; f != nil {
		m.columns[f.Field] = true
	}
	for _, k := range d.HubSpot.Match {
		m.columns[k.Field] = true
	}
	for _, a := range d.Associations {
		m.columns[a.Match.Field] = true
	}
	for _, f := range d.Fields {
		m.columns[f.Field] = true
		for _, s := range append(slices.Clone(f.ToHubSpot), f.FromHubSpot...) {
			for _, arg := range s.Args {
				m.arguments = append(m.arguments, fmt.Sprint(arg))
			}
		}
	}
}

// needs reports whether a column of the source has a part in the sync.
func (m *mapping) needs(column string) bool {
	return m.columns[column] || slices.ContainsFunc(m.arguments, func(arg string) bool { return strings.Contains(arg, column) })
}

func newMapped(f definition.Field, prop record.Property, env transform.Env) (mapped, error) {
	compare := f.Compare
	if compare == "" {
		compare = record.DefaultComparison(prop)
	}
	rule := record.Rule{Compare: compare, Region: regionOf(f, env.Region), Zone: env.Zone}
	x := mapped{Field: f, prop: prop, rule: rule, merge: merge.Field{
		Rule: rule, Direction: f.Direction, Policy: f.Conflict, BlankClears: f.Blank == "clear", Multi: prop.Multi(),
	}}
	x.back = f.FromHubSpot
	if len(x.back) == 0 {
		inverse, ok := f.ToHubSpot.Inverse()
		if !ok && f.Direction == definition.TwoWay {
			return x, fmt.Errorf("the field %q flows both ways, but its transforms on the way to HubSpot have no way back: add from-hubspot to it, or give it one direction", f.Field)
		}
		x.back = inverse
	}
	x.inSourceForm = f.Direction == definition.FromHubSpot && len(f.ToHubSpot) == 0 && len(f.FromHubSpot) > 0
	return x, nil
}

// regionOf is the region of a field's phone transform, else the sync's.
func regionOf(f definition.Field, region string) string {
	for _, s := range f.ToHubSpot {
		if s.Name == "phone" {
			if r, ok := s.Args["region"].(string); ok {
				return strings.ToUpper(r)
			}
		}
	}
	return region
}

// wanted lists the properties that a pull reads.
func (m *mapping) wanted(known map[string]record.Property) []string {
	want := map[string]bool{}
	add := func(names ...string) {
		for _, n := range names {
			if _, ok := known[n]; ok {
				want[n] = true
			}
		}
	}
	for _, f := range m.fields {
		add(f.Property)
	}
	for _, k := range m.def.HubSpot.Match {
		add(k.Property)
		if k.Property == "email" {
			add("hs_additional_emails")
		}
	}
	add(m.object.Primary...)
	add("hs_merged_object_ids")
	names := make([]string, 0, len(want))
	for n := range want {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

// toProperty takes a row's cell to the property's form.
func (f *mapped) toProperty(cells record.Values, env transform.Env) (record.Value, error) {
	if f.Constant != nil {
		return record.Text(*f.Constant), nil
	}
	env.Row = cells
	v := cells[f.column()]
	if f.inSourceForm {
		return v, nil
	}
	v, err := f.ToHubSpot.Apply(v, env)
	if err != nil || v.Empty() || f.Values == nil {
		return v, err
	}
	if to, ok := f.Values.To(v.String()); ok {
		return record.Text(to), nil
	}
	switch f.Unmapped {
	case "keep":
		return v, nil
	case "blank":
		return record.Text(""), nil
	}
	return v, fmt.Errorf("the value map has no entry for %q: add one, or say what becomes of unmapped values", v.String())
}

// toSource takes a property's value to the cell's form.
func (f *mapped) toSource(v record.Value, env transform.Env) (record.Value, error) {
	if v.Empty() {
		return record.Text(""), nil
	}
	if f.Values != nil {
		if from, ok := f.Values.From(v.String()); ok {
			v = record.Text(from)
		} else if f.Unmapped == "reject" || f.Unmapped == "" {
			return v, fmt.Errorf("the value map has no entry that leads to %q", v.String())
		} else if f.Unmapped == "blank" {
			return record.Text(""), nil
		}
	}
	return f.back.Apply(v, env)
}

// rowValues takes a row to the compared form; problems say by property what is
// wrong with it.
func (m *mapping) rowValues(cells record.Values) (record.Values, map[string]string) {
	values := make(record.Values, len(m.fields))
	var problems map[string]string
	for i := range m.fields {
		f := &m.fields[i]
		v, err := f.toProperty(cells, m.env)
		if err != nil {
			if problems == nil {
				problems = make(map[string]string)
			}
			problems[f.Property] = fmt.Sprintf("%s: %v", f.column(), err)
			continue
		}
		values[f.Property] = v
	}
	return values, problems
}

// recordValues takes a record to the compared form. A value that has no form
// in the source stays as it is.
func (m *mapping) recordValues(properties record.Values) record.Values {
	values := make(record.Values, len(m.fields))
	for i := range m.fields {
		f := &m.fields[i]
		v := properties[f.Property]
		if f.inSourceForm && !v.Empty() {
			if t, err := f.back.Apply(v, m.env); err == nil {
				v = t
			}
		}
		values[f.Property] = v
	}
	return values
}

// hash is that of the canonical form of the mapped values; all kinds of empty
// are the same.
func (m *mapping) hash(values record.Values) []byte {
	canonical := make(record.Values, len(m.fields))
	for i := range m.fields {
		f := &m.fields[i]
		if v := f.rule.Canonical(values[f.Property]); !v.Empty() {
			canonical[f.Property] = v
		}
	}
	return digest(canonical.JSON())
}

func digest(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:16]
}

// rowMatch gives the canonical value of each match key of a row.
func (m *mapping) rowMatch(cells, values record.Values) []string {
	all := make([]string, len(m.match))
	for i, k := range m.def.HubSpot.Match {
		v := cells[k.Field]
		// The mapped value is preferred: its transforms say what the cell means.
		if f := m.byProperty[k.Property]; f != nil && f.column() == k.Field && !f.inSourceForm {
			if mapped, ok := values[k.Property]; ok {
				v = mapped
			}
		}
		all[i] = strings.TrimSpace(m.match[i].Canonical(v).String())
	}
	return all
}

// recordMatch gives the canonical values of each match key of a record. A
// contact is found by its secondary addresses too, since HubSpot keeps those
// unique as well.
func (m *mapping) recordMatch(properties record.Values) [][]string {
	all := make([][]string, len(m.match))
	for i, k := range m.def.HubSpot.Match {
		values := []string{properties[k.Property].String()}
		if k.Property == "email" {
			values = append(values, strings.Split(properties["hs_additional_emails"].String(), ";")...)
		}
		for _, v := range values {
			if c := strings.TrimSpace(m.match[i].Canonical(record.Text(v)).String()); c != "" {
				all[i] = append(all[i], c)
			}
		}
	}
	return all
}

// name is what people call the record or row with these properties. An
// address names only who has no other name.
func (m *mapping) name(properties record.Values) string {
	var parts []string
	for _, p := range m.object.Primary {
		v := strings.TrimSpace(properties[p].String())
		if v == "" || (p == "email" && len(parts) > 0) {
			continue
		}
		parts = append(parts, v)
	}
	return strings.Join(parts, " ")
}

// hashes tells per property how it is mapped, so that a changed line of the
// field map is found and its base not taken for today's meaning.
func (m *mapping) hashes() map[string]string {
	all := make(map[string]string, len(m.fields)+1)
	for i := range m.fields {
		f := &m.fields[i]
		text, err := json.Marshal([]any{f.column(), f.ToHubSpot, f.FromHubSpot, f.Values.Pairs(), f.Unmapped, f.Constant, f.rule.Compare, f.prop.Type})
		if err != nil {
			continue // scalars only: can't fail
		}
		all[f.Property] = hex.EncodeToString(digest(string(text)))
	}
	match, _ := json.Marshal([]any{m.def.HubSpot.Match, m.def.HubSpot.Filter})
	all[""] = hex.EncodeToString(digest(string(match)))
	return all
}

func text(v record.Value) *string {
	if v.State() != record.Present {
		return nil
	}
	s := v.String()
	return &s
}

func value(s *string) record.Value {
	if s == nil {
		return record.None()
	}
	return record.Text(*s)
}
