// Package review is the queue of conflicts that wait for a person.
package review

import (
	"context"
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"syncline/app"
	"syncline/sync/plan"
	"syncline/ui/layouts"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/widgets"
	"syncline/ui/widgets/grid"
	"syncline/ui/wording"
)

// Screen is the queue of open conflicts: groups at the left, conflicts in the
// middle, the three values at the right. Every action has a key.
type Screen struct {
	w        *shell.Window
	header   *widgets.Header
	groups   *grid.Grid
	list     *grid.Grid
	side     *widgets.SideBySide
	detail   *fyne.Container
	all      *widgets.Button
	hints    *widgets.KeyHints
	apply    *widgets.Button
	ruled    *widgets.Button
	authors  *app.Authors // who wrote what, asked anew at each visit
	authored shell.Turns
	pick     *picker // of the records that a row may belong to; nil where the conflict is about something else
	empty    *widgets.EmptyState
	root     *fyne.Container
	work     *fyne.Container

	// In a narrow window the groups are a select over the conflicts.
	wide      *widgets.Split
	middle    *widgets.Split
	conflicts *fyne.Container
	choose    *widgets.Select
	narrow    bool

	rows    []app.ConflictGroup
	syncs   int // how many syncs the groups are of
	group   app.ConflictGroup
	pages   *shell.Pages[int64, app.Conflict]
	decided map[int64]plan.Choice // choices of this visit, by conflict
	puts    map[int64]string      // of those that are another value
	done    []*decision           // what U takes back, the newest at the end
	settled map[int]bool          // groups of which everything was decided in this visit
	visit   int                   // counts how often the queue was read anew

	read, counted, waiting, inForce, listed, ruling shell.Turns // what is read again and again
}

// New makes the screen of the open conflicts.
func New(w *shell.Window) *Screen {
	s := &Screen{w: w, header: widgets.NewHeader("Review", ""), decided: map[int64]plan.Choice{}, puts: map[int64]string{}, settled: map[int]bool{}}
	s.header.Segment = w.WaitingSegment(0)
	s.apply = widgets.NewButton(widgets.Primary, "run", "Apply decisions", s.applyDecisions)
	s.header.Primary = s.apply
	s.ruled = widgets.NewButton(widgets.Plain, "keep-apart", "Decisions in force", func() { w.Open(newRuledScreen(w)) })
	s.header.Buttons = []*widgets.Button{s.ruled}
	s.pages = shell.NewPages(w, w.App.ConflictsByID, s.came)
	s.groups = grid.New(look.RowComfortable, grid.Column{ID: "group", Title: "Cause", Width: 150, Grow: 1, Lead: true}, grid.Column{ID: "n", Title: "", Width: 60, Align: grid.Right})
	s.groups.Length = func() int { return len(s.rows) }
	s.groups.Cell = s.groupCell
	s.groups.OnSelected = s.openGroup
	s.list = grid.New(look.RowComfortable, grid.Column{ID: "name", Title: "Record", Width: 200, Grow: 1, Lead: true})
	s.list.Length = func() int { return len(s.pages.IDs) }
	s.list.Cell = s.cell
	s.list.State = s.rowState
	s.list.OnSelected = s.explain
	s.list.OnKey, s.list.OnRune = s.key, s.rune
	s.side = widgets.NewSideBySide(func(m look.Meaning) { s.Take(sideOf(m)) })
	s.detail = widgets.NewPaddedColumn(10, 16, 14)
	s.all = widgets.NewButton(widgets.Plain, "", "", s.ApplyToGroup)
	s.all.Key = "A"
	s.hints = widgets.NewKeyHints(
		widgets.KeyHint{Keys: []string{"←"}, Word: "Source", Do: func() { s.Take(plan.ChooseSource) }},
		widgets.KeyHint{Keys: []string{"B"}, Word: "Base", Do: func() { s.Take(plan.ChooseBase) }},
		widgets.KeyHint{Keys: []string{"→"}, Word: "HubSpot", Do: func() { s.Take(plan.ChooseHubSpot) }},
		widgets.KeyHint{Keys: []string{"E"}, Word: "Edit", Do: s.Edit},
		widgets.KeyHint{Keys: []string{"/"}, Word: "Skip", Do: s.Skip},
		widgets.KeyHint{Keys: []string{"K"}, Word: "Keep apart", Do: func() { s.Take(plan.ChooseApart) }},
		widgets.KeyHint{Keys: []string{"A"}, Word: "Apply to group", Do: s.ApplyToGroup},
		widgets.KeyHint{Keys: []string{"R"}, Word: "Rule", Do: s.Rule},
		widgets.KeyHint{Keys: []string{"U"}, Word: "Undo", Do: s.Undo},
		widgets.KeyHint{Keys: []string{"↑ ↓"}, Word: "Move"})
	s.conflicts = container.NewStack(s.list)
	middle := widgets.NewLeadingSplit(s.conflicts, container.NewVScroll(s.detail), w.PaneWidth(prefConflicts, 262))
	middle.Rest, middle.OnResized = 400, w.KeepPane(prefConflicts)
	s.wide = widgets.NewLeadingSplit(s.groups, middle, w.PaneWidth(prefGroups, 226))
	s.wide.Rest, s.wide.OnResized = 580, w.KeepPane(prefGroups)
	s.choose = widgets.NewSelect(nil, -1, func(i int) { s.groups.Select(i) })
	s.middle = middle
	s.work = container.NewBorder(nil, s.hints, nil, nil, s.wide)
	s.empty = widgets.NewEmptyState("check-circle", "Nothing to decide", "When both sides change the same value differently, the conflict waits here and neither side is written.", nil)
	s.root = container.NewBorder(s.header, nil, nil, nil, s.empty)
	return s
}

