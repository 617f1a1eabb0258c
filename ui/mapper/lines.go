package mapper

import (
	"slices"

	"syncline/app"
	"syncline/sync/definition"
	"syncline/sync/transform"
	"syncline/ui/widgets/fieldmap"
)

// settingsOf are a line's settings as the inspector edits them.
func settingsOf(f definition.Field) fieldmap.Settings {
	s := fieldmap.Settings{Direction: f.Direction, Compare: f.Compare, Conflict: f.Conflict, Blank: f.Blank, Unmapped: f.Unmapped, Steps: f.ToHubSpot}
	for _, p := range f.Values.Pairs() {
		s.Values = append(s.Values, fieldmap.ValuePair{Source: p.Field, HubSpot: p.Property})
	}
	return s.Clone()
}

// lineOf is a line of the definition with settings of the inspector. was is the
// line before it was edited: the inspector does not show its own way back,
// which holds as long as the way there is the same.
func lineOf(r fieldmap.Ref, s fieldmap.Settings, was definition.Field) definition.Field {
	s = s.Clone()
	f := definition.Field{Field: r.Field, Property: r.Property, Direction: s.Direction, Compare: s.Compare, Conflict: s.Conflict,
		Unmapped: s.Unmapped, Blank: s.Blank, ToHubSpot: s.Steps}
	if len(s.Values) > 0 {
		pairs := make([]definition.Pair, len(s.Values))
		for i, p := range s.Values {
			pairs[i] = definition.Pair{Field: p.Source, Property: p.HubSpot}
		}
		f.Values = definition.NewValueMap(pairs...)
	}
	if f.Flows(definition.FromHubSpot) && sameSteps(s.Steps, was.ToHubSpot) {
		f.FromHubSpot = was.FromHubSpot
	}
	return f
}

func sameSteps(a, b transform.Chain) bool {
	return fieldmap.Settings{Steps: a}.Equal(fieldmap.Settings{Steps: b})
}

// mapLines are the lines of a definition's field map as they were read, and
// which of them the map shows. A constant has no line, and of two lines
// between the same ends the map shows the first; the others stay as they are.
type mapLines struct {
	was   []definition.Field
	shown map[fieldmap.Ref]int // the place in was
}

func newMapLines(fields []definition.Field) mapLines {
	m := mapLines{was: slices.Clone(fields), shown: make(map[fieldmap.Ref]int)}
	for i, f := range fields {
		r := fieldmap.Ref{Field: f.Field, Property: f.Property}
		if _, again := m.shown[r]; !again && f.Constant == nil {
			m.shown[r] = i
		}
	}
	return m
}

// line is a line of the map as one of the definition.
func (m mapLines) line(r fieldmap.Ref, s fieldmap.Settings) definition.Field {
	var was definition.Field
	if i, ok := m.shown[r]; ok {
		was = m.was[i]
	}
	return lineOf(r, s, was)
}

// links are the lines that the map shows.
func (m mapLines) links() []fieldmap.Link {
	var out []fieldmap.Link
	for i, f := range m.was {
		r := fieldmap.Ref{Field: f.Field, Property: f.Property}
		if at, ok := m.shown[r]; ok && at == i {
			out = append(out, fieldmap.Link{Ref: r, Settings: settingsOf(f)})
		}
	}
	return out
}

// fields are the definition's lines after the links were edited: those that
// were there keep their order, new ones follow.
func (m mapLines) fields(links []fieldmap.Link) []definition.Field {
	now := make(map[fieldmap.Ref]fieldmap.Link)
	for _, l := range links {
		if l.Mapped() && !isAssociation(l) {
			now[l.Ref] = l
		}
	}
	out := make([]definition.Field, 0, len(m.was)+len(now))
	for i, f := range m.was {
		r := fieldmap.Ref{Field: f.Field, Property: f.Property}
		if at, ok := m.shown[r]; !ok || at != i {
			out = append(out, f)
		} else if l, ok := now[r]; ok {
			out = append(out, lineOf(r, l.Settings, f))
		}
	}
	for _, l := range links {
		if _, old := m.shown[l.Ref]; l.Mapped() && !old && !isAssociation(l) {
			out = append(out, lineOf(l.Ref, l.Settings, definition.Field{}))
		}
	}
	return out
}

// valueCounts are counts as the value map takes them.
func valueCounts(values []app.ValueCount) []fieldmap.ValueCount {
	out := make([]fieldmap.ValueCount, len(values))
	for i, v := range values {
		out[i] = fieldmap.ValueCount{Value: v.Value, Rows: v.Rows}
	}
	return out
}

// problemOf is a trouble as the map shows it; a fix is named by its place.
func problemOf(t app.Trouble) *fieldmap.Problem {
	p := &fieldmap.Problem{Short: t.Short, Text: t.Text, Detail: t.Detail}
	for i, f := range t.Fixes {
		p.Fixes = append(p.Fixes, fieldmap.Fix{ID: string(rune('0' + i)), Label: f.Label})
	}
	return p
}

// previewOf is a preview as the inspector shows it.
func previewOf(p app.LinePreview) fieldmap.Preview {
	out := fieldmap.Preview{Converts: p.Converts, Rows: p.Rows}
	for _, e := range p.Examples {
		x := fieldmap.Example{Before: e.Before.String(), After: e.After.String()}
		if e.Err != nil {
			x.After, x.Err = "", e.Err.Error()
		}
		out.Examples = append(out.Examples, x)
	}
	return out
}
