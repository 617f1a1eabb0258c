package ui

import (
	"context"
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"syncline/store"
	"syncline/sync/plan"
	"syncline/ui/look"
	"syncline/ui/widgets"
	"syncline/ui/widgets/grid"
)

// attention lists the rows that failed: causes at the left, the rows of one
// cause at the right with what to do, and the answer of the other side in full.
type attention struct {
	w      *window
	header *widgets.Header
	retry  *widgets.Button
	groups *grid.Grid
	list   *grid.Grid
	said   *fyne.Container
	answer *fyne.Container
	right  *fyne.Container
	empty  *widgets.EmptyState
	work   fyne.CanvasObject
	root   *fyne.Container

	rows   []store.AttentionGroup
	group  store.AttentionGroup
	pages  *pages[int64, store.Attention]
	chosen map[int64]bool // left out of the retry: rows that were unticked
}

// reviewSegment is the switch between both halves of what waits for a person.
func reviewSegment(w *window, selected int) *widgets.Segment {
	return widgets.NewSegment([]widgets.SegmentItem{
		{Text: "Conflicts", Count: "0", Meaning: look.Conflict},
		{Text: "Needs attention", Count: "0", Meaning: look.Failed},
	}, selected, func(i int) {
		if i == 0 {
			w.goTo(placeReview)
		} else {
			w.openAttention()
		}
	})
}

// openAttention shows the rows that failed.
func (w *window) openAttention() {
	w.rail.SetCurrent(int(placeReview))
	w.open(w.failed)
}

func newAttention(w *window) *attention {
	s := &attention{w: w, header: widgets.NewHeader("Needs attention", ""), chosen: map[int64]bool{}}
	s.header.Segment = reviewSegment(w, 1)
	s.retry = widgets.NewButton(widgets.Primary, "retry", "Retry", s.again)
	s.header.Primary = s.retry
	s.pages = newPages(w, w.app.Store.AttentionByID, s.came)
	s.groups = grid.New(look.RowComfortable, grid.Column{ID: "mark", Width: 44}, grid.Column{ID: "cause", Title: "Cause", Width: 150, Grow: 1, Lead: true}, grid.Column{ID: "n", Width: 60, Align: grid.Right})
	s.groups.Length = func() int { return len(s.rows) }
	s.groups.Cell = s.groupCell
	s.groups.OnSelected = s.openGroup
	s.list = grid.New(look.RowComfortable,
		grid.Column{ID: "take", Check: true, Width: 36, Fixed: true},
		grid.Column{ID: "name", Title: "Row", Width: 190, Lead: true},
		grid.Column{ID: "why", Title: "Why", Width: 320, Grow: 1},
		grid.Column{ID: "tries", Title: "Tries", Width: 60, Align: grid.Right},
		grid.Column{ID: "since", Title: "Since", Width: 110})
	s.list.Length = func() int { return len(s.pages.ids) }
	s.list.Cell = s.cell
	s.list.OnSelected = s.explain
	s.list.OnChecked = s.toggle
	s.said, s.answer = widgets.NewPaddedColumn(4, 24, 14), widgets.NewPaddedColumn(8, 24, 12)
	s.right = widgets.NewFramed(s.said, s.answer, container.New(margin(24, 0), widgets.NewFlushCard(s.list)))
	split := widgets.NewLeadingSplit(s.groups, s.right, w.paneWidth(prefCauses, 290))
	split.OnResized = w.keepPane(prefCauses)
	s.work = split
	s.empty = widgets.NewEmptyState("check-circle", "Nothing needs attention", "Rows that HubSpot or your file refuses, or that can't be read, are listed here with the reason. Nothing is lost meanwhile.", nil)
	s.root = container.NewBorder(s.header, nil, nil, nil, s.empty)
	return s
}

func (s *attention) content() fyne.CanvasObject { return s.root }
func (s *attention) head() *widgets.Header      { return s.header }

func (s *attention) focus() {
	if len(s.rows) > 0 {
		s.list.Focus()
	}
}

func (s *attention) show() {
	load(s.w, s.w.app.Store.AttentionGroups, func(rows []store.AttentionGroup) {
		s.rows = rows
		total := 0
		for _, g := range rows {
			total += g.Count
		}
		s.header.SetState(fmt.Sprintf("%s failed for %s · nothing is lost, retry when fixed", look.Count(total, "row", "rows"), look.Count(len(rows), "cause", "causes")))
		body := fyne.CanvasObject(s.empty)
		if total > 0 {
			body = s.work
		} else {
			s.header.SetState("No row failed")
		}
		setBody(s.root, s.header, body)
		s.group, s.chosen = store.AttentionGroup{}, map[int64]bool{}
		s.pages.set(nil)
		s.groups.Select(-1)
		s.groups.Refresh()
		s.list.Refresh()
		if total > 0 {
			s.groups.Select(0)
			s.list.Focus()
		}
		s.allow()
	}, nil)
}

// setBody puts body under the header of a screen.
func setBody(root *fyne.Container, header *widgets.Header, body fyne.CanvasObject) {
	fresh := container.NewBorder(header, nil, nil, nil, body)
	root.Layout, root.Objects = fresh.Layout, fresh.Objects
	root.Refresh()
}

