package sets

import (
	"fmt"
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"syncline/app"
	"syncline/sync/engine"
	"syncline/ui/layouts"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/widgets"
	"syncline/ui/widgets/graph"
	"syncline/ui/wording"
)

// fillPane explains what is chosen in the diagram, or the set as a whole.
func (s *Screen) fillPane() {
	if !s.known {
		return
	}
	chosen := setPart{-1, -1, -1}
	if i := s.graph.Selected(); i >= 0 && i < len(s.cards) {
		chosen = s.cards[i]
	}
	var parts []fyne.CanvasObject
	switch {
	case chosen.sync >= 0:
		parts = s.explainSync(chosen.sync)
	case chosen.edges >= 0:
		parts = s.explainEdges(chosen.edges)
	case chosen.object >= 0:
		parts = s.explainObject(chosen.object)
	default:
		parts = s.explainSet()
	}
	s.pane.Objects = parts
	s.pane.Refresh()
}

// phase says in a word whether counts are planned, under way or done.
func (s *Screen) phase() string {
	switch {
	case s.job != nil && s.job.Kind.Plans(), s.job == nil && s.shown() != nil:
		return "would"
	case s.job != nil:
		return "does"
	}
	return "did"
}

// explainSet sums the whole set up.
func (s *Screen) explainSet() []fyne.CanvasObject {
	var all engine.Counts
	pairs := 0
	for i := range s.state.Syncs {
		c, _ := s.counts(i)
		all = all.Plus(c)
		pairs += s.pairRows(i, c)
	}
	title := map[string]string{"would": "What the set would do", "does": "What the set has done so far", "did": "What the last run did"}[s.phase()]
	if s.phase() == "did" && s.state.Undo != nil {
		title = "What the run did that was undone"
	}
	if s.undoes() && s.job == nil || s.job != nil && s.job.Kind == app.SetPreviewUndo {
		title = "What the undo would do"
	}
	if s.job == nil && s.shown() == nil && s.state.Last == nil {
		return s.explainFresh()
	}
	parts := []fyne.CanvasObject{widgets.NewLine(title, look.Heading, look.T1)}
	if s.undoes() && s.job == nil {
		parts = append(parts, s.undoRows(s.undo.Members)...)
	} else {
		parts = append(parts, s.fateRows(all, pairs)...)
	}
	out := []fyne.CanvasObject{layouts.Block(8, parts...)}
	if s.job != nil {
		return append(out, widgets.NewSeparator(), layouts.Block(0, s.budget.Root))
	}
	if rest := s.waits(s.state.Conflicts, s.state.Attention); len(rest) > 0 && !s.undoes() {
		out = append(out, widgets.NewSeparator(), layouts.Block(8, rest...))
	}
	if told := s.told(); len(told) > 0 {
		out = append(out, widgets.NewSeparator(), layouts.Block(8, told...))
	}
	return append(out, widgets.NewSeparator(), layouts.Block(6, widgets.NewParagraph("Choose a card for what it does; click it again, or press Enter, to open it.", look.Small, look.T2)))
}

// explainFresh tells what a set is, before its first preview.
func (s *Screen) explainFresh() []fyne.CanvasObject {
	order := make([]fyne.CanvasObject, 0, len(s.state.Syncs)+2)
	order = append(order, widgets.NewLine("One job, in this order", look.Heading, look.T1))
	for i, y := range s.state.Syncs {
		order = append(order, widgets.NewLine(fmt.Sprintf("%d.  %s", i+1, y.Definition.Name), look.Body, look.T1))
	}
	out := []fyne.CanvasObject{layouts.Block(6, order...), widgets.NewSeparator(), layouts.Block(8,
		widgets.NewParagraph("Each sync comes after those whose records it names. Preview shows what all of them would write, together; you approve that once, and one undo takes it back.", look.Body, look.T2))}
	if told := s.told(); len(told) > 0 {
		out = append(out, layouts.Block(8, told...))
	}
	return out
}