// Fit turns the list of groups into a select where the window is narrow.
func (s *Screen) Fit(compact bool) {
	if s.narrow == compact {
		return
	}
	s.narrow = compact
	if compact {
		s.conflicts.Objects = []fyne.CanvasObject{container.NewBorder(container.New(layouts.Margin(8, 6), s.choose), nil, nil, nil, s.list)}
		s.work.Objects = []fyne.CanvasObject{s.middle, s.hints}
	} else {
		s.conflicts.Objects = []fyne.CanvasObject{s.list}
		s.wide = widgets.NewLeadingSplit(s.groups, s.middle, s.wide.Width)
		s.wide.Rest, s.wide.OnResized = 580, s.w.KeepPane(prefGroups)
		s.work.Objects = []fyne.CanvasObject{s.wide, s.hints}
	}
	s.conflicts.Refresh()
	s.work.Refresh()
}

// listGroups fills the select with what the groups' list shows.
func (s *Screen) listGroups() {
	words := make([]string, len(s.rows))
	for i, g := range s.rows {
		title, why := causeWords(g)
		words[i] = fmt.Sprintf("%s: %s (%s)", title, strings.ToLower(why[:1])+why[1:], look.Number(g.Count))
	}
	s.choose.SetOptions(words, s.groups.Current())
}

// Groups are the groups of open conflicts, as they are listed.
func (s *Screen) Groups() []app.ConflictGroup { return s.rows }

// Conflict is the one whose values are shown; false where there is none.
func (s *Screen) Conflict() (app.Conflict, bool) { return s.currentConflict() }

// ApplyDecisions presses the button that makes the plan of the decisions.
func (s *Screen) ApplyDecisions() { s.apply.Tapped(nil) }

// Content implements shell.Screen.
func (s *Screen) Content() fyne.CanvasObject { return s.root }

// Head implements shell.Screen.
func (s *Screen) Head() *widgets.Header { return s.header }

// Focus implements shell.Screen.
func (s *Screen) Focus() {
	if len(s.rows) > 0 {
		s.list.Focus()
	}
}

// Show implements shell.Screen.
func (s *Screen) Show() {
	s.authors = s.w.App.Authors(s.w.Words())
	s.countRuled()
	s.countDecided()
	shell.LoadKept(s.w, &s.read, s.w.App.ConflictGroups, func(rows []app.ConflictGroup) {
		s.visit++
		s.counted.Drop() // of groups that were listed before
		s.decided, s.puts, s.settled, s.done = map[int64]plan.Choice{}, map[int64]string{}, map[int]bool{}, nil
		s.rows = rows
		s.state()
		body := fyne.CanvasObject(s.empty)
		if len(rows) > 0 {
			body = s.work
		}
		shell.SetBody(s.root, s.header, body)
		s.forget()
		if len(rows) > 0 {
			s.groups.Select(0)
			s.list.Focus()
		}
	}, nil)
}

