package engine_test

import (
	"slices"
	"strings"
	"testing"

	"syncline/sync/hubspot/practice"
	"syncline/sync/plan"
)

// meanwhile does something at the first time that a run reaches a point.
func (s *stage) meanwhile(point string, f func()) {
	done := false
	s.at = func(p string) {
		if p == point && !done {
			done = true
			f()
		}
	}
}

// Of a row of a file in which somebody edits a cell between the reading of the
// file and its writing, the other cells are written, and only that cell is asked
// about.
func TestTheOtherCellsOfARowThatMovesAreWritten(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(3))
	s.run()
	id, _ := s.by("email", "p2@example-1.com")
	s.edit(id, "firstname", "Theirs", "lastname", "Too")
	s.meanwhile("run-started", func() { s.replace("First2", "Mine") })
	res := s.run()
	s.at = nil
	if !strings.Contains(s.contents(), "2,p2@example-1.com,Mine,Too,") || res.Counts.Conflict != 1 {
		t.Errorf("%+v\n%s", res.Counts, s.contents())
	}
	if all := s.live(); len(all) != 1 || all[0].Property != "firstname" || all[0].Source != "Mine" || all[0].HubSpot != "Theirs" {
		t.Errorf("%+v", all)
	}
}

// Nor does an undo leave in such a row what the run wrote into its other cells.
func TestAnUndoBringsBackTheOtherCellsOfARowThatMoves(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(3))
	s.run()
	id, _ := s.by("email", "p2@example-1.com")
	s.edit(id, "firstname", "Theirs", "lastname", "Too")
	run := s.run().RunID
	s.meanwhile("run-started", func() { s.replace("Theirs", "Mine") })
	res := s.undo(run)
	s.at = nil
	if !strings.Contains(s.contents(), "2,p2@example-1.com,Mine,Last2,") {
		t.Errorf("%+v %q\n%s", res.Counts, res.Notes, s.contents())
	}
	it := s.items(res)["2"]
	if !slices.ContainsFunc(it.Edits, func(e plan.Edit) bool { return e.Action == plan.EditLeft && e.Property == "firstname" }) {
		t.Errorf("it does not say what stays: %+v", it)
	}
}

// What both sides were found to agree on when they were read is agreed on, also
// where the pair is decided anew: a later edit of one side is one side's.
func TestWhatBothSidesAgreedOnHoldsWhereThePairIsDecidedAnew(t *testing.T) {
	t.Parallel()
	def := strings.Replace(twoWay, "property: firstname }", "property: firstname, conflict: source }", 1)
	def = strings.Replace(def, "property: lastname }", "property: lastname, conflict: source }", 1)
	s := newStage(t, practice.Options{}, def, people(3))
	s.run()
	id, _ := s.by("email", "p2@example-1.com")
	s.edit(id, "firstname", "Agreed")
	s.replace("First2,Last2", "Agreed,Mine")
	s.meanwhile("planned", func() { s.edit(id, "firstname", "Later", "lastname", "Theirs") })
	s.run()
	s.at = nil
	s.run()
	if p, _ := s.portal.Record("contacts", id); p["firstname"] != "Later" || p["lastname"] != "Mine" || !strings.Contains(s.contents(), "2,p2@example-1.com,Later,Mine,") {
		t.Errorf("%v\n%s", p, s.contents())
	}
}
