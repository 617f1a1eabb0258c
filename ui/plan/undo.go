package plan

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"syncline/app"
	"syncline/sync/plan"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/widgets"
)

// The parts of a run that can be undone, in the order of the segment.
const (
	partWhole = iota
	partFields
	partRows
)

// previewUndo makes the plan of undoing a run, or a part of it, and shows it.
// Nothing is restored before that plan is applied.
func (w *Room) previewUndo(runID, name string, part app.Part) {
	w.Rooms.Work(app.Work{Kind: app.JobPreviewUndo, Arg: runID, Part: part}, name)
}

// undoes reports whether the plan undoes a run.
func (s *Screen) undoes() bool { return s.view.Kind == plan.KindUndo }

// again reports whether the plan undoes an undo, and so does its run again.
func (s *Screen) again() bool { return s.view.Undoes == plan.KindUndo }

// undoHeader is the head of the plan of an undo.
func (s *Screen) undoHeader() {
	v := s.view
	title := "Undo: "
	if s.again() {
		title = "Undo of an undo: "
	}
	if s.applied {
		state := "This undo is out of date · nothing was restored"
		if v.Run != nil {
			state = fmt.Sprintf("Undo of %s · %s", v.UndoOf, look.When(v.Run.Started, s.w.Now()))
		}
		s.header = widgets.NewHeader("Changes of the "+strings.ToLower(title[:1])+title[1:]+v.Sync.Name, state)
		return
	}
	s.header = widgets.NewHeader(title+v.Sync.Name, "")
	selected := partWhole
	if len(s.part.Fields) > 0 {
		selected = partFields
	}
	s.header.Segment = widgets.NewTextSegment([]string{"Whole run", "Chosen fields", "Chosen rows"}, selected, s.choosePart)
	s.header.Buttons = []*widgets.Button{widgets.NewButton(widgets.Plain, "retry", "Make a new plan", s.Anew)}
}

// nameChips says of an undo what its rows do.
func (s *Screen) nameChips() {
	if !s.undoes() {
		return
	}
	for _, c := range s.chips.Chips {
		switch c.Meaning {
		case look.Update:
			c.Word = "Go back"
			if s.applied {
				c.Word = "Went back"
			}
		case look.Skipped:
			c.Word = "Stay"
			if s.applied {
				c.Word = "Stayed"
			}
		}
	}
}

// choosePart previews another part of the run.
func (s *Screen) choosePart(i int) {
	switch i {
	case partWhole:
		if !s.part.Whole() {
			s.w.previewUndo(s.view.UndoOf, s.view.Sync.Name, app.Part{})
			return
		}
		s.everyRow(false) // rows that were taken out come back
	case partFields:
		s.chooseFields()
	case partRows:
		s.everyRow(true)
		s.grid.Focus()
	}
}

// everyRow takes every row out of the plan, or puts all back.
func (s *Screen) everyRow(out bool) {
	shell.Load(s.w, func(ctx context.Context) ([]int, error) {
		return s.w.App.ItemIDs(ctx, s.view.ID, app.ItemFilter{Fates: fatesOf([]look.Meaning{look.Update, look.Create, look.Skipped})})
	}, func(ns []int) { s.exclude(ns, out) }, nil)
}

