package mapper

import (
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"syncline/app"
	"syncline/app/suggest"
	"syncline/sync/definition"
	"syncline/sync/hubspot"
	"syncline/sync/record"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/widgets"
	"syncline/ui/widgets/fieldmap"
	"syncline/ui/wording"
)

// associationKey names the card of the nth line to an object type. No property
// can be called so.
func associationKey(object string, n int) string {
	if n == 1 {
		return "→" + object
	}
	return fmt.Sprintf("→%s %d", object, n)
}

// targetType is the object type that an association of a definition leads to;
// one that is unknown keeps the name that it is written by.
func targetType(to string) hubspot.ObjectType {
	if t, ok := hubspot.FindObjectType(to); ok {
		return t
	}
	return hubspot.ObjectType{Name: to, Singular: to, Label: to, LabelSingular: to}
}

// associationOf is an association as the inspector edits it.
func associationOf(a definition.Association) fieldmap.Association {
	return fieldmap.Association{To: a.To, Match: a.End.Match.Property, Sync: a.End.Link.Sync, Label: a.Label.Name, LabelField: a.Label.Field,
		Split: a.Split, CreateMissing: a.CreateMissing, RemoveOthers: a.RemoveOthers, LabelValues: labelPairs(a.Label)}
}

// labelPairs are the values of a label's column that are called otherwise in
// HubSpot, in order.
func labelPairs(l definition.Label) []fieldmap.ValuePair {
	var out []fieldmap.ValuePair
	for _, value := range slices.Sorted(maps.Keys(l.Values)) {
		out = append(out, fieldmap.ValuePair{Source: value, HubSpot: l.Values[value]})
	}
	return out
}

// associationSettings are the settings of a line that leads to other records.
func associationSettings(a fieldmap.Association) fieldmap.Settings {
	s := fieldmap.NewSettings(definition.ToHubSpot)
	s.Association = &a
	return s
}

// associating is a line of the map as one of the definition.
func associating(field string, a fieldmap.Association) definition.Association {
	d := definition.Association{To: a.To, Split: a.Split, Label: definition.Label{Name: a.Label, Field: a.LabelField}, CreateMissing: a.CreateMissing, RemoveOthers: a.RemoveOthers}
	if a.Sync != "" {
		d.End.Link, d.CreateMissing = definition.LinkKey{Sync: a.Sync, Field: field}, false
	} else {
		d.End.Match = definition.MatchKey{Field: field, Property: a.Match}
	}
	for _, p := range a.LabelValues {
		if a.LabelField != "" && p.HubSpot != "" {
			if d.Label.Values == nil {
				d.Label.Values = map[string]string{}
			}
			d.Label.Values[p.Source] = p.HubSpot
		}
	}
	return d
}

// associationLines are the associations of a definition as they were read, by
// the line that shows each.
type associationLines struct {
	was  []definition.Association
	refs []fieldmap.Ref // of the same place
}

func newAssociationLines(all []definition.Association) associationLines {
	l := associationLines{was: slices.Clone(all)}
	count := map[string]int{}
	for _, a := range all {
		object := targetType(a.To).Name
		count[object]++
		l.refs = append(l.refs, fieldmap.Ref{Field: a.End.Field(), Property: associationKey(object, count[object])})
	}
	return l
}

// links are the lines that the map shows.
func (l associationLines) links() []fieldmap.Link {
	out := make([]fieldmap.Link, len(l.was))
	for i, a := range l.was {
		out[i] = fieldmap.Link{Ref: l.refs[i], Settings: associationSettings(associationOf(a))}
	}
	return out
}

// all are the definition's associations after the links were edited, with the
// line of each: those that were there keep their order, new ones follow.
func (l associationLines) all(links []fieldmap.Link) (out []definition.Association, refs []fieldmap.Ref) {
	add := func(k fieldmap.Link) {
		out, refs = append(out, associating(k.Field, *k.Settings.Association)), append(refs, k.Ref)
	}
	now := make(map[fieldmap.Ref]fieldmap.Link)
	for _, k := range links {
		if k.Mapped() && k.Settings.Association != nil {
			now[k.Ref] = k
		}
	}
	for _, r := range l.refs {
		if k, ok := now[r]; ok {
			add(k)
		}
	}
	for _, k := range links {
		if _, ok := now[k.Ref]; ok && !slices.Contains(l.refs, k.Ref) {
			add(k)
		}
	}
	return out, refs
}

// associationCard is the card of a line, or a free one.
func associationCard(key string, object hubspot.ObjectType, note string) fieldmap.Property {
	return fieldmap.Property{Name: key, Label: "Associated " + strings.ToLower(object.Label), Type: "Association", Note: note, Association: object.Name}
}

// foundBy says on the card how its line finds records.
func foundBy(t app.Target, a fieldmap.Association) string {
	if a.Sync != "" {
		return "found by the key of " + path.Base(a.Sync)
	}
	if a.Match == "" {
		return ""
	}
	return "found by " + keyTitle(t, a.Match)
}

