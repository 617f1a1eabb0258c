// Package mapper is the field map as a pane: its canvas with the draft behind it,
// what is suggested, seen before it is accepted, checked and edited. The wizard and
// the screen of a field map both show it.
package mapper

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"fyne.io/fyne/v2"

	"syncline/app"
	"syncline/app/suggest"
	"syncline/sync/definition"
	"syncline/sync/record"
	"syncline/sync/transform"
	"syncline/ui/shell"
	"syncline/ui/widgets/fieldmap"
)

// Pane is the field map of a draft with its inspector, to stand in a
// screen. It is used on the UI thread only.
type Pane struct {
	w      *shell.Window
	draft  *app.Draft
	Model  *fieldmap.Model
	editor *fieldmap.Editor
	lines  mapLines
	edges  associationLines

	// OnChange is called after every edit, undo and redo included; onCheck when
	// the problems are known anew. What a screen says of the map it says after
	// both.
	OnChange, OnCheck func()
	// OnKeys is called when other lines identify a record.
	OnKeys func([]definition.MatchKey)
	// OnSelect is called when another line is selected, or none.
	OnSelect func()

	facts    atomic.Pointer[app.Facts] // read by previews on other goroutines
	troubles map[fieldmap.Ref]app.Trouble
	edits    int // counts what was changed since the pane was made
	checked  int // edits that the troubles are about
	checking bool
	waiting  func() // wants the problems of the map as it stands
	gathered bool   // the facts are those of all rows

	// readingTargets are the object types that are being read, or could not be.
	readingTargets map[string]bool
}

// New makes the pane of a draft whose both sides were read.
func New(w *shell.Window, d *app.Draft) *Pane {
	p := &Pane{w: w, draft: d, lines: newMapLines(d.Definition.Fields), edges: newAssociationLines(d.Definition.Associations),
		troubles: map[fieldmap.Ref]app.Trouble{}, readingTargets: map[string]bool{}}
	facts := d.Facts()
	p.facts.Store(&facts)
	links := slices.Concat(p.lines.links(), p.edges.links(), p.suggestions(), p.associationSuggestions())
	p.Model = fieldmap.NewModel(p.fieldCards(facts, p.lines.was, links), p.propertyCards(facts, p.lines.was, links, nil), links, d.Definition.Direction)
	p.Model.CanConnect = p.canConnect
	p.Model.NewSteps = p.newSteps
	p.Model.NewAssociation = p.newAssociation
	p.Model.AskAccept = func(l fieldmap.Link, seen bool) { p.accept([]fieldmap.Link{l}, seen) }
	p.Model.OnConnect = func(field, property string) { p.askSteps(fieldmap.Ref{Field: field, Property: property}) }
	p.Model.OnChange = p.changed
	p.markKeys()
	heads := fieldmap.Heads{Source: "Source", SourceIcon: columnIcon(d.Definition.Source.Kind), HubSpot: d.Object.Label}
	p.editor = fieldmap.NewEditor(p.Model, heads, p.preview, w.Post)
	p.editor.Describe = p.describe
	p.editor.OnSelect = func(l *fieldmap.Link) {
		if l != nil && isAssociation(*l) {
			p.readTarget(l.Settings.Association.To, true)
		}
		if p.OnSelect != nil {
			p.OnSelect()
		}
	}
	p.editor.Board.OnFix = p.Fix
	p.editor.Inspector.OnShowFailing = p.showFailing
	p.renewAssociations()
	p.recheck()
	p.gather()
	return p
}

// Content is the pane’s root.
func (p *Pane) Content() fyne.CanvasObject { return p.editor }

// Focus gives the keyboard to the map.
func (p *Pane) Focus() { p.editor.Focus() }

// Counts are the figures of the screen's header.
func (p *Pane) Counts() fieldmap.Counts { return p.Model.Count() }

// fieldCards and propertyCards are the cards of a map with these lines; have
// are those of HubSpot that there are.
func (p *Pane) fieldCards(f app.Facts, lines []definition.Field, links []fieldmap.Link) []fieldmap.Field {
	out := fieldCards(f, lines)
	for _, c := range associationColumns(f, links) {
		if !slices.ContainsFunc(out, func(o fieldmap.Field) bool { return o.Name == c.Name }) {
			out = append(out, c)
		}
	}
	return out
}

