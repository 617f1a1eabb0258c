package mapper

import (
	"fmt"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"syncline/app"
	"syncline/sync/definition"
	"syncline/sync/record"
	"syncline/ui/look"
	"syncline/ui/widgets"
	"syncline/ui/widgets/fieldmap"
	"syncline/ui/wording"
)

// Undo takes the last edit back, redo does it again.
func (p *Pane) Undo() {
	if p.Model.Undo() {
		p.editor.Refresh()
	}
}

// Redo does again what was taken back last.
func (p *Pane) Redo() {
	if p.Model.Redo() {
		p.editor.Refresh()
	}
}

// Fix carries out a way out of a problem.
func (p *Pane) Fix(l fieldmap.Link, f fieldmap.Fix) {
	t, ok := p.troubles[l.Ref]
	if !ok {
		return
	}
	i := slices.IndexFunc(t.Fixes, func(x app.Fix) bool { return x.Label == f.Label })
	if i < 0 {
		return
	}
	switch fix := t.Fixes[i]; fix.Kind {
	case app.FixLine:
		p.Model.Update(l.Ref, settingsOf(fix.Line))
	case app.FixValues:
		p.mapValues(l)
	case app.FixCreate:
		p.create(l.Field, l.Property)
		return
	case app.FixAssociation:
		p.Model.Update(l.Ref, associationSettings(associationOf(fix.Association)))
	case app.FixRemove:
		p.Model.Disconnect(l.Ref)
	}
	p.Model.Select(l.Ref)
	p.reselect()
}

// mapValues begins a value map with what can be matched by its label; the
// inspector asks for the rest.
func (p *Pane) mapValues(l fieldmap.Link) {
	facts := p.facts.Load()
	property, _ := facts.Property(l.Property)
	options := slices.DeleteFunc(slices.Clone(property.Options), func(o record.Option) bool { return o.Hidden })
	values := valueCounts(facts.Mappable(p.lines.line(l.Ref, l.Settings)))
	s := l.Settings.Clone()
	s.Values = fieldmap.SuggestValues(values, options, s.Values)
	p.Model.Update(l.Ref, s)
	if left := len(values) - len(s.Values); left > 0 {
		p.editor.Board.Say(fmt.Sprintf("%s matched by their labels; say at the right what the other %s mean", look.Count(len(s.Values), "value is", "values are"), look.Number(left)))
	}
}

// suggested are the suggestions in the order of the source's cards.
func (p *Pane) suggested() []fieldmap.Link {
	var out []fieldmap.Link
	row := make(map[string]int)
	for i := range p.Model.Rows(fieldmap.Source) {
		if e, ok := p.Model.At(fieldmap.Source, i); ok {
			row[p.Model.Fields()[e.Index].Name] = i
		}
	}
	for _, l := range p.Model.Links() {
		if l.State == fieldmap.Suggested {
			out = append(out, l)
		}
	}
	slices.SortStableFunc(out, func(a, b fieldmap.Link) int { return row[a.Field] - row[b.Field] })
	return out
}

// NextSuggestion selects the suggestion after the selected one, and says which
// of how many it is.
func (p *Pane) NextSuggestion() {
	all := p.suggested()
	if len(all) == 0 {
		return
	}
	at := 0
	if l := p.Model.Selected(); l != nil {
		at = (slices.IndexFunc(all, func(s fieldmap.Link) bool { return s.Ref == l.Ref }) + 1) % len(all)
	}
	next := all[at]
	for _, side := range []fieldmap.Side{fieldmap.Source, fieldmap.HubSpot} {
		p.Model.Search(side, "") // a search must not hide what is to be seen
	}
	if p.Model.OnlyMapped() {
		p.Model.SetOnlyMapped(false)
	}
	p.Model.Select(next.Ref)
	p.editor.Refresh()
	p.editor.Board.Map.Reveal(next.Ref)
	p.editor.Board.Say(fmt.Sprintf("Suggestion %d of %d: accept it on its line, or dismiss it at the right", at+1, len(all)))
}

// AcceptAll accepts every suggestion, once what they change was seen.
func (p *Pane) AcceptAll() { p.accept(p.suggested(), false) }

// isKey reports whether a line is one of the match keys.
func (p *Pane) isKey(r fieldmap.Ref) bool {
	return slices.Contains(p.draft.Definition.HubSpot.Match, definition.MatchKey{Field: r.Field, Property: r.Property})
}