func (s *attention) groupCell(row, col int) grid.Cell {
	g := s.rows[row]
	switch col {
	case 0:
		return grid.Cell{Mark: classMeaning(g.Class)}
	case 1:
		return grid.Cell{Text: g.Cause, Second: g.SyncName}
	}
	return grid.Cell{PillOf: look.Failed, Text: look.Number(g.Count)}
}

// classMeaning tells rows that were stopped before writing from refused ones.
func classMeaning(class plan.Class) look.Meaning {
	if class == plan.ClassRefused {
		return look.Failed
	}
	return look.Invalid
}

func (s *attention) openGroup(row int) {
	if row < 0 || row >= len(s.rows) {
		return
	}
	s.group, s.chosen = s.rows[row], map[int64]bool{}
	s.pages.set(nil)
	g := s.group
	s.said.Objects = []fyne.CanvasObject{
		widgets.NewParagraph(g.Cause, look.Heading, look.T1),
		widgets.NewParagraph(classAdvice(g), look.Body, look.T2),
	}
	s.right.Refresh()
	load(s.w, func(ctx context.Context) ([]int64, error) { return s.w.app.Store.AttentionIDs(ctx, g) }, func(ids []int64) {
		if s.group != g {
			return
		}
		s.pages.set(ids)
		s.list.Refresh()
		if len(ids) > 0 {
			s.list.Select(0)
		}
		s.allow()
	}, nil)
}

// classAdvice says what it means that rows failed like this, and what to do.
func classAdvice(g store.AttentionGroup) string {
	rows := look.Count(g.Count, "row was", "rows were")
	switch g.Class {
	case "invalid":
		return rows + " stopped before anything was sent, because HubSpot would refuse them. Correct the cells in the source, or change the field map, then retry."
	case "refused":
		return rows + " refused. The other fields of other rows were written as planned. Correct the value, then retry; a row that did not change is not sent again by itself."
	case "unreadable":
		return rows + " not understood when the source was read. Correct the lines in the source, then retry."
	case "duplicate":
		return rows + " left out because their key occurs more than once. Give each row a key of its own, then retry."
	case "blocked":
		return rows + " not written because something stood in the way. Nothing about them has changed on either side."
	}
	return rows + " not written; it is not known why. Retrying checks first what arrived, so nothing is written twice."
}

func (s *attention) cell(row, col int) grid.Cell {
	a, ok := s.pages.at(row)
	if !ok {
		return grid.Cell{Pending: true}
	}
	switch col {
	case 0:
		if s.chosen[a.ID] {
			return grid.Cell{Check: grid.Unchecked}
		}
		return grid.Cell{Check: grid.Checked}
	case 1:
		return grid.Cell{Text: attentionName(a), Second: attentionKey(a)}
	case 2:
		return grid.Cell{Text: sentenceCase(a.Message)}
	case 3:
		return grid.Cell{Text: look.Number(a.Tries), Style: grid.Label}
	}
	return grid.Cell{Text: look.When(a.At, s.w.now()), Style: grid.Label}
}

func attentionName(a store.Attention) string {
	switch {
	case a.Name != "":
		return a.Name
	case a.RowKey != "":
		return a.RowKey
	}
	return fmt.Sprintf("Line %s", look.Number(a.Line))
}

func attentionKey(a store.Attention) string {
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

// explain shows the whole answer for a row.
func (s *attention) explain(row int) {
	a, ok := s.pages.at(row)
	if !ok {
		return
	}
	said := widgets.NewNotice(look.Neutral, "info", attentionName(a)+": "+sentenceCase(a.Message), a.Detail)
	said.Quiet = true
	if a.Detail != "" {
		cp := widgets.NewButton(widgets.Plain, "copy", "Copy for support", func() { s.w.fyne.Clipboard().SetContent(a.Detail) })
		cp.Small = true
		said.Actions = []*widgets.Button{cp}
	}
	s.answer.Objects = []fyne.CanvasObject{said}
	s.right.Refresh()
}

// toggle leaves a row out of the retry, or takes it back.
func (s *attention) toggle(row int) {
	a, ok := s.pages.at(row)
	if !ok {
		return
	}
	if s.chosen[a.ID] {
		delete(s.chosen, a.ID)
	} else {
		s.chosen[a.ID] = true
	}
	s.list.RefreshRow(row)
	s.allow()
}

// allow says how many rows the button retries.
func (s *attention) allow() {
	n := len(s.pages.ids) - len(s.chosen)
	s.retry.SetText("Retry " + look.Count(n, "row", "rows"))
	defer s.header.Refresh()
	if n <= 0 {
		s.retry.SetReason("No row is ticked")
		return
	}
	s.retry.SetReason("")
}

// again lets the ticked rows be sent once more, and shows the plan of it first.
func (s *attention) again() {
	var ids []int64
	for _, id := range s.pages.ids {
		if !s.chosen[id] {
			ids = append(ids, id)
		}
	}
	path, name := s.group.Path, s.group.SyncName
	s.w.do(func(ctx context.Context) error { return s.w.app.Store.Retry(ctx, ids) }, func() { s.w.preview(path, name) })
}
