// Package mapping takes rows to properties and records to cells by the field
// map of a definition: conversions, match keys, and what HubSpot would surely
// refuse. It is pure.
package mapping

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"slices"
	"sort"
	"strings"
	"sync"

	"syncline/sync/definition"
	"syncline/sync/merge"
	"syncline/sync/record"
	"syncline/sync/transform"
)

// FieldMap is a definition's field map made ready: it takes the cells of a row
// and the properties of a record to the form in which they are compared, and
// back to the form in which they are written.
//
// That form is the property's, so that a transform on the way to HubSpot is
// done before comparing. Only a field that flows solely from HubSpot through
// transforms without a way back is compared in the source's form.
//
// A FieldMap is read only once it is made, but for UseSyncKey, UseSamples and UseRules.
type FieldMap struct {
	Definition *definition.Definition
	Object     Object
	Fields     []Field
	ByProperty map[string]*Field
	Pipeline   *Field // the property that holds the pipeline of a mapped stage; nil where there is none
	Mark       *Field // the property that marks records whose row is gone; nil where it is none, or a field of the map
	Env        transform.Env
	SyncKey    string        // the property that holds our key, "" = none
	Match      []record.Rule // of each match key
	Properties []string      // what to read of a record
	Columns    map[string]bool
	unique     []*Field // those that HubSpot keeps unique
	stage      *Field   // the property that holds the stage; nil where it is not mapped
	words      bool     // words such as NULL are values like any other
	Cells      []string // the columns that values are made of or matched by, sorted

	sorted []*Field // by property, as hashes have them
	named  [][]byte // the names of sorted as they begin their values in JSON
	begun  [][]byte // those of Cells
}

// Object is what mapping must know of an object type.
type Object struct {
	ID      string   // HubSpot's object type id, such as 0-1
	Primary []string // the properties that name a record for people
	// Required are the properties that a new record must have: of each group at
	// least one.
	Required [][]string
	// Email, Domain and Lifecycle are the properties that hold a person's address,
	// an organisation's domain, and a stage that only moves forward; "" where it has
	// none.
	Email, Domain, Lifecycle string
}

// Field is one line of the field map.
type Field struct {
	definition.Field
	Schema       record.Property
	Rule         record.Rule
	Merge        merge.Field
	InSourceForm bool            // compared in the source's form
	back         transform.Chain // to the source's form
	env          transform.Env   // of the run
	kind         kind
	key          bool // it identifies a record, so that no space around it counts
	forward      bool // a lifecycle stage, which only moves forward
	words        bool // words such as NULL are values like any other
	naming       naming
	usual        usual
	openPoint    bool // nothing tells what the point in the column's numbers means
}

// Column is the field's name in the source, "" for a constant.
func (f *Field) Column() string { return f.Field.Field }

// New joins a checked definition with the portal's schema.
func New(def *definition.Definition, object Object, schema []record.Property, env transform.Env) (*FieldMap, error) {
	m := &FieldMap{Definition: def, Object: object, Env: env, ByProperty: make(map[string]*Field)}
	known := make(map[string]record.Property, len(schema))
	for _, p := range schema {
		known[p.Name] = p
	}
	m.Fields = make([]Field, 0, len(def.Fields))
	for _, f := range def.Fields {
		x, err := newField(f, known[f.Property], env)
		if err != nil {
			return nil, err
		}
		m.Fields = append(m.Fields, x)
	}
	for i := range m.Fields {
		m.ByProperty[m.Fields[i].Property] = &m.Fields[i]
		m.sorted = append(m.sorted, &m.Fields[i])
	}
	m.pipelines(known, env)
	slices.SortFunc(m.sorted, func(a, b *Field) int { return strings.Compare(a.Property, b.Property) })
	names := make([]string, len(m.sorted))
	for i, f := range m.sorted {
		names[i] = f.Property
	}
	m.named = begins(names)
	if mark := def.Delete.FlagRecord; mark != nil && m.ByProperty[mark.Property] == nil {
		f, err := newField(definition.Field{Property: mark.Property, Direction: definition.ToHubSpot}, known[mark.Property], env)
		if err != nil {
			return nil, err
		}
		m.Mark, m.ByProperty[mark.Property] = &f, &f
	}
	for _, k := range def.HubSpot.Match {
		rule := record.Rule{Compare: record.DefaultComparison(known[k.Property]), Region: env.Region}
		if kindOf(object, known[k.Property]) == kindDomain {
			rule.Compare = record.CompareDomain
		}
		m.Match = append(m.Match, rule)
	}
	m.words = def.Source.NoBlanks // what counts as empty otherwise is empty already
	for _, f := range m.ByProperty {
		f.kind, f.words, f.forward = kindOf(object, f.Schema), m.words, Lifecycle(object, f.Property)
		f.key = f.Schema.Unique || slices.ContainsFunc(def.HubSpot.Match, func(k definition.MatchKey) bool { return k.Property == f.Property })
	}
	for i := range m.Fields {
		if f := &m.Fields[i]; f.Direction != definition.FromHubSpot && f.Constant == nil && f.kind != kindEmail && f.Schema.Unique && f.Schema.Type == record.TypeString {
			m.unique = append(m.unique, f)
		}
	}
	if f := m.ByProperty[object.Email]; f != nil && f.kind == kindEmail && f.Column() != "" && f.Direction != definition.FromHubSpot {
		m.unique = append(m.unique, f)
	}
	m.Properties = m.wanted(known)
	m.useColumns()
	return m, nil
}

