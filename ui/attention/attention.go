// Package attention is the queue of rows that failed, each with the way out.
package attention

import (
	"context"
	"fmt"

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

// attention is the queue of rows that failed: causes at the left, the rows of
// one cause at the right, and what to do about the current one over them. Every
// action has a key.
type attention struct {
	w      *shell.Window
	header *widgets.Header
	retry  *widgets.Button
	give   *widgets.Button
	groups *grid.Grid
	list   *grid.Grid
	said   *fyne.Container
	answer *fyne.Container
	right  *fyne.Container
	hints  *widgets.KeyHints
	empty  *widgets.EmptyState
	work   fyne.CanvasObject
	root   *fyne.Container

	lines []causeLine
	at    int // the line whose rows are shown, -1 for none
	group app.FailedGroup
	pages *shell.Pages[int64, app.FailedRow]
	out   map[int64]bool // rows of the group that were unticked
	fix   *fixer
	read  shell.Turns // of the causes
}

// causeLine is a line of the list of causes: a group, or the title of a section.
type causeLine struct {
	section string
	count   int
	group   app.FailedGroup
}

// New makes the screen of the rows that failed.
func New(w *shell.Window) shell.Screen {
	s := &attention{w: w, header: widgets.NewHeader("Needs attention", ""), out: map[int64]bool{}, at: -1}
	s.header.Segment = w.WaitingSegment(1)
	s.retry = widgets.NewButton(widgets.Primary, "retry", "Retry", s.again)
	s.give = widgets.NewButton(widgets.Plain, "skipped", "Give up", s.giveUp)
	s.header.Buttons, s.header.Primary = []*widgets.Button{s.give}, s.retry
	s.pages = shell.NewPages(w, w.App.FailedByID, s.came)
	s.groups = grid.New(look.RowComfortable, grid.Column{ID: "mark", Width: 44}, grid.Column{ID: "cause", Title: "Cause", Width: 150, Grow: 1, Lead: true}, grid.Column{ID: "n", Width: 72, Align: grid.Right})
	s.groups.Length = func() int { return len(s.lines) }
	s.groups.Cell = s.groupCell
	s.groups.OnSelected = s.openLine
	s.list = grid.New(look.RowComfortable,
		grid.Column{ID: "take", Check: true, Width: 36, Fixed: true},
		grid.Column{ID: "name", Title: "Row", Width: 130, Grow: 1, Lead: true},
		grid.Column{ID: "now", Title: "In the source", Width: 120, Grow: 1},
		grid.Column{ID: "becomes", Title: "Counts instead", Width: 120, Grow: 1},
		grid.Column{ID: "why", Title: "Why", Width: 88, Grow: 2},
		grid.Column{ID: "since", Title: "Since", Width: 108})
	s.list.Length = func() int { return len(s.pages.IDs) }
	s.list.Cell = s.cell
	s.list.OnSelected = s.explain
	s.list.OnChecked = s.toggle
	s.list.AllChecked = s.allChecked
	s.list.OnCheckedAll = s.toggleAll
	s.list.OnActivated = func(int) { s.fix.edit() }
	s.list.OnRune = s.rune
	s.fix = newFixer(s)
	s.said, s.answer = widgets.NewPaddedColumn(8, 24, 14), widgets.NewPaddedColumn(8, 24, 12)
	s.right = widgets.NewFramed(s.said, s.answer, container.New(layouts.Margin(24, 0), widgets.NewFlushCard(s.list)))
	s.hints = widgets.NewKeyHints(
		widgets.KeyHint{Keys: []string{"E"}, Word: "Correct", Do: func() { s.fix.edit() }},
		widgets.KeyHint{Keys: []string{"S"}, Word: "Take the suggestion", Do: func() { s.fix.suggested() }},
		widgets.KeyHint{Keys: []string{"A"}, Word: "All suggestions", Do: s.takeAll},
		widgets.KeyHint{Keys: []string{"Space"}, Word: "Tick"},
		widgets.KeyHint{Keys: []string{"G"}, Word: "Give up", Do: s.giveUp},
		widgets.KeyHint{Keys: []string{"R"}, Word: "Retry", Do: func() { s.retry.Tapped(nil) }},
		widgets.KeyHint{Keys: []string{"↑ ↓"}, Word: "Move"})
	split := widgets.NewLeadingSplit(s.groups, s.right, w.PaneWidth(prefCauses, 290))
	split.Rest, split.OnResized = 560, w.KeepPane(prefCauses)
	s.work = container.NewBorder(nil, s.hints, nil, nil, split)
	s.empty = widgets.NewEmptyState("check-circle", "Nothing needs attention", "Rows that HubSpot or your file refuses, or that can't be read, are listed here with the reason. Nothing is lost meanwhile.", nil)
	s.root = container.NewBorder(s.header, nil, nil, nil, s.empty)
	return s
}

func (s *attention) Content() fyne.CanvasObject { return s.root }
func (s *attention) Head() *widgets.Header      { return s.header }

func (s *attention) Focus() {
	if len(s.lines) > 0 {
		s.list.Focus()
	}
}

// Show reads the queue anew, and stays with the cause and the row that were
// shown, if they are there still.
func (s *attention) Show() {
	shell.LoadKept(s.w, &s.read, s.w.App.FailedGroups, func(groups []app.FailedGroup) {
		was, row := s.group, s.list.Current()
		s.fill(groups)
		body := fyne.CanvasObject(s.empty)
		if len(groups) > 0 {
			body = s.work
		}
		shell.SetBody(s.root, s.header, body)
		s.group, s.out, s.at = app.FailedGroup{}, map[int64]bool{}, -1
		s.pages.Set(nil)
		s.fix.clear()
		s.groups.Select(-1)
		s.groups.Refresh()
		s.list.Refresh()
		s.allow()
		if len(groups) == 0 {
			return
		}
		at := 1
		for i, l := range s.lines {
			if l.section == "" && l.group.Same(was) {
				at = i
			}
		}
		s.groups.Select(at)
		if s.group.Same(was) && row > 0 {
			s.list.Select(min(row, len(s.pages.IDs)-1))
		}
		s.list.Focus()
	}, nil)
}

// fill makes the list of causes: each section with its title.
func (s *attention) fill(groups []app.FailedGroup) {
	s.lines = nil
	total, causes, given := 0, 0, 0
	title := -1
	for _, g := range groups {
		if title < 0 || s.lines[title].section != g.Section() {
			title = len(s.lines)
			s.lines = append(s.lines, causeLine{section: g.Section()})
		}
		s.lines[title].count += len(g.IDs)
		s.lines = append(s.lines, causeLine{group: g})
		if g.GivenUp {
			given += len(g.IDs)
			continue
		}
		total += len(g.IDs)
		causes++
	}
	state := "No row failed"
	if total > 0 {
		state = fmt.Sprintf("%s failed for %s · nothing is lost, retry when fixed", look.Count(total, "row", "rows"), look.Count(causes, "cause", "causes"))
	}
	if given > 0 {
		state += " · " + look.Number(given) + " given up"
	}
	s.header.SetState(state)
}

func (s *attention) groupCell(row, col int) grid.Cell {
	l := s.lines[row]
	if l.section != "" {
		switch col {
		case 1:
			return grid.Cell{Text: l.section, Style: grid.Strong, Ink: look.T2}
		case 2:
			return grid.Cell{Text: look.Number(l.count), Style: grid.Label}
		}
		return grid.Cell{}
	}
	switch col {
	case 0:
		if l.group.GivenUp {
			return grid.Cell{Mark: look.Skipped}
		}
		return grid.Cell{Mark: classMeaning(l.group.Class)}
	case 1:
		second := l.group.SyncName
		if l.group.Suggested > 0 {
			second = look.Count(l.group.Suggested, "value suggested", "values suggested") + " · " + second
		}
		return grid.Cell{Text: l.group.Cause, Second: second}
	}
	if l.group.GivenUp {
		return grid.Cell{Text: look.Number(len(l.group.IDs)), Style: grid.Label}
	}
	return grid.Cell{PillOf: look.Failed, Text: look.Number(len(l.group.IDs))}
}

// classMeaning tells rows that were stopped before writing from refused ones.
func classMeaning(class plan.Class) look.Meaning {
	if class == plan.ClassRefused {
		return look.Failed
	}
	return look.Invalid
}

// openLine opens the group of a line; from the title of a section it goes on in
// the direction in which the keyboard moved.
func (s *attention) openLine(row int) {
	if row < 0 || row >= len(s.lines) {
		return
	}
	if s.lines[row].section != "" {
		next := row + 1
		if row < s.at && row > 0 {
			next = row - 1
		}
		s.groups.Select(next)
		return
	}
	s.at, s.group, s.out = row, s.lines[row].group, map[int64]bool{}
	s.pages.Set(s.group.IDs)
	s.fix.clear()
	s.list.Refresh()
	s.list.Select(-1)
	s.list.Select(0)
	s.advise()
	s.allow()
}

// advise says over the rows what is the matter with them and what to do.
func (s *attention) advise() {
	g := s.group
	s.said.Objects = []fyne.CanvasObject{
		widgets.NewParagraph(g.Cause, look.Heading, look.T1),
		widgets.NewParagraph(g.Advice(), look.Body, look.T2),
		s.fix.root,
	}
	s.right.Refresh()
}

func (s *attention) cell(row, col int) grid.Cell {
	a, ok := s.pages.At(row)
	if !ok {
		return grid.Cell{Pending: true}
	}
	fault, known := a.Fault()
	switch col {
	case 0:
		if s.out[a.ID] {
			return grid.Cell{Check: grid.Unchecked}
		}
		return grid.Cell{Check: grid.Checked}
	case 1:
		return grid.Cell{Text: failedName(a), Second: failedKey(a)}
	case 2:
		if !known {
			return grid.Cell{Text: "see why", Style: grid.Faint}
		}
		return grid.Cell{Text: wording.OrNothing(fault.Now), Second: fault.Field, Ink: look.Failed.Text()}
	case 3:
		return becomesCell(a)
	case 4:
		return grid.Cell{Text: wording.SentenceCase(a.Message)}
	}
	return grid.Cell{Text: look.When(a.At, s.w.Now()), Style: grid.Label, Second: look.Count(a.Tries, "try", "tries")}
}

// becomesCell is what the next run reads in the place of a row's cell.
func becomesCell(a app.FailedRow) grid.Cell {
	for _, c := range a.Cells {
		if c.Corrected != nil && !c.Lapsed {
			return grid.Cell{Text: wording.OrNothing(*c.Corrected), Style: grid.Strong, Icon: "check", IconInk: look.Create.Text(), Second: c.Field + ", corrected by you"}
		}
	}
	for _, c := range a.Cells {
		switch {
		case c.Suggested != "":
			return grid.Cell{Text: c.Suggested, Style: grid.Label, Second: "suggested: " + c.Why}
		case c.Corrected != nil:
			return grid.Cell{Text: "–", Style: grid.Faint, Second: "your correction lapsed"}
		}
	}
	return grid.Cell{Text: "–", Style: grid.Faint}
}

func failedName(a app.FailedRow) string {
	switch {
	case a.Name != "":
		return a.Name
	case a.RowKey != "":
		return a.RowKey
	}
	return fmt.Sprintf("Line %s", look.Number(a.Line))
}

func failedKey(a app.FailedRow) string {
	switch {
	case a.Line > 0 && a.RowKey != "":
		return fmt.Sprintf("%s · line %s", a.RowKey, look.Number(a.Line))
	case a.Line > 0:
		return fmt.Sprintf("line %s", look.Number(a.Line))
	}
	return a.RowKey
}

func (s *attention) came(from, to int) {
	for i := from; i < to; i++ {
		s.list.RefreshRow(i)
	}
	if c := s.list.Current(); c >= from && c < to {
		s.explain(c)
	}
}

// explain shows what can be corrected of a row, and the whole answer for it.
func (s *attention) explain(row int) {
	a, ok := s.pages.At(row)
	if !ok { // nothing is corrected in a row that is not shown
		s.fix.clear()
		s.answer.Objects = nil
		s.right.Refresh()
		return
	}
	s.fix.set(row, a)
	text := a.Plain
	if a.Detail != "" && a.Detail != a.Message {
		text = a.Detail
	}
	said := widgets.NewNotice(look.Neutral, "info", failedName(a)+": "+wording.SentenceCase(a.Message), text)
	said.Quiet = true
	if a.Detail != "" {
		cp := widgets.NewButton(widgets.Plain, "copy", "Copy for support", func() { s.w.Fyne.Clipboard().SetContent(a.Detail) })
		cp.Small = true
		said.Actions = []*widgets.Button{cp}
	}
	s.answer.Objects = []fyne.CanvasObject{said}
	s.right.Refresh()
}

// toggle leaves a row out of what is retried or given up, or takes it back.
func (s *attention) toggle(row int) {
	a, ok := s.pages.At(row)
	if !ok {
		return
	}
	if s.out[a.ID] {
		delete(s.out, a.ID)
	} else {
		s.out[a.ID] = true
	}
	s.list.RefreshRow(row)
	s.allow()
}

func (s *attention) allChecked() grid.Check {
	switch n := len(s.out); {
	case len(s.pages.IDs) == 0:
		return grid.NoCheck
	case n == 0:
		return grid.Checked
	case n == len(s.pages.IDs):
		return grid.Unchecked
	}
	return grid.SomeChecked
}

func (s *attention) toggleAll(on bool) {
	s.out = map[int64]bool{}
	if !on {
		for _, id := range s.pages.IDs {
			s.out[id] = true
		}
	}
	s.list.Refresh()
	s.allow()
}

// ticked are the rows that are retried or given up.
func (s *attention) ticked() []int64 {
	ids := make([]int64, 0, len(s.pages.IDs))
	for _, id := range s.pages.IDs {
		if !s.out[id] {
			ids = append(ids, id)
		}
	}
	return ids
}

// allow says how many rows the buttons are about.
func (s *attention) allow() {
	n := len(s.pages.IDs) - len(s.out)
	rows := look.Count(n, "row", "rows")
	s.retry.SetText("Retry " + rows)
	s.give.SetText("Give up " + rows)
	if s.group.GivenUp {
		s.give.SetText("Take up " + rows + " again")
	}
	reason := ""
	if n <= 0 {
		reason = "No row is ticked"
	}
	s.retry.SetReason(reason)
	s.give.SetReason(reason)
	s.header.Refresh()
}

func (s *attention) rune(r rune) bool {
	switch r {
	case 'e', 'E':
		s.fix.edit()
	case 's', 'S':
		s.fix.suggested()
	case 'a', 'A':
		s.takeAll()
	case 'g', 'G':
		s.giveUp()
	case 'r', 'R':
		s.retry.Tapped(nil)
	default:
		return false
	}
	return true
}

// takeAll takes the suggested value of every ticked row that has one.
func (s *attention) takeAll() {
	ids := s.ticked()
	if s.group.Suggested == 0 || len(ids) == 0 {
		return
	}
	shell.InOrder(s.w, func(ctx context.Context) (int, error) { return s.w.App.CorrectSuggested(ctx, ids) }, func(n int) {
		s.w.Toast(look.Create, look.Count(n, "row has its suggested value now", "rows have their suggested values now")+": retry them", "", nil)
		s.pages.Renew()
	}, nil)
}

// giveUp leaves the ticked rows alone, or takes them up again.
func (s *attention) giveUp() {
	ids := s.ticked()
	if len(ids) == 0 {
		return
	}
	if s.group.GivenUp {
		shell.InOrder(s.w, func(ctx context.Context) (struct{}, error) { return struct{}{}, s.w.App.TakeUp(ctx, ids) }, func(struct{}) {
			s.w.Toast(look.Create, look.Count(len(ids), "row is", "rows are")+" tried again from the next run on", "", nil)
			s.Show()
			s.w.RefreshStatus()
		}, nil)
		return
	}
	widgets.NewConfirm("Give up "+look.Count(len(ids), "row", "rows")+"?", "No run tries them until their cells change in the source, or you take them up again here. Nothing is deleted, on either side.",
		s.give.Text, false, func() {
			shell.InOrder(s.w, func(ctx context.Context) (int64, error) { return s.w.App.GiveUp(ctx, ids) }, func(n int64) {
				text := look.Count(int(n), "row is", "rows are") + " given up"
				if stay := len(ids) - int(n); stay > 0 {
					text += "; " + look.Count(stay, "row has no key and stays", "rows have no key and stay")
				}
				s.w.Toast(look.Neutral, text, "", nil)
				s.Show()
				s.w.RefreshStatus()
			}, nil)
		}).Open(s.w.Win.Canvas())
}

// again makes the plan that tries the ticked rows, and no others, once more.
func (s *attention) again() {
	ids := s.ticked()
	path, name := s.group.Path, s.group.SyncName
	type rows struct {
		keys    []string
		without int
	}
	shell.InOrder(s.w, func(ctx context.Context) (r rows, err error) {
		if r.keys, r.without, err = s.w.App.FailedKeys(ctx, ids); err != nil {
			return r, err
		}
		return r, s.w.App.Retry(ctx, ids)
	}, func(r rows) {
		if len(r.keys) == 0 { // without a key they can't be told from others
			s.w.Rooms.Preview(path, name)
			return
		}
		s.w.Rooms.Work(app.Work{Kind: app.JobRetry, Path: path, Rows: r.keys}, name)
	}, nil)
}

// prefCauses is the width of the list of causes.
const prefCauses = "pane.causes"