// state says under the title how much is open.
func (s *Screen) state() {
	total, syncs := 0, map[int64]bool{}
	for _, g := range s.rows {
		total += g.Count
		syncs[g.SyncID] = true
	}
	s.syncs = len(syncs)
	if total == 0 {
		s.header.SetState("No conflict is open")
		return
	}
	s.header.SetState(fmt.Sprintf("%s in %s · nothing is overwritten until you decide", look.Count(total, "open conflict", "open conflicts"), look.Count(len(syncs), "sync", "syncs")))
}

// countOpen counts the groups again after a decision. A group that is decided
// stays in its place with 0 until the screen is left.
func (s *Screen) countOpen() {
	shell.LoadNewest(s.w, &s.counted, s.w.App.ConflictGroups, func(now []app.ConflictGroup) {
		for i := range s.rows {
			g := &s.rows[i]
			g.Count = 0
			for _, n := range now {
				if n.SyncID == g.SyncID && n.Field == g.Field && n.Cause == g.Cause {
					g.Count = n.Count
				}
			}
		}
		s.state()
		s.listGroups()
		s.groups.RefreshRows()
	}, nil)
}

func (s *Screen) groupCell(row, col int) grid.Cell {
	g := s.rows[row]
	if col == 1 && g.Count == 0 {
		return grid.Cell{Icon: "check", IconInk: look.Create.Text()}
	}
	if col == 1 {
		return grid.Cell{PillOf: look.Conflict, Text: look.Number(g.Count)}
	}
	title, why := causeWords(g)
	if s.syncs > 1 {
		why = g.SyncName + " · " + why
	}
	return grid.Cell{Text: title, Second: why}
}

// causeWords is a cause in words: what it is about, and what is the matter.
func causeWords(g app.ConflictGroup) (title, why string) {
	title, why = g.Cause.Words()
	if title == "" {
		title = g.Field
	}
	return title, why
}

// forget drops the group that is shown.
func (s *Screen) forget() {
	s.group = app.ConflictGroup{}
	s.pages.Set(nil)
	s.groups.Select(-1)
	s.groups.Refresh()
	s.list.Refresh()
	s.detail.Objects = nil
	s.detail.Refresh()
}

func (s *Screen) openGroup(row int) {
	if row < 0 || row >= len(s.rows) {
		return
	}
	s.group = s.rows[row]
	s.listGroups()
	g := s.group
	f := app.ConflictFilter{SyncID: g.SyncID, Field: g.Field, Cause: g.Cause}
	s.pages.Set(nil) // the last group's conflicts must not get decisions meant for this one
	s.list.Refresh()
	shell.LoadNewest(s.w, &s.listed, func(ctx context.Context) ([]int64, error) { return s.w.App.ConflictIDs(ctx, f) }, func(ids []int64) {
		s.pages.Set(ids)
		s.list.Refresh()
		s.list.Select(-1) // so that the first is news, also where the row was the current one before
		if s.explain(-1); len(ids) > 0 {
			s.list.Select(0)
		}
	}, nil)
}

func (s *Screen) cell(row, _ int) grid.Cell {
	c, ok := s.pages.At(row)
	if !ok {
		return grid.Cell{Pending: true}
	}
	if choice := s.decided[c.ID]; choice != "" {
		return grid.Cell{Text: c.Name, Icon: "check", IconInk: look.Create.Text(), Second: s.choiceWord(choice)}
	}
	if c.Property == "" {
		return grid.Cell{Text: c.Name, Second: c.RowKey}
	}
	return grid.Cell{Text: c.Name, Second: wording.OrNothing(c.Source) + "  ≠  " + wording.OrNothing(c.HubSpot)}
}