// SetKey makes a line the match key that is tried first, or with on false no
// match key any more. What cannot identify a record is refused with the reason.
func (p *Pane) SetKey(r fieldmap.Ref, on bool) {
	key := definition.MatchKey{Field: r.Field, Property: r.Property}
	was := p.draft.Definition.HubSpot.Match
	keys := slices.DeleteFunc(slices.Clone(was), func(k definition.MatchKey) bool { return k == key })
	if on {
		keys = append([]definition.MatchKey{key}, keys...)
	} else if len(keys) == 0 {
		p.editor.Board.Say("A sync needs a match key: make another line the match key first")
		return
	}
	p.draft.Definition.HubSpot.Match = keys
	for _, d := range p.Problems() {
		if on && strings.HasPrefix(d.Key, "hubspot.match[0]") {
			p.draft.Definition.HubSpot.Match = was
			p.editor.Board.Say(d.Msg)
			return
		}
	}
	if p.OnKeys != nil {
		p.OnKeys(slices.Clone(keys))
	}
	p.changed()
	p.editor.Refresh()
}

// cursorField is the source field that the keyboard or the selection is at, ""
// for none.
func (p *Pane) cursorField() string {
	if e, ok := p.Model.Cursor(); ok && e.Side == fieldmap.Source {
		return p.Model.Fields()[e.Index].Name
	}
	return ""
}

// mostFailing is how many values the list of failing rows shows.
const mostFailing = 200

// showFailing lists the values of the selected line that do not convert.
func (p *Pane) showFailing() {
	l := p.Model.Selected()
	if l == nil {
		return
	}
	failing, does := p.failing(*l), "do not convert"
	if isAssociation(*l) {
		does = "can't be read"
	}
	list := widgets.NewColumn(10)
	for _, v := range failing[:min(len(failing), mostFailing)] {
		list.Add(widgets.NewColumn(0,
			container.NewBorder(nil, nil, nil, widgets.NewLabel(look.Count(v.Rows, "row", "rows"), look.Small, look.T3), widgets.NewLine(v.Value, look.Mono, look.T1)),
			widgets.NewParagraph(wording.SentenceCase(v.Why), look.Small, look.Failed.Text())))
	}
	sub := look.Count(len(failing), "different value", "different values")
	if len(failing) > mostFailing {
		sub = fmt.Sprintf("The %d commonest of %s different values", mostFailing, look.Number(len(failing)))
	}
	d := widgets.NewDialog("“"+l.Field+"” in rows that "+does, sub, list)
	d.Primary = widgets.NewButton(widgets.Primary, "", "Close", d.Close)
	d.OnCancel = p.Focus
	d.Open(p.w.Win.Canvas())
}

func (p *Pane) failing(l fieldmap.Link) []app.FailedValue {
	if isAssociation(l) {
		return p.facts.Load().FailingAssociation(associating(l.Field, *l.Settings.Association))
	}
	return p.facts.Load().Failing(p.lines.line(l.Ref, l.Settings))
}

// Menu is what else can be done with the map as it stands.
func (p *Pane) Menu() []*fyne.MenuItem {
	var items []*fyne.MenuItem
	if n := p.Counts().Suggestions; n > 0 {
		items = append(items, fyne.NewMenuItem(fmt.Sprintf("Accept all %s", look.Count(n, "suggestion", "suggestions")), p.AcceptAll))
	}
	if l := p.Model.Selected(); l != nil && l.Mapped() && !isAssociation(*l) {
		if p.isKey(l.Ref) {
			items = append(items, fyne.NewMenuItem(fmt.Sprintf("Do not match by “%s”", l.Field), func() { p.SetKey(l.Ref, false) }))
		} else {
			items = append(items, fyne.NewMenuItem(fmt.Sprintf("Match records by “%s”", l.Field), func() { p.SetKey(l.Ref, true) }))
		}
	}
	items = append(items, fyne.NewMenuItem("Create a property in HubSpot…", func() { p.create(p.cursorField(), "") }))
	items = append(items, fyne.NewMenuItemSeparator())
	undo, redo := fyne.NewMenuItem("Undo", p.Undo), fyne.NewMenuItem("Redo", p.Redo)
	undo.Disabled, redo.Disabled = !p.Model.CanUndo(), !p.Model.CanRedo()
	return append(items, undo, redo)
}