func (p *Pane) propertyCards(f app.Facts, lines []definition.Field, links []fieldmap.Link, have []fieldmap.Property) []fieldmap.Property {
	return slices.Concat(associationCards(f, p.draft.Object.Name, links, have), propertyCards(f, lines))
}

// Commit writes the lines of the map into the draft's definition; call it
// before the definition is saved or previewed.
func (p *Pane) Commit() {
	p.draft.Definition.Fields = p.lines.fields(p.Model.Links())
	p.draft.Definition.Associations, _ = p.edges.all(p.Model.Links())
}

// snapshot is the definition as the map stands, which shares nothing that is
// changed later.
func (p *Pane) snapshot() *definition.Definition {
	d := *p.draft.Definition
	d.Fields = p.lines.fields(p.Model.Links())
	d.Associations, _ = p.edges.all(p.Model.Links())
	return &d
}

// Problems are what keeps the definition from working, as it stands: what
// definition.Check says now, and what the last look at the values found.
func (p *Pane) Problems() []definition.Problem {
	d, facts := p.snapshot(), p.facts.Load()
	columns := make([]string, len(facts.Columns))
	for i, c := range facts.Columns {
		columns[i] = c.Name
	}
	out := definition.Check(d, columns, facts.Properties)
	add := func(part, name string, r fieldmap.Ref) {
		t, ok := p.troubles[r]
		if ok && !slices.ContainsFunc(out, func(d definition.Problem) bool { return strings.HasPrefix(d.Key, part) }) {
			out = append(out, definition.Problem{Key: part, Msg: fmt.Sprintf("%s: %s. %s", name, t.Text, t.Detail)})
		}
	}
	for i, f := range d.Fields {
		add(fmt.Sprintf("fields[%d]", i), f.Name(), fieldmap.Ref{Field: f.Field, Property: f.Property})
	}
	_, refs := p.edges.all(p.Model.Links())
	for i, r := range refs {
		add(fmt.Sprintf("associations[%d]", i), r.Field, r)
	}
	return out
}

// suggestions are lines for what is not mapped yet.
func (p *Pane) suggestions() []fieldmap.Link {
	var taken suggest.Options
	for _, f := range p.lines.was {
		taken.Properties = append(taken.Properties, f.Property)
		if f.Field != "" {
			taken.Fields = append(taken.Fields, f.Field)
		}
	}
	var out []fieldmap.Link
	for _, pair := range suggest.Pairs(p.draft.Schema.Columns, p.draft.Properties, taken) {
		s := fieldmap.NewSettings(p.draft.Definition.Direction)
		s.Steps = pair.Steps
		why := pair.Reason
		for _, h := range pair.Hints {
			why += ". " + h
		}
		out = append(out, fieldmap.Link{Ref: fieldmap.Ref{Field: pair.Field, Property: pair.Property}, State: fieldmap.Suggested, Why: why, Settings: s})
	}
	return out
}

// canConnect refuses what no step can make fit.
func (p *Pane) canConnect(field, property string) (bool, string) {
	facts := p.facts.Load()
	if _, ok := facts.Column(field); !ok {
		return false, "the source has no such column"
	}
	if to := p.leadsTo(property); to != "" {
		t, _ := facts.Target(to)
		return t.Barred == "", t.Barred
	}
	switch q, ok := facts.Property(property); {
	case !ok:
		return false, "HubSpot has no such property"
	case q.Type == record.TypeJSON || q.Type == record.TypeCoordinates:
		return false, "Syncline cannot keep this type in step"
	}
	return true, ""
}

// newSteps are what the values of a field need for a property.
func (p *Pane) newSteps(field, property string) transform.Chain {
	facts := p.facts.Load()
	c, ok := facts.Column(field)
	if !ok {
		return nil
	}
	q, _ := facts.Property(property)
	steps, _ := suggest.Steps(c, q, "")
	return steps
}

// describe is what the inspector must know about a line.
func (p *Pane) describe(l fieldmap.Link) fieldmap.Subject {
	if isAssociation(l) {
		return p.describeAssociation(l)
	}
	facts := p.facts.Load()
	s := fieldmap.Subject{Link: l}
	s.Property, _ = facts.Property(l.Property)
	s.Label = s.Property.Label
	if l.Settings.Direction != definition.FromHubSpot || len(l.Settings.Values) > 0 {
		s.Values = valueCounts(facts.Mappable(p.lines.line(l.Ref, l.Settings)))
	}
	if len(s.Values) > 0 {
		s.Property.External = false // its options are known here
	}
	return s
}

