package mapping

import (
	"strings"

	"syncline/sync/definition"
	"syncline/sync/record"
	"syncline/sync/transform"
)

// naming is how a column of the source writes what HubSpot keeps by a value or
// an id: options, owners, pipelines and stages.
type naming uint8

const (
	byValue naming = iota
	byName         // the label that HubSpot shows, or an owner's name
	byAddress
)

// Puzzling are the columns of which more than one cell tells what a cell means,
// or how one is written; texts says that the cells have no types.
func (m *FieldMap) Puzzling(texts bool) []string {
	var all []string
	for i := range m.Fields {
		f := &m.Fields[i]
		f.openPoint, f.naming, f.usual = false, byValue, usual{}
		if texts && f.asksPoint() || f.asksNaming() || f.asksUsual() {
			all = append(all, f.Column())
		}
	}
	return all
}

// UseSamples shows the map cells of the puzzling columns.
func (m *FieldMap) UseSamples(cells map[string][]string) {
	for i := range m.Fields {
		f := &m.Fields[i]
		f.openPoint = f.asksPoint() && record.PointOf(cells[f.Column()]) == record.OpenPoint
		if f.asksNaming() {
			f.naming = f.namingIn(cells[f.Column()], m.Env)
		}
		if f.asksUsual() {
			f.usual = f.usualOf(cells[f.Column()], m.Env)
		}
	}
}

// UseNames tells of columns that their cells are names and addresses, whatever
// the samples show: ids mean nothing to the source.
func (m *FieldMap) UseNames(columns map[string]bool) {
	for i := range m.Fields {
		f := &m.Fields[i]
		if !columns[f.Column()] || !f.asksNaming() {
			continue
		}
		f.naming = byName
		if f.kind == kindOwner {
			f.naming = byAddress
		}
	}
}

// asksNaming reports whether what is written to the field's column may be a
// value or its name.
func (f *Field) asksNaming() bool {
	return f.Flows(definition.FromHubSpot) && f.Column() != "" && f.Values == nil && !f.InSourceForm && !f.namesItself() && (f.kind != kindByType || len(f.Schema.Options) > 0)
}

// namingIn is how most of some cells name their values.
func (f *Field) namingIn(cells []string, env transform.Env) naming {
	var counts [byAddress + 1]int
	for _, cell := range cells {
		v, err := f.ToHubSpot.Apply(record.Text(cell), env)
		if err != nil || v.Empty() {
			continue
		}
		if n, ok := f.namingOf(record.Trimmed(v.String()), env); ok {
			counts[n]++
		}
	}
	most := byValue
	for n := byValue; n <= byAddress; n++ {
		if counts[n] > counts[most] {
			most = n
		}
	}
	return most
}

// namesItself reports whether transforms take names to values and back.
func (f *Field) namesItself() bool {
	for _, s := range append(append(transform.Chain{}, f.ToHubSpot...), f.back...) {
		switch s.Name {
		case "owner", "pipeline-stage", "boolean", "expression":
			return true
		}
	}
	return false
}

// namingOf is how a text names a value, where the text tells.
func (f *Field) namingOf(text string, env transform.Env) (n naming, ok bool) {
	switch f.kindIn(env) {
	case kindOwner:
		o, err := transform.FindOwner(text, env.Owners)
		switch {
		case err != nil:
			return byValue, false
		case text == o.ID:
			return byValue, true
		case strings.EqualFold(text, o.Email):
			return byAddress, true
		}
		return byName, true
	case kindPipeline:
		return namingAmong(pipelinesOf(env.Stages), text)
	case kindStage:
		return namingAmong(stagesOf(env.Stages), text)
	case kindEmail, kindDomain, kindByType:
	}
	if f.Schema.Multi() {
		text, _, _ = strings.Cut(text, ";")
		text = record.Trimmed(text)
	}
	return namingAmong(f.Schema.Options, text)
}

// namingAmong tells by the options that have a label of their own.
func namingAmong(options []record.Option, text string) (n naming, ok bool) {
	value, label := false, false
	for _, o := range options {
		value = value || o.Value == text
		label = label || record.Trimmed(o.Label) == text
	}
	switch {
	case value == label:
		return byValue, false
	case label:
		return byName, true
	}
	return byValue, true
}

func stagesOf(stages []transform.Stage) (options []record.Option) {
	for _, s := range stages {
		options = append(options, record.Option{Value: s.ID, Label: s.Label})
	}
	return options
}

// named is a property's value as the column writes it. A name that would not
// be read back as the value is not used.
func (f *Field) named(v record.Value, env transform.Env) record.Value {
	text := v.String()
	if f.naming == byValue {
		return v
	}
	switch f.kindIn(env) {
	case kindOwner:
		for _, o := range env.Owners {
			if o.ID != text {
				continue
			}
			names := []string{strings.TrimSpace(o.First + " " + o.Last), o.Email}
			if f.naming == byAddress {
				names = names[1:]
			}
			for _, name := range names {
				if back, err := transform.FindOwner(name, env.Owners); err == nil && back.ID == text {
					return record.Text(name)
				}
			}
		}
		return v
	case kindPipeline:
		return labelAmong(pipelinesOf(env.Stages), text)
	case kindStage:
		for _, s := range env.Stages {
			if s.ID != text {
				continue
			}
			if back, err := transform.FindStage(s.Label, env); err == nil && back.ID == text {
				return record.Text(s.Label)
			}
		}
		return v
	case kindEmail, kindDomain, kindByType:
	}
	if !f.Schema.Multi() {
		return labelAmong(f.Schema.Options, text)
	}
	parts := strings.Split(text, ";")
	for i := range parts {
		parts[i] = labelAmong(f.Schema.Options, parts[i]).String()
	}
	labels := record.Text(strings.Join(parts, ";"))
	if back, err := f.canonical(labels, env); err != nil || !f.Rule.Same(back, v) {
		return v
	}
	return labels
}

// labelAmong is the label of an option by its value, where it leads back to it.
func labelAmong(options []record.Option, value string) record.Value {
	for _, o := range options {
		if o.Value == value && o.Label != "" {
			if back, n := findOption(options, record.Trimmed(o.Label)); n == 1 && back == value {
				return record.Text(o.Label)
			}
		}
	}
	return record.Text(value)
}