// choiceWord is what a choice means for conflicts of the group.
func (s *Screen) choiceWord(choice plan.Choice) string {
	o, _ := s.group.Cause.Option(choice)
	return o.Word
}

func (s *Screen) rowState(row int) grid.RowState {
	if c, ok := s.pages.At(row); ok && s.decided[c.ID] != "" {
		return grid.Dimmed
	}
	return grid.Normal
}

func (s *Screen) came(from, to int) {
	for i := from; i < to; i++ {
		s.list.RefreshRow(i)
	}
	if c := s.list.Current(); c >= from && c < to {
		s.explain(c)
	}
}

// explain shows the conflict of a row.
func (s *Screen) explain(row int) {
	c, ok := s.pages.At(row)
	if !ok { // nothing stands beside a row that it is not about
		s.detail.Objects = nil
		s.detail.Refresh()
		return
	}
	title := c.Name
	if c.Field != "" {
		title += " · " + c.Field
	}
	s.pick = nil
	s.detail.Objects = []fyne.CanvasObject{
		widgets.NewParagraph(title, look.Heading, look.T1),
		widgets.NewParagraph(wording.SentenceCase(c.Reason), look.Small, look.T2),
	}
	if c.Again {
		s.detail.Add(widgets.NewInfoBox("This was decided before, and has changed since: please decide again on what is there now."))
	}
	proposed := container.NewVBox()
	s.detail.Add(proposed)
	s.proposal(c, proposed)
	if c.Property == "" {
		s.identity(c)
	} else {
		s.values(c)
	}
	s.detail.Refresh()
}

// keyStays is why HubSpot's value of a row's key can't be taken.
const keyStays = "A sync never changes the key of a row: change it in the source"

// values shows the three values of a field.
func (s *Screen) values(c app.Conflict) {
	base := widgets.SideValue{Missing: "Never agreed"}
	reason := "There is no base: both sides never agreed"
	if c.Base != nil {
		base, reason = widgets.SideValue{Value: *c.Base}, ""
	}
	row := widgets.SideValue{Value: c.Source, Who: "Row " + c.RowKey}
	if c.Source == "" {
		row.Missing = "no value"
	}
	hub := widgets.SideValue{Value: c.HubSpot, Who: "Record " + c.RecordID}
	if c.HubSpot == "" {
		hub.Missing = "no value"
	}
	s.side.Set(row, base, hub)
	if c.Cause == plan.CauseKey {
		reason = keyStays
	}
	s.side.TakeButton(look.Base).SetReason(reason)
	edit := widgets.NewButton(widgets.Plain, "edit", "Edit", s.Edit)
	edit.Key = "E"
	if c.Cause == plan.CauseKey {
		s.side.TakeButton(look.HubSpot).SetReason(keyStays)
		edit.SetReason(keyStays)
	} else {
		s.side.TakeButton(look.HubSpot).SetReason("")
	}
	skip := widgets.NewButton(widgets.Plain, "skipped", "Leave both as they are", s.Skip)
	skip.Key = "/"
	rule := widgets.NewButton(widgets.Plain, "rule", "Make it a rule…", s.Rule)
	rule.Key = "R"
	s.allowAll()
	s.detail.Objects = append(s.detail.Objects, s.side, widgets.NewRow(8, edit, skip), widgets.NewRow(8, s.all, rule),
		widgets.NewLine("It is carried out when the sync runs next. Until then neither side changes.", look.Caption, look.T3))
	s.around(c)
	s.askAuthors(c)
}

// around adds the record's other fields when they are read.
func (s *Screen) around(c app.Conflict) {
	shell.Load(s.w, func(ctx context.Context) ([]app.OtherField, error) { return s.w.App.Around(ctx, c) }, func(fields []app.OtherField) {
		now, ok := s.currentConflict()
		if !ok || now.ID != c.ID || len(fields) == 0 {
			return
		}
		g := grid.New(look.RowCompact,
			grid.Column{ID: "name", Title: "Other fields", Width: 120, Grow: 1},
			grid.Column{ID: "source", Title: "Source", Width: 140, Grow: 1},
			grid.Column{ID: "hubspot", Title: "HubSpot", Width: 140, Grow: 1},
			grid.Column{ID: "state", Width: 100})
		g.Length = func() int { return len(fields) }
		g.Cell = func(row, col int) grid.Cell { return aroundCell(fields[row], col) }
		s.detail.Add(widgets.NewFlushCard(container.New(layouts.Tall(look.GridHeader+float32(len(fields))*look.RowCompact), g)))
		s.detail.Refresh()
	}, nil)
}