// preview runs off the UI thread.
func (p *Pane) preview(r fieldmap.Ref, s fieldmap.Settings) fieldmap.Preview {
	if s.Association != nil {
		return p.previewAssociation(r, *s.Association)
	}
	return previewOf(p.facts.Load().Preview(p.lines.line(r, s), 3))
}

// gather reads all rows, owners and stages; until they come the sample serves.
func (p *Pane) gather() {
	d := *p.draft // the rows are read while the draft may be edited
	def := *p.draft.Definition
	d.Definition = &def
	shell.Load(p.w, func(ctx context.Context) (app.Facts, error) { return p.w.App.Gather(ctx, &d) }, func(f app.Facts) {
		f.Properties, f.Targets = p.facts.Load().Properties, p.facts.Load().Targets // one may have been created or read meanwhile
		p.gathered = true
		p.renew(f)
	}, nil)
}

// renew takes newer facts.
func (p *Pane) renew(f app.Facts) {
	p.facts.Store(&f)
	lines, links := p.snapshot().Fields, p.Model.Links()
	p.Model.Renew(p.fieldCards(f, lines, links), p.propertyCards(f, lines, links, p.Model.Properties()))
	p.reselect()
	p.edits++
	p.recheck()
}

// reselect shows the selected line anew.
func (p *Pane) reselect() {
	if l := p.Model.Selected(); l != nil {
		p.Model.Select(fieldmap.Ref{})
		p.Model.Select(l.Ref)
	}
	p.editor.Refresh()
}

// changed follows an edit of the model.
func (p *Pane) changed() {
	p.markKeys()
	p.renewAssociations()
	p.edits++
	p.recheck()
	if p.OnChange != nil {
		p.OnChange()
	}
}

// markKeys shows which lines identify a record.
func (p *Pane) markKeys() {
	p.Model.SetMatchKey(func(r fieldmap.Ref) bool {
		return slices.Contains(p.draft.Definition.HubSpot.Match, definition.MatchKey{Field: r.Field, Property: r.Property})
	})
}

// WhenChecked calls then when the problems are those of the map as it stands:
// at once, or after the look that is under way. Of several only the last waits.
func (p *Pane) WhenChecked(then func()) {
	if !p.checking && p.checked == p.edits {
		then()
		return
	}
	p.waiting = then
}

// recheck looks for problems off the UI thread. One look is under way at a
// time; what was edited meanwhile is looked at next.
func (p *Pane) recheck() {
	if p.checking {
		return
	}
	p.checking = true
	edits, def, facts := p.edits, p.snapshot(), *p.facts.Load()
	_, refs := p.edges.all(p.Model.Links())
	shell.Load(p.w, func(context.Context) ([]app.Trouble, error) {
		found := facts.Check(def)
		for i, t := range facts.CheckAssociations(def) {
			t.Property = refs[i].Property
			found = append(found, t)
		}
		return found, nil
	}, func(found []app.Trouble) {
		p.checking, p.checked = false, edits
		p.showTroubles(found)
		if p.edits != edits {
			p.recheck()
		} else if then := p.waiting; then != nil {
			p.waiting = nil
			then()
		}
	}, nil)
}

func (p *Pane) showTroubles(found []app.Trouble) {
	p.troubles = make(map[fieldmap.Ref]app.Trouble, len(found))
	for _, t := range found {
		p.troubles[fieldmap.Ref{Field: t.Field, Property: t.Property}] = t
	}
	p.Model.SetProblems(func(l fieldmap.Link) *fieldmap.Problem {
		t, ok := p.troubles[l.Ref]
		if !ok || !l.Mapped() {
			return nil
		}
		return problemOf(t)
	})
	p.editor.Refresh()
	if p.OnCheck != nil {
		p.OnCheck()
	}
}

// Settled reports whether the problems are those of the last edit.
func (p *Pane) Settled() bool { return !p.checking && p.checked == p.edits }

// Known reports whether all rows of the source were read.
func (p *Pane) Known() bool { return p.gathered }

// Waits reports whether something waits for the check of the last edit.
func (p *Pane) Waits() bool { return p.waiting != nil }

// Say says something over the map for a while.
func (p *Pane) Say(text string) { p.editor.Board.Say(text) }