// told are the notes of the documents and of the plans on the screen.
func (s *Screen) told() []fyne.CanvasObject {
	var texts []string
	texts = append(texts, s.state.Notes...)
	if v := s.shown(); v != nil {
		for _, m := range v.Members {
			for _, n := range m.Summary.Notes {
				texts = append(texts, m.Sync.Name+": "+n)
			}
		}
	} else if s.ended != nil && s.ended.err == nil && !s.ended.work.Kind.Plans() {
		texts = append(texts, s.ended.res.Notes...)
		for _, m := range s.ended.res.Members {
			for _, n := range m.Result.Notes {
				texts = append(texts, m.Result.Sync+": "+n)
			}
		}
	}
	var out []fyne.CanvasObject
	for i, t := range texts {
		if !slices.Contains(texts[:i], t) {
			out = append(out, widgets.NewInfoBox(t))
		}
	}
	return out
}

// pairRows are the rows of a sync whose rows are associations that count as created: they make no
// record.
func (s *Screen) pairRows(i int, c engine.Counts) int {
	if s.state.Syncs[i].Definition.Associate == nil {
		return 0
	}
	return c.Created
}

// fateRows list rows by what becomes of them, which adds up to the rows read,
// and the associations beside them. pairs of those that count as created make no record.
func (s *Screen) fateRows(c engine.Counts, pairs int) []fyne.CanvasObject {
	counts := wording.MeaningCounts(c)
	word := func(m look.Meaning) string {
		if s.phase() == "would" {
			return m.Would()
		}
		return m.Done()
	}
	if c.Read == 0 && c.Associated+c.Dissociated+c.Waiting == 0 {
		return []fyne.CanvasObject{widgets.NewParagraph("Nothing yet.", look.Body, look.T2)}
	}
	parts := widgets.FateParts(counts, look.Fates()...)
	rows := widgets.NewColumn(2)
	for _, m := range look.Fates() {
		if counts[m] > 0 {
			icon := m.Icon()
			if m == look.Failed && s.phase() == "would" {
				icon = look.Invalid.Icon()
			}
			n := counts[m]
			if m == look.Create {
				n -= pairs
			}
			if n > 0 {
				rows.Add(figure(icon, m.Text(), word(m), n))
			}
		}
	}
	if pairs > 0 {
		text := map[string]string{"would": "Rows that would join records", "does": "Rows that join records", "did": "Rows that joined records"}[s.phase()]
		rows.Add(figure("association", look.Associated.Text(), text, pairs))
	}
	if c.ToDo > 0 {
		rows.Add(figure(look.ToDo.Icon(), look.ToDo.Text(), "Still to do", c.ToDo))
	}
	rows.Add(widgets.NewSeparator())
	rows.Add(figure("", "", "Rows read", c.Read))
	out := []fyne.CanvasObject{widgets.NewStackedBar(8, c.Read, parts...), rows}
	edges := widgets.NewColumn(2)
	add := func(m look.Meaning, icon look.Icon, text string, n int) {
		if n > 0 {
			edges.Add(figure(icon, m.Text(), text, n))
		}
	}
	made, removed := "Associations made", "Associations removed"
	if s.phase() == "would" {
		made, removed = "Would associate", "Would remove associations"
	}
	add(look.Associated, "association", made, c.Associated)
	add(look.Cleared, "unlink", removed, c.Dissociated)
	add(look.Conflict, "waiting", "Wait for their record, or for you", c.Waiting)
	if len(edges.Objects) > 0 {
		out = append(out, widgets.NewSeparator(), edges)
	}
	return out
}

// figure is a glyph, a word and a number at the right edge.
func figure(icon look.Icon, ink look.Token, text string, n int) fyne.CanvasObject {
	label := widgets.NewIconText(icon, text, look.Body, look.T1)
	label.Tone = ink
	return &fyne.Container{Layout: figureRow{}, Objects: []fyne.CanvasObject{label, widgets.NewLabel(look.Number(n), look.Strong, look.T1)}}
}

// figureRow puts a number at the right edge of a row.
type figureRow struct{}