// keyTitle is what people call a match property, inside a sentence.
func keyTitle(t app.Target, name string) string {
	for _, p := range t.Properties {
		if p.Name == name && p.Label != "" {
			return strings.ToLower(p.Label)
		}
	}
	return name
}

// associationCards are the cards of associations: one for each line, and one
// that is free for each object type that is usual or has a line. have are the
// cards that there are.
func associationCards(f app.Facts, object string, links []fieldmap.Link, have []fieldmap.Property) []fieldmap.Property {
	var out []fieldmap.Property
	types := append(app.UsualTargets(object), f.OwnTargets(object)...)
	used := map[string]bool{}
	for _, l := range links {
		a := l.Settings.Association
		if a == nil {
			continue
		}
		to := f.TypeOf(a.To)
		t, _ := f.Target(a.To)
		out = append(out, associationCard(l.Property, to, foundBy(t, *a)))
		used[l.Property] = true
		if !slices.ContainsFunc(types, func(o hubspot.ObjectType) bool { return o.Name == to.Name }) {
			types = append(types, to)
		}
	}
	for _, c := range have {
		if c.Association != "" && !used[c.Name] {
			out = append(out, associationCard(c.Name, f.TypeOf(c.Association), ""))
		}
	}
	for _, to := range types {
		if slices.ContainsFunc(out, func(c fieldmap.Property) bool { return c.Association == to.Name && !used[c.Name] }) {
			continue
		}
		n := 1
		for slices.ContainsFunc(out, func(c fieldmap.Property) bool { return c.Name == associationKey(to.Name, n) }) {
			n++
		}
		out = append(out, associationCard(associationKey(to.Name, n), to, ""))
	}
	slices.SortStableFunc(out, func(a, b fieldmap.Property) int {
		return slices.IndexFunc(types, isType(a.Association)) - slices.IndexFunc(types, isType(b.Association))
	})
	return out
}

func isType(name string) func(hubspot.ObjectType) bool {
	return func(t hubspot.ObjectType) bool { return t.Name == name }
}

// associationColumns has a card for each column that an association names and
// the source lacks.
func associationColumns(f app.Facts, links []fieldmap.Link) []fieldmap.Field {
	var out []fieldmap.Field
	for _, l := range links {
		if _, ok := f.Column(l.Field); !ok && l.Settings.Association != nil && !slices.ContainsFunc(out, func(c fieldmap.Field) bool { return c.Name == l.Field }) {
			out = append(out, fieldmap.Field{Name: l.Field, Type: "not in the source"})
		}
	}
	return out
}

// associationSuggestions are lines to object types that none leads to yet.
func (p *Pane) associationSuggestions() []fieldmap.Link {
	var taken []string
	for _, a := range p.edges.was {
		taken = append(taken, a.End.Field(), a.Label.Field)
	}
	var out []fieldmap.Link
	given := map[string]bool{}
	for _, l := range p.draft.KeyLinks {
		if slices.Contains(taken, l.Field) || given[l.Sync.Object] || slices.ContainsFunc(p.edges.was, func(a definition.Association) bool { return targetType(a.To).Name == l.Sync.Object }) {
			continue
		}
		given[l.Sync.Object] = true
		taken = append(taken, l.Field)
		out = append(out, fieldmap.Link{Ref: fieldmap.Ref{Field: l.Field, Property: associationKey(l.Sync.Object, 1)}, State: fieldmap.Suggested,
			Why:      fmt.Sprintf("%s of %s values that were looked at are keys of rows of %s", look.Number(l.Named), look.Number(l.Of), l.Sync.Name),
			Settings: associationSettings(fieldmap.Association{To: l.Sync.Object, Sync: l.Sync.Document})})
	}
	for _, s := range suggest.Associations(p.draft.Schema.Columns, p.draft.Object.Name, taken) {
		if given[s.To] || slices.ContainsFunc(p.edges.was, func(a definition.Association) bool { return targetType(a.To).Name == s.To }) {
			continue
		}
		out = append(out, fieldmap.Link{Ref: fieldmap.Ref{Field: s.Field, Property: associationKey(s.To, 1)}, State: fieldmap.Suggested, Why: s.Reason,
			Settings: associationSettings(fieldmap.Association{To: s.To, Match: s.Match, Split: s.Split})})
	}
	return out
}

// newAssociation is how a column that was joined to an object type by hand
// most likely finds its records.
func (p *Pane) newAssociation(field, object string) fieldmap.Association {
	a := fieldmap.Association{To: object}
	if c, ok := p.facts.Load().Column(field); ok {
		a.Match = suggest.AssociationKey(c, object)
		a.Split, _ = suggest.Split(c.Samples)
	}
	return a
}

// leadsTo is the object type that lines to a card lead to, "" for a property.
func (p *Pane) leadsTo(property string) string {
	for _, c := range p.Model.Properties() {
		if c.Name == property {
			return c.Association
		}
	}
	return ""
}

