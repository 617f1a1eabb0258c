package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"syncline/app"
	"syncline/sync/plan"
	"syncline/ui/look"
	"syncline/ui/widgets"
	"syncline/ui/widgets/grid"
	"syncline/ui/wording"
)

// cell is what the grid shows; it answers from memory.
func (s *Screen) cell(row, col int) grid.Cell {
	it, ok := s.pages.At(row)
	if !ok {
		return grid.Cell{Pending: true}
	}
	switch col {
	case 0:
		switch {
		case !writes(it) || s.applied:
			return grid.Cell{}
		case it.Excluded:
			return grid.Cell{Check: grid.Unchecked}
		}
		return grid.Cell{Check: grid.Checked}
	case 1:
		return grid.Cell{Mark: s.mark(it)}
	case 2:
		return grid.Cell{Text: it.Name, Second: s.secondLine(it)}
	}
	return changeCell(it, s.columns[col-3].Property)
}

// secondLine is the row's key, or what a person must know of the row where the
// columns do not show it.
func (s *Screen) secondLine(it plan.Item) string {
	switch s.fate(it) {
	case look.Invalid, look.Failed, look.Skipped:
		return wording.SentenceCase(it.Why())
	case look.Update:
		if takesAway(it) && s.undoes() && !s.applied {
			return "To be archived"
		}
		if takesAway(it) {
			return s.why(it)
		}
	case look.Conflict:
		var where []string
		for _, e := range it.Edits {
			if e.Action != plan.EditConflict {
				continue
			}
			if slices.ContainsFunc(s.columns, func(c app.PlanColumn) bool { return c.Property == e.Property }) {
				return rowKey(it)
			}
			where = append(where, cmp.Or(e.Field, e.Property))
		}
		if len(where) > 0 {
			return strings.Join(where, ", ") + ": 2 values, you decide"
		}
		return wording.SentenceCase(it.Why())
	}
	if edited(it) {
		return rowKey(it) + " · edited by you"
	}
	return rowKey(it)
}

func rowKey(it plan.Item) string {
	switch {
	case it.RowKey == "":
		return it.RecordID
	case it.Line > 0:
		return fmt.Sprintf("%s · line %s", it.RowKey, look.Number(it.Line))
	}
	return it.RowKey
}

// writes tells whether applying the item writes anything.
func writes(it plan.Item) bool {
	for _, e := range it.Edits {
		if e.Action == plan.EditHubSpot || e.Action == plan.EditSource {
			return true
		}
	}
	return it.Kind == plan.ItemArchive || it.Kind == plan.ItemRecall
}

// fate is the row's fate as the window colours it: what is planned, or what
// came of it.
func (s *Screen) fate(it plan.Item) look.Meaning {
	m := wording.FateOf(it.Came())
	if s.begun() {
		m = wording.FateOf(it.Reached())
	}
	if m == look.Failed {
		return s.refused()
	}
	return m
}

// takesAway reports whether the item archives a record, deletes a row or takes back what was
// delivered.
func takesAway(it plan.Item) bool {
	return it.Kind == plan.ItemArchive || it.Kind == plan.ItemSourceDelete || it.Kind == plan.ItemRecall
}

// mark is the sign of the row: its fate, or that something is taken away.
func (s *Screen) mark(it plan.Item) look.Meaning {
	if m := s.fate(it); m != look.Update || !takesAway(it) {
		return m
	}
	return look.Cleared
}

// why is the reason of what becomes of the row, as a sentence.
func (s *Screen) why(it plan.Item) string {
	if s.undoes() && it.Kind == plan.ItemArchive && s.fate(it) == look.Update {
		if s.applied {
			return "Archived: the run that was undone had created it"
		}
		return "To be archived: the run created it"
	}
	return wording.SentenceCase(it.Why())
}

// changeCell is one property of a row: how it changes, or its value.
func changeCell(it plan.Item, subject string) grid.Cell {
	for i, e := range it.Edits {
		if e.Subject() != subject {
			continue
		}
		if e.Edge != nil {
			return edgeCell(it.Edits[i:], subject)
		}
		switch e.Action {
		case plan.EditHubSpot, plan.EditSource:
			ch := &widgets.Change{Fate: look.Update, New: str(e.New), Old: str(e.Old), ToSource: e.Action == plan.EditSource}
			switch {
			case it.Fate == plan.FateCreated || (str(e.Old) == "" && str(e.New) != ""):
				ch.Fate = look.Create
			case str(e.New) == "":
				ch.Fate = look.Cleared
			}
			return grid.Cell{Change: ch}
		case plan.EditConflict:
			return grid.Cell{Change: &widgets.Change{Fate: look.Conflict, New: str(e.Source) + " / " + str(e.HubSpot), Note: "2 values, you decide"}}
		case plan.EditDrift:
			return grid.Cell{Text: str(e.HubSpot), Style: grid.Label, Second: "edited there, left alone"}
		case plan.EditLeft:
			return grid.Cell{Text: str(e.HubSpot), Style: grid.Label, Second: "stays as it is"}
		}
		return grid.Cell{Text: str(e.HubSpot), Style: grid.Label}
	}
	return grid.Cell{}
}

// edgeCell is what becomes of the associations of one part of the definition:
// the first one, and how many more there are.
func edgeCell(edits []plan.Edit, subject string) grid.Cell {
	more := -1
	for _, e := range edits {
		if e.Subject() == subject {
			more++
		}
	}
	e := edits[0]
	text := e.Edge.Text()
	if more > 0 {
		text = fmt.Sprintf("%s + %s more", text, look.Number(more))
	}
	switch {
	case e.Associates():
		return grid.Cell{Change: &widgets.Change{Fate: look.Create, New: text}}
	case e.Dissociates():
		return grid.Cell{Change: &widgets.Change{Fate: look.Cleared, Old: text}}
	case e.Action == plan.EditConflict:
		return grid.Cell{Change: &widgets.Change{Fate: look.Conflict, New: text, Note: "removed in HubSpot, you decide"}}
	case e.Action == plan.EditWait:
		return grid.Cell{Text: text, Style: grid.Label, Second: "waits for its record"}
	case e.Action == plan.EditAdopt:
		return grid.Cell{Text: text, Style: grid.Label, Second: "there already"}
	}
	return grid.Cell{Text: text, Style: grid.Label, Second: "stays as it is"}
}

func str(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
