package ui

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
)

// undo takes the last edit back, redo does it again.
func (p *fieldMapPane) undo() {
	if p.model.Undo() {
		p.editor.Refresh()
	}
}

func (p *fieldMapPane) redo() {
	if p.model.Redo() {
		p.editor.Refresh()
	}
}

// fix carries out a way out of a problem.
func (p *fieldMapPane) fix(l fieldmap.Link, f fieldmap.Fix) {
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
		p.model.Update(l.Ref, settingsOf(fix.Line))
	case app.FixValues:
		p.mapValues(l)
	case app.FixCreate:
		p.create(l.Field, l.Property)
		return
	case app.FixAssociation:
		p.model.Update(l.Ref, associationSettings(associationOf(fix.Association)))
	case app.FixRemove:
		p.model.Disconnect(l.Ref)
	}
	p.model.Select(l.Ref)
	p.reselect()
}

// mapValues begins a value map with what can be matched by its label; the
// inspector asks for the rest.
func (p *fieldMapPane) mapValues(l fieldmap.Link) {
	facts := p.facts.Load()
	property, _ := facts.Property(l.Property)
	options := slices.DeleteFunc(slices.Clone(property.Options), func(o record.Option) bool { return o.Hidden })
	values := valueCounts(facts.Mappable(p.lines.line(l.Ref, l.Settings)))
	s := l.Settings.Clone()
	s.Values = fieldmap.SuggestValues(values, options, s.Values)
	p.model.Update(l.Ref, s)
	if left := len(values) - len(s.Values); left > 0 {
		p.editor.Board.Say(fmt.Sprintf("%s matched by their labels; say at the right what the other %s mean", plural(len(s.Values), "value is", "values are"), look.Number(left)))
	}
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return look.Number(n) + " " + many
}

// suggested are the suggestions in the order of the source's cards.
func (p *fieldMapPane) suggested() []fieldmap.Link {
	var out []fieldmap.Link
	row := make(map[string]int)
	for i := range p.model.Rows(fieldmap.Source) {
		if e, ok := p.model.At(fieldmap.Source, i); ok {
			row[p.model.Fields()[e.Index].Name] = i
		}
	}
	for _, l := range p.model.Links() {
		if l.State == fieldmap.Suggested {
			out = append(out, l)
		}
	}
	slices.SortStableFunc(out, func(a, b fieldmap.Link) int { return row[a.Field] - row[b.Field] })
	return out
}

// nextSuggestion selects the suggestion after the selected one, and says which
// of how many it is.
func (p *fieldMapPane) nextSuggestion() {
	all := p.suggested()
	if len(all) == 0 {
		return
	}
	at := 0
	if l := p.model.Selected(); l != nil {
		at = (slices.IndexFunc(all, func(s fieldmap.Link) bool { return s.Ref == l.Ref }) + 1) % len(all)
	}
	next := all[at]
	for _, side := range []fieldmap.Side{fieldmap.Source, fieldmap.HubSpot} {
		p.model.Search(side, "") // a search must not hide what is to be seen
	}
	if p.model.OnlyMapped() {
		p.model.SetOnlyMapped(false)
	}
	p.model.Select(next.Ref)
	p.editor.Refresh()
	p.editor.Board.Map.Reveal(next.Ref)
	p.editor.Board.Say(fmt.Sprintf("Suggestion %d of %d: accept it on its line, or dismiss it at the right", at+1, len(all)))
}

// acceptAll accepts every suggestion, once what they change was seen.
func (p *fieldMapPane) acceptAll() { p.accept(p.suggested(), false) }

// isKey reports whether a line is one of the match keys.
func (p *fieldMapPane) isKey(r fieldmap.Ref) bool {
	return slices.Contains(p.draft.Definition.HubSpot.Match, definition.MatchKey{Field: r.Field, Property: r.Property})
}

// setKey makes a line the match key that is tried first, or with on false no
// match key any more. What cannot identify a record is refused with the reason.
func (p *fieldMapPane) setKey(r fieldmap.Ref, on bool) {
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
	for _, d := range p.problems() {
		if on && strings.HasPrefix(d.Key, "hubspot.match[0]") {
			p.draft.Definition.HubSpot.Match = was
			p.editor.Board.Say(d.Msg)
			return
		}
	}
	if p.onKeys != nil {
		p.onKeys(slices.Clone(keys))
	}
	p.changed()
	p.editor.Refresh()
}

// cursorField is the source field that the keyboard or the selection is at, ""
// for none.
func (p *fieldMapPane) cursorField() string {
	if e, ok := p.model.Cursor(); ok && e.Side == fieldmap.Source {
		return p.model.Fields()[e.Index].Name
	}
	return ""
}

// mostFailing is how many values the list of failing rows shows.
const mostFailing = 200

// showFailing lists the values of the selected line that do not convert.
func (p *fieldMapPane) showFailing() {
	l := p.model.Selected()
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
			container.NewBorder(nil, nil, nil, widgets.NewLabel(plural(v.Rows, "row", "rows"), look.Small, look.T3), widgets.NewLine(v.Value, look.Mono, look.T1)),
			widgets.NewParagraph(sentenceCase(v.Why), look.Small, look.Failed.Text())))
	}
	sub := plural(len(failing), "different value", "different values")
	if len(failing) > mostFailing {
		sub = fmt.Sprintf("The %d commonest of %s different values", mostFailing, look.Number(len(failing)))
	}
	d := widgets.NewDialog("“"+l.Field+"” in rows that "+does, sub, list)
	d.Primary = widgets.NewButton(widgets.Primary, "", "Close", d.Close)
	d.OnCancel = p.focus
	d.Open(p.w.win.Canvas())
}

func (p *fieldMapPane) failing(l fieldmap.Link) []app.FailedValue {
	if isAssociation(l) {
		return p.facts.Load().FailingAssociation(associating(l.Field, *l.Settings.Association))
	}
	return p.facts.Load().Failing(p.lines.line(l.Ref, l.Settings))
}

// menu is what else can be done with the map as it stands.
func (p *fieldMapPane) menu() []*fyne.MenuItem {
	var items []*fyne.MenuItem
	if n := p.counts().Suggestions; n > 0 {
		items = append(items, fyne.NewMenuItem(fmt.Sprintf("Accept all %s", plural(n, "suggestion", "suggestions")), p.acceptAll))
	}
	if l := p.model.Selected(); l != nil && l.Mapped() && !isAssociation(*l) {
		if p.isKey(l.Ref) {
			items = append(items, fyne.NewMenuItem(fmt.Sprintf("Do not match by “%s”", l.Field), func() { p.setKey(l.Ref, false) }))
		} else {
			items = append(items, fyne.NewMenuItem(fmt.Sprintf("Match records by “%s”", l.Field), func() { p.setKey(l.Ref, true) }))
		}
	}
	items = append(items, fyne.NewMenuItem("Create a property in HubSpot…", func() { p.create(p.cursorField(), "") }))
	items = append(items, fyne.NewMenuItemSeparator())
	undo, redo := fyne.NewMenuItem("Undo", p.undo), fyne.NewMenuItem("Redo", p.redo)
	undo.Disabled, redo.Disabled = !p.model.CanUndo(), !p.model.CanRedo()
	return append(items, undo, redo)
}