// chooseFields asks which fields of the run shall be undone.
func (s *Screen) chooseFields() {
	selected := partWhole
	if len(s.part.Fields) > 0 {
		selected = partFields
	}
	back := func() {
		s.header.Segment.Selected = selected
		s.header.Segment.Refresh()
	}
	shell.Load(s.w, func(ctx context.Context) ([]string, error) { return s.w.App.WroteFields(ctx, s.view.UndoOf) }, func(fields []string) {
		chosen := slices.Clone(s.part.Fields)
		list := widgets.NewColumn(6, widgets.NewParagraph("The other fields stay as the run left them. Records that it created are not archived then: of them the chosen fields are emptied.", look.Body, look.T2))
		d := widgets.NewDialog("Which fields shall be undone?", "", list)
		d.Width = 480
		allow := func() {
			d.Primary.SetReason("")
			if len(chosen) == 0 {
				d.Primary.SetReason("Choose a field first")
			}
			d.Primary.SetText("Preview undoing " + look.Count(len(chosen), "field", "fields"))
			d.Refresh()
		}
		for _, f := range fields {
			box := widgets.NewCheck(f, slices.Contains(chosen, f), func(on bool) {
				chosen = slices.DeleteFunc(chosen, func(x string) bool { return x == f })
				if on {
					chosen = append(chosen, f)
				}
				allow()
			})
			if d.First == nil {
				d.First = box
			}
			list.Add(box)
		}
		d.Primary = widgets.NewButton(widgets.Primary, "preview", "", func() {
			d.Close()
			s.w.previewUndo(s.view.UndoOf, s.view.Sync.Name, app.Part{Fields: chosen})
		})
		d.Others = []*widgets.Button{widgets.NewButton(widgets.Plain, "", "Cancel", d.Cancel)}
		d.OnCancel = back
		allow()
		d.Open(s.w.Win.Canvas())
	}, func(err error) {
		back()
		s.w.Fail(err)
	})
}

// sumUndo says what the undo puts back, what it archives, and what stays.
func (s *Screen) sumUndo() {
	u := s.view.Undo
	s.apply.Icon = "undo"
	s.apply.SetText(undoWords("Undo ", u))
	what := "cells go back to what they were"
	if s.again() {
		what = "cells get again what the undo took back"
	}
	tile := func(m look.Meaning, icon look.Icon, title, text string) *widgets.Notice {
		n := widgets.NewNotice(m, icon, title, text)
		n.Mark = true
		return n
	}
	tiles := []*widgets.Notice{tile(look.Update, "undo", look.Number(u.Cells)+" "+what, "In "+look.Count(u.Rows, "row", "rows")+", where they still are as the run left them")}
	if u.Cells == 1 {
		tiles[0].Title = "1 cell goes back to what it was"
	}
	if u.Archived > 0 {
		tiles = append(tiles, tile(look.Conflict, "archive", look.Count(u.Archived, "record it created is archived", "records it created are archived"), "Nothing about them changed since; HubSpot keeps them for 90 days"))
	}
	stay := look.Count(u.Kept, "row stays as it is", "rows stay as they are")
	if u.KeptIn > 0 {
		stay += " and " + look.Count(u.KeptIn, "more cell", "more cells")
	}
	why := "Everything that the run wrote can go back"
	if u.Kept+u.KeptIn > 0 {
		why = "Listed under “Stay” and in the rows, each with the reason"
	}
	tiles = append(tiles, tile(look.Skipped, "lock", stay, why))
	box := widgets.NewTiles(240, 3, 12)
	for _, n := range tiles {
		box.Add(n)
	}
	s.sums.Objects = append(s.sums.Objects[:s.told:s.told], box)
	s.sums.Refresh()
	s.makeGuards()
	if s.root != nil { // the parts over and under the rows have another height now
		s.root.Refresh()
	}
}

func undoWords(verb string, u app.UndoSum) string {
	switch {
	case u.Archived == 0:
		return verb + look.Count(u.Cells, "cell", "cells")
	case u.Cells == 0:
		return verb + "and archive " + look.Number(u.Archived)
	}
	return verb + look.Count(u.Cells, "cell", "cells") + ", archive " + look.Number(u.Archived)
}

// wouldUndo says in one line what the undo does.
func (s *Screen) wouldUndo() string {
	u := s.view.Undo
	var parts []string
	add := func(n int, one, many string) {
		if n > 0 {
			parts = append(parts, look.Count(n, one, many))
		}
	}
	add(u.Cells, "cell goes back", "cells go back")
	add(u.Archived, "record is archived", "records are archived")
	add(u.Kept, "row stays as it is", "rows stay as they are")
	add(s.excluded, "row left out", "rows left out")
	switch {
	case u.Cells+u.Archived > 0:
	case s.excluded > 0:
		return "Tick the rows that shall be undone"
	default:
		return "Nothing would be undone"
	}
	if u.Archived == 0 { // an archived record is restored by a person only, in HubSpot
		return strings.Join(parts, " · ") + ". This undo can be undone"
	}
	return strings.Join(parts, " · ")
}