func aroundCell(f app.OtherField, col int) grid.Cell {
	switch {
	case col == 0:
		return grid.Cell{Text: f.Name, Style: grid.Label}
	case col == 1:
		return grid.Cell{Text: f.Source}
	case col == 2:
		return grid.Cell{Text: f.HubSpot}
	case f.InConflict:
		return grid.Cell{Text: "in conflict", Icon: look.Conflict.Icon(), IconInk: look.Conflict.Text(), Ink: look.Conflict.Text()}
	case f.Same:
		return grid.Cell{Text: "same", Icon: look.Unchanged.Icon(), IconInk: look.T3, Style: grid.Label}
	}
	return grid.Cell{}
}

// countDecided shows how many decisions wait to be carried out.
func (s *Screen) countDecided() {
	shell.LoadNewest(s.w, &s.waiting, s.w.App.Decided, func(groups []app.DecidedGroup) {
		n := 0
		for _, g := range groups {
			n += g.Count
		}
		s.apply.SetText("Apply " + look.Count(n, "decision", "decisions"))
		s.apply.SetReason("")
		if n == 0 {
			s.apply.SetText("Apply decisions")
			s.apply.SetReason("Decide a conflict first")
		}
		s.header.Refresh()
	}, nil)
}

// applyDecisions makes the plan that carries the decisions out, when all of them
// are kept. With several syncs it asks which one comes first: each has a plan of
// its own.
func (s *Screen) applyDecisions() {
	s.w.WhenKept(func() { shell.Load(s.w, s.w.App.Decided, s.planDecided, nil) })
}

func (s *Screen) planDecided(waiting []app.DecidedGroup) {
	switch len(waiting) {
	case 0: // all were taken back, or carried out elsewhere
		s.countDecided()
		return
	case 1:
		s.w.Rooms.Preview(waiting[0].Path, waiting[0].SyncName)
		return
	}
	var items []*fyne.MenuItem
	for _, g := range waiting {
		items = append(items, fyne.NewMenuItem(fmt.Sprintf("%s: %s", g.SyncName, look.Count(g.Count, "decision", "decisions")), func() { s.w.Rooms.Preview(g.Path, g.SyncName) }))
	}
	s.w.OpenMenu(fyne.NewMenu("", items...), s.apply)
}

// identity shows a conflict about a whole row, with what each choice does.
func (s *Screen) identity(c app.Conflict) {
	if _, ok := c.Cause.Option(plan.ChooseValue); ok {
		box := widgets.NewColumn(8)
		s.detail.Add(box)
		s.candidates(c, box)
	}
	done := map[string]bool{}
	for _, o := range c.Cause.Options() {
		if o.Choice == plan.ChooseValue || done[o.Does] {
			continue // one of several records is chosen in their list
		}
		done[o.Does] = true
		b := widgets.NewButton(widgets.Plain, "link", o.Word, func() { s.Take(o.Choice) })
		switch o.Choice {
		case plan.ChooseSource:
			b.Key = "←"
		case plan.ChooseHubSpot:
			b.Key = "→"
		case plan.ChooseBase:
			b.Key = "B"
		case plan.ChooseApart:
			b.Key = "K"
		case plan.ChooseSkip:
			b.Key = "/"
		}
		s.detail.Add(widgets.NewColumn(4, widgets.NewRow(8, b), widgets.NewParagraph(o.Does, look.Small, look.T2)))
	}
	s.allowAll()
	s.detail.Add(widgets.NewRow(8, s.all))
	s.detail.Add(widgets.NewLine("It is carried out when the sync runs next. Until then neither side changes.", look.Caption, look.T3))
}

// The panes whose widths are remembered.
const (
	prefGroups    = "pane.groups"
	prefConflicts = "pane.conflicts"
)