// Layout implements fyne.Layout.
func (figureRow) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	w := objects[1].MinSize().Width
	layouts.Move(objects[0], 0, 0, size.Width-w-8, size.Height)
	layouts.Move(objects[1], size.Width-w, (size.Height-objects[1].MinSize().Height)/2, w, objects[1].MinSize().Height)
}

// MinSize implements fyne.Layout.
func (figureRow) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(160, 24) }

// undoRows list what an undo puts back, what it archives and what stays.
func (s *Screen) undoRows(members []app.SetPlanMember) []fyne.CanvasObject {
	u := takenOf(members)
	rows := widgets.NewColumn(2)
	add := func(m look.Meaning, icon look.Icon, text string, n int) {
		if n > 0 {
			rows.Add(figure(icon, m.Text(), text, n))
		}
	}
	add(look.Update, "undo", "Cells go back to what they were", u.Cells)
	add(look.Conflict, "archive", "Records it created are archived", u.Archived)
	add(look.Cleared, "unlink", "Associations are removed", u.removed)
	add(look.Associated, "association", "Associations are made again", u.made)
	add(look.Skipped, "lock", "Rows stay as they are", u.Kept)
	add(look.Skipped, "lock", "More cells stay", u.KeptIn)
	if len(rows.Objects) == 0 {
		return []fyne.CanvasObject{widgets.NewParagraph("Nothing of it is there to be undone.", look.Body, look.T2)}
	}
	return []fyne.CanvasObject{rows, widgets.NewParagraph("What was edited since stays, and is listed with its reason in each plan. The last sync is undone first.", look.Small, look.T2)}
}

// taken is what the undo of a set takes back: cells without associations, which
// are counted apart.
type taken struct {
	app.UndoSum
	removed, made int
}

func takenOf(members []app.SetPlanMember) (t taken) {
	for _, m := range members {
		t.Cells += m.Undo.Cells
		t.Archived += m.Undo.Archived
		t.Kept += m.Undo.Kept
		t.KeptIn += m.Undo.KeptIn
		for _, e := range m.Edges {
			t.removed += e.Remove
			t.made += e.Make
		}
	}
	t.Cells -= t.removed + t.made
	return t
}

// counts are what a card shows of it.
func (t taken) counts() []graph.Count {
	var out []graph.Count
	for _, c := range []graph.Count{{Meaning: look.Update, Icon: "undo", N: t.Cells}, {Meaning: look.Conflict, Icon: "archive", N: t.Archived}, {Meaning: look.Skipped, Icon: "lock", N: t.Kept}} {
		if c.N > 0 {
			out = append(out, c)
		}
	}
	return out
}

// words say it in one line, parted by the mark.
func (t taken) words(mark string) string {
	var parts []string
	for _, p := range []struct {
		n         int
		one, many string
	}{{t.Cells, "cell goes back", "cells go back"}, {t.removed, "association removed", "associations removed"}, {t.made, "association made again", "associations made again"},
		{t.Archived, "record archived", "records archived"}, {t.Kept, "row stays", "rows stay"}} {
		if p.n > 0 {
			parts = append(parts, look.Count(p.n, p.one, p.many))
		}
	}
	if len(parts) == 0 {
		return "Nothing would be undone"
	}
	return strings.Join(parts, mark)
}

// waits are the ways to what a person has to decide or mend.
func (s *Screen) waits(conflicts, failed int) []fyne.CanvasObject {
	var out []fyne.CanvasObject
	if conflicts > 0 {
		b := widgets.NewButton(widgets.Plain, "review", "Review", func() { s.w.GoTo(shell.PlaceReview) })
		out = append(out, wayTo(look.Conflict, look.Count(conflicts, "conflict waits", "conflicts wait"), b))
	}
	if failed > 0 {
		b := widgets.NewButton(widgets.Plain, "open", "Open", s.w.Rooms.Attention)
		out = append(out, wayTo(look.Failed, look.Count(failed, "needs attention", "need attention"), b))
	}
	return out
}