// useColumns notes the columns of the source that the sync rests on.
func (m *FieldMap) useColumns() {
	d := m.Definition
	m.Columns = map[string]bool{}
	for _, column := range d.Columns() {
		m.Columns[column] = true
	}
	m.Cells = nil
	for column := range m.Columns {
		// The time of a row counts by itself, unless it is a value too.
		if column != d.Source.Modified || slices.ContainsFunc(d.Fields, func(f definition.Field) bool { return f.Field == column }) {
			m.Cells = append(m.Cells, column)
		}
	}
	slices.Sort(m.Cells)
	m.begun = begins(m.Cells)
}

// Needs reports whether a column of the source has a part in the sync.
func (m *FieldMap) Needs(column string) bool {
	return m.Columns[column]
}

func newField(f definition.Field, prop record.Property, env transform.Env) (Field, error) {
	compare := f.Compare
	if compare == "" {
		compare = record.DefaultComparison(prop)
	}
	rule := record.Rule{Compare: compare, Region: regionOf(f, env.Region), Zone: env.Zone}
	x := Field{Field: f, Schema: prop, Rule: rule, env: env, kind: kindOf(Object{}, prop), key: prop.Unique, Merge: merge.Field{
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
	x.InSourceForm = f.Direction == definition.FromHubSpot && len(f.ToHubSpot) == 0 && len(f.FromHubSpot) > 0
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

// UseSyncKey makes the mapping read our key with each record.
func (m *FieldMap) UseSyncKey(property string) {
	m.SyncKey = property
	if !slices.Contains(m.Properties, property) {
		m.Properties = append(m.Properties, property)
	}
}

// UseRules tells the mapping which rules the portal has for the values of
// properties.
func (m *FieldMap) UseRules(rules map[string][]record.Validation) {
	for name, f := range m.ByProperty {
		f.Schema.Rules = rules[name]
	}
}

// wanted lists the properties that a pull reads.
func (m *FieldMap) wanted(known map[string]record.Property) []string {
	want := map[string]bool{}
	add := func(names ...string) {
		for _, n := range names {
			if _, ok := known[n]; ok {
				want[n] = true
			}
		}
	}
	for _, f := range m.Fields {
		add(f.Property)
	}
	if m.Mark != nil {
		add(m.Mark.Property)
	}
	for _, k := range m.Definition.HubSpot.Match {
		add(k.Property)
	}
	for _, f := range m.ByProperty {
		add(f.further())
	}
	for _, k := range m.Definition.HubSpot.Match {
		add(furtherOf(kindOf(m.Object, known[k.Property])))
	}
	if m.Pipeline != nil {
		add(m.Pipeline.Property)
	}
	add(m.Object.Primary...)
	add(Merged)
	names := make([]string, 0, len(want))
	for n := range want {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

// ToProperty takes a row's cell to the property's form: through its transforms
// and the value map, and then to the canonical form that is compared and sent.
// A value that has none stays as it is, and is stopped when it would be sent.
func (f *Field) ToProperty(cells record.Values, env transform.Env) (record.Value, error) {
	v, _, err := f.toProperty(cells, env)
	return v, err
}

// toProperty is ToProperty; sound says that the value is in the canonical form.
func (f *Field) toProperty(cells record.Values, env transform.Env) (v record.Value, sound bool, err error) {
	if v, err = f.mapped(cells, env); err != nil || f.InSourceForm {
		return v, false, err
	}
	form, refused := f.canonical(v, env)
	if refused != nil {
		if o, err := transform.FindOwner(record.Trimmed(v.String()), env.Owners); err == nil && o.Archived && f.kindIn(env) == kindOwner {
			v = record.Text(o.ID) // a record that has one who was deactivated is the same; none is given to them
		}
		return v, false, nil
	}
	return form, true, nil
}

// mapped takes a row's cell through the field's transforms and value map. A cell
// of nothing but space is empty.
func (f *Field) mapped(cells record.Values, env transform.Env) (record.Value, error) {
	if f.Constant != nil {
		return record.Text(*f.Constant), nil
	}
	env.Row = cells
	v := cells[f.Column()]
	if f.InSourceForm {
		return v, nil
	}
	if !v.Empty() && record.TrimEdges(v.String()) == "" {
		v = record.Text("")
	}
	if err := f.pointed(v); err != nil {
		return v, err
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

// ToCell takes a property's value to the cell's form.
func (f *Field) ToCell(v record.Value, env transform.Env) (record.Value, error) {
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
	if cell, ok := f.usual.cell(f, v, env); ok {
		return cell, nil
	}
	if err := f.marked(v); err != nil {
		return v, err
	}
	return f.back.Apply(f.plain(f.named(v, env)), env)
}

// RowValues takes a row to the compared form; problems say by property what is
// wrong with it.
func (m *FieldMap) RowValues(cells record.Values) (record.Values, map[string]string) {
	values, problems, _ := m.Row(cells, "", nil)
	return values, problems
}

// Row is RowValues that notes in the tally, which may be nil, what was guessed
// and repaired. Where the row names no pipeline, its stage is looked for in the
// given one, in any where that is "". sound says that all values are in the form
// in which HubSpot takes them, whatever they are written beside: see Refusals.
func (m *FieldMap) Row(cells record.Values, pipeline string, tally *Tally) (values record.Values, problems map[string]string, sound bool) {
	values = make(record.Values, len(m.Fields))
	sound = m.stage == nil // which is judged by the pipeline that the record will be in
	env := m.Env
	var now *Field
	if tally != nil {
		env.Remark = func(r transform.Remark) { tally.note(now, cells, r) }
	}
	env.PipelineID = m.pipelineOf(cells, pipeline)
	for i := range m.Fields {
		f := &m.Fields[i]
		now = f
		v, canonical, err := f.toProperty(cells, env)
		sound = sound && (canonical || err == nil && f.InSourceForm)
		if err != nil {
			if problems == nil {
				problems = make(map[string]string)
			}
			problems[f.Property] = fmt.Sprintf("%s: %v", f.Column(), err)
			continue
		}
		values[f.Property] = v
	}
	return values, problems, sound
}

// Merged is the property that lists the ids of all records that were merged into
// one, separated by semicolons.
const Merged = "hs_merged_object_ids"

// RecordValues takes a record to the compared form. A value that has no form
// in the source stays as it is.
func (m *FieldMap) RecordValues(properties record.Values) record.Values {
	values := make(record.Values, len(m.Fields))
	for i := range m.Fields {
		f := &m.Fields[i]
		v := properties[f.Property]
		if f.InSourceForm && !v.Empty() {
			if t, err := f.back.Apply(v, m.Env); err == nil && f.marked(v) == nil {
				v = t
			}
		}
		values[f.Property] = v
	}
	if m.Mark != nil {
		values[m.Mark.Property] = properties[m.Mark.Property]
	}
	if m.Pipeline != nil {
		values[m.Pipeline.Property] = properties[m.Pipeline.Property]
	}
	for _, f := range m.ByProperty {
		if name := f.further(); name != "" && !properties[name].Empty() {
			values[name] = properties[name]
		}
	}
	return values
}

// Hash is that of the canonical form of the mapped values; all kinds of empty
// are the same.
func (m *FieldMap) Hash(values record.Values) []byte {
	var room [1024]byte
	b := append(room[:0], '{')
	for i, f := range m.sorted {
		v := f.Rule.Canonical(values[f.Property])
		if v.Empty() {
			continue
		}
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = v.AppendJSON(append(b, m.named[i]...))
	}
	return DigestOf(append(b, '}'))
}

// AppendCells appends the cells of a row that the sync rests on as the canonical
// JSON of their values.
func (m *FieldMap) AppendCells(b []byte, cells record.Values) []byte {
	b = append(b, '{')
	start := len(b)
	for i, column := range m.Cells {
		v := cells[column]
		if v.State() == record.Absent {
			continue
		}
		if len(b) > start {
			b = append(b, ',')
		}
		b = v.AppendJSON(append(b, m.begun[i]...))
	}
	return append(b, '}')
}

// begins are names as they begin their values in JSON.
func begins(names []string) [][]byte {
	all := make([][]byte, len(names))
	for i, name := range names {
		all[i] = append(record.Text(name).AppendJSON(nil), ':')
	}
	return all
}

// Digest is the 128-bit hash by which values are compared and remembered.
func Digest(text string) []byte { return DigestOf([]byte(text)) }

// DigestOf is the Digest of bytes.
func DigestOf(text []byte) []byte {
	sum := sha256.Sum256(text)
	return sum[:16]
}

// Digest identifies all that the values of a row depend on beside its cells:
// the definition, the portal's schema, owners and stages, and the program.
func (m *FieldMap) Digest() []byte {
	zone := ""
	if m.Env.Zone != nil {
		zone = m.Env.Zone.String()
	}
	schema := make([]record.Property, 0, len(m.Fields))
	for i := range m.Fields {
		schema = append(schema, m.Fields[i].Schema)
	}
	text, err := json.Marshal([]any{m.Hashes(), m.Definition.Hash(), schema, m.Cells, m.Properties, m.Env.Owners, m.Env.Stages, m.Env.PipelineID, m.Env.Region, zone, m.openPoints(), build()})
	if err != nil {
		return nil // scalars only: can't fail
	}
	return DigestOf(text)
}

// build is the commit that the program was made of, "" where it is not known:
// another one may take the same cell to another value.
var build = sync.OnceValue(func() string {
	info, _ := debug.ReadBuildInfo()
	if info == nil {
		return ""
	}
	text := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" || s.Key == "vcs.modified" {
			text += " " + s.Value
		}
	}
	return text
})

// RowMatch gives the canonical value of each match key of a row.
func (m *FieldMap) RowMatch(cells, values record.Values) []string {
	all := make([]string, len(m.Match))
	for i, k := range m.Definition.HubSpot.Match {
		v := cells[k.Field]
		// The mapped value is preferred: its transforms say what the cell means.
		if f := m.ByProperty[k.Property]; f != nil && f.Column() == k.Field && !f.InSourceForm {
			if mapped, ok := values[k.Property]; ok {
				v = mapped
			}
		}
		all[i] = m.matchValue(i, v)
	}
	return all
}

// MatchOf gives the canonical value of each match key of a row's cells, as
// RowMatch does, and takes no more of them to values than that needs. It is ""
// where a cell can't be read.
func (m *FieldMap) MatchOf(cells record.Values) []string {
	values := make(record.Values, len(m.Match))
	for _, k := range m.Definition.HubSpot.Match {
		if f := m.ByProperty[k.Property]; f != nil && f.Column() == k.Field {
			if v, err := f.ToProperty(cells, m.Env); err == nil {
				values[k.Property] = v
			}
		}
	}
	return m.RowMatch(cells, values)
}

// matchValue is the canonical value of a match key, "" for none. A word that
// stands for a missing value matches nothing.
func (m *FieldMap) matchValue(ord int, v record.Value) string {
	if record.Placeholder(v.String()) == record.SurelyMissing && !m.words {
		return ""
	}
	return record.Trimmed(m.Match[ord].Canonical(v).String())
}

// RecordMatch gives the canonical values of each match key of a record. A
// contact is found by its further addresses too, since HubSpot keeps those
// unique as well, and a company by its further domains.
func (m *FieldMap) RecordMatch(properties record.Values) [][]string {
	all := make([][]string, len(m.Match))
	for i, k := range m.Definition.HubSpot.Match {
		values := []string{properties[k.Property].String()}
		if further := furtherOf(m.matchKind(i)); further != "" {
			values = append(values, strings.Split(properties[further].String(), ";")...)
		}
		for _, v := range values {
			if c := m.matchValue(i, record.Text(v)); c != "" {
				all[i] = append(all[i], c)
			}
		}
	}
	return all
}

// Name is what people call the record or row with these properties. An
// address names only who has no other name.
func (m *FieldMap) Name(properties record.Values) string {
	var parts []string
	for _, p := range m.Object.Primary {
		v := strings.TrimSpace(properties[p].String())
		if v == "" || (p == m.Object.Email && len(parts) > 0) {
			continue
		}
		parts = append(parts, v)
	}
	return strings.Join(parts, " ")
}

// Hashes tells per property how it is mapped, so that a changed line of the
// field map is found and its base not taken for today's meaning.
func (m *FieldMap) Hashes() map[string]string {
	all := make(map[string]string, len(m.Fields)+1)
	for i := range m.Fields {
		f := &m.Fields[i]
		text, err := json.Marshal([]any{f.Column(), f.ToHubSpot, f.FromHubSpot, f.Values.Pairs(), f.Unmapped, f.Constant, f.Rule.Compare, f.Schema.Type})
		if err != nil {
			continue // scalars only: can't fail
		}
		all[f.Property] = hex.EncodeToString(Digest(string(text)))
	}
	read := []any{m.Definition.HubSpot.Match, m.Definition.HubSpot.Filter}
	if list := m.Definition.HubSpot.FilterList; list != "" {
		read = append(read, "list "+list)
	}
	if m.Mark != nil {
		read = append(read, m.Mark.Property) // records that were read without it lack it
	}
	match, _ := json.Marshal(read)
	all[""] = hex.EncodeToString(Digest(string(match)))
	return all
}