// isAssociation reports whether a line leads to other records.
func isAssociation(l fieldmap.Link) bool { return l.Settings.Association != nil }

// renewAssociations lets the cards say how their lines find records now, and
// sees to a free card of each object type. It also reads what is not known of
// an object type that a line leads to.
func (p *Pane) renewAssociations() {
	links := p.Model.Links()
	p.Model.Renew(nil, associationCards(*p.facts.Load(), p.draft.Object.Name, links, p.Model.Properties()))
	for _, l := range links {
		if isAssociation(l) {
			p.readTarget(l.Settings.Association.To, false)
		}
	}
}

// readTarget reads what is to be known of an object type, once. What could not
// be read is tried again where it is asked for.
func (p *Pane) readTarget(object string, again bool) {
	name := targetType(object).Name
	_, known := p.facts.Load().Target(name)
	reading, tried := p.readingTargets[name]
	if known || reading || tried && !again {
		return
	}
	p.readingTargets[name] = true
	d := p.draft.Clone()
	shell.Load(p.w, func(ctx context.Context) (app.Target, error) { return p.w.App.Target(ctx, d, name) }, func(t app.Target) {
		delete(p.readingTargets, name)
		facts := *p.facts.Load()
		facts.Targets = maps.Clone(facts.Targets)
		if facts.Targets == nil {
			facts.Targets = map[string]app.Target{}
		}
		facts.Targets[name] = t
		p.facts.Store(&facts)
		p.renewAssociations()
		p.reselect()
		p.edits++
		p.recheck()
	}, func(err error) {
		p.readingTargets[name] = false
		p.editor.Refresh()
		p.w.Fail(err)
	})
}

// describeAssociation is what the inspector must know about a line that leads
// to other records.
func (p *Pane) describeAssociation(l fieldmap.Link) fieldmap.Subject {
	facts := p.facts.Load()
	object := facts.TypeOf(l.Settings.Association.To)
	t, known := facts.Target(object.Name)
	s := fieldmap.Subject{Link: l, Label: "Associated " + strings.ToLower(object.Label)}
	s.Target = fieldmap.Target{Plural: strings.ToLower(object.Label), Labels: t.Labels, Reading: !known && p.readingTargets[object.Name]}
	for _, k := range t.Keys() {
		s.Target.Keys = append(s.Target.Keys, fieldmap.Key{Name: k.Name, Label: KeyLabel(k)})
	}
	for _, c := range facts.Columns {
		s.Target.Columns = append(s.Target.Columns, c.Name)
	}
	for _, y := range p.draft.LinksTo(object.Name) {
		s.Target.Syncs = append(s.Target.Syncs, fieldmap.Key{Name: y.Document, Label: y.Name})
	}
	if field := l.Settings.Association.LabelField; field != "" && facts.Census != nil {
		values, _ := facts.Census.Values(field)
		for _, v := range values[:min(len(values), MostLabels)] {
			s.Target.Values = append(s.Target.Values, fieldmap.ValueCount{Value: v.Value, Rows: v.Rows})
		}
	}
	return s
}

// MostLabels is for how many values of a column it can be said which label they
// mean: HubSpot lets a pair of object types have fewer labels.
const MostLabels = 60

// KeyLabel is what a key by which records are found is called.
func KeyLabel(p record.Property) string {
	if p.Label == "" {
		return p.Name
	}
	return p.Label
}

// previewAssociation runs off the UI thread.
func (p *Pane) previewAssociation(r fieldmap.Ref, a fieldmap.Association) fieldmap.Preview {
	out := previewOf(p.facts.Load().PreviewAssociation(associating(r.Field, a), 3))
	out.Found = true
	return out
}

// tellsAssociation says what accepting a line that leads to other records does,
// on rows of the source.
func (p *Pane) tellsAssociation(o *offered) {
	a := *o.link.Settings.Association
	t, _ := p.facts.Load().Target(a.To)
	one, other := strings.ToLower(p.draft.Object.LabelSingular), strings.ToLower(p.facts.Load().TypeOf(a.To).LabelSingular)
	if o.shown == nil {
		o.shown = widgets.NewColumn(3)
	}
	o.shown.Objects = nil
	by := keyTitle(t, a.Match)
	if a.Sync != "" {
		by = "key in " + a.Sync
	}
	o.shown.Add(widgets.NewParagraph(fmt.Sprintf("Each %s is associated with the %s that has this %s. Where HubSpot has none, the association waits for it; none is made.", one, other, by), look.Small, look.T2))
	for _, e := range p.facts.Load().PreviewAssociation(associating(o.link.Field, a), mostChanged).Examples {
		after := wording.OrNothing(e.After.String())
		if e.Err != nil {
			after = "not associated: " + e.Err.Error()
		}
		o.shown.Add(widgets.NewLine(WithEdges(e.Before.String())+" → "+after, look.Mono, look.T1))
	}
	o.shown.Refresh()
}