// wayTo is a line with a small button at its end.
func wayTo(m look.Meaning, text string, b *widgets.Button) fyne.CanvasObject {
	b.Small = true
	label := widgets.NewIconText(m.Icon(), text, look.Strong, look.T1)
	label.Tone = m.Text()
	return &fyne.Container{Layout: buttonRow{}, Objects: []fyne.CanvasObject{label, b}}
}

// buttonRow puts a button at the right edge of a row.
type buttonRow struct{}

// Layout implements fyne.Layout.
func (buttonRow) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	m := objects[1].MinSize()
	layouts.Move(objects[0], 0, 0, size.Width-m.Width-8, size.Height)
	layouts.Move(objects[1], size.Width-m.Width, (size.Height-m.Height)/2, m.Width, m.Height)
}

// MinSize implements fyne.Layout.
func (buttonRow) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(200, max(objects[1].MinSize().Height, 26))
}

// explainSync tells of one sync of the set.
func (s *Screen) explainSync(i int) []fyne.CanvasObject {
	y := s.state.Syncs[i]
	out := []fyne.CanvasObject{layouts.PaneHead(y.Definition.Name, sourceWords(y)+" · "+wording.ObjectWord(y.Definition.HubSpot.Object))}
	c, known := s.counts(i)
	m := s.member(i)
	switch {
	case s.job == nil && m != nil && s.undoes():
		out = append(out, layouts.Block(8, s.undoRows([]app.SetPlanMember{*m})...))
	case known:
		out = append(out, layouts.Block(8, s.fateRows(c, s.pairRows(i, c))...))
	default:
		out = append(out, layouts.Block(8, widgets.NewParagraph("Nothing is known of it yet. Preview shows what it would do.", look.Body, look.T2)))
	}
	if m != nil && s.job == nil {
		for _, g := range m.Summary.Guards {
			out = append(out, layouts.Block(0, widgets.NewNotice(look.Conflict, "shield", "", g.Detail)))
		}
	}
	if s.job != nil {
		return out
	}
	if y.Card != nil && !s.undoes() {
		if rest := s.waits(y.Card.Conflicts, y.Card.Failed); len(rest) > 0 {
			out = append(out, widgets.NewSeparator(), layouts.Block(8, rest...))
		}
	}
	return append(out, widgets.NewSeparator(), layouts.Block(8, s.waysOf(i)...))
}

// waysOf are the buttons that open a sync's plan, changes and field map.
func (s *Screen) waysOf(i int) []fyne.CanvasObject {
	var out []fyne.CanvasObject
	wide := func(icon look.Icon, text string, do func()) {
		b := widgets.NewButton(widgets.Plain, icon, text, do)
		b.Wide = true
		out = append(out, b)
	}
	if id := s.planOf(i); id != "" {
		text := "Open its plan"
		if s.shown() == nil {
			text = "See what it changed"
		}
		wide("runs", text, func() { s.openPlan(id) })
	}
	word := "Open its field map"
	if s.state.Syncs[i].Definition.Associate != nil {
		word = "Edit what it associates"
	}
	wide("association", word, func() { s.w.Rooms.FieldMap(s.state.Syncs[i].Path, s) })
	return out
}

// planOf is the plan of a sync that its card opens: the one on the screen, else
// the one that was applied last.
func (s *Screen) planOf(i int) string {
	if m := s.member(i); m != nil {
		return m.ID
	}
	if r := s.run(i); r != nil && s.shown() == nil {
		return r.PlanID
	}
	return ""
}

// explainEdges tells of one kind of associations.
func (s *Screen) explainEdges(i int) []fyne.CanvasObject {
	x := s.state.Associations[i]
	y := s.state.Syncs[x.Sync]
	from, to := strings.ToLower(wording.ObjectWord(x.From)), strings.ToLower(wording.ObjectWord(x.To))
	how := fmt.Sprintf("The column “%s” of %s names the %s.", x.By, y.Definition.Name, to)
	if x.Rows {
		how = fmt.Sprintf("Each row of %s joins a record of %s with one of %s.", y.Definition.Name, from, to)
	}
	switch {
	case x.Label.Field != "":
		how += fmt.Sprintf(" The label comes from the column “%s”.", x.Label.Field)
	case x.Label.Name != "":
		how += fmt.Sprintf(" They bear the label “%s”.", x.Label.Name)
	}
	out := []fyne.CanvasObject{layouts.PaneHead(wording.ObjectWord(x.From)+" → "+wording.ObjectWord(x.To), how)}
	texts := widgets.NewColumn(6)
	if m := s.member(x.Sync); m != nil && s.job == nil {
		for _, t := range edgeWords(m.Edges[x.Line], s.undoes()) {
			texts.Add(widgets.NewParagraph(t+".", look.Body, look.T1))
		}
		for _, l := range m.Summary.Labels {
			if l.Line == x.Line {
				texts.Add(widgets.NewInfoBox(fmt.Sprintf("HubSpot has no label “%s” here yet: it is made.", l.Label)))
			}
		}
	} else if e := s.edgeLine(i); s.job == nil {
		texts.Add(figure("association", look.Associated.Text(), "Both sides have", e.Held))
		if e.Conflict > 0 {
			texts.Add(figure("conflict", look.Conflict.Text(), "Wait for you in Review", e.Conflict))
		}
		if e.Waiting > 0 {
			texts.Add(figure("waiting", look.Conflict.Text(), "Wait for their record", e.Waiting))
		}
	}
	if len(texts.Objects) == 0 {
		texts.Add(widgets.NewParagraph("Nothing would be done.", look.Body, look.T2))
	}
	out = append(out, layouts.Block(0, texts))
	if s.job != nil {
		return out
	}
	if e := s.edgeLine(i); !s.undoes() && e.Conflict+e.Waiting > 0 {
		out = append(out, widgets.NewSeparator(), layouts.Block(8, s.waits(e.Conflict, e.Waiting)...))
	}
	return append(out, widgets.NewSeparator(), layouts.Block(8, s.waysOf(x.Sync)...))
}

// explainObject tells what of the set is about an object type.
func (s *Screen) explainObject(i int) []fyne.CanvasObject {
	name := s.state.Objects[i]
	linked, rows := 0, widgets.NewColumn(4)
	for k, y := range s.state.Syncs {
		if d := y.Definition; d.Associate == nil && wording.ObjectWord(d.HubSpot.Object) == wording.ObjectWord(name) {
			linked += s.state.Linked[k]
			rows.Add(widgets.NewIconText("syncs", "Filled by "+d.Name, look.Body, look.T1))
		}
	}
	if len(rows.Objects) == 0 {
		rows.Add(widgets.NewParagraph("No sync of this set fills it: its records are only found.", look.Body, look.T2))
	}
	for _, x := range s.state.Associations {
		if wording.ObjectWord(x.From) == wording.ObjectWord(name) || wording.ObjectWord(x.To) == wording.ObjectWord(name) {
			rows.Add(widgets.NewIconText("association", wording.ObjectWord(x.From)+" → "+wording.ObjectWord(x.To), look.Body, look.T1))
		}
	}
	return []fyne.CanvasObject{layouts.PaneHead(wording.ObjectWord(name), look.Count(linked, "record is linked to a row", "records are linked to rows")), layouts.Block(0, rows)}
}

// openCard opens what a card stands for: the plan, or what was done, else the
// field map.
func (s *Screen) openCard(card int) {
	if card < 0 || card >= len(s.cards) || s.job != nil {
		return
	}
	p := s.cards[card]
	sync := p.sync
	if p.edges >= 0 {
		sync = s.state.Associations[p.edges].Sync
	}
	if sync < 0 {
		return
	}
	if id := s.planOf(sync); id != "" {
		s.openPlan(id)
		return
	}
	s.w.Rooms.FieldMap(s.state.Syncs[sync].Path, s)
}

// openPlan opens the plan of a member; the way back leads here, and what is
// taken out of it or edited in it holds for the set.
func (s *Screen) openPlan(id string) {
	s.w.Rooms.PlanOfSet(id, s)
}
